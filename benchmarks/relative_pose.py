"""Relative poses of two views by several estimators, on problems whose answer is known (toy_data/two_views.py).

    python benchmarks/relative_pose.py
    python benchmarks/relative_pose.py --problems 60 --thresholds 1.5

AUC at 5, 10 and 20 degrees, and milliseconds of a processor for each pose. A camera of 640 x 480 px with a focal length
of 500 px, noise of 0.7 px. `dinosar` are the poses that `retrieve verify` finds: PoseLib's, or OpenCV's without it,
and a direction only where the matches show parallax. Every threshold is told: none is chosen on the problems.
"""

import argparse
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dinosar.evaluation.pose_auc import pose_auc
from dinosar.verification.pose_errors import pose_error
from dinosar.verification.relative_pose import Estimator, Found, relative_pose
from toy_data.two_views import Problem, Sort, two_views

SORTS = {
    "200 points, 60 % wrong": Sort(200, 0.6), "200 points, 30 % wrong": Sort(200, 0.3),
    "60 points, 50 % wrong": Sort(60, 0.5),
}  # fmt: skip
THRESHOLDS = (0.5, 1.5, 3.0)
FIRST = 1000
"""The first seed: those below are for tests, and for whoever tunes something."""
Pose = tuple[np.ndarray, np.ndarray | None] | None
Way = Callable[[Problem, float], Pose]


def dinosars(estimator: Estimator) -> Way:
    """The package's own poses."""

    def found(problem: Problem, threshold: float) -> Pose:
        pose = relative_pose(
            problem.a, problem.b, problem.camera, problem.camera, estimator=estimator, threshold=threshold
        )
        return (pose.rotation, pose.translation) if isinstance(pose, Found) else None

    return found


def bare_opencv(method: int) -> Way:
    """OpenCV's essential matrix, as it is commonly asked for."""

    def found(problem: Problem, threshold: float) -> Pose:
        matrix = problem.camera.matrix
        a, b = ((each - matrix[:2, 2]) / matrix[[0, 1], [0, 1]] for each in (problem.a, problem.b))
        stack, mask = cv2.findEssentialMat(a, b, np.eye(3), method, 0.99999, threshold / matrix[0, 0])
        if stack is None or stack.shape[0] < 3:
            return None
        ways = [
            cv2.recoverPose(stack[i : i + 3], a, b, cameraMatrix=np.eye(3), distanceThresh=1e9, mask=mask.copy())[:3]
            for i in range(0, len(stack) - 2, 3)
        ]
        _, rotation, translation = max(ways, key=lambda way: way[0])
        return rotation, translation.ravel()

    return found


def by_pycolmap(problem: Problem, threshold: float) -> Pose:
    """COLMAP's essential matrix."""
    import pycolmap

    camera = pycolmap.Camera(**problem.camera.as_dict())
    options = pycolmap.RANSACOptions()
    options.max_error, options.random_seed = threshold, 0
    found = pycolmap.estimate_essential_matrix(problem.a, problem.b, camera, camera, options)
    if found is None:
        return None
    moved = np.asarray(found["cam2_from_cam1"].matrix())
    return moved[:, :3], moved[:, 3]


def ways() -> dict[str, Way]:
    """The estimators that are here."""
    found: dict[str, Way] = {}
    if find_spec("poselib"):
        found["dinosar, PoseLib"] = dinosars("poselib")
    found["dinosar, OpenCV"] = dinosars("opencv")
    if find_spec("pycolmap"):
        found["pycolmap"] = by_pycolmap
    found["OpenCV USAC_ACCURATE"] = bare_opencv(cv2.USAC_ACCURATE)
    found["OpenCV USAC_MAGSAC"] = bare_opencv(cv2.USAC_MAGSAC)
    found["OpenCV RANSAC"] = bare_opencv(cv2.RANSAC)
    return found


def row(name: str, way: Way, problems: list[Problem], threshold: float) -> str:
    """A line of the table."""
    errors = []
    start = time.process_time()
    for problem in problems:
        pose = way(problem, threshold)
        error = pose_error(*(pose or (None, None)), problem.truth)
        errors.append(np.inf if error.pose is None else error.pose)
    each = 1000 * (time.process_time() - start) / len(problems)
    areas = pose_auc(errors) or []
    return f"| {name} | {threshold:g} | {' | '.join(f'{area:.3f}' for area in areas)} | {each:.0f} |\n"


def main() -> None:
    """Print a table for each sort of problem."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--problems", type=int, default=60, help="of each sort (default: 60)")
    parser.add_argument("--thresholds", type=float, nargs="+", default=list(THRESHOLDS), help="px (default: 0.5 1.5 3)")
    given = parser.parse_args()
    for title, sort in SORTS.items():
        problems = [two_views(FIRST + seed, sort) for seed in range(given.problems)]
        sys.stdout.write(f"\n{title}\n\n| estimator | px | AUC@5 | AUC@10 | AUC@20 | ms |\n|{'---|' * 6}\n")
        for name, way in ways().items():
            for threshold in given.thresholds:
                sys.stdout.write(row(name, way, problems, threshold))
                sys.stdout.flush()


if __name__ == "__main__":
    main()
