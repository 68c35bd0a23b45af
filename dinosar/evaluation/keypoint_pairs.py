"""Two pictures on which the same places are known: what a search for answers is judged by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dinosar.arrays import expect, freeze
from dinosar.data import Photo

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True, eq=False)
class Picture:
    """One of the two: a name that is its own in the whole collection, its size, and how its pixels are read.

    `digest` tells its file from others without decoding it.
    """

    name: str
    size: tuple[int, int]
    load: Callable[[], Photo]
    digest: Callable[[], str] = str


@dataclass(frozen=True, eq=False)
class KeypointPair:
    """Keypoints that both pictures show, in original pixels: `a` (K, 2) are asked about, `b` (K, 2) are the truth.

    Pixel i of a picture covers [i, i + 1) here, as everywhere in this package. `box` is that of the object in the
    target B; `flags` tell what makes the pair hard (`viewpoint`: `easy`, ...).
    """

    id: str
    category: str
    source: Picture
    target: Picture
    names: tuple[str, ...]
    a: NDArray[np.float64]
    b: NDArray[np.float64]
    box: Box
    flags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        n = len(self.names)
        expect("KeypointPair.a", self.a, "f", (n, 2))
        expect("KeypointPair.b", self.b, "f", (n, 2))
        freeze(self)
