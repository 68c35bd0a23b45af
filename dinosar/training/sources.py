"""What examples are made of, wherever it comes from: pictures by name, and where the pixels of one land in another."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dinosar.data import Photo
from dinosar.training.labels import Landing

LATTICE = 24
"""Points along each side of a picture by which it is told how much of it another shows."""


class Source(Protocol):
    """Pictures that show the same things."""

    def photo(self, name: str) -> Photo:
        """A picture."""

    def landing(self, a: str, b: str) -> Landing:
        """Where the pixels of one land in another."""


def share(landing: Landing, a: tuple[int, int], b: tuple[int, int]) -> float:
    """How much of a picture another shows, in [0, 1]; both are given by width and height."""
    steps = (np.arange(LATTICE) + 0.5) / LATTICE
    x, y = np.meshgrid(steps * a[0], steps * a[1])
    places, seen = landing(np.stack([x.ravel(), y.ravel()], axis=1))
    with np.errstate(invalid="ignore"):
        inside = ((places >= 0) & (places < b)).all(axis=1)
    return float((seen & inside).mean())


def shares(source: Source, names: Sequence[str], sizes: Sequence[tuple[int, int]]) -> NDArray[np.float64]:
    """How much of each picture each other shows (n, n)."""
    found = np.eye(len(names))
    for i, a in enumerate(names):
        for j, b in enumerate(names):
            if i != j:
                found[i, j] = share(source.landing(a, b), sizes[i], sizes[j])
    return found
