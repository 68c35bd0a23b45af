"""Cameras and poses as fit the photograph that is looked at: upright, and of the size in which it is stored.

Intrinsics tell of the pixels as they lie in the file. A photograph that its EXIF data turns is looked at turned, and so
its camera and its pose are turned, too.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from dinosar.cameras import FOCALS, Camera, Pose
from dinosar.datasets.listed import Listed
from dinosar.errors import DinosarError, shown
from dinosar.images.files import Refused, check_picture
from dinosar.images.formats import recognised
from dinosar.images.pillow import faults, opened, orientation_of
from dinosar.notices import note, warn
from dinosar.regular_files import HEAD, read_regular_file

QUARTERS = {1: 0, 6: 1, 3: 2, 8: 3}
"""EXIF orientation -> how many quarter turns, clockwise, bring the picture upright; the others mirror it."""
SAME_SHAPE = 0.01
"""Sides of a picture that was stored smaller may be this much off, for they are whole numbers of pixels."""
_CLOCKWISE = np.array([[0, -1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], dtype=np.float64)
_TANGENTIAL = {"OPENCV": (6, 7), "FULL_OPENCV": (6, 7)}


@dataclass(frozen=True)
class Header:
    """Width and height of a picture as it lies in its file, and its EXIF orientation."""

    width: int
    height: int
    orientation: int = 1

    @property
    def upright(self) -> tuple[int, int]:
        """Width and height of the picture that is looked at."""
        return (self.height, self.width) if self.orientation >= 5 else (self.width, self.height)


def header_of(path: Path) -> Header | None:
    """What a picture says of its size; None where it cannot be read, which whoever loads it will tell."""
    try:
        data = read_regular_file(path, check_picture, recognised)
        image = opened(recognised(data[:HEAD]), data, float("inf"))
        return Header(*image.size, orientation_of(image)[0])
    except (DinosarError, Refused):
        return None
    except faults():
        return None


def settled(photographs: list[Listed]) -> list[Listed]:
    """The photographs with cameras and poses as fit what is looked at; what fits in no way is left out, and told."""
    told: dict[str, list[str]] = {}
    found = [_settled(each, told) for each in photographs]
    for words, names in told.items():
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        tell = note if words in (_TURNED, _SMALLER) else warn
        tell(f"'{shown(names[0], 80)}'{more}: {words}")
    return found


_MIRRORED = "the EXIF data mirrors the photograph, which no camera does; its intrinsics, pose and depth are left out"
_FOREIGN = "the photograph has another shape than its camera says; its intrinsics and depth are left out"
_TURNED = "the EXIF data turns the photograph; its intrinsics and pose are turned with it"
_SMALLER = "the photograph is stored in another size than its camera says; the intrinsics are taken in proportion"
_NO_DEPTH = "the EXIF data turns the photograph, and not its map of depths, which is left out"


def _settled(photo: Listed, told: dict[str, list[str]]) -> Listed:
    header = None if photo.camera is None and photo.pose is None else header_of(photo.path)
    if header is None:
        return photo
    if header.orientation not in QUARTERS:
        told.setdefault(_MIRRORED, []).append(photo.name)
        return replace(photo, camera=None, pose=None, depth=None)
    quarters, camera, depth = QUARTERS[header.orientation], photo.camera, photo.depth
    if quarters:
        told.setdefault(_TURNED, []).append(photo.name)
        if depth is not None:
            told.setdefault(_NO_DEPTH, []).append(photo.name)
            depth = None
    if camera is not None and not same_shape(camera, header):
        told.setdefault(_FOREIGN, []).append(photo.name)
        camera = depth = None
    elif camera is not None and (camera.width, camera.height) != (header.width, header.height):
        told.setdefault(_SMALLER, []).append(photo.name)
        camera = camera.resized(header.width, header.height)
    return replace(photo, camera=turned_camera(camera, quarters), pose=turned_pose(photo.pose, quarters), depth=depth)


def same_shape(camera: Camera, header: Header) -> bool:
    """Whether a picture can be one of the camera's, stored in any size."""
    ratio = (header.width / camera.width) / (header.height / camera.height)
    return abs(ratio - 1) <= SAME_SHAPE


def turned_camera(camera: Camera | None, quarters: int) -> Camera | None:
    """The camera of the same picture, turned clockwise by quarters."""
    for _ in range(quarters if camera is not None else 0):
        assert camera is not None
        camera = _quarter(camera)
    return camera


def turned_pose(pose: Pose | None, quarters: int) -> Pose | None:
    """The pose of the same picture, turned clockwise by quarters."""
    return None if pose is None else np.linalg.matrix_power(_CLOCKWISE, quarters) @ pose


def _quarter(camera: Camera) -> Camera:
    """A pixel (x, y) comes to lie at (height - y, x)."""
    count = FOCALS[camera.model]
    params = list(camera.params)
    params[:count] = params[:count][::-1]
    x, y = params[count : count + 2]
    params[count : count + 2] = [camera.height - y, x]
    if camera.model in _TANGENTIAL:
        # (p2, p1) is the direction into which the lens is tilted, and turns like every direction.
        first, second = _TANGENTIAL[camera.model]
        params[first], params[second] = params[second], -params[first]
    return Camera(camera.model, camera.height, camera.width, tuple(params))
