"""How one camera stands to another, from places that answer each other in their two photographs.

The answer depends neither on the order of the matches nor on which photograph is called A.
"""

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dinosar.arrays import freeze
from dinosar.cameras import Camera
from dinosar.errors import UsageError
from dinosar.notices import note
from dinosar.verification.parallax import shifts
from dinosar.verification.rays import Points, rays_of, without_lens

Settled = Literal["poselib", "opencv", "opencv-ransac"]
Estimator = Literal["auto"] | Settled
THRESHOLD = 1.5
"""Pixels off an epipolar line: PoseLib's poses hardly change between 1.5 and 3."""
LEAST = 6
"""Five matches agree whatever they are."""
CONFIDENCE = 0.99999
ITERATIONS = 100_000


@dataclass(frozen=True, eq=False)
class Found:
    """x_b = rotation x_a + translation, up to the length of the translation, which is 1; and which matches agree.

    `translation` is None where the camera only turned, as far as the matches tell: its direction is then nobody's
    guess.
    """

    rotation: NDArray[np.float64]
    translation: NDArray[np.float64] | None
    inliers: NDArray[np.bool_]
    estimator: str

    def __post_init__(self) -> None:
        freeze(self)


class NotFound(NamedTuple):
    """Why there is no pose."""

    why: str


class Model(NamedTuple):
    """What an estimator gives: rotation, unit translation, inliers."""

    rotation: NDArray[np.float64]
    translation: NDArray[np.float64]
    inliers: NDArray[np.bool_]


class Matched(NamedTuple):
    """Pixels that answer each other (n, 2), and the pinhole cameras that saw them."""

    a: Points
    b: Points
    camera_a: Camera
    camera_b: Camera


def relative_pose(points_a: Points, points_b: Points, camera_a: Camera, camera_b: Camera, *,
                  estimator: Estimator = "auto", threshold: float = THRESHOLD) -> Found | NotFound:  # fmt: skip
    """The pose of B's camera as seen from A's; or why none could be had.

    `threshold` is in pixels. Lenses are undone first; a match where a lens shows no ray agrees with nothing.
    """
    chosen = settled(estimator)
    given = _seen(points_a, points_b, camera_a, camera_b)
    usable = np.isfinite(given.a).all(axis=1) & np.isfinite(given.b).all(axis=1)
    order, turned = _canonical(given, np.flatnonzero(usable))
    matched = Matched(given.a[order], given.b[order], given.camera_a, given.camera_b)
    problem = _degenerate(matched)
    if problem:
        return NotFound(problem)
    ways = {"poselib": _poselib, "opencv": _opencv, "opencv-ransac": _opencv_ransac}
    model = ways[chosen](_exchanged(matched) if turned else matched, threshold)
    if model is None or model.inliers.sum() < LEAST:
        return NotFound(f"no pose explains more than {LEAST - 1} of {len(order)} matches")
    if turned:
        model = Model(model.rotation.T, -model.rotation.T @ model.translation, model.inliers)
    inliers = np.zeros(len(points_a), dtype=bool)
    inliers[order] = model.inliers
    rays = [rays_of(each[model.inliers], camera) for each, camera in zip(matched[:2], matched[2:], strict=True)]
    wrong = (len(order) - len(rays[0])) * _band(matched, threshold)
    moved = shifts(rays[0], rays[1], model.rotation, model.translation, wrong=wrong)
    return Found(model.rotation, model.translation if moved else None, inliers, chosen)


def settled(estimator: Estimator) -> Settled:
    """Which estimator that is on this machine; that PoseLib is missing is told."""
    if estimator != "auto" and estimator != "poselib":
        return estimator
    if find_spec("poselib"):
        return "poselib"
    if estimator == "poselib":
        raise UsageError("estimator poselib needs PoseLib; install it with: pip install 'dinosar[pose]'")
    note("poses by OpenCV's USAC_ACCURATE; PoseLib's are better: pip install 'dinosar[pose]'")
    return "opencv"


def _seen(points_a: Points, points_b: Points, camera_a: Camera, camera_b: Camera) -> Matched:
    """The matches without their lenses."""
    if len(points_a) != len(points_b):
        raise ValueError(f"{len(points_a)} places cannot answer {len(points_b)}")
    (a, first), (b, second) = without_lens(points_a, camera_a), without_lens(points_b, camera_b)
    return Matched(a.reshape(-1, 2), b.reshape(-1, 2), first, second)


