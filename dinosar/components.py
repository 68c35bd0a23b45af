"""Principal components of tokens; those of two specimens together, as colours that mean the same on both."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dinosar.data import Specimen

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


def joint_components(a: Specimen, b: Specimen, count: int = 3) -> tuple[Array, Array]:
    """Coordinates of both specimens' patches (n, count) on the principal axes of all their tokens."""
    first, second = (specimen.tokens.astype(np.float64) for specimen in (a, b))
    found = principal(np.concatenate([first, second]), count)
    return found.of(first), found.of(second)


@lru_cache(maxsize=1)  # tables and pictures want the same
def joint_colours(a: Specimen, b: Specimen) -> list[Array]:
    """An RGB map (rows, columns, 3) in [0, 1] for each specimen, from one scale; other patches are white."""
    coordinates = joint_components(a, b)
    together = np.concatenate(coordinates)
    low, high = np.percentile(together, (2, 98), axis=0)
    maps = []
    for specimen, values in zip((a, b), coordinates, strict=True):
        rgb = np.ones((specimen.patches.size, 3))
        shades = np.clip((values - low) / np.maximum(high - low, 1e-12), 0, 1)
        rgb[specimen.indices] = np.pad(shades, ((0, 0), (0, 3 - shades.shape[1])))
        maps.append(rgb.reshape(*specimen.patches.shape, 3))
    return maps
