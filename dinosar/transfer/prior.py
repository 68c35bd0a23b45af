"""Where a place should be before its own descriptor is asked: a smooth spline through the matches of the whole body."""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from dinosar.shape.fits import moved
from dinosar.shape.spline import fit_spline
from dinosar.transfer.matching import Matched

Points = NDArray[np.float64]
Floats = NDArray[np.float64]
Warp = Callable[[Points], Points]
SMOOTHING = 2500.0
"""Squared units by which a match of full trust may be missed where that saves bending. With a tenth of it the
spline follows the matches' own errors: across species 0.86 of landmarks within 0.025 of the box instead of 0.89."""
REACH = 60.0
"""Units from the expected place at which likeness is worth 0.2 less: an eighth of a specimen, as species differ by.
With 30 or 120 units the share of landmarks that are right is the same to 0.02."""
MOST = 500
"""Matches a spline is laid through at most: the work grows with their cube."""
LEAST = 0.1
"""Share of the highest trust below which a match has no say."""
NEIGHBOURHOOD = 50.0
"""Units within which matches say how well the spline fits where a landmark lies."""


def expectation(found: Matched) -> Warp | None:
    """A spline from left to right that gives way to a match the more, the less it is trusted; None without matches.

    Where the trusted matches cannot carry a spline, as those on one line, it is their common movement.
    """
    if found.movement is None:
        return None
    kept = np.flatnonzero(found.trust > LEAST * found.trust.max())
    if len(kept) > MOST:
        kept = np.sort(kept[np.argsort(-found.trust[kept], kind="stable")[:MOST]])
    try:
        return fit_spline(found.left[kept], found.right[kept], SMOOTHING / found.trust[kept])
    except ValueError:
        return partial(moved, found.movement)


def scatter(found: Matched, warp: Warp, points: Points) -> Floats:
    """How far matches around each point (K, 2) of the left miss the spline, root mean square in units; NaN = none."""
    missed = ((warp(found.left) - found.right) ** 2).sum(axis=1)
    distance = np.linalg.norm(points[:, None] - found.left[None], axis=2)
    weight = found.trust * np.exp(-0.5 * (distance / NEIGHBOURHOOD) ** 2)
    total = weight.sum(axis=1)
    mean = np.divide(weight @ missed, total, out=np.full(len(points), np.nan), where=total > 0)
    return np.asarray(np.sqrt(mean))


def penalty(distance: Floats) -> Floats:
    """What is taken from the likeness of a place that far from where it should be: nothing there, a half far off."""
    return np.asarray(0.5 * (1 - np.exp(-0.5 * (distance / REACH) ** 2)))
