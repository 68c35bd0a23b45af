"""The noun of this package: a picture as its tokens show it, which of its patches count, and what else is known."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dinosar.arrays import expect, freeze
from dinosar.grid import Grid

Array = NDArray[np.float64]
Patches = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class View:
    """Unit tokens (rows, columns, depth) of a picture, and which patches (rows, columns) count.

    `focus` is a map of attention or saliency, `lengths` are those the tokens had; either may be unknown.
    """

    tokens: NDArray[np.floating]
    counted: Patches
    focus: NDArray[np.floating] | None = None
    lengths: NDArray[np.floating] | None = None

    def __post_init__(self) -> None:
        expect("View.tokens", self.tokens, "f", (None, None, None))
        expect("View.counted", self.counted, "b", self.tokens.shape[:2])
        for name in ("focus", "lengths"):
            if getattr(self, name) is not None:
                expect(f"View.{name}", getattr(self, name), "f", self.tokens.shape[:2])
        freeze(self)

    def spread(self, values: Array) -> Array:
        """Values of the patches that count, as a map (rows, columns); the others are NaN."""
        whole = np.full(self.counted.shape, np.nan)
        whole[self.counted] = values
        return whole


def inside(grid: Grid) -> Patches:
    """Patches (rows, columns) of which the photo covers more than half: of the others no mask could make specimen."""
    (width, height), (left, top, across, down) = grid.network, grid.content
    columns, rows = (
        np.clip(np.minimum(edges + grid.patch, start + length) - np.maximum(edges, start), 0, grid.patch) / grid.patch
        for edges, start, length in (
            (np.arange(0, width, grid.patch), left, across),
            (np.arange(0, height, grid.patch), top, down),
        )
    )
    return np.asarray(np.outer(rows, columns) > 0.5)


def in_pixels(patches: Patches, grid: Grid) -> Patches:
    """A mask (height, width) of the photo that consists of whole patches: a pixel belongs to that under its centre.

    Where a patch is at least four pixels of the photo wide, the patches that this mask covers by more than half are
    those it was made of, if all of them are `inside`.
    """
    left, top, width, height = grid.crop
    columns = _under(width, grid.scale[0], grid.content[0], grid.patch)
    rows = _under(height, grid.scale[1], grid.content[1], grid.patch)
    mask = np.zeros((grid.photo[1], grid.photo[0]), dtype=bool)
    mask[top : top + height, left : left + width] = patches[np.ix_(rows, columns)]
    return mask


def _under(count: int, scale: float, offset: int, patch: int) -> NDArray[np.int64]:
    """The row or column of patches under the centre of each pixel of the crop."""
    return np.asarray(np.floor(((np.arange(count) + 0.5) * scale + offset) / patch), dtype=np.int64)
