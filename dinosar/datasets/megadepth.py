"""MegaDepth: scenes of photographs from the web with intrinsics, poses, depths, and how much each pair shares.

scene_info/<scene>.npz     image_paths, depth_paths, intrinsics, poses, overlap_matrix
<image paths and depth paths as they stand there>
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.cameras import Camera, Pose, pose_of
from dinosar.datasets.listed import Dataset, Listed
from dinosar.datasets.object_arrays import arrays_in
from dinosar.datasets.photo_files import check_folder, tell_missing, wrong_tree
from dinosar.datasets.upright import Header, header_of, settled
from dinosar.errors import InputError, shown
from dinosar.regular_files import called

SCENES = "scene_info"
NEEDED = ("image_paths", "depth_paths", "intrinsics", "poses")
OVERLAPS = "overlap_matrix"
DEPTH = ":/depth"


@dataclass(frozen=True, eq=False)
class Scene:
    """What one scene's file says of its photographs, row by row; a row without a photograph has no name."""

    file: Path
    names: list[str | None]
    arrays: dict[str, NDArray[Any]]

    def camera(self, row: int, header: Header | None) -> Camera | None:
        """The camera of a photograph, whose size only its file knows."""
        if header is None:
            return None
        return Camera.of_matrix(self._numbers("intrinsics", row, (3, 3)), header.width, header.height)

    def pose(self, row: int) -> Pose:
        """From the world to the camera."""
        pose = self._numbers("poses", row, (4, 4))
        return pose_of(pose[:3, :3], pose[:3, 3])

    def depth(self, row: int, root: Path) -> str | None:
        """Where its map of depths lies; None where it is not there."""
        path = self.arrays["depth_paths"][row]
        return f"{root / path}{DEPTH}" if isinstance(path, str) and (root / path).is_file() else None

    def _numbers(self, key: str, row: int, shape: tuple[int, int]) -> NDArray[np.float64]:
        found = np.asarray(self.arrays[key][row], dtype=np.float64)
        if found.shape != shape:
            raise InputError(f"{key} are of shape {found.shape}, not {shape}")
        return found


class MegaDepth(Dataset):
    """All scenes below `scene_info`, or the one scene whose file is named instead of the folder."""

    def photographs(self) -> list[Listed]:
        """The photographs that are there, by name; one that several scenes tell of is of the first."""
        found: dict[str, Listed] = {}
        for scene in self._scenes():
            for photo in self._of(scene):
                found.setdefault(photo.name, photo)
        return [found[name] for name in sorted(found)]

    def overlaps(self) -> dict[tuple[str, str], float]:
        """(a, b) -> the share of the points seen in a that b sees, too; pairs that share none are not told."""
        return {pair: share for scene in self._scenes() for pair, share in _shares(scene)}

    def table(self, names: Sequence[str]) -> NDArray[np.float64] | None:
        """The same as a table (n, n) of some photographs: 0 shares nothing, NaN nobody worked out. None without one."""
        places = {name: place for place, name in enumerate(names)}
        found = np.full((len(names), len(names)), np.nan)
        told = False
        for scene in self._scenes():
            matrix = _matrix(scene)
            rows = [row for row, name in enumerate(scene.names) if name in places]
            if matrix is not None and rows:
                part = matrix[np.ix_(rows, rows)].astype(np.float64)
                here = [places[str(scene.names[row])] for row in rows]
                found[np.ix_(here, here)] = np.where(part < 0, np.nan, np.minimum(part, 1.0))
                told = True
        np.fill_diagonal(found, 1.0)
        return found if told else None

    @property
    def folder(self) -> Path:
        """The folder to which the names of photographs are relative."""
        return self.root.parent.parent if self._one else self.root

    @property
    def _one(self) -> bool:
        return self.root.suffix == ".npz" and self.root.parent.name == SCENES

    def _scenes(self) -> Iterator[Scene]:
        if not self._one:
            check_folder(self.root)
        files = [self.root] if self._one else sorted((self.root / SCENES).glob("*.npz"))
        if not files:
            raise wrong_tree(self.root, "MegaDepth", f"{SCENES}/<scene>.npz")
        for file in files:
            yield _scene(file)

    def _of(self, scene: Scene) -> list[Listed]:
        """The photographs of one scene."""
        missing, found = [], []
        for row, name in enumerate(scene.names):
            if name is None:
                continue
            path = self.folder / name
            if not path.is_file():
                missing.append(name)
                continue
            found.append(self._listed(scene, row, name, path))
        tell_missing(missing, scene.file, len(found))
        return settled(found)

    def _listed(self, scene: Scene, row: int, name: str, path: Path) -> Listed:
        try:
            camera, pose = scene.camera(row, header_of(path)), scene.pose(row)
        except (InputError, TypeError, ValueError) as problem:
            raise InputError(
                f"{called(scene.file)} tells nothing usable of '{shown(name, 80)}' ({shown(problem, 120)}); take it "
                "from where it is published"
            ) from None
        return Listed(name, path, "both", scene.file.stem, camera, pose, scene.depth(row, self.folder))


def _scene(file: Path) -> Scene:
    arrays = arrays_in(file, (*NEEDED, OVERLAPS))
    lacking = [key for key in NEEDED if key not in arrays]
    if lacking:
        raise InputError(f"{called(file)} holds no {lacking[0]}; take it from where it is published")
    count = len(arrays["image_paths"])
    odd = [key for key, array in arrays.items() if array.ndim < 1 or len(array) != count]
    if odd:
        raise InputError(f"{called(file)} tells of {count} photographs, and its {odd[0]} of another number; take it "
                         "from where it is published")  # fmt: skip
    names = [str(path) if isinstance(path, str) and path else None for path in arrays["image_paths"]]
    return Scene(file, names, arrays)


def _matrix(scene: Scene) -> NDArray[Any] | None:
    """How much the photographs of a scene share; -1 stands there for what nobody worked out."""
    matrix = scene.arrays.get(OVERLAPS)
    count = len(scene.names)
    if matrix is not None and (matrix.shape != (count, count) or matrix.dtype.kind not in "fiu"):
        raise InputError(f"{called(scene.file)}: {OVERLAPS} is no table of {count} x {count} numbers")
    return matrix


def _shares(scene: Scene) -> Iterator[tuple[tuple[str, str], float]]:
    """Pairs of one scene that share something."""
    matrix = _matrix(scene)
    for row, column in np.argwhere(matrix > 0) if matrix is not None else ():
        first, second = scene.names[row], scene.names[column]
        if row != column and first is not None and second is not None:
            yield (first, second), float(min(matrix[row, column], 1.0))  # type: ignore[index]
