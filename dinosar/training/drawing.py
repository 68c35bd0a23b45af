"""Draws the pairs of some scenes, and tells where there are fewer than were asked for."""

import zlib
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dinosar.config.training import DataConfig
from dinosar.errors import UsageError
from dinosar.notices import note, warn
from dinosar.training.pairs import Pair, Wanted, across, drawn_pairs
from dinosar.training.scenes import Scenes

_PAIRS, _ACROSS = 21, 22  # keys of draws
ENOUGH = 0.9
"""Share of the pairs that were asked for below which it is a warning. Bins of equal width round their part down."""
Split = Literal["train", "val"]
FOR: Mapping[Split, str] = {"train": "to learn from", "val": "to validate on"}


class Drawing:
    """The pairs of some scenes in an epoch: the same ones in every epoch, unless they are drawn `anew`."""

    def __init__(self, scenes: Scenes, names: Sequence[str], data: DataConfig, split: Split, seed: int, *,
                 anew: bool = False) -> None:  # fmt: skip
        counts = data.train_num_per_scene if split == "train" else data.val_num_per_scene
        if counts is None:
            raise UsageError("data.train_num_per_scene and data.val_num_per_scene are needed where pairs are drawn")
        self.data, self.split, self.anew = data, split, anew
        self.seed = seed if split == "train" else seed + 1
        self.wanted = Wanted(counts[0], counts[1], data.num_overlap_bins, data.min_overlap, data.max_overlap)
        self.own = {scene: scenes.scenes[scene] for scene in names}
        self._scenes = scenes
        self._tables: dict[str, NDArray[np.float64]] = {}

    def __call__(self, epoch: int) -> list[Pair]:
        """The pairs of an epoch."""
        when = epoch if self.anew else 0
        found: list[Pair] = []
        for scene, pictures in self.own.items():
            rng = np.random.default_rng([self.seed, _PAIRS, when, zlib.crc32(scene.encode())])
            found += drawn_pairs(pictures, self._table(scene), self.wanted, rng)
        missing = self.wanted.negative * len(self.own) - sum(not pair.overlap for pair in found)
        if self.data.across_scenes and missing > 0:
            found += across(self.own, missing, np.random.default_rng([self.seed, _ACROSS, when]))
        return found

    def _table(self, scene: str) -> NDArray[np.float64]:
        """How much the pictures of a scene share; kept where it is asked for again."""
        if scene in self._tables:
            return self._tables[scene]
        table = self._scenes.table(scene)
        if self.anew:
            self._tables[scene] = table
        return table

    def asked(self) -> tuple[int, int]:
        """How many pairs were asked for: those that overlap, and those that share nothing."""
        return self.wanted.positive * len(self.own), self.wanted.negative * len(self.own)

    def tell(self, drawn: Sequence[Pair]) -> None:
        """Say where there are fewer pairs than were asked for."""
        positive = sum(pair.overlap > 0 for pair in drawn)
        asked_few, asked_none = self.asked()
        few = "no more overlap by what data.min_overlap and data.max_overlap say"
        none = "no more pictures of a scene share nothing"
        if not self.data.across_scenes:
            none += "; data.across_scenes: true takes them from different scenes"
        elif len(self.own) == 1:
            none += ", and there is no other scene to take them from"
        for found, asked, kind, why in (
            (positive, asked_few, "overlap", few), (len(drawn) - positive, asked_none, "share nothing", none),
        ):  # fmt: skip
            if found < asked:
                scenes = "1 scene" if len(self.own) == 1 else f"{len(self.own)} scenes"
                say = warn if found < ENOUGH * asked else note
                say(
                    f"{found} of {asked} pairs that {kind} were drawn {FOR[self.split]} "
                    f"(data.{self.split}_num_per_scene x {scenes}): {why}"
                )
