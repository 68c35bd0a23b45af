"""Principal axes of vectors: where they lie, how much of the variance each holds, and coordinates on them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Principal:
    """Principal axes (depth, count) of vectors about their mean, the variance along each, and that of everything."""

    middle: Array
    axes: Array
    variances: Array
    total: float

    def of(self, vectors: Array) -> Array:
        """Coordinates of vectors (n, depth) on the axes (n, count)."""
        return np.asarray((vectors - self.middle) @ self.axes)


def principal(vectors: Array, count: int) -> Principal:
    """The first principal axes of vectors (n, depth), by falling variance.

    The sign of an axis is fixed by its largest entry, so that a picture does not flip between machines.
    """
    middle = vectors.mean(axis=0)
    centred = vectors - middle
    variances, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, ::-1][:, :count]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    degrees = max(len(vectors) - 1, 1)
    return Principal(middle, axes, variances[::-1][:count] / degrees, float(variances.sum()) / degrees)
