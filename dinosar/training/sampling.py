"""Examples of a source: its pairs, in looks that are drawn anew in each epoch, with labels that follow the looks."""

from collections.abc import Callable, Sequence
from typing import Protocol, overload

import numpy as np
from numpy.typing import NDArray

from dinosar.retrieval.blocks import Block
from dinosar.training.augmentation import AS_IT_IS, Augmentation, Look
from dinosar.training.examples import Example, Sampler, example_of
from dinosar.training.labels import landing_counts, mirrored
from dinosar.training.pairs import Pair
from dinosar.training.showing import Shower

Draw = Callable[[int], Sequence[Pair]]
"""Draws the pairs of an epoch; each time as many."""
_LOOKS = 11  # key of a draw


class PairSampler(Sampler, Protocol):
    """A sampler that tells its pairs."""

    shower: Shower

    def pairs(self, epoch: int) -> Sequence[Pair]:
        """The pairs of an epoch."""

    def plain(self, pair: Pair) -> Example:
        """A pair without any change of looks."""


class Sampled:
    """A sampler over pairs of pictures. `draw` may give other pairs in each epoch; looks are drawn by `seed`."""

    def __init__(self, draw: Draw, shower: Shower, seed: int, *, look: Augmentation | None = None) -> None:
        self.shower, self.seed, self.look = shower, seed, look
        self._draw, self._epoch, self._pairs = draw, 0, list(draw(0))
        self._labels: dict[tuple[str, str, bool, bool], NDArray[np.int32]] = {}

    def __len__(self) -> int:
        return len(self._pairs)

    def pairs(self, epoch: int) -> Sequence[Pair]:
        """The pairs of an epoch."""
        if epoch != self._epoch:
            self._epoch, self._pairs = epoch, list(self._draw(epoch))
        return self._pairs

    def example(self, epoch: int, number: int) -> Example:
        """One pair as it is shown in an epoch."""
        pair = self.pairs(epoch)[number]
        if self.look is None:
            return self.plain(pair)
        return self._in_looks(pair, *self.look.looks(np.random.default_rng([self.seed, _LOOKS, epoch, number])))

    def plain(self, pair: Pair) -> Example:
        """A pair as it is."""
        return self._in_looks(pair, AS_IT_IS, AS_IT_IS)

    def _in_looks(self, pair: Pair, one: Look, other: Look) -> Example:
        """A pair in two looks, with the labels that hold then."""
        a, b = self.shower.block(pair.a, one), self.shower.block(pair.b, other)
        if not pair.overlap:
            return Example(a, b, np.empty((0, 2), dtype=np.int64))
        key = (pair.a, pair.b, one.flip, other.flip)
        if key not in self._labels:
            self._labels[key] = self._worked_out(a, b, one.flip, other.flip).astype(np.int32)
        return Example(a, b, self._labels[key].astype(np.int64))

    def _worked_out(self, a: Block, b: Block, a_flipped: bool, b_flipped: bool) -> NDArray[np.int64]:
        """Which patches show the same: from where the pixels land, in the looks that both have."""
        source = self.shower.source
        width_a = a.grid.photo[0] if a_flipped else None
        width_b = b.grid.photo[0] if b_flipped else None
        there = mirrored(source.landing(a.name, b.name), width_a, width_b)
        back = mirrored(source.landing(b.name, a.name), width_b, width_a)
        return example_of(a, b, landing_counts(a.grid, b.grid, there), landing_counts(b.grid, a.grid, back)).positives


class InEpoch(Sequence[Example]):
    """The examples of one epoch as a sequence, each made when it is asked for: for validation."""

    def __init__(self, sampler: Sampler, epoch: int = 0) -> None:
        self.sampler, self.epoch = sampler, epoch

    def __len__(self) -> int:
        return len(self.sampler)

    @overload
    def __getitem__(self, index: int) -> Example: ...

    @overload
    def __getitem__(self, index: slice) -> list[Example]: ...

    def __getitem__(self, index: int | slice) -> "Example | list[Example]":
        if isinstance(index, slice):
            return [self.sampler.example(self.epoch, i) for i in range(*index.indices(len(self)))]
        return self.sampler.example(self.epoch, range(len(self))[index])
