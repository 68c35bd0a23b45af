"""Principal components of the tokens of two specimens together, as colours that mean the same on both."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dinosar.data import Specimen


def joint_components(a: Specimen, b: Specimen, count: int = 3) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coordinates of both specimens' patches (n, count) on the principal axes of all their tokens.

    The sign of an axis is fixed by its largest entry, so that a picture does not flip between machines.
    """
    tokens = [specimen.tokens.astype(np.float64) for specimen in (a, b)]
    together = np.concatenate(tokens)
    middle = together.mean(axis=0)
    centred = together - middle
    _, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, ::-1][:, :count]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    return (tokens[0] - middle) @ axes, (tokens[1] - middle) @ axes


@lru_cache(maxsize=1)  # tables and pictures want the same
def joint_colours(a: Specimen, b: Specimen) -> list[NDArray[np.float64]]:
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
