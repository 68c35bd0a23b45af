"""How far places lie from the specimen, on bare ground."""

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Floats = NDArray[np.float64]


def off_mask(mask: NDArray[np.bool_], points: Points) -> Floats:
    """How far each point (K, 2) lies from the nearest pixel of a mask, in pixels; 0 on it. Points may lie outside."""
    rows, columns = np.nonzero(_rim(mask))
    distance = [_to_squares(x - columns, y - rows) for x, y in points]
    return np.where(_on(mask, points), 0.0, np.array(distance, np.float64))


def _to_squares(x: Floats, y: Floats) -> float:
    """From a point, given as seen from the upper left corners of pixels, to the nearest of these pixels."""
    return float(np.hypot(np.maximum(np.maximum(-x, x - 1), 0), np.maximum(np.maximum(-y, y - 1), 0)).min())


def _rim(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Pixels of a mask that have a neighbour outside it: one of them is the nearest to whatever lies outside."""
    padded = np.pad(mask, 1)
    inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return np.asarray(mask & ~inner)


def _on(mask: NDArray[np.bool_], points: Points) -> NDArray[np.bool_]:
    """Which points lie on a pixel of the mask."""
    x, y = np.floor(points).astype(np.int64).T
    within = (x >= 0) & (y >= 0) & (x < mask.shape[1]) & (y < mask.shape[0])
    found = np.zeros(len(points), np.bool_)
    found[within] = mask[y[within], x[within]]
    return found
