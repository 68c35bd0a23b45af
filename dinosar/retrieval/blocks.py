"""The patches of one image that vote, and where they lie."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dinosar.arrays import expect, freeze
from dinosar.data import Encoding
from dinosar.grid import Grid

LEAST = 0.5
"""Of a patch must be picture; one that is mostly padding has no vote."""


@dataclass(frozen=True, eq=False)
class Block:
    """Unit tokens (n, depth) of an image's patches that may vote, and their flat places on its grid (n,), ascending.

    Left out are patches that are mostly padding, and tokens without direction. `summary` (depth,) is the unit summary
    token of the backbone, where it gives one.
    """

    name: str
    tokens: NDArray[np.float32]
    patches: NDArray[np.int64]
    grid: Grid
    summary: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        expect("Block.tokens", self.tokens, "f", (None, None))
        expect("Block.patches", self.patches, "i", (len(self.tokens),))
        freeze(self)

    def __len__(self) -> int:
        return len(self.tokens)

    @property
    def places(self) -> NDArray[np.float32]:
        """Centres of the patches (n, 2) as the head knows them: 0 in the middle, 1 at the end of the longer side."""
        return places_of(self.grid)[self.patches]

    @property
    def in_photo(self) -> NDArray[np.float64]:
        """Centres of the patches (n, 2) in original pixels."""
        return self.grid.centres_in_photo()[self.patches]

    def encoded(self, tokens: NDArray[np.float32]) -> "Block":
        """The same patches with other tokens."""
        return replace(self, tokens=tokens)


def places_of(grid: Grid) -> NDArray[np.float32]:
    """Centres of all patches of a grid (rows * columns, 2): 0 in the middle of the picture, 1 at its longer end."""
    left, top, width, height = grid.content
    middle = np.array([left + width / 2, top + height / 2])
    return np.asarray((grid.centres() - middle) / (max(width, height) / 2), dtype=np.float32)


@lru_cache(maxsize=1024)
def pictured(grid: Grid) -> NDArray[np.bool_]:
    """Which patches (rows * columns,) show enough of the picture to have a vote."""
    left, top, width, height = grid.content
    across, down = _covered(grid.columns, grid.patch, left, width), _covered(grid.rows, grid.patch, top, height)
    return np.asarray((down[:, None] * across[None, :]).ravel() >= LEAST)


def _covered(count: int, patch: int, start: int, length: int) -> NDArray[np.float64]:
    """Share of each patch along one axis that lies in the content."""
    edges = np.clip(np.arange(count + 1) * patch, start, start + length)
    return np.diff(edges) / patch


def block_of(name: str, encoding: Encoding, grid: Grid) -> Block:
    """The block of an encoding, as the store holds it; half precision leaves its tokens a little off length 1."""
    tokens = encoding.tokens.reshape(-1, encoding.tokens.shape[-1]).astype(np.float32)
    lengths = np.sqrt(np.einsum("ij,ij->i", tokens, tokens))
    kept = np.flatnonzero(pictured(grid) & (lengths > 0))
    return Block(name, tokens[kept] / lengths[kept, None], kept, grid, encoding.summary)
