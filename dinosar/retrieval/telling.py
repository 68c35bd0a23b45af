"""What pictures tell of a ranking: the images it found, and which patches of two images answer each other."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dinosar.arrays import expect, freeze
from dinosar.grid import Grid
from dinosar.retrieval.blocks import Block
from dinosar.retrieval.tally import ROUNDING, check_depth, exact

Indices = NDArray[np.int64]
NO_HIT = -1
EDGE = 1e-9
"""A centre on the edge between two tiles lies in the farther one, however that edge was rounded."""
ASKED_AT_ONCE = 1024
"""Patches that ask together, so that the matrix of cosines stays small."""


class BestHits(NamedTuple):
    """For each patch of one image, the best of another: its row in the other's block, or `NO_HIT`, and its cosine.

    The cosine is that of the best patch, also where it is no hit; NaN where the other image has no patch.
    """

    best: Indices
    cosine: NDArray[np.float64]

    @property
    def hit(self) -> NDArray[np.bool_]:
        """Which patches have a hit."""
        return np.asarray(self.best != NO_HIT)


@dataclass(frozen=True, eq=False)
class Answered:
    """A query and an image of the database, both encoded, and what their patches find in each other.

    A hit is a patch whose cosine is above `min_cosine`.
    """

    query: Block
    other: Block
    min_cosine: float
    there: BestHits
    back: BestHits

    @property
    def coverage(self) -> float | None:
        """Share of the query's patches that have a hit; None where it has no patch."""
        return _share(self.there)

    @property
    def coverage_back(self) -> float | None:
        """Share of the other image's patches that have a hit in the query."""
        return _share(self.back)

    @property
    def overlap(self) -> float | None:
        """The smaller of both shares; None where one of them could not be told."""
        if self.coverage is None or self.coverage_back is None:
            return None
        return min(self.coverage, self.coverage_back)


@dataclass(frozen=True, eq=False)
class Found:
    """An image of a ranking, as a sheet shows it.

    `overlap` is None where it was not computed; `voted` says whether any patch voted for it; `pixels` (height, width,
    3) may be small, and None where the photo is gone. `box` (left, top, width, height), in shares of the photo, is the
    tile by which it scores; None where that is the whole.
    """

    rank: int
    name: str
    score: float
    overlap: float | None = None
    voted: bool = True
    pixels: NDArray[np.uint8] | None = None
    box: tuple[float, float, float, float] | None = None

    def __post_init__(self) -> None:
        if self.pixels is not None:
            expect("Found.pixels", self.pixels, "u1", (None, None, 3))
        freeze(self)


@dataclass(frozen=True, eq=False)
class Thinned:
    """A few of the hits, no two of them in one tile of either image, in the order in which the query is read.

    `query` and `other` (n,) are rows of the blocks, `tiles` (n, 2) the flat tiles of both, and `lattices` the rows and
    columns of tiles of both.
    """

    query: Indices
    other: Indices
    tiles: Indices
    cosine: NDArray[np.float64]
    lattices: tuple[tuple[int, int], tuple[int, int]]

    def __len__(self) -> int:
        return len(self.query)


def answered(query: Block, other: Block, min_cosine: float) -> Answered:
    """What the patches of two images find in each other."""
    return Answered(query, other, min_cosine, best_hits(query, other, min_cosine), best_hits(other, query, min_cosine))


def best_hits(query: Block, other: Block, min_cosine: float) -> BestHits:
    """For each patch of the query the best of another image; of several that are as good, the first."""
    check_depth(query, other)
    if not len(query) or not len(other):
        return BestHits(np.full(len(query), NO_HIT, np.int64), np.full(len(query), np.nan))
    starts = range(0, len(query), ASKED_AT_ONCE)
    parts = [_best(query, other, np.arange(start, min(start + ASKED_AT_ONCE, len(query)))) for start in starts]
    best, cosine = (np.concatenate(each) for each in zip(*parts, strict=True))
    return BestHits(np.where(cosine > min_cosine, best, NO_HIT), cosine)


def thinned(told: Answered, side: int) -> Thinned:
    """The hits of the query's patches, thinned to `side` x `side` tiles, or fewer where there are fewer patches.

    The hit with the highest cosine comes first, of equals the one of the first patch; whichever has its tile taken,
    on the query or on the other image, is left out.
    """
    lattices = lattice(told.query.grid, side), lattice(told.other.grid, side)
    asking = np.flatnonzero(told.there.hit)
    asking = asking[np.argsort(-told.there.cosine[asking], kind="stable")]
    answering = told.there.best[asking]
    tiles = np.stack([tile_of(told.query, lattices[0])[asking], tile_of(told.other, lattices[1])[answering]], axis=1)
    taken: tuple[set[int], set[int]] = set(), set()
    kept = []
    for i, (ours, theirs) in enumerate(tiles.tolist()):
        if ours not in taken[0] and theirs not in taken[1]:
            taken[0].add(ours)
            taken[1].add(theirs)
            kept.append(i)
    kept.sort(key=lambda i: int(tiles[i, 0]))
    chosen = np.array(kept, dtype=np.int64)
    return Thinned(asking[chosen], answering[chosen], tiles[chosen], told.there.cosine[asking[chosen]], lattices)


def lattice(grid: Grid, side: int) -> tuple[int, int]:
    """Rows and columns of tiles: `side` of each, but no more than there are whole patches of picture."""
    rows, columns = (max(1, min(side, length // grid.patch)) for length in (grid.content[3], grid.content[2]))
    return rows, columns


def tile_of(block: Block, tiles: tuple[int, int]) -> Indices:
    """The flat tile (n,) in which the centre of each patch lies, where tiles divide the picture evenly."""
    left, top, width, height = block.grid.crop
    share = (block.in_photo - [left, top]) / [width, height]
    column, row = np.clip(np.floor(share * tiles[::-1] + EDGE), 0, np.array(tiles[::-1]) - 1).astype(np.int64).T
    return np.asarray(row * tiles[1] + column)


def _best(query: Block, other: Block, asking: Indices) -> tuple[Indices, NDArray[np.float64]]:
    """The best answer of some of the query's patches, and its cosine.

    A float32 product finds who may be the best; they are then decided exactly, as votes are.
    """
    cosine = query.tokens[asking] @ other.tokens.T
    rows, answers = np.nonzero(cosine >= cosine.max(axis=1, keepdims=True) - np.float32(ROUNDING))
    decided = exact(query, other, asking[rows], answers)
    order = np.lexsort((answers, -decided, rows))
    first = order[np.searchsorted(rows, np.arange(len(asking)))]
    return answers[first], decided[first]


def _share(hits: BestHits) -> float | None:
    """How many of the patches have a hit."""
    return float(hits.hit.mean()) if len(hits.best) else None
