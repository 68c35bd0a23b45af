"""What one method of matching found: pairs of places, best first, and how far geometry bears them out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dinosar.arrays import expect, freeze

Points = NDArray[np.float64]
Method = Literal["features", "sift"]


@dataclass(frozen=True, eq=False)
class Agreement:
    """Which pairs (n,) one model of two views explains; None where there were too few, or none was found.

    `chance` is how many it explains of as many pairs tied at random, which any model finds some of.
    """

    held: NDArray[np.bool_] | None
    chance: float | None = None

    @property
    def count(self) -> int | None:
        """How many pairs it explains; None where it could not be asked."""
        return None if self.held is None else int(self.held.sum())


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of places in original pixels, `a` and `b` (n, 2), with their `distance` (n,) ascending.

    `counts` tell how many there were on the way (keypoints, matches before a limit, ...); `spread` (A, B) is the share
    of each foreground that lies near a pair.
    """

    method: Method
    title: str
    a: Points
    b: Points
    distance: NDArray[np.float64]
    distance_is: str
    homography: Agreement = Agreement(None)
    fundamental: Agreement = Agreement(None)
    spread: tuple[float | None, float | None] = (None, None)
    counts: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0

    def __post_init__(self) -> None:
        n = len(self.distance)
        expect("Pairs.a", self.a, "f", (n, 2))
        expect("Pairs.b", self.b, "f", (n, 2))
        freeze(self)

    def __len__(self) -> int:
        return len(self.distance)
