"""What the patches of a query and those of one image find in each other: the only place where the two are multiplied.

Every pair of images is multiplied on its own, so the matrix (256 KB for 256 patches) stays in the processor's cache,
and neither the images before it nor the queries beside it change a bit of the outcome. Whether a cosine is above the
least that counts is decided in float64 where float32 is too coarse to tell: hits are the same on every machine.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dinosar.errors import InputError, shown
from dinosar.retrieval.blocks import Block

ROUNDING = 4e-6
"""More than float32 can err in the cosine of unit vectors; what is nearer to a threshold is decided in float64."""
UNIT = 2e-3
"""How far a squared length may be from 1: half precision, in which tokens are kept, errs by half of it."""
PAIRS_AT_ONCE = 1024


class Asked(NamedTuple):
    """A query made ready to be multiplied with many images."""

    block: Block
    turned: NDArray[np.float32]

    @classmethod
    def of(cls, block: Block) -> "Asked":
        """The query, its tokens turned (depth, n) once and for all."""
        check_lengths(block)
        return cls(block, np.ascontiguousarray(block.tokens.T))


class Hits(NamedTuple):
    """The query patches with at least one hit (k,), ascending; the hits of each, and the sum of their cosines.

    `answering` is how many patches of the image are hit; `first` the cosine of the hit that is listed first (lowest
    query patch, then lowest patch of the image), 0 without any.
    """

    rows: NDArray[np.int64]
    counts: NDArray[np.int64]
    sums: NDArray[np.float64]
    answering: int
    first: float


class Tally:
    """A query and an image, neither without patches. What a rule does not ask for is not worked out.

    A hit is a pair of patches whose cosine is above `min_cosine`.
    """

    def __init__(self, asked: Asked, image: Block, min_cosine: float) -> None:
        check_depth(asked.block, image)
        self.query, self.image, self.min_cosine = asked.block, image, min_cosine
        self._cosine = image.tokens @ asked.turned  # (image, query): maxima down the columns are the quicker ones

    @cached_property
    def best(self) -> NDArray[np.float32]:
        """The largest cosine of every query patch (n,)."""
        return np.asarray(self._cosine.max(axis=0))

    @cached_property
    def hits(self) -> Hits:
        """All pairs of patches above the least cosine, summed up for each query patch."""
        rows = np.flatnonzero(self.best >= self.min_cosine - ROUNDING)
        cosine = self._cosine if len(rows) == len(self.query) else self._cosine[:, rows]
        hit = self._above(cosine, rows)
        counts = hit.sum(axis=0)
        some = counts > 0
        sums = (cosine * hit).sum(axis=0, dtype=np.float64)
        first = int(np.argmax(some)) if some.any() else None
        return Hits(
            rows[some], counts[some], sums[some], int(hit.any(axis=1).sum()),
            0.0 if first is None else float(cosine[np.argmax(hit[:, first]), first]),
        )  # fmt: skip

    @cached_property
    def mutual(self) -> int:
        """Query patches with a hit that is their best answer, and that has no better answer than them."""
        best, back = self.best, self._cosine.max(axis=1)
        near = (self._cosine >= best - np.float32(ROUNDING)) | (self._cosine >= back[:, None] - np.float32(ROUNDING))
        answers, askers = np.nonzero(near)
        cosine = exact(self.query, self.image, askers, answers)
        top, top_back = np.full(len(self.query), -np.inf), np.full(len(self.image), -np.inf)
        np.maximum.at(top, askers, cosine)
        np.maximum.at(top_back, answers, cosine)
        agreed = (cosine == top[askers]) & (cosine == top_back[answers]) & (cosine > self.min_cosine)
        return len(np.unique(askers[agreed]))

    @cached_property
    def same_place(self) -> float:
        """The largest cosine of two patches at the same place; NaN for grids of other shapes, or without a place."""
        mine, theirs = self.query.grid, self.image.grid
        if (mine.rows, mine.columns) != (theirs.rows, theirs.columns):
            return float("nan")
        _, askers, answers = np.intersect1d(self.query.patches, self.image.patches, return_indices=True)
        # Single precision errs a little beyond 1.
        return float(np.clip(self._cosine[answers, askers].max(), -1, 1)) if len(askers) else float("nan")

    def _above(self, cosine: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which cosines (image, k) of these query patches (k,) are above the least one."""
        surely, perhaps = cosine > self.min_cosine + ROUNDING, cosine > self.min_cosine - ROUNDING
        if np.count_nonzero(surely) != np.count_nonzero(perhaps):
            answers, columns = np.nonzero(perhaps & ~surely)
            surely[answers, columns] = exact(self.query, self.image, rows[columns], answers) > self.min_cosine
        return surely


def exact(query: Block, image: Block, askers: NDArray[np.int64], answers: NDArray[np.int64]) -> NDArray[np.float64]:
    """Cosines in float64 of pairs of patches, named by their rows in the two blocks."""
    return exact_pairs(query.tokens, image.tokens, askers, answers)


def exact_pairs(
    asking: NDArray[np.float32], answering: NDArray[np.float32], askers: NDArray[np.int64], answers: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Cosines in float64 of pairs of unit vectors, named by their rows; a few at a time."""

    def parts() -> Iterator[NDArray[np.float64]]:
        yield np.empty(0)
        for start in range(0, len(askers), PAIRS_AT_ONCE):
            part = slice(start, start + PAIRS_AT_ONCE)
            yield (asking[askers[part]].astype(np.float64) * answering[answers[part]]).sum(axis=1)

    return np.concatenate(list(parts()))


def are_unit(vectors: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which of the vectors (n, depth) have length 1, as far as half precision can tell."""
    return np.asarray(np.abs(np.einsum("ij,ij->i", vectors, vectors) - 1) <= UNIT)


def check_lengths(block: Block) -> None:
    """Complain about tokens that are not unit vectors: their products are no cosines."""
    if not are_unit(block.tokens).all():
        raise InputError(
            f"the patches of '{shown(block.name)}' are no unit vectors, so that they cannot vote; "
            "check the head or the plugin that made them, then dump the image again"
        )


def check_depth(query: Block, image: Block) -> None:
    """Complain about a query and an image that were encoded in two ways."""
    mine, theirs = query.tokens.shape[1], image.tokens.shape[1]
    if mine != theirs:
        raise InputError(
            f"a patch of '{shown(query.name)}' has {mine} numbers and one of '{shown(image.name)}' has {theirs}: use "
            "the backbone and the head for the query that the database was dumped with"
        )
