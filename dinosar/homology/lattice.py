"""The grid of cells on the mean shape."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dinosar.config import HomologyConfig
from dinosar.errors import InputError

Array = NDArray[np.float64]
MOST_CELLS = 100_000


@dataclass(frozen=True)
class Lattice:
    """`rows` x `columns` cells of `width` x `height` network pixels, the first corner at (`left`, `top`)."""

    left: float
    top: float
    width: float
    height: float
    rows: int
    columns: int

    def points(self, down: Array, right: Array) -> Array:
        """Points at those distances from the first corner, counted in cells (rows, columns, 2)."""
        x, y = np.meshgrid(self.left + right * self.width, self.top + down * self.height)
        return np.stack([x, y], axis=-1)

    @property
    def corners(self) -> Array:
        """(rows + 1, columns + 1, 2)."""
        return self.points(_count(self.rows + 1), _count(self.columns + 1))

    @property
    def centres(self) -> Array:
        """(rows, columns, 2)."""
        return self.points(_count(self.rows) + 0.5, _count(self.columns) + 0.5)

    def inside(self, per_side: int) -> Array:
        """`per_side` squared points spread evenly over each cell (rows, columns, per_side squared, 2)."""
        steps = (np.arange(per_side) + 0.5) / per_side
        down, right = (np.add.outer(np.arange(n), steps).ravel() for n in (self.rows, self.columns))
        points = self.points(down, right).reshape(self.rows, per_side, self.columns, per_side, 2)
        return points.swapaxes(1, 2).reshape(self.rows, self.columns, per_side**2, 2)


def _count(n: int) -> Array:
    return np.arange(n, dtype=np.float64)


def lattice_around(shape: Array, config: HomologyConfig, patch: int) -> Lattice:
    """The grid over the box of the landmarks, `pad` cells wider on every side.

    Of a given width of cells the box gets as many as it takes, in the middle; `snap` rounds the width to whole patches
    and lays the edges of cells upon edges of patches. Of a given number of rows the cells fill the box exactly.
    """
    low, high = shape.min(axis=0), shape.max(axis=0)
    if config.rows or config.columns:
        rows, columns = config.rows or config.columns or 1, config.columns or config.rows or 1
        width, height = ((high - low) / (columns, rows)).tolist()
        lattice = Lattice(float(low[0]), float(low[1]), width, height, rows, columns)
    else:
        cell = float(snapped(config.cell, patch) if config.snap else config.cell)
        first, count = _snapped(low, high, cell, patch) if config.snap else _centred(low, high, cell)
        lattice = Lattice(float(first[0]), float(first[1]), cell, cell, int(count[1]), int(count[0]))
    return _checked(_padded(lattice, config.pad))


def snapped(cell: int, patch: int) -> int:
    """A width of cells as a whole number of patches: the nearest, of two the larger."""
    return max(1, int(cell / patch + 0.5)) * patch


def _centred(low: Array, high: Array, cell: float) -> tuple[Array, Array]:
    """The first corner, and how many cells across and down, with what is too much shared between both ends."""
    count = np.maximum(np.ceil((high - low) / cell - 1e-9), 1)
    return (low + high - count * cell) / 2, count


def _snapped(low: Array, high: Array, cell: float, patch: int) -> tuple[Array, Array]:
    """The same on the lattice of patches: only whole patches to the left of the box and above it."""
    first = np.floor(low / patch + 1e-9) * patch
    return first, np.maximum(np.ceil((high - first) / cell - 1e-9), 1)


def _padded(lattice: Lattice, pad: int) -> Lattice:
    return Lattice(lattice.left - pad * lattice.width, lattice.top - pad * lattice.height, lattice.width,
                   lattice.height, lattice.rows + 2 * pad, lattice.columns + 2 * pad)  # fmt: skip


def _checked(lattice: Lattice) -> Lattice:
    if lattice.rows * lattice.columns > MOST_CELLS:
        raise InputError(
            f"the grid would have {lattice.rows} x {lattice.columns} cells, more than {MOST_CELLS}; raise homology.cell"
        )
    return lattice
