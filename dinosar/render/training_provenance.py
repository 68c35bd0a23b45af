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

LOOKED_AT = 64
"""Pairs among which the one that is shown is looked for."""


@dataclass(frozen=True, eq=False)
class Shown:
    """A pair with both of its pictures as they are."""

    example: Example
    a: Photo
    b: Photo
    overlap: float

    @property
    def positives(self) -> NDArray[np.int64]:
        """Flat patches (n, 2) that show the same."""
        a, b = self.example.a, self.example.b
        rows, columns = self.example.positives.T
        return np.stack([a.patches[rows], b.patches[columns]], axis=1)


def footer(told: dict[str, Any], config: TrainConfig) -> str:
    """Two lines."""
    train = config.train
    scenes = f" of {told['scenes']} scenes" if "scenes" in told else ""
    return "\n".join([
        f"backbone {told['backbone']}   head of {told['parameters']} parameters   loss {told['loss']}   "
        f"seed {train.seed}",
        f"{told['pairs']} pairs{scenes}, {told['pairs_overlapping']} of them overlapping; validated on "
        f"{told['pairs_validated']} pairs   data {config.data.name}   batches of {config.data.batch_size}",
    ])  # fmt: skip


def example_of(found: Material) -> Shown:
    """The pair of middling overlap among the first, without any change of looks: in words of labels, a usual one."""
    pairs = [pair for pair in found.training.pairs(0) if pair.overlap][:LOOKED_AT]
    pair = sorted(pairs, key=lambda each: (each.overlap, each.a, each.b))[len(pairs) // 2]
    photos = [found.training.shower.photo(name, AS_IT_IS) for name in (pair.a, pair.b)]
    return Shown(found.training.plain(pair), photos[0], photos[1], pair.overlap)
