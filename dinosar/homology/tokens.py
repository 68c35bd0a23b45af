"""What the backbone says of a cell: tokens interpolated at its centre, or averaged over the patches inside it."""

import numpy as np
from numpy.typing import NDArray

from dinosar.data import Features
from dinosar.features import between

Array = NDArray[np.float64]
AT_ONCE = 2048
"""Cells averaged at once, so that a grid of very many needs no more memory."""


def at_points(features: Features, points: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Unit tokens (n, depth) interpolated bilinearly at photo points (n, 2), and which of them lie within the image.

    Between the outermost centres of patches and the edge of the image the outermost token holds.
    """
    network = features.grid.to_network(points)
    inside = np.asarray(((network >= 0) & (network <= np.array(features.grid.network))).all(axis=1))
    place = np.where(inside[:, None], network / features.grid.patch - 0.5, 0.0)
    return with_direction(between(features.tokens, place), inside)


def inside_cells(features: Features, points: Array, counted: NDArray[np.bool_]) -> tuple[Array, NDArray[np.bool_]]:
    """Unit means (cells, depth) of the tokens under points (cells, n, 2) spread over each cell, and where any count.

    So every patch weighs by how much of the cell lies on it. `counted` (cells, n) are the points that may count.
    """
    grid = features.grid
    patch = grid.patch_at(grid.to_network(points.reshape(-1, 2))).reshape(counted.shape)
    means = [_means(features, patch[i : i + AT_ONCE], counted[i : i + AT_ONCE]) for i in range(0, len(patch), AT_ONCE)]
    return with_direction(np.concatenate(means), np.asarray((counted & (patch >= 0)).any(axis=1)))


def _means(features: Features, patch: NDArray[np.int64], counted: NDArray[np.bool_]) -> Array:
    """The sum of the tokens of some cells (cells, depth); a patch counts as often as a point lies on it."""
    cell, point = np.nonzero(counted & (patch >= 0))
    pairs, times = np.unique(np.stack([cell, patch[cell, point]]), axis=1, return_counts=True)
    sums = np.zeros((len(patch), features.flat.shape[1]))
    np.add.at(sums, pairs[0], features.flat[pairs[1]].astype(np.float64) * times[:, None])
    return sums


def with_direction(sums: Array, there: NDArray[np.bool_]) -> tuple[Array, NDArray[np.bool_]]:
    """Vectors scaled to length 1, and which of those that are there have a direction at all."""
    length = np.sqrt((sums**2).sum(axis=1, keepdims=True))
    unit = np.divide(sums, length, out=np.zeros_like(sums), where=length > 0)
    return unit, there & (length[:, 0] > 0)
