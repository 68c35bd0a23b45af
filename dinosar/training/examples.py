"""What a head learns from: two images with the patches that show the same place, in a fixed order or drawn anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dinosar.arrays import expect, freeze
from dinosar.retrieval.blocks import Block
from dinosar.training.labels import one_to_one


@dataclass(frozen=True, eq=False)
class Example:
    """Two blocks, and which of their patches show the same: rows (n, 2) of positions within `a` and within `b`.

    A pair that shares nothing has none. Positions count the patches of the block, not those of its grid.
    """

    a: Block
    b: Block
    positives: NDArray[np.int64]

    def __post_init__(self) -> None:
        expect("Example.positives", self.positives, "i", (None, 2))
        if len(self.positives) and not (
            (self.positives >= 0).all() and (self.positives < [len(self.a), len(self.b)]).all()
        ):
            raise ValueError(f"positives of '{self.a.name}' and '{self.b.name}' name patches that are not there")
        freeze(self)


class Sampler(Protocol):
    """Examples that may be others in each epoch. The same epoch and number always give the same example."""

    def __len__(self) -> int:
        """Examples in an epoch."""

    def example(self, epoch: int, number: int) -> Example:
        """One of them."""


class Fixed:
    """The same examples in every epoch."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self.examples = examples

    def __len__(self) -> int:
        return len(self.examples)

    def example(self, epoch: int, number: int) -> Example:
        """The same in every epoch."""
        return self.examples[number]


def example_of(a: Block, b: Block, counts_ab: NDArray[np.integer], counts_ba: NDArray[np.integer]) -> Example:
    """An example from how many pixels of each patch of one grid land in each of the other, both ways.

    `counts_ab` is (patches of a's grid, patches of b's), `counts_ba` the other way round. Patches that have no vote are
    left out before one is chosen for one.
    """
    ab, ba = counts_ab[np.ix_(a.patches, b.patches)], counts_ba[np.ix_(b.patches, a.patches)]
    return Example(a, b, np.argwhere(one_to_one(ab, ba)))
