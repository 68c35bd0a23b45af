"""How a photograph was taken: its camera, in the words of COLMAP, and where it stood.

Pixels are measured along their edges, as everywhere here and in COLMAP: the centre of the first pixel is 0.5.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.errors import InputError, shown

FOCALS = {
    "SIMPLE_PINHOLE": 1, "PINHOLE": 2, "SIMPLE_RADIAL": 1, "RADIAL": 1, "OPENCV": 2, "FULL_OPENCV": 2,
    "SIMPLE_RADIAL_FISHEYE": 1, "RADIAL_FISHEYE": 1, "OPENCV_FISHEYE": 2,
}  # fmt: skip
"""Model -> how many focal lengths its parameters begin with; the principal point follows."""
PARAMETERS = {
    "SIMPLE_PINHOLE": 3, "PINHOLE": 4, "SIMPLE_RADIAL": 4, "RADIAL": 5, "OPENCV": 8, "FULL_OPENCV": 12,
    "SIMPLE_RADIAL_FISHEYE": 4, "RADIAL_FISHEYE": 5, "OPENCV_FISHEYE": 8,
}  # fmt: skip


@dataclass(frozen=True)
class Camera:
    """A model of COLMAP, the size of its pictures in px, and its parameters."""

    model: str
    width: int
    height: int
    params: tuple[float, ...]

    def __post_init__(self) -> None:
        wanted = PARAMETERS.get(self.model)
        if wanted is None:
            raise InputError(f"camera model '{shown(self.model)}' is none of {', '.join(PARAMETERS)}")
        if len(self.params) != wanted:
            raise InputError(f"a {self.model} camera has {wanted} parameters, and {len(self.params)} are given")
        sound = np.isfinite(self.params).all() and min(self.params[: FOCALS[self.model]]) > 0
        if not sound or min(self.width, self.height) < 1:
            raise InputError(
                f"a {self.model} camera needs a picture of at least 1 x 1 px, focal lengths above 0 and finite "
                f"numbers, and has {self.width} x {self.height} px and {', '.join(f'{each:g}' for each in self.params)}"
            )

    @property
    def matrix(self) -> NDArray[np.float64]:
        """K (3, 3), which takes rays to pixels where nothing is distorted."""
        focals = FOCALS[self.model]
        fx, fy, (cx, cy) = self.params[0], self.params[focals - 1], self.params[focals : focals + 2]
        return np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1]], dtype=np.float64)

    @property
    def distorted(self) -> bool:
        """Whether straight lines may come out bent."""
        return any(self.params[FOCALS[self.model] + 2 :]) or self.model.endswith("FISHEYE")

    def resized(self, width: int, height: int) -> "Camera":
        """The same camera, where its picture is stored in another size."""
        x, y = width / self.width, height / self.height
        count = FOCALS[self.model]
        if count == 1 and abs(x - y) > 0.01 * x:
            plain = Camera("PINHOLE", self.width, self.height, (self.params[0], *self.params[:3]))
            if self.distorted:
                raise InputError(f"a {self.model} camera has one focal length, and cannot be stretched unevenly")
            return plain.resized(width, height)
        scales = ((x, y) if count == 2 else (x,)) + (x, y)
        moved = tuple(value * scale for value, scale in zip(self.params, scales, strict=False))
        return replace(self, width=width, height=height, params=moved + self.params[count + 2 :])

    def as_dict(self) -> dict[str, Any]:
        """Plain data, as COLMAP's and PoseLib's Python interfaces take it."""
        return {"model": self.model, "width": self.width, "height": self.height, "params": list(self.params)}

    @classmethod
    def of_matrix(cls, matrix: NDArray[np.floating], width: int, height: int) -> "Camera":
        """A pinhole camera by its K (3, 3)."""
        k = np.asarray(matrix, dtype=np.float64)
        if k.shape != (3, 3) or not np.isfinite(k).all() or abs(k[0, 1]) > 1e-6 * abs(k[0, 0]):
            raise InputError("intrinsics must be a matrix (3, 3) of finite numbers without skew")
        return cls("PINHOLE", width, height, (float(k[0, 0]), float(k[1, 1]), float(k[0, 2]), float(k[1, 2])))


Pose = NDArray[np.float64]
"""(4, 4), from the world to the camera: x_camera = R x_world + t."""


def pose_of(rotation: NDArray[np.floating], translation: NDArray[np.floating]) -> Pose:
    """A pose from its rotation (3, 3) and translation (3,); what is no rotation is refused."""
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = rotation, np.asarray(translation, dtype=np.float64).ravel()
    turned = pose[:3, :3] @ pose[:3, :3].T
    if not np.isfinite(pose).all() or np.abs(turned - np.eye(3)).max() > 1e-3 or np.linalg.det(pose[:3, :3]) < 0:
        raise InputError("a pose is a rotation and a translation; these numbers are none")
    return pose


def pose_of_quaternion(wxyz: NDArray[np.floating], translation: NDArray[np.floating]) -> Pose:
    """A pose from a quaternion (w, x, y, z), as COLMAP and hloc write it."""
    q = np.asarray(wxyz, dtype=np.float64)
    length = float(np.linalg.norm(q))
    if not np.isfinite(length) or abs(length - 1) > 1e-2:
        raise InputError(f"a pose begins with a quaternion of length 1 (qw qx qy qz), and this one has {length:.4g}")
    w, x, y, z = q / length
    rotation = np.array([
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ])  # fmt: skip
    return pose_of(rotation, translation)


def quaternion_of(rotation: NDArray[np.floating]) -> NDArray[np.float64]:
    """The quaternion (w, x, y, z) of a rotation (3, 3), with w >= 0."""
    r = np.asarray(rotation, dtype=np.float64)
    # The eigenvector of Bar-Itzhack's matrix: sound at every angle, half turns included.
    k = np.array([
        [r[0, 0] - r[1, 1] - r[2, 2], 0, 0, 0],
        [r[1, 0] + r[0, 1], r[1, 1] - r[0, 0] - r[2, 2], 0, 0],
        [r[2, 0] + r[0, 2], r[2, 1] + r[1, 2], r[2, 2] - r[0, 0] - r[1, 1], 0],
        [r[2, 1] - r[1, 2], r[0, 2] - r[2, 0], r[1, 0] - r[0, 1], r.trace()],
    ]) / 3.0  # fmt: skip
    x, y, z, w = np.linalg.eigh(k)[1][:, -1]  # eigh reads the lower triangle
    found = np.array([w, x, y, z])
    return found if w >= 0 else -found
