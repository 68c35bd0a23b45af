"""Models of COLMAP, text or binary: the photographs in one, with their cameras and poses."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from typing import Any

import numpy as np

from dinosar.cameras import PARAMETERS, Camera, Pose, pose_of
from dinosar.datasets.colmap_lengths import check_lengths
from dinosar.datasets.hdf5_files import why
from dinosar.errors import InputError, UsageError, shown
from dinosar.notices import warn
from dinosar.regular_files import called

TEXT = ("cameras.txt", "images.txt")
BINARY = ("cameras.bin", "images.bin")
PARTS = ("cameras", "images", "rigs", "frames")
NO_POINTS = {".txt": b"# none\n", ".bin": bytes(8)}
_FAULTS = (ValueError, RuntimeError, IndexError, OSError, KeyError, TypeError, MemoryError)


@dataclass(frozen=True, eq=False)
class Registered:
    """A photograph as a model knows it; its camera is None where this toolkit does not work with its kind."""

    name: str
    camera: Camera | None
    pose: Pose | None


def is_model(folder: Path) -> bool:
    """Whether a folder holds a model, by its files."""
    return any(all((folder / name).is_file() for name in names) for names in (BINARY, TEXT))


def registered(folder: Path) -> list[Registered]:
    """The photographs of the model in a folder, by name; an InputError where there is none, or it is damaged."""
    if not is_model(folder):
        raise InputError(f"{called(folder)} holds no model of COLMAP; expected {' and '.join(TEXT)}, or "
                         f"{' and '.join(BINARY)} in it")  # fmt: skip
    model = _read(folder)
    try:
        cameras = {number: _camera(camera, folder) for number, camera in model.cameras.items()}
        return sorted(_images(model, cameras), key=lambda image: image.name)
    except (InputError, *_FAULTS) as fault:
        raise _damaged(folder, fault) from None


def _read(folder: Path) -> Any:
    """The model without its points: there may be millions, they say nothing of photographs, and some publish none."""
    try:
        import pycolmap
    except ImportError:
        raise UsageError(
            "models of COLMAP are read with pycolmap, which is not installed; run: pip install 'dinosar[colmap]'"
        ) from None
    ending = ".bin" if all((folder / name).is_file() for name in BINARY) else ".txt"
    with tempfile.TemporaryDirectory(prefix="dinosar-") as beside:
        for name in PARTS:
            _lend(folder / f"{name}{ending}", Path(beside))
        (Path(beside) / f"points3D{ending}").write_bytes(NO_POINTS[ending])
        try:
            check_lengths(Path(beside), lambda kind: _parameters(pycolmap, kind))
            return pycolmap.Reconstruction(beside)
        except _FAULTS as fault:
            raise _damaged(folder, fault) from None


def _damaged(folder: Path, fault: Exception) -> InputError:
    return InputError(
        f"the model of COLMAP in {called(folder)} is damaged ({why(fault)}); copy it again, or make it anew"
    )


def _parameters(pycolmap: Any, kind: int) -> int:
    return len(pycolmap.Camera.create_from_model_id(1, kind, 1.0, 1, 1).params)


def _lend(file: Path, folder: Path) -> None:
    """Make a file, where it is there, appear in another folder."""
    if not file.is_file():
        return
    try:
        (folder / file.name).symlink_to(file.resolve())
    except OSError:  # not every system links
        copyfile(file, folder / file.name)


def _images(model: Any, cameras: dict[int, Camera | None]) -> Iterator[Registered]:
    for image in model.images.values():
        pose = None
        if image.has_pose:
            moved = np.asarray(image.cam_from_world().matrix(), dtype=np.float64)
            pose = pose_of(moved[:, :3], moved[:, 3])
        yield Registered(image.name, cameras[image.camera_id], pose)


def _camera(camera: Any, folder: Path) -> Camera | None:
    if camera.model_name not in PARAMETERS:
        warn(
            f"the model of COLMAP in {called(folder)} has a camera of the kind {shown(camera.model_name, 40)}, which "
            "this toolkit does not work with; its photographs count as without intrinsics"
        )
        return None
    params = tuple(float(value) for value in camera.params)
    return Camera(camera.model_name, int(camera.width), int(camera.height), params)
