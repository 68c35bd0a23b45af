"""Which matches one movement of the plane explains: a similarity, an affine map or a homography, fitted robustly.

Every test of a movement is the same both ways: it counts as explained what lies within the tolerance on either side.
Places are in patch widths. The order of the matches is the caller's, and should be a canonical one.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dinosar.matchers.similarity_fit import fit_similarity

Points = NDArray[np.float64]
Movement = NDArray[np.float64]
Model = Literal["homography", "affine", "similarity"]
NEEDED: dict[Model, int] = {"similarity": 2, "affine": 3, "homography": 4}
"""Matches that fix a movement; so many agree with each other whatever they are, and prove nothing."""
STRETCH = 4.0
"""Two views of bodies, each cut to its specimen, do not differ in size by more than this in any direction."""
THIN = 0.25
"""Matches that all lie on a line, up to this standard deviation in patch widths, do not fix what happens beside it."""


def explained(model: Model, asked: Points, answer: Points, tolerance: float) -> NDArray[np.bool_]:
    """Which matches (n, 2) -> (n, 2) the best movement of that kind carries to within `tolerance`, there and back.

    None at all where there are too few, or where the movement found is not one of a body: mirrored, singular, or
    stretched beyond reason.
    """
    nothing = np.zeros(len(asked), dtype=bool)
    if len(asked) <= NEEDED[model]:
        return nothing
    movement = FITS[model](asked, answer, tolerance)
    if movement is None or not np.isfinite(movement).all() or abs(np.linalg.det(movement)) < 1e-9:
        return nothing
    back = np.asarray(np.linalg.inv(movement), dtype=np.float64)
    held = np.maximum(misses(movement, asked, answer), misses(back, answer, asked)) <= tolerance
    return held if _enough(model, asked[held], answer[held]) and _bodily(movement, asked[held]) else nothing


def misses(movement: Movement, here: Points, there: Points) -> NDArray[np.float64]:
    """How far from its counterpart each point lands; infinitely far where it would pass the horizon."""
    moved = np.column_stack([here, np.ones(len(here))]) @ movement.T
    depth = moved[:, 2] / movement[2, 2] if movement[2, 2] else np.zeros(len(here))
    seen = depth > 1e-6
    landed = moved[:, :2] / np.where(seen, moved[:, 2], 1.0)[:, None]
    return np.where(seen, np.hypot(*(landed - there).T), np.inf)


def _enough(model: Model, asked: Points, answer: Points) -> bool:
    """Whether the matches, at both ends, lie at more places than the model needs, and not along a line."""
    if min(len(np.unique(points, axis=0)) for points in (asked, answer)) <= NEEDED[model]:
        return False
    if model == "similarity":
        return True
    widths = [np.linalg.svd(points - points.mean(axis=0), compute_uv=False)[1] for points in (asked, answer)]
    return bool(min(widths) >= THIN * np.sqrt(len(asked)))


def _bodily(movement: Movement, points: Points) -> bool:
    """Whether the movement, near every point, neither mirrors nor stretches or shrinks beyond reason."""
    moved = np.column_stack([points, np.ones(len(points))]) @ movement.T
    depth = moved[:, 2, None, None]
    landed = moved[:, :2, None] / depth
    slopes = (movement[:2, :2] - landed * movement[2, :2]) / depth
    sizes = np.linalg.svd(slopes, compute_uv=False)
    return bool((np.linalg.det(slopes) > 0).all() and sizes.max() <= STRETCH and sizes.min() >= 1 / STRETCH)


def _similarity(asked: Points, answer: Points, tolerance: float) -> Movement | None:
    return fit_similarity(asked, answer, tolerance, STRETCH)


def _affine(asked: Points, answer: Points, tolerance: float) -> Movement | None:
    import cv2

    found, _ = cv2.estimateAffine2D(
        asked, answer, method=cv2.USAC_MAGSAC, ransacReprojThreshold=tolerance, maxIters=10_000, confidence=0.9999
    )
    return None if found is None else np.vstack([found, [0.0, 0.0, 1.0]])


def _homography(asked: Points, answer: Points, tolerance: float) -> Movement | None:
    import cv2

    found, _ = cv2.findHomography(asked, answer, cv2.USAC_MAGSAC, tolerance, maxIters=10_000, confidence=0.9999)
    return None if found is None else np.asarray(found, dtype=np.float64)


FITS: dict[Model, Callable[[Points, Points, float], Movement | None]] = {
    "similarity": _similarity, "affine": _affine, "homography": _homography,
}  # fmt: skip
