"""One outline laid on another: the similarity between two masks, from their moments and then from their shapes.

Both masks are drawn small on one canvas, B upright in its middle; there candidates are turned, refined and judged by
the overlap.
"""

import numpy as np
from numpy.typing import NDArray

from dinosar.shape.fits import Points, turn_of

SIDE = 256
"""Pixels of the canvas: enough for half a degree, and an overlap costs less than a millisecond."""
REACH = 0.42
"""How far from the middle, of the canvas, the furthest point of a mask is drawn; the rest is margin to move in."""
DEPTH = 12.0
"""Pixels from the outline, inwards and outwards, to which refinement looks; further in all masks are alike."""
ALIKE = 0.02
"""Overlaps that differ by no more are the same, and the smaller turn is preferred."""
SAME_TURN = 15.0
"""Turns that differ by fewer degrees are one turn, refined or not; among them the better overlap wins."""
STEPS, ENOUGH = 200, 1e-6
"""When the refinement ends."""
Mask = NDArray[np.bool_]


def laid_on(a: Mask, b: Mask) -> Points:
    """The similarity (3, 3) from pixels of mask `a` to pixels of mask `b`, neither empty; it never mirrors.

    Tried are no turn, and the turn that lays long axis on long axis, either way round.
    """
    scale = float(np.sqrt(b.sum() / a.sum()))
    (centre_a, axis_a, far_a), (centre_b, axis_b, far_b) = _moments(a), _moments(b)
    canvas = _similarity(REACH * SIDE / max(scale * far_a, far_b), 0.0, centre_b, np.full(2, SIDE / 2))
    target = _drawn(b, canvas)
    found: list[tuple[float, float, Points]] = []
    for turn in (0.0, axis_b - axis_a, axis_b - axis_a + np.pi):
        first = _similarity(scale, turn, centre_a, centre_b)
        for movement in (first, _refined(a, target, canvas, first)):
            found.append((_shared(_drawn(a, canvas @ movement), target), turn_of(movement), movement))
    best = max(overlap for overlap, _, _ in found)
    near = [each for each in found if each[0] >= best - ALIKE]
    least = min((turn for _, turn, _ in near), key=abs)
    # Turns either way round differ by 180, refined ones by little; of those the better overlap is taken.
    return max((each for each in near if abs(each[1] - least) <= SAME_TURN), key=lambda each: each[0])[2]


def _moments(mask: Mask) -> tuple[Points, float, float]:
    """Centre (x, y), angle of the long axis, and how far the mask reaches from its centre."""
    rows, columns = np.nonzero(mask)
    centre = np.array([columns.mean() + 0.5, rows.mean() + 0.5])
    x, y = columns + 0.5 - centre[0], rows + 0.5 - centre[1]
    angle = 0.5 * np.arctan2(2 * (x * y).mean(), (x * x).mean() - (y * y).mean())
    return centre, float(angle), float(np.sqrt((x * x + y * y).max()) + 0.5)


def _similarity(scale: float, turn: float, source: Points, target: Points) -> Points:
    """Turns and scales about `source`, which goes to `target`."""
    along, across = scale * np.cos(turn), scale * np.sin(turn)
    linear = np.array([[along, -across], [across, along]])
    return np.vstack([np.column_stack([linear, target - linear @ source]), [0.0, 0.0, 1.0]])


def _drawn(mask: Mask, movement: Points) -> NDArray[np.float32]:
    """The mask on the canvas, shares of pixels between 0 and 1."""
    import cv2

    height, width = mask.shape
    image = mask.astype(np.float32)
    shrink = float(np.hypot(*movement[:2, 0]))
    if shrink < 1:
        # Shrinking by areas first: the warp alone would look at single pixels of a large photo.
        size = max(1, round(width * shrink)), max(1, round(height * shrink))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        movement = movement @ np.diag([width / size[0], height / size[1], 1.0])
    centres = _by_centres(movement)
    return np.asarray(cv2.warpAffine(image, centres[:2], (SIDE, SIDE), flags=cv2.INTER_LINEAR), dtype=np.float32)


def _refined(a: Mask, target: NDArray[np.float32], canvas: Points, movement: Points) -> Points:
    """The movement, turned and shifted to where the outlines fit best; unchanged where there is nothing to climb."""
    import cv2

    end = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, STEPS, ENOUGH)
    still = np.eye(2, 3, dtype=np.float32)
    relief, moving = _relief(target), _relief(_drawn(a, canvas @ movement))
    try:
        _, found = cv2.findTransformECC(relief, moving, still, cv2.MOTION_EUCLIDEAN, end, None, 5)
    except cv2.error:
        # The two are too unlike for a slope to follow; the moments stand.
        return movement
    # OpenCV answers where in the moving image each pixel of the target lies: the way back of what is asked.
    back = np.vstack([np.asarray(found, dtype=np.float64), [0.0, 0.0, 1.0]])
    forth = np.linalg.inv(_by_centres(back, inverse=True))
    return np.asarray(np.linalg.inv(canvas) @ forth @ canvas @ movement)


def _relief(drawn: NDArray[np.float32]) -> NDArray[np.float32]:
    """Distance to the outline, positive inside, cut off: a slope on both sides of it."""
    import cv2

    inside = (drawn >= 0.5).astype(np.uint8)
    deep, away = (cv2.distanceTransform(side, cv2.DIST_L2, 5) for side in (inside, 1 - inside))
    return np.asarray(np.clip(deep - away, -DEPTH, DEPTH), dtype=np.float32)


def _shared(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Intersection over union of masks drawn in shares."""
    return float(np.minimum(a, b).sum(dtype=np.float64) / max(np.maximum(a, b).sum(dtype=np.float64), 1e-12))


def _by_centres(movement: Points, inverse: bool = False) -> Points:
    """A movement along pixel edges as OpenCV writes it, from the centre of the first pixel; or the other way."""
    half = -0.5 if inverse else 0.5
    shift = np.array([[1.0, 0.0, half], [0.0, 1.0, half], [0.0, 0.0, 1.0]])
    return np.asarray(np.linalg.inv(shift) @ movement @ shift)
