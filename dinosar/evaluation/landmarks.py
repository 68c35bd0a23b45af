"""Landmarks found against true ones: the percentage of correct keypoints (PCK), and how far the others are off.

A landmark is correct at alpha when it lies within alpha times the longer side of the box around the image's true
landmarks; exactly there still counts. One that was not found is never correct, and has no error. `of_all` counts it in
the denominator, `of_found` leaves it out. One without truth is counted as such, and nowhere else.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dinosar.landmarks.points import Landmarks

Floats = NDArray[np.float64]
ALPHAS = (0.05, 0.1, 0.2)
"""A twentieth of the specimen is what a person means by the same place, a fifth the same part of the body."""
ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Measured:
    """One image: for each landmark (K,) its error in px, infinite where it was not found and NaN where it has no truth.

    `side` is the longer side of the box around the true landmarks. `named` says which landmarks were looked for at all.
    """

    image: str
    names: tuple[str, ...]
    errors: Floats
    side: float

    def correct(self, alpha: float) -> NDArray[np.bool_]:
        """Which landmarks are correct at alpha."""
        return within(self.errors, self.side, alpha)


@dataclass(frozen=True)
class Summary:
    """Landmarks of one group: how many have a truth, how many of those were found, and how many are `correct` by alpha.

    `extra` were found without a truth. Errors are of those found, in px and as shares of the box; None where none was.
    """

    name: str
    true: int
    found: int
    extra: int
    correct: dict[float, int]
    mean_px: float | None = None
    median_px: float | None = None
    mean_share: float | None = None
    median_share: float | None = None

    def of_all(self, alpha: float) -> float | None:
        """PCK among all that have a truth; None where none has."""
        return self.correct[alpha] / self.true if self.true else None

    def of_found(self, alpha: float) -> float | None:
        """PCK among those that were found, too; None where none was."""
        return self.correct[alpha] / self.found if self.found else None


def within(errors: Floats, side: Floats | float, alpha: float) -> NDArray[np.bool_]:
    """Which errors are at most alpha times the side; a last bit lost in that product takes nothing away."""
    return np.asarray(errors <= alpha * side * (1 + ROUNDING))


def measured(image: str, found: Landmarks | None, true: Landmarks) -> tuple[Measured, int]:
    """One image, landmarks paired by name; and how many were found that have no truth.

    ValueError where the true landmarks span no box: fewer than two, or all in one place.
    """
    places = true.places[true.there]
    side = float(np.ptp(places, axis=0).max()) if len(places) > 1 else 0.0
    if not side > 0:
        raise ValueError("a box needs two true landmarks in different places")
    errors = np.where(true.there, np.inf, np.nan)
    extra = 0
    known = {name: i for i, name in enumerate(true.names)}
    for name, place, there in zip(found.names, found.places, found.there, strict=True) if found else ():
        i = known.get(name)
        if there and i is not None and true.there[i]:
            errors[i] = float(np.linalg.norm(place - true.places[i]))
        elif there:
            extra += 1
    return Measured(image, true.names, errors, side), extra


def summarised(name: str, errors: Floats, sides: Floats, extra: int, alphas: Sequence[float]) -> Summary:
    """A group of landmarks from their errors and the sides of their images' boxes (n,)."""
    known = ~np.isnan(errors)
    errors, sides = errors[known], sides[known]
    found = np.isfinite(errors)
    correct = {alpha: int(within(errors, sides, alpha).sum()) for alpha in alphas}
    counts = (name, int(known.sum()), int(found.sum()), extra, correct)
    if not found.any():
        return Summary(*counts)
    px, share = errors[found], errors[found] / sides[found]
    return Summary(*counts, *(float(f(values)) for values in (px, share) for f in (np.mean, np.median)))


def overall(images: Sequence[tuple[Measured, int]], alphas: Sequence[float] = ALPHAS) -> Summary:
    """All landmarks of all images, each with the same weight."""
    errors = np.concatenate([np.empty(0), *(each.errors for each, _ in images)])
    sides = np.concatenate([np.empty(0), *(np.full(len(each.errors), each.side) for each, _ in images)])
    return summarised("all", errors, sides, sum(extra for _, extra in images), alphas)


def by_image(images: Sequence[tuple[Measured, int]], alphas: Sequence[float] = ALPHAS) -> list[Summary]:
    """Each image."""
    return [
        summarised(each.image, each.errors, np.full(len(each.errors), each.side), extra, alphas)
        for each, extra in images
    ]


def by_point(images: Sequence[tuple[Measured, int]], alphas: Sequence[float] = ALPHAS) -> list[Summary]:
    """Each landmark over all images, in the order in which names first appear. What has no truth is told by image."""
    names = dict.fromkeys(name for each, _ in images for name in each.names)
    found = []
    for name in names:
        rows = [(each.errors[each.names.index(name)], each.side) for each, _ in images if name in each.names]
        errors, sides = (np.array(column) for column in zip(*rows, strict=True))
        found.append(summarised(name, errors, sides, 0, alphas))
    return found