def _exchanged(matched: Matched) -> Matched:
    return Matched(matched.b, matched.a, matched.camera_b, matched.camera_a)


def _canonical(matched: Matched, which: NDArray[np.int64]) -> tuple[NDArray[np.int64], bool]:
    """An order of some of the matches that they have of themselves, and whether B comes first in it."""
    ways = []
    for first, second in ((matched.a, matched.b), (matched.b, matched.a)):
        rows = np.hstack([first, second])[which] + 0.0  # makes 0.0 of -0.0, which bytes tell apart
        order = np.lexsort(rows.T[::-1])
        ways.append((rows[order].tobytes(), which[order]))
    turned = ways[1][0] < ways[0][0]
    return ways[int(turned)][1], turned


def _degenerate(matched: Matched) -> str:
    """Why these matches fix no pose; empty where they may."""
    distinct = len(np.unique(np.hstack(matched[:2]), axis=0))
    if distinct < LEAST:
        return f"{distinct} different matches, and any five agree with some pose"
    for name, points in zip("AB", matched[:2], strict=True):
        centred = points - points.mean(axis=0)
        across = np.linalg.svd(centred, full_matrices=False)[2][1]
        if np.abs(centred @ across).max() < 1.0:
            return f"all matches lie on one line, or at one place, in {name}"
    return ""


def _band(matched: Matched, threshold: float) -> float:
    """Share of a picture that lies within the threshold of a line across it."""
    sides = [(camera.width, camera.height) for camera in matched[2:]]
    return float(min(1.0, max(2 * threshold * np.hypot(*side) / (side[0] * side[1]) for side in sides)))


def _poselib(matched: Matched, threshold: float) -> Model | None:
    """PoseLib's LO-RANSAC with refinement; it draws from a generator of its own that starts anew at every call."""
    import poselib

    options = {"max_epipolar_error": threshold, "success_prob": CONFIDENCE, "max_iterations": ITERATIONS, "seed": 0}
    pose, told = poselib.estimate_relative_pose(
        matched.a, matched.b, matched.camera_a.as_dict(), matched.camera_b.as_dict(), options, {}
    )
    return _sound(np.asarray(pose.R), np.asarray(pose.t), np.asarray(told["inliers"], dtype=bool))


def _opencv(matched: Matched, threshold: float) -> Model | None:
    import cv2

    return _by_opencv(matched, threshold, int(cv2.USAC_ACCURATE))


def _opencv_ransac(matched: Matched, threshold: float) -> Model | None:
    import cv2

    return _by_opencv(matched, threshold, int(cv2.RANSAC))


def _by_opencv(matched: Matched, threshold: float, method: int) -> Model | None:
    """OpenCV's essential matrix on rays, and of its poses the one that most matches lie before.

    It draws from a generator of its own that starts anew at every call.
    """
    import cv2

    a, b = rays_of(matched.a, matched.camera_a), rays_of(matched.b, matched.camera_b)
    focal = np.mean([camera.matrix[[0, 1], [0, 1]] for camera in matched[2:]])
    try:
        stack, mask = cv2.findEssentialMat(a, b, np.eye(3), method, CONFIDENCE, threshold / focal)
    except cv2.error:  # some degenerate places it refuses instead of finding nothing
        return None
    if stack is None or mask is None or not len(stack):
        return None
    best: tuple[int, Model | None] = (0, None)
    held = mask.ravel() > 0
    for start in range(0, len(stack) - 2, 3):
        one = stack[start : start + 3]
        # OpenCV counts far points as before both cameras only if it is told how far is far.
        before, rotation, translation = cv2.recoverPose(
            one, a, b, cameraMatrix=np.eye(3), distanceThresh=1e9, mask=mask.copy()
        )[:3]
        if before > best[0]:
            best = int(before), _sound(rotation, translation.ravel(), held)
    return best[1]


def _sound(rotation: NDArray[np.float64], translation: NDArray[np.float64],
           inliers: NDArray[np.bool_]) -> Model | None:  # fmt: skip
    """A model whose numbers are numbers, with a translation of length 1."""
    length = float(np.linalg.norm(translation))
    if not np.isfinite(rotation).all() or not np.isfinite(length) or length == 0:
        return None
    return Model(np.asarray(rotation, dtype=np.float64), np.asarray(translation / length, dtype=np.float64), inliers)
