"""How a specimen may lie: its photo turned, or mirrored, and cut to the specimen again."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dinosar.alignment import warped
from dinosar.data import Photo
from dinosar.shape.fits import turning

Matrix = NDArray[np.float64]
STEP = 15.0
"""Degrees between the poses that are tried: a descriptor stands a turn of half of it."""


class Pose(NamedTuple):
    """Degrees that a photo is turned clockwise on the screen, after it was mirrored left to right or not."""

    degrees: float = 0.0
    mirrored: bool = False


class Turned(NamedTuple):
    """A photo in a pose, its mask, and the matrix (3, 3) from the pixels of the first photo to those of this one."""

    photo: Photo
    mask: NDArray[np.bool_]
    matrix: Matrix


def poses(turn: float, mirror: bool) -> tuple[Pose, ...]:
    """The poses to try, the one as it lies first: turns up to `turn` degrees either way, and their mirror images."""
    steps = int(np.ceil(turn / STEP)) if turn > 0 else 0
    angles = [0.0, *(sign * turn * i / steps for i in range(1, steps + 1) for sign in (1.0, -1.0))]
    if turn >= 180:
        angles.remove(-turn)  # the same as +180
    return tuple(Pose(angle, mirrored) for mirrored in ((False, True) if mirror else (False,)) for angle in angles)


def turned(photo: Photo, mask: NDArray[np.bool_], pose: Pose, margin: float) -> Turned:
    """The photo in a pose, cut to the specimen with `margin` of its longer side around it.

    Only the cut is made, at the photo's own scale; where it reaches beyond the photo the border is repeated.
    """
    linear = _linear(pose)
    low, high = _extent(_outline(mask) @ linear.T)
    pad = margin * float((high - low).max())
    if pose == Pose():  # as it lies: nothing beyond the photo, and no pixel between pixels
        low, high = np.maximum(np.floor(low - pad), 0), np.minimum(np.ceil(high + pad), photo.size)
    else:
        low, high = np.floor(low - pad), np.ceil(high + pad)
    matrix = np.eye(3)
    matrix[:2, :2], matrix[:2, 2] = linear, -low
    width, height = (int(n) for n in high - low)
    pixels = warped(photo.pixels, matrix, (width, height), smooth=True)
    there = warped(mask.astype(np.uint8), matrix, (width, height), 0) > 0
    return Turned(Photo(pixels, photo.name, photo.path, photo.sha256), there, matrix)


def _linear(pose: Pose) -> Matrix:
    return turning(pose.degrees)[:2, :2] @ np.diag([-1.0 if pose.mirrored else 1.0, 1.0])


def _outline(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Corners of the first and last pixel of the mask in every row: however it is turned, one of them is outermost."""
    rows = np.flatnonzero(mask.any(axis=1))
    left = mask[rows].argmax(axis=1)
    right = mask.shape[1] - mask[rows][:, ::-1].argmax(axis=1)
    ends = [np.stack([x, y], axis=1) for x in (left, right) for y in (rows, rows + 1)]
    return np.concatenate(ends).astype(np.float64)


def _extent(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return points.min(axis=0), points.max(axis=0)
