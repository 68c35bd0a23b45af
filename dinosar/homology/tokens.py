"""What the backbone says of a cell: tokens interpolated at its centre, or averaged over the patches inside it."""

import numpy as np
from numpy.typing import NDArray

from dinosar.data import Features

Array = NDArray[np.float64]


def at_points(features: Features, points: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Unit tokens (n, depth) interpolated bilinearly at photo points (n, 2), and which of them lie within the image.

    Between the outermost centres of patches and the edge of the image the outermost token holds.
    """
    rows, columns = features.tokens.shape[:2]
    network = features.grid.to_network(points)
    inside = np.asarray(((network >= 0) & (network <= np.array(features.grid.network))).all(axis=1))
    place = network / features.grid.patch - 0.5
    x = np.clip(np.where(inside, place[:, 0], 0), 0, columns - 1)
    y = np.clip(np.where(inside, place[:, 1], 0), 0, rows - 1)
    left, top = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    right, bottom = np.minimum(left + 1, columns - 1), np.minimum(top + 1, rows - 1)
    u, v = (x - left)[:, None], (y - top)[:, None]
    table = features.tokens.astype(np.float64)
    upper = table[top, left] * (1 - u) + table[top, right] * u
    lower = table[bottom, left] * (1 - u) + table[bottom, right] * u
    return with_direction(upper * (1 - v) + lower * v, inside)


def inside_cells(features: Features, corners: Array, counted: NDArray[np.bool_]) -> tuple[Array, NDArray[np.bool_]]:
    """Unit means (n, depth) of the tokens of `counted` patches whose centres lie in each cell, and where there are any.

    A patch lies in the cell that holds its centre; cells that the warp turned over are the caller's to leave out.
    """
    owner = owners(corners, features.grid.centres_in_photo())
    kept = (owner >= 0) & counted.ravel()
    cells = (corners.shape[0] - 1) * (corners.shape[1] - 1)
    sums = np.zeros((cells, features.flat.shape[1]))
    np.add.at(sums, owner[kept], features.flat[kept].astype(np.float64))
    return with_direction(sums, np.bincount(owner[kept], minlength=cells) > 0)


def owners(corners: Array, points: Array) -> NDArray[np.int64]:
    """The flat index of the cell that holds each point (n, 2); -1 for none. Of several, the lowest."""
    rows, columns = corners.shape[0] - 1, corners.shape[1] - 1
    owner = np.full(len(points), -1, dtype=np.int64)
    for cell in range(rows * columns - 1, -1, -1):
        row, column = divmod(cell, columns)
        ring = corners[[row, row, row + 1, row + 1], [column, column + 1, column + 1, column]]
        near = ((points >= ring.min(axis=0)) & (points <= ring.max(axis=0))).all(axis=1)
        candidates = np.flatnonzero(near)
        owner[candidates[_within(ring, points[candidates])]] = cell
    return owner


def _within(ring: Array, points: Array) -> NDArray[np.bool_]:
    """Which points lie in the polygon: a ray to the right crosses its edge an odd number of times."""
    crossings = np.zeros(len(points), dtype=np.int64)
    for (x0, y0), (x1, y1) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
        if y0 == y1:
            continue
        spans = (y0 <= points[:, 1]) != (y1 <= points[:, 1])
        crossings += spans & (points[:, 0] < x0 + (points[:, 1] - y0) * (x1 - x0) / (y1 - y0))
    return np.asarray(crossings % 2 == 1)


def with_direction(sums: Array, there: NDArray[np.bool_]) -> tuple[Array, NDArray[np.bool_]]:
    """Vectors scaled to length 1, and which of those that are there have a direction at all."""
    length = np.sqrt((sums**2).sum(axis=1, keepdims=True))
    unit = np.divide(sums, length, out=np.zeros_like(sums), where=length > 0)
    return unit, there & (length[:, 0] > 0)
