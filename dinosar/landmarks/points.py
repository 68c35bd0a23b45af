"""The landmarks of one specimen: named places, some of which may be missing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
MISSING, UNCERTAIN, SEEN = 0, 1, 2
"""What COCO's visibility means here: not there, there but guessed or hidden, plainly seen."""


@dataclass(frozen=True, eq=False)
class Landmarks:
    """Places (K, 2) in original pixels, NaN where missing; a name for each, and how far each was seen.

    `named` says whether somebody gave the names; where nobody did they are "1", "2", … in the order of the file.
    `carried` says that features brought them here, not a person.
    """

    names: tuple[str, ...]
    places: Points
    visibility: NDArray[np.int8]
    named: bool = True
    carried: bool = False

    def __post_init__(self) -> None:
        count = len(self.names)
        if self.places.shape != (count, 2) or self.visibility.shape != (count,):
            raise ValueError(
                f"{count} names need places ({count}, 2) and visibility ({count},), not {self.places.shape} and "
                f"{self.visibility.shape}"
            )
        if len(set(self.names)) != count:
            raise ValueError("each landmark needs a name of its own")
        if not np.isin(self.visibility, (MISSING, UNCERTAIN, SEEN)).all():
            raise ValueError("visibility must be 0, 1 or 2")
        places = np.where((self.visibility == MISSING)[:, None], np.nan, self.places)
        if not np.isfinite(places[self.visibility != MISSING]).all():
            raise ValueError("a landmark that is there needs a finite place")
        places.flags.writeable = False
        object.__setattr__(self, "places", places)

    def __len__(self) -> int:
        return len(self.names)

    @property
    def there(self) -> NDArray[np.bool_]:
        """Which landmarks are not missing."""
        return np.asarray(self.visibility != MISSING)

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of those that are."""
        return tuple(name for name, there in zip(self.names, self.there, strict=True) if not there)

    def moved_to(self, places: Points) -> "Landmarks":
        """The same landmarks in other places, such as other coordinates; missing ones stay missing."""
        return replace(self, places=np.array(places, dtype=np.float64))


def unnamed(places: Points, visibility: NDArray[np.int8]) -> Landmarks:
    """Landmarks known by their position in the file alone."""
    return Landmarks(tuple(str(i) for i in range(1, len(places) + 1)), places, visibility, named=False)


def shared(a: Landmarks, b: Landmarks) -> tuple[tuple[str, ...], Points, Points]:
    """Names of the landmarks that both specimens have, in A's order, and where they lie on A (n, 2) and B (n, 2)."""
    in_b = {name: i for i, name in enumerate(b.names) if b.there[i]}
    pairs = [(name, i, in_b[name]) for i, name in enumerate(a.names) if a.there[i] and name in in_b]
    names: Sequence[str] = [name for name, _, _ in pairs]
    return tuple(names), a.places[[i for _, i, _ in pairs]], b.places[[j for _, _, j in pairs]]
