"""Where pixels land between two photographs whose cameras, poses and depths are known.

Maps of depths are looked up at the nearest pixel. What is hidden behind something can be told by the depth that the
other photograph knows at the place, or by going back from there and seeing whether one returns.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dinosar.cameras import Camera, Pose
from dinosar.data import Photo
from dinosar.datasets.depth_maps import depth_of
from dinosar.datasets.listed import Listed
from dinosar.errors import InputError, shown
from dinosar.images import LoadOptions, load_photo
from dinosar.training.inspection import Files
from dinosar.training.labels import Landing

NEAREST = 1e-4
"""Depth in front of the other camera below which nothing is seen, in the unit of the poses."""
KEPT = 1024
"""Maps of depths that are kept in memory, as small as they are looked up."""


@dataclass(frozen=True)
class DepthChecks:
    """How it is told what is hidden; without either, every pixel that lands in the other photograph counts as seen.

    `tolerance`: the depth that the other knows there may differ by this share. `cycle`: going back from there may miss
    by so many of the pixels that the network sees.
    """

    tolerance: float | None = None
    cycle: float | None = None


@dataclass(frozen=True, eq=False)
class Taken:
    """A photograph's camera, pose and depths (height, width), which may be of another size than the photograph."""

    camera: Camera
    pose: Pose
    depth: NDArray[np.float32]

    def depths(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """The depth at the pixel nearest to each point (n, 2) of the photograph; 0 where it is not known."""
        height, width = self.depth.shape
        scaled = points * [width / self.camera.width, height / self.camera.height]
        with np.errstate(invalid="ignore"):
            inside = ((scaled >= 0) & (scaled < [width, height])).all(axis=1)
        column, row = np.floor(scaled[inside]).astype(np.int64).T
        found = np.zeros(len(points))
        found[inside] = self.depth[row, column]
        return found


def depth_landing(a: Taken, b: Taken, checks: DepthChecks | None = None) -> Landing:
    """The landing of a's pixels in b."""
    checks = checks or DepthChecks()
    long = max(b.depth.shape) / max(b.camera.width, b.camera.height)

    def land(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        places, ahead = projected(points, a.depths(points), a, b)
        seen = ahead > NEAREST
        if checks.tolerance is not None or checks.cycle is not None:
            there = b.depths(places)
            seen &= there > 0
            if checks.tolerance is not None:
                seen &= np.abs(there - ahead) <= checks.tolerance * ahead
            if checks.cycle is not None:
                back, _ = projected(places, there, b, a)
                seen &= np.hypot(*(back - points).T) * long <= checks.cycle
        return places, seen

    return land


def projected(points: NDArray[np.float64], depths: NDArray[np.float64], a: Taken,
              b: Taken) -> tuple[NDArray[np.float64], NDArray[np.float64]]:  # fmt: skip
    """Points (n, 2) of a at given depths, as pixels of b and depths before it; depth 0 where one is not known."""
    known = depths > 0
    rays = np.concatenate([points, np.ones((len(points), 1))], axis=1) @ np.linalg.inv(a.camera.matrix).T
    to_b = b.pose @ np.linalg.inv(a.pose)
    solid = rays * depths[:, None] @ to_b[:3, :3].T + to_b[:3, 3]
    ahead = np.where(known, solid[:, 2], 0.0)
    flat = solid @ b.camera.matrix.T
    return flat[:, :2] / np.where(ahead > NEAREST, flat[:, 2], 1.0)[:, None], ahead


class Depths:
    """Photographs of a collection whose pixels can be told from each other's. Each is known by its name.

    `side` is the longer side of the maps of depths that are worked with: no more than the network sees is needed.
    """

    def __init__(self, listed: Mapping[str, Listed], checks: DepthChecks, side: int, options: LoadOptions) -> None:
        self.listed, self.checks, self.side, self.options = listed, checks, side, options
        self._taken = lru_cache(maxsize=KEPT)(self._look_up)

    def photo(self, name: str) -> Photo:
        """A photograph."""
        photo = load_photo(self.listed[name].path, self.options)
        camera = self.listed[name].camera
        if camera is not None and (camera.width, camera.height) != photo.size:
            raise InputError(
                f"'{shown(name)}' is {photo.size[0]} x {photo.size[1]} px, and its camera takes {camera.width} x "
                f"{camera.height}; give intrinsics of the photograph as it is"
            )
        return replace(photo, name=name)

    def files(self, name: str) -> Files:
        """The files of a photograph and of its depths."""
        paths = {name: self.listed[name].path}
        depth = self.listed[name].depth
        if depth is not None:
            paths[f"{name} (depth)"] = Path(depth.rpartition(":/")[0])
        return Files(paths, lambda: self._read(name))

    def _read(self, name: str) -> Photo:
        """A photograph, when its depths can be read as well."""
        depth = self.listed[name].depth
        if depth is not None:
            depth_of(depth)
        return self.photo(name)

    def landing(self, a: str, b: str) -> Landing:
        """The landing of one photograph's pixels in another."""
        return depth_landing(self._taken(a), self._taken(b), self.checks)

    def _look_up(self, name: str) -> Taken:
        each = self.listed[name]
        missing = [what for what in ("camera", "pose", "depth") if getattr(each, what) is None]
        if each.camera is None or each.pose is None or each.depth is None:
            raise InputError(f"'{shown(name)}' has no {' and no '.join(missing)}; labels from depth need all three")
        if each.camera.distorted:
            raise InputError(
                f"'{shown(name)}' was taken by a {each.camera.model} camera; undistort the photographs first"
            )
        return Taken(each.camera, each.pose, shrunk(depth_of(each.depth), self.side))


def shrunk(depth: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """A map of depths with a longer side of at most `side`, each value that of the nearest pixel: depths never mix."""
    height, width = depth.shape
    scale = side / max(height, width)
    if scale >= 1:
        return depth
    rows, columns = (
        np.minimum(((np.arange(new) + 0.5) * old / new).astype(np.int64), old - 1)
        for old, new in ((height, max(1, round(height * scale))), (width, max(1, round(width * scale))))
    )
    return np.ascontiguousarray(depth[np.ix_(rows, columns)])


def usable(listed: Listed) -> bool:
    """Whether a photograph can be learned from: camera, pose and depth are known."""
    return listed.camera is not None and listed.pose is not None and listed.depth is not None
