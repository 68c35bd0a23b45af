"""How far a relative pose is from the true one, in degrees."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dinosar.cameras import Pose

Vector = NDArray[np.float64]
STILL = 1e-6
"""A true translation no longer than this has no direction; it is in the units of the collection, mostly metres."""


@dataclass(frozen=True)
class PoseError:
    """Degrees by which rotation and direction of the translation are off, and the larger of the two.

    `rotation` is infinite where no pose was found, `translation` also where none has a direction. `translation` and
    `pose` are None where the truth itself has no direction: both photographs were taken at one place.
    """

    rotation: float
    translation: float | None
    pose: float | None


def between(pose_a: Pose, pose_b: Pose) -> Pose:
    """What takes places as A's camera sees them to places as B's sees them."""
    rotation = pose_b[:3, :3] @ pose_a[:3, :3].T
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = rotation, pose_b[:3, 3] - rotation @ pose_a[:3, 3]
    return pose


def pose_error(rotation: NDArray[np.float64] | None, translation: Vector | None, truth: Pose) -> PoseError:
    """Errors of a pose against `between` of the true ones; None stands for what was not found."""
    turned = np.inf if rotation is None else rotation_angle(rotation, truth[:3, :3])
    if np.linalg.norm(truth[:3, 3]) <= STILL:
        return PoseError(turned, None, None)
    moved = np.inf if translation is None else direction_angle(translation, truth[:3, 3])
    return PoseError(turned, moved, max(turned, moved))


def rotation_angle(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Degrees, 0 to 180, of the rotation between two; as exact near 0 and near 180 as in between."""
    both = one.T @ other
    axis = np.array([both[2, 1] - both[1, 2], both[0, 2] - both[2, 0], both[1, 0] - both[0, 1]])
    return float(np.degrees(np.arctan2(np.linalg.norm(axis), both.trace() - 1)))


def direction_angle(one: Vector, other: Vector) -> float:
    """Degrees, 0 to 90, between the lines along two vectors: which way along them an essential matrix cannot tell."""
    angle = np.degrees(np.arctan2(np.linalg.norm(np.cross(one, other)), one @ other))
    return float(min(angle, 180 - angle))
