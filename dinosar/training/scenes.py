"""Pictures by scene, and how much those of one scene share: views of photographs, or photographs with depths."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dinosar.config.training import TrainConfig
from dinosar.datasets.listed import Listed
from dinosar.datasets.megadepth import SCENES, MegaDepth
from dinosar.datasets.opening import open_dataset
from dinosar.datasets.photo_files import photos_below
from dinosar.errors import InputError
from dinosar.notices import note
from dinosar.regular_files import called
from dinosar.training.depth_labels import DepthChecks, Depths, usable
from dinosar.training.sources import Source, shares
from dinosar.training.warps import Taking, Warps


class Scenes(Protocol):
    """Pictures by scene, and how much they share."""

    @property
    def scenes(self) -> Mapping[str, Sequence[str]]:
        """The names of the pictures of every scene."""

    @property
    def source(self) -> Source:
        """What gives the pictures."""

    def table(self, scene: str) -> NDArray[np.float64]:
        """How much of each picture of a scene each other shows (n, n)."""


class WarpScenes:
    """Views of photographs; each photo is a scene."""

    def __init__(self, config: TrainConfig, patch: int) -> None:
        folder = Path(config.inputs.images)
        files = photos_below(folder, folder)
        if not files:
            raise InputError(f"{called(folder)} holds no picture; name a folder of photographs (inputs.images)")
        how = config.data.warps
        taking = Taking((how.sides[0], how.sides[1]), how.turn, how.jitter, how.light, how.hidden)
        self.side = config.image.size // patch * patch
        self.source = Warps(files, taking, how.views, self.side, seed=config.train.seed, options=config.image)
        self.scenes = self.source.scenes

    def table(self, scene: str) -> NDArray[np.float64]:
        """How much of each view each other shows."""
        names = self.scenes[scene]
        return shares(self.source, names, [(self.side, self.side)] * len(names))


class DepthScenes:
    """Photographs of a collection with cameras, poses and depths."""

    def __init__(self, config: TrainConfig) -> None:
        root, data = Path(config.inputs.images), config.data
        self.dataset = open_dataset(data.name, root)
        listed = self.dataset.photographs()
        known = {each.name: each for each in listed if usable(each)}
        if not known:
            raise InputError(
                f"no photograph of {called(root)} has a camera, a pose and a map of depths; learn from views of "
                "them instead (data.name: warps)"
            )
        if len(known) < len(listed):
            note(f"{len(listed) - len(known)} of {len(listed)} photographs lack a camera, a pose or depths: left out")
        self.listed: dict[str, Listed] = known
        checks = DepthChecks(data.depth_tolerance, data.ccth)
        self.source = Depths(known, checks, config.image.size, config.image)
        self.scenes: dict[str, list[str]] = {}
        for name, each in known.items():
            self.scenes.setdefault(each.scene, []).append(name)

    def table(self, scene: str) -> NDArray[np.float64]:
        """How much each shows of each other, as the collection tells, or as the depths do."""
        names = self.scenes[scene]
        one = self.dataset.root / SCENES / f"{scene}.npz"
        if isinstance(self.dataset, MegaDepth) and one.is_file():
            known = MegaDepth(one).table(names)
            if known is not None and (known > 0).sum() > len(names):  # more than each with itself
                return known
        places = {name: place for place, name in enumerate(names)}
        told = {
            pair: share for pair, share in self.dataset.overlaps().items() if pair[0] in places and pair[1] in places
        }
        if not told:
            cameras = [self.listed[name].camera for name in names]
            return shares(self.source, names, [(each.width, each.height) for each in cameras if each])
        found = np.eye(len(names))
        for (a, b), overlap in told.items():
            found[places[a], places[b]] = overlap
        return found
