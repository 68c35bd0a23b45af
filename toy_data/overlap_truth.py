"""How much of one view another shows, by construction: pixel by pixel, with what is hidden in either left out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dinosar.grid import Grid
from toy_data.overlap_views import View


def landing(a: View, b: View) -> tuple[np.ndarray, np.ndarray]:
    """Where the centre of each pixel of `a` lies on `b` (size * size, 2), row by row, and which are seen in both."""
    y, x = np.mgrid[: a.size, : a.size].reshape(2, -1) + 0.5
    across = b.homography @ np.linalg.inv(a.homography) @ np.stack([x, y, np.ones_like(x)])
    places = (across[:2] / across[2]).T
    # A centre that falls on an edge up to rounding has fallen on it.
    column, row = np.floor(places + 1e-9).astype(np.int64).T
    inside = (column >= 0) & (row >= 0) & (column < b.size) & (row < b.size) & (a.key == b.key) & (across[2] > 0)
    seen = inside & ~a.hidden.ravel()
    seen[inside] &= ~b.hidden[row[inside], column[inside]]
    return places, seen


def overlap(a: View, b: View) -> tuple[float, float]:
    """The share of all pixels of `a` whose place `b` shows, and of those of `b` that `a` shows."""
    if a.key != b.key:
        return 0.0, 0.0
    return float(landing(a, b)[1].mean()), float(landing(b, a)[1].mean())


def overlaps(queries: Sequence[View], database: Sequence[View]) -> np.ndarray:
    """Both overlaps (queries, database, 2): of the query in the database image, and the other way."""
    return np.array([[overlap(query, view) for view in database] for query in queries]).reshape(
        len(queries), len(database), 2
    )


def counts(a: View, b: View, grids: tuple[Grid, Grid]) -> np.ndarray:
    """How many pixels of each patch of `a` land in each patch of `b` (patches of a, patches of b)."""
    on_a, on_b = grids
    places, seen = landing(a, b)
    y, x = np.mgrid[: a.size, : a.size].reshape(2, -1) + 0.5
    start = on_a.patch_at(on_a.to_network(np.stack([x, y], axis=-1)[seen]))
    end = on_b.patch_at(on_b.to_network(places[seen]))
    known = (start >= 0) & (end >= 0)
    width = on_b.rows * on_b.columns
    flat = np.bincount(start[known] * width + end[known], minlength=on_a.rows * on_a.columns * width)
    return flat.reshape(-1, width)
