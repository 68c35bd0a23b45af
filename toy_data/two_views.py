"""Draw problems of two views without pictures: points in space, seen by two cameras, some of them mistaken.

from toy_data.two_views import Sort, two_views
problem = two_views(7, Sort(points=200, outliers=0.6))
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

# The parts of this folder are imported as its package, whoever loads this file from its path.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dinosar.cameras import Camera, Pose, pose_of
from toy_data.planes import looking

_PROBLEM = 91  # key of the draw
CAMERA = Camera("PINHOLE", 640, 480, (500.0, 500.0, 320.0, 240.0))


@dataclass(frozen=True)
class Sort:
    """How many points, which share of them is mistaken, pixels of noise, and how far apart the cameras are.

    `apart` is the distance of the cameras in shares of that to the points; 0 turns the second where it stands.
    """

    points: int = 200
    outliers: float = 0.0
    noise: float = 0.7
    apart: float | None = None


@dataclass(frozen=True, eq=False)
class Problem:
    """Pixels that answer each other (n, 2), which of them truly do (n,), and what takes A's view of space to B's."""

    a: np.ndarray
    b: np.ndarray
    right: np.ndarray
    camera: Camera
    truth: Pose


def two_views(seed: int, sort: Sort, camera: Camera = CAMERA) -> Problem:
    """The problem of that seed: the same one whenever it is asked for."""
    rng = np.random.default_rng([_PROBLEM, seed, sort.points])
    away = rng.uniform(4, 8)
    step = rng.normal(size=3)
    step *= away * (rng.uniform(0.1, 0.6) if sort.apart is None else sort.apart) / np.linalg.norm(step)
    first = np.eye(4)
    target = np.array([*rng.uniform(-0.8, 0.8, 2), away])
    second = looking(step, target, float(np.deg2rad(rng.uniform(-25, 25))))
    points = np.empty((0, 3))
    while len(points) < sort.points:
        more = target + rng.uniform(-1, 1, (4 * sort.points, 3)) * [3, 2.4, 2]
        seen = [_projected(more, camera, pose) for pose in (first, second)]
        ok = np.all([_inside(pixels, camera) & (far > 0.5) for pixels, far in seen], axis=0)
        points = np.concatenate([points, more[ok]])[: sort.points]
    a, b = (
        _projected(points, camera, pose)[0] + rng.normal(0, sort.noise, (len(points), 2)) for pose in (first, second)
    )
    wrong = rng.permutation(len(points)) < round(sort.outliers * len(points))
    b[wrong] = rng.uniform([0, 0], [camera.width, camera.height], (int(wrong.sum()), 2))
    return Problem(a, b, ~wrong, camera, pose_of(second[:3, :3], second[:3, 3]))


def _projected(points: np.ndarray, camera: Camera, pose: Pose) -> tuple[np.ndarray, np.ndarray]:
    inside = points @ pose[:3, :3].T + pose[:3, 3]
    pixels = inside @ camera.matrix.T
    with np.errstate(divide="ignore", invalid="ignore"):
        return pixels[:, :2] / pixels[:, 2:], inside[:, 2]


def _inside(pixels: np.ndarray, camera: Camera) -> np.ndarray:
    return (pixels > 0).all(axis=1) & (pixels < [camera.width, camera.height]).all(axis=1)
