"""Which patches of two images show the same place: from where every pixel lands, counted and thinned to one for one."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from dinosar.grid import Grid

Landing = Callable[[NDArray[np.float64]], tuple[NDArray[np.float64], NDArray[np.bool_]]]
"""Takes points (n, 2) of one photo to those (n, 2) of another, and says which of them can be seen there.

Both are in pixels of the photo, measured along edges. It need not look whether a point lies within the other photo.
"""
ROUNDING = 1e-9
"""A point that falls on an edge up to rounding has fallen on it."""


def pixel_centres(grid: Grid) -> NDArray[np.float64]:
    """Centres (n, 2) of all pixels of the network's image that show something of the photo, row by row."""
    left, top, width, height = grid.content
    y, x = np.mgrid[top : top + height, left : left + width]
    return np.stack([x.ravel(), y.ravel()], axis=1) + 0.5


def landing_counts(a: Grid, b: Grid, landing: Landing) -> NDArray[np.int64]:
    """How many network pixels of each patch of `a` land in each patch of `b` (patches of a, patches of b)."""
    shown = pixel_centres(a)
    places, seen = landing(a.to_photo(shown))
    seen = seen & within(places, b)
    start, end = a.patch_at(shown[seen]), b.patch_at(b.to_network(places[seen]) + ROUNDING)
    known = end >= 0
    wide = b.rows * b.columns
    flat = np.bincount(start[known] * wide + end[known], minlength=a.rows * a.columns * wide)
    return flat.reshape(-1, wide)


def within(points: NDArray[np.float64], grid: Grid) -> NDArray[np.bool_]:
    """Which points (n, 2) of a photo lie in the part of it that was shown; NaN lies nowhere."""
    left, top, width, height = grid.crop
    with np.errstate(invalid="ignore"):
        inside = (points >= [left, top]) & (points < [left + width, top + height])
    return np.asarray(inside.all(axis=1))


def one_to_one(counts_ab: NDArray[np.integer], counts_ba: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Pairs of patches (of a, of b) that choose each other in both countings.

    `counts_ab` (of a, of b) are pixels of a that land in b, `counts_ba` (of b, of a) the other way. In each counting a
    patch chooses the one that most of its pixels land in, and of those that chose the same one the largest stays.
    Ties go to the lowest number.
    """
    return _chosen(counts_ab) & _chosen(counts_ba).T


def _chosen(counts: NDArray[np.integer]) -> NDArray[np.bool_]:
    """One column for each row, then one row for each column (rows, columns)."""
    found = np.zeros(counts.shape, dtype=bool)
    if not counts.size:
        return found
    rows = np.flatnonzero(counts.any(axis=1))
    best = np.zeros_like(counts)
    columns = counts[rows].argmax(axis=1)
    best[rows, columns] = counts[rows, columns]
    taken = np.unique(columns)
    found[best[:, taken].argmax(axis=0), taken] = True
    return found


def mirrored(landing: Landing, a: float | None = None, b: float | None = None) -> Landing:
    """A landing between photos that were mirrored, each given by its width; None is a photo as it was."""
    if a is None and b is None:
        return landing

    def land(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        places, seen = landing(points if a is None else _flipped(points, a))
        return (places if b is None else _flipped(places, b)), seen

    return land


def _flipped(points: NDArray[np.float64], width: float) -> NDArray[np.float64]:
    return np.asarray(points * [-1.0, 1.0] + [width, 0.0])
