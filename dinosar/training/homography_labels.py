"""Where pixels land between two views of one flat thing: a homography, and what is hidden in either view."""

import numpy as np
from numpy.typing import NDArray

from dinosar.training.labels import Landing


def homography_landing(a_to_b: NDArray[np.float64], hidden_a: NDArray[np.bool_] | None = None,
                       hidden_b: NDArray[np.bool_] | None = None) -> Landing:  # fmt: skip
    """The landing of a homography (3, 3) that takes pixels of a to those of b, measured along edges.

    `hidden_a` and `hidden_b` (height, width) are pixels that show something else, which no pixel lands on.
    """

    def land(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        across = np.concatenate([points, np.ones((len(points), 1))], axis=1) @ a_to_b.T
        before = across[:, 2] > 1e-12
        places = across[:, :2] / np.where(before, across[:, 2], 1.0)[:, None]
        seen = before & ~_lies_in(hidden_a, points) & ~_lies_in(hidden_b, places)
        return places, seen

    return land


def _lies_in(mask: NDArray[np.bool_] | None, points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which points lie on a marked pixel; what lies beyond the mask is not marked."""
    if mask is None:
        return np.zeros(len(points), dtype=bool)
    height, width = mask.shape
    # Far beyond the picture a place need not fit a whole number.
    column, row = np.floor(np.clip(points, -1, [width, height])).astype(np.int64).T
    inside = (column >= 0) & (row >= 0) & (column < width) & (row < height)
    found = np.zeros(len(points), dtype=bool)
    found[inside] = mask[row[inside], column[inside]]
    return found
