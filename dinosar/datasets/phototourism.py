"""PhotoTourism, as it was laid out for the RANSAC tutorial of 2020: scenes of photographs with intrinsics and poses.

    <scene>/images/<id>.jpg
    <scene>/K1_K2.h5           `a-b` -> the intrinsics of a and of b, (1, 2, 3, 3)
    <scene>/R.h5, <scene>/T.h5     id -> rotation (3, 3) and translation (3, 1)

R and T belong to single photographs and lead from the world to the camera, so that from a to b it is R_b R_a^T and
T_b - R_b R_a^T T_a. Only intrinsics are told by pairs.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.cameras import Camera, Pose, pose_of
from dinosar.datasets.hdf5_files import array_at, members_of, reading
from dinosar.datasets.listed import Dataset, Listed
from dinosar.datasets.photo_files import check_folder, name_of, photos_below, tell_missing, wrong_tree
from dinosar.datasets.upright import header_of, settled
from dinosar.errors import InputError, shown
from dinosar.notices import warn
from dinosar.regular_files import called

PHOTOS, PAIRS, ROTATIONS, TRANSLATIONS = "images", "K1_K2.h5", "R.h5", "T.h5"
Matrix = NDArray[np.float64]


class PhotoTourism(Dataset):
    """All scenes below the folder that have intrinsics; the others are left out."""

    def photographs(self) -> list[Listed]:
        """The photographs of all scenes, by name."""
        check_folder(self.root)
        scenes = [each for each in sorted(self.root.iterdir()) if (each / PHOTOS).is_dir()]
        told = [scene for scene in scenes if (scene / PAIRS).is_file()]
        if not told:
            raise wrong_tree(self.root, "PhotoTourism", f"<scene>/{PHOTOS}/ and <scene>/{PAIRS}")
        if len(told) < len(scenes):
            without = next(scene for scene in scenes if scene not in told)
            warn(f"{len(scenes) - len(told)} scenes have no {PAIRS}, and are left out (as {called(without)})")
        return sorted((each for scene in told for each in self._of(scene)), key=lambda photo: photo.name)

    def _of(self, scene: Path) -> list[Listed]:
        """The photographs of one scene; one without an entry in R.h5 has neither camera nor pose."""
        files = {path.stem: (name, path) for name, path in photos_below(scene / PHOTOS, self.root).items()}
        poses = _poses(scene)
        matrices = _intrinsics(scene / PAIRS, set(poses))
        tell_missing([each for each in poses if each not in files], scene / ROTATIONS, len(set(poses) & set(files)))
        label, listed = name_of(scene, self.root), []
        for known, (name, path) in files.items():
            camera = _camera(scene, name, path, matrices.get(known))
            listed.append(Listed(name, path, "both", label, camera, poses.get(known)))
        return settled(listed)


def _camera(scene: Path, name: str, path: Path, matrix: Matrix | None) -> Camera | None:
    header = header_of(path) if matrix is not None else None
    if matrix is None or header is None:
        return None
    try:
        return Camera.of_matrix(matrix, header.width, header.height)
    except InputError as problem:
        raise _unusable(scene / PAIRS, name, problem) from None


def _poses(scene: Path) -> dict[str, Pose]:
    """The pose of every photograph that R.h5 and T.h5 tell of."""
    found: dict[str, Pose] = {}
    with reading(scene / ROTATIONS) as rotations, reading(scene / TRANSLATIONS) as translations:
        for known in members_of(rotations):
            try:
                turn, move = array_at(rotations, known, (3, 3)), array_at(translations, known, (3, 1))
                found[known] = pose_of(turn, move)
            except InputError as problem:
                raise _unusable(scene / ROTATIONS, known, problem) from None
    return found


def _intrinsics(path: Path, known: set[str]) -> dict[str, Matrix]:
    """The intrinsics of the photographs that are known; pairs are read until each has its own."""
    found: dict[str, Matrix] = {}
    with reading(path) as file:
        for key in members_of(file):
            pair = _pair(key, known)
            if pair is None or all(each in found for each in pair):
                continue
            for each, matrix in zip(pair, _matrices(file, key), strict=True):
                found.setdefault(each, matrix)
    return found


def _matrices(file: Any, key: str) -> NDArray[np.float64]:
    return np.asarray(array_at(file, key, (1, 2, 3, 3))[0], dtype=np.float64)


def _pair(key: str, known: set[str]) -> tuple[str, str] | None:
    """The two photographs of a pair, whose own names may hold a dash, too."""
    words = key.split("-")
    splits = (("-".join(words[:i]), "-".join(words[i:])) for i in range(1, len(words)))
    return next((pair for pair in splits if known.issuperset(pair)), None)


def _unusable(path: Path, name: str, problem: InputError) -> InputError:
    return InputError(
        f"{called(path)} tells nothing usable of '{shown(name, 80)}' ({shown(problem, 160)}); take it from where it is "
        "published"
    )
