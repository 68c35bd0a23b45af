"""Principal components of tokens; those of two specimens together, as colours that mean the same on both."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dinosar.data import Specimen
from dinosar.principal import principal

Array = NDArray[np.float64]


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
