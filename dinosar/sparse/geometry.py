"""How many pairs two views of one scene explain: one homography (a plane), or one fundamental matrix (any rigid scene).

OpenCV's MAGSAC proposes the model; which pairs it explains is decided here, by a test that is the same both ways. The
model is fitted in an order that the pairs have of themselves, so neither their order nor which photo is A matters.
MAGSAC draws from a generator of its own that starts anew at every call, so nothing else that draws matters either.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dinosar.sparse.pairs import Agreement

Points = NDArray[np.float64]
Model = NDArray[np.float64]
Held = NDArray[np.bool_]
TRIALS = 10
"""Times the pairs are tied at random: the mean is then known to a third of what one trial scatters by."""
SEED = 0
ITERATIONS = 10_000
CONFIDENCE = 0.9999


class Kind(NamedTuple):
    """A model of two views: how it is fitted, its rank, which pairs it explains, and the fewest that can disagree."""

    fit: Callable[[Points, Points, float], Model | None]
    rank: int
    explains: Callable[[Model, Points, Points, float], Held]
    least: int


def homography(a: Points, b: Points, threshold: float) -> Agreement:
    """Pairs (n, 2) -> (n, 2) that one homography carries to within `threshold`, there and back.

    Four pairs agree whatever they are, so fewer than five say nothing; nor do places all within `threshold` of a line.
    """
    return _agreement(Kind(_fit_homography, 3, _on_plane, 5), a, b, threshold)


def fundamental(a: Points, b: Points, threshold: float) -> Agreement:
    """Pairs (n, 2) -> (n, 2) that lie within `threshold` of the epipolar lines of one geometry, in both pictures.

    Seven pairs agree whatever they are, so fewer than eight say nothing; nor do places all within `threshold` of a
    line. A pair is held to a line and not to a point: chance explains more than it does of a homography.
    """
    return _agreement(Kind(_fit_fundamental, 2, _on_lines, 8), a, b, threshold)


def _agreement(kind: Kind, a: Points, b: Points, threshold: float) -> Agreement:
    """What the best model found explains, and what the same search finds among pairs tied at random."""
    if not (_fix(a, kind.least, threshold) and _fix(b, kind.least, threshold)):
        return Agreement(None)
    order, first, second = _canonical(a, b)
    found = _explained(kind, first, second, threshold)
    if found is None:
        return Agreement(None)
    held = np.zeros(len(a), dtype=bool)
    held[order] = found
    return Agreement(held, _chance(kind, first, second, threshold))


def _chance(kind: Kind, first: Points, second: Points, threshold: float) -> float | None:
    """Mean number explained where every end is tied to that of another pair; None where no search found a model."""
    random = np.random.default_rng(SEED)
    counts = []
    for _ in range(TRIALS):
        ring = random.permutation(len(second))
        other = np.empty_like(second)
        other[ring] = second[np.roll(ring, 1)]  # one ring through all pairs: none keeps its own end
        held = _explained(kind, first, other, threshold)
        if held is not None:
            counts.append(int(held.sum()))
    return float(np.mean(counts)) if counts else None


def _explained(kind: Kind, first: Points, second: Points, threshold: float) -> Held | None:
    """Which pairs the best model found explains; None where none was found."""
    import cv2

    try:
        model = kind.fit(first, second, threshold)
    except cv2.error:  # some degenerate places it refuses instead of finding nothing
        return None
    if model is None or model.shape != (3, 3) or not np.isfinite(model).all():
        return None
    if np.linalg.matrix_rank(model) < kind.rank:
        return None
    with np.errstate(divide="ignore", invalid="ignore"):  # what has no place or no line is not explained
        return kind.explains(model, first, second, threshold)


def _canonical(a: Points, b: Points) -> tuple[NDArray[np.int64], Points, Points]:
    """An order of the pairs, and their ends in it: the same in whatever order, and from whichever side, they come."""
    ways = []
    for first, second in ((a, b), (b, a)):
        rows = np.hstack([first, second]) + 0.0  # makes 0.0 of -0.0, which bytes tell apart
        order = np.lexsort(rows.T[::-1])
        ways.append((rows[order].tobytes(), order, first[order], second[order]))
    _, order, first, second = min(ways, key=lambda way: way[0])
    return order, first, second


def _fix(places: Points, least: int, threshold: float) -> bool:
    """Whether there are so many different places, and not all along one line, beside which nothing would be fixed."""
    distinct = np.unique(places, axis=0)
    if len(distinct) < least:
        return False
    centred = distinct - distinct.mean(axis=0)
    across = np.linalg.svd(centred, full_matrices=False)[2][1]
    return bool(np.abs(centred @ across).max() > threshold)


def _fit_homography(first: Points, second: Points, threshold: float) -> Model | None:
    import cv2

    found, _ = cv2.findHomography(first, second, cv2.USAC_MAGSAC, threshold, maxIters=ITERATIONS, confidence=CONFIDENCE)
    return None if found is None else np.asarray(found, dtype=np.float64)


def _fit_fundamental(first: Points, second: Points, threshold: float) -> Model | None:
    import cv2

    found, _ = cv2.findFundamentalMat(first, second, cv2.USAC_MAGSAC, threshold, CONFIDENCE, ITERATIONS)
    return None if found is None else np.asarray(found, dtype=np.float64)


def _on_plane(model: Model, first: Points, second: Points, threshold: float) -> Held:
    """Which pairs land near each other both ways, all on that side of the horizon where more of them do."""
    there, depth = _carried(model, first)
    back, _ = _carried(np.asarray(np.linalg.inv(model), dtype=np.float64), second)
    near = np.maximum(np.hypot(*(there - second).T), np.hypot(*(back - first).T)) <= threshold
    return max(near & (depth > 0), near & (depth < 0), key=np.count_nonzero)


def _on_lines(model: Model, first: Points, second: Points, threshold: float) -> Held:
    """Which pairs lie near each other's epipolar lines, in both pictures."""
    x, y = _lifted(first), _lifted(second)
    there, back = x @ model.T, y @ model
    off = np.abs((y * there).sum(axis=1))
    return np.asarray(np.maximum(off / np.hypot(*there[:, :2].T), off / np.hypot(*back[:, :2].T)) <= threshold)


def _carried(model: Model, points: Points) -> tuple[Points, Points]:
    """Points after a homography, and their depths, whose sign is the side of the horizon."""
    moved = _lifted(points) @ model.T
    return moved[:, :2] / moved[:, 2:], moved[:, 2]


def _lifted(points: Points) -> Points:
    return np.column_stack([points, np.ones(len(points))])
