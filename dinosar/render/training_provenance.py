"""What stands beneath the pictures of a training, and which of its pairs is shown as an example."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.config.training import TrainConfig
from dinosar.data import Photo
from dinosar.training.augmentation import AS_IT_IS
from dinosar.training.examples import Example
from dinosar.training.material import Material
from dinosar.training.pairs import Pair

LOOKED_AT = 48
"""Pairs among which the one that is shown is looked for."""


@dataclass(frozen=True, eq=False)
class Shown:
    """A pair with both of its pictures as they are; `by` says in words how its overlap is known."""

    example: Example
    a: Photo
    b: Photo
    overlap: float
    by: str

    @property
    def positives(self) -> NDArray[np.int64]:
        """Flat patches (n, 2) that show the same."""
        a, b = self.example.a, self.example.b
        rows, columns = self.example.positives.T
        return np.stack([a.patches[rows], b.patches[columns]], axis=1)


def footer(told: dict[str, Any], config: TrainConfig) -> str:
    """Two lines."""
    train = config.train
    scenes = f" of {told['scenes']} scene{'s' * (told['scenes'] != 1)}" if "scenes" in told else ""
    return "\n".join([
        f"backbone {told['backbone']}   head of {told['parameters']} parameters   loss {told['loss']}   "
        f"seed {train.seed}",
        f"{told['pairs']} pairs{scenes}, {told['pairs_overlapping']} of them overlapping; validated on "
        f"{told['pairs_validated']} pairs   data {config.data.name}   batches of {config.data.batch_size}",
    ])  # fmt: skip


def example_of(found: Material) -> Shown:
    """A pair without any change of looks: among the first that have labels, of those of middling overlap the one with
    most to be seen on it."""  # noqa: D205, D209
    overlapping = [pair for pair in found.training.pairs(0) if pair.overlap]
    labelled = [pair for pair in overlapping if pair not in found.training.unlabelled]
    pairs = sorted((labelled or overlapping)[:LOOKED_AT], key=lambda each: (each.overlap, each.a, each.b))
    third = len(pairs) // 3
    seen = [(pair, *_photos(found, pair)) for pair in pairs[third : len(pairs) - third]]
    pair, a, b = max(seen, key=lambda each: _contrast(each[1], each[2]))
    return Shown(found.training.plain(pair), a, b, pair.overlap, found.told_by(pair.a))


def _photos(found: Material, pair: Pair) -> tuple[Photo, Photo]:
    return found.training.shower.photo(pair.a, AS_IT_IS), found.training.shower.photo(pair.b, AS_IT_IS)


def _contrast(a: Photo, b: Photo) -> float:
    """How much the plainer of two pictures varies."""
    return min(float(photo.pixels.std(axis=(0, 1), dtype=np.float64).max()) for photo in (a, b))
