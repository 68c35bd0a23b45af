"""The movement that lays some points best upon others: rigid, similarity or affine, by least squares.

A similarity takes its scale from the ratio of the spreads, not from regression. Regression shrinks whatever it cannot
explain: it would make A smaller than B and B smaller than A. The ratio is the same question both ways, so the movement
from A to B is exactly the way back of that from B to A.
"""

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Kind = Literal["rigid", "similarity", "affine"]
UNDECIDED = 1e-12
"""Share of its largest possible value below which a quantity is rounding alone."""


def fit_movement(
    kind: Kind, source: Points, target: Points, weights: Points | None = None, *, mirror: bool = False
) -> Points:
    """The 3 x 3 matrix of a movement that lays `source` (n, 2) on `target` (n, 2).

    rigid: shift and turn; similarity: scale as well; affine: shear, too. None mirrors unless `mirror` allows it and it
    fits better. ValueError where the points do not settle the movement, or settle only one that is not allowed.
    """
    source, target, weights = _checked(kind, source, target, weights)
    from_centre, to_centre = (weights @ points for points in (source, target))
    a, b = source - from_centre, target - to_centre
    linear = _affine(a, b, weights, mirror) if kind == "affine" else _turn(a, b, weights, mirror)
    if kind == "similarity":
        linear = linear * np.sqrt((weights @ (b**2).sum(axis=1)) / (weights @ (a**2).sum(axis=1)))
    movement = np.eye(3)
    movement[:2, :2] = linear
    movement[:2, 2] = to_centre - _times(linear, from_centre)
    return movement


def moved(movement: Points, points: Points) -> Points:
    """Points (..., 2) after an affine movement (3, 3)."""
    points = np.asarray(points, dtype=np.float64)
    return _times(movement[:2, :2], points) + movement[:2, 2]


def turning(degrees: float, about: Points | tuple[float, float] = (0.0, 0.0)) -> Points:
    """The movement that turns clockwise, as y points down, about a point."""
    angle, middle = np.deg2rad(degrees), np.asarray(about, dtype=np.float64)
    movement = np.eye(3)
    movement[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    movement[:2, 2] = middle - movement[:2, :2] @ middle
    return movement


def scale_of(movement: Points) -> float:
    """By how much a movement enlarges lengths, on average over directions (the root of what it does to areas)."""
    return float(np.sqrt(abs(np.linalg.det(movement[:2, :2]))))


def turn_of(movement: Points) -> float:
    """By how many degrees a movement turns clockwise, as y points down; between -180 and 180."""
    (a, b), (c, d) = movement[:2, :2]
    return float(np.degrees(np.arctan2(c - b, a + d)))


def _checked(kind: Kind, source: Points, target: Points, weights: Points | None) -> tuple[Points, Points, Points]:
    """The points as float64 and the weights with sum 1, or ValueError."""
    if kind not in get_args(Kind):
        raise ValueError(f"a movement is {', '.join(get_args(Kind))}, not {kind!r}")
    source, target = (np.asarray(points, dtype=np.float64) for points in (source, target))
    if source.ndim != 2 or source.shape[1] != 2 or source.shape != target.shape:
        raise ValueError(f"a movement needs two sets of (n, 2), not {source.shape} and {target.shape}")
    weights = np.ones(len(source)) if weights is None else np.asarray(weights, dtype=np.float64)
    if weights.shape != (len(source),) or not (weights >= 0).all() or not 0 < weights.sum() < np.inf:
        raise ValueError(f"weights must be {len(source)} numbers that are finite, not negative and not all 0")
    if not (np.isfinite(source).all() and np.isfinite(target).all()):
        raise ValueError("a movement needs finite points")
    return source, target, weights / weights.sum()


def _turn(a: Points, b: Points, weights: Points, mirror: bool) -> Points:
    """The rotation (2, 2), or where allowed the reflection, that turns centred points `a` best towards `b`."""
    most = np.sqrt((weights @ (a**2).sum(axis=1)) * (weights @ (b**2).sum(axis=1)))
    along, across = weights @ (a * b).sum(axis=1), weights @ (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])
    back, aside = weights @ (a[:, 0] * b[:, 0] - a[:, 1] * b[:, 1]), weights @ (a[:, 0] * b[:, 1] + a[:, 1] * b[:, 0])
    plain, turned_over = np.hypot(along, across), np.hypot(back, aside)
    flip = mirror and turned_over > plain + UNDECIDED * most
    size = turned_over if flip else plain
    if not size > UNDECIDED * most:
        raise ValueError("these points fix no turn: they lie in one place, or every turn fits as badly")
    if flip:
        return np.array([[back, aside], [aside, -back]]) / size
    return np.array([[along, -across], [across, along]]) / size


def _affine(a: Points, b: Points, weights: Points, mirror: bool) -> Points:
    """The linear map (2, 2) that carries centred points `a` best to `b`, by weighted least squares."""
    root = np.sqrt(weights)[:, None]
    lengths = np.linalg.svd(root * a, compute_uv=False)
    if len(a) < 3 or not lengths[1] > 1e-9 * lengths[0]:
        raise ValueError("an affine movement needs at least 3 points that do not lie on one line")
    # Fitting what changes, not where it ends, leaves points that stay where they are exactly there.
    linear: Points = np.eye(2) + np.linalg.lstsq(root * a, root * (b - a), rcond=None)[0].T
    if not mirror and np.linalg.det(linear) <= 0:
        raise ValueError("these points fit an affine movement only mirrored, or flattened to a line")
    return linear


def _times(linear: Points, points: Points) -> Points:
    """A matrix (2, 2) times each of the points (..., 2), number by number so that company does not change the bits."""
    x, y = points[..., 0], points[..., 1]
    return np.stack([linear[0, 0] * x + linear[0, 1] * y, linear[1, 0] * x + linear[1, 1] * y], axis=-1)
