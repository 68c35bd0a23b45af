"""Examples of pairs: shown in looks that are drawn anew in each epoch, with labels that follow the looks."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar, overload

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
Cells = NDArray[np.int64]
"""Patches (n, 2) that show the same, by their positions within both blocks."""


class PairSampler(ABC):
    """A sampler over pairs of pictures, whose labels somebody works out. Looks are drawn by `seed`, in every epoch
    others unless they are to be the `same`. `unlabelled` are pairs that overlap and turned out to have no label; those
    that were `told` need not be told again."""  # noqa: D205, D209

    drawn_as: ClassVar[int]
    """Key of the draws of looks."""

    def __init__(self, draw: Draw, shower: Shower, seed: int, look: Augmentation | None = None, *,
                 same: bool = False) -> None:  # fmt: skip
        self.shower, self.seed, self.look, self.same = shower, seed, look, same
        self.unlabelled: set[Pair] = set()
        self.told: set[Pair] = set()
        self._draw, self._epoch, self._pairs = draw, 0, list(draw(0))

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
        key = [self.seed, self.drawn_as, 0 if self.same else epoch, number]
        return self._in_looks(pair, *self.look.looks(np.random.default_rng(key)))

    def plain(self, pair: Pair) -> Example:
        """A pair without any change of looks."""
        return self._in_looks(pair, AS_IT_IS, AS_IT_IS)

    def _in_looks(self, pair: Pair, one: Look, other: Look) -> Example:
        """A pair in two looks, with the labels that hold then."""
        a, b = self.shower.block(pair.a, one), self.shower.block(pair.b, other)
        if not pair.overlap:
            return Example(a, b, np.empty((0, 2), dtype=np.int64))
        cells = self._cells(pair, (a, b), (one.flip, other.flip))
        if not len(cells):
            self.unlabelled.add(pair)
        return Example(a, b, cells)

    @abstractmethod
    def _cells(self, pair: Pair, blocks: tuple[Block, Block], flips: tuple[bool, bool]) -> Cells:
        """Which patches of a pair that overlaps show the same, when its pictures are mirrored or not."""


class Sampled(PairSampler):
    """Labels from where the pixels of one picture land in the other."""

    drawn_as = 11

    def __init__(self, draw: Draw, shower: Shower, seed: int, look: Augmentation | None = None, *,
                 same: bool = False) -> None:  # fmt: skip
        super().__init__(draw, shower, seed, look, same=same)
        self._labels: dict[tuple[str, str, bool, bool], NDArray[np.int32]] = {}

    def _cells(self, pair: Pair, blocks: tuple[Block, Block], flips: tuple[bool, bool]) -> Cells:
        key = (pair.a, pair.b, *flips)
        if key not in self._labels:
            self._labels[key] = self._worked_out(blocks, flips).astype(np.int32)
        return self._labels[key].astype(np.int64)

    def _worked_out(self, blocks: tuple[Block, Block], flips: tuple[bool, bool]) -> Cells:
        """Which patches show the same: from where the pixels land, in the looks that both have."""
        a, b = blocks
        source = self.shower.source
        wide_a, wide_b = (
            block.grid.photo[0] if flipped else None for block, flipped in zip(blocks, flips, strict=True)
        )
        there = mirrored(source.landing(a.name, b.name), wide_a, wide_b)
        back = mirrored(source.landing(b.name, a.name), wide_b, wide_a)
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
