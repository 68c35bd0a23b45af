"""What is known of the photographs of a collection: where their files lie, their cameras and poses, and who says so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from dinosar.cameras import Camera, Pose
from dinosar.datasets.colmap_models import is_model, registered
from dinosar.datasets.listed import Listed
from dinosar.datasets.lists import known_as, read_intrinsics, read_poses
from dinosar.datasets.opening import open_dataset
from dinosar.errors import InputError, shown
from dinosar.notices import warn
from dinosar.retrieval.library import Library

Told = TypeVar("Told", Camera, Pose)


@dataclass
class Collection:
    """Photographs by name: files, cameras, poses. What is not known has no entry."""

    files: dict[str, Path] = field(default_factory=dict)
    cameras: dict[str, Camera] = field(default_factory=dict)
    poses: dict[str, Pose] = field(default_factory=dict)

    def add(self, listed: Iterable[Listed]) -> None:
        """Take in photographs with what is known of each."""
        for each in listed:
            self.files[each.name] = each.path
            if each.camera is not None:
                self.cameras[each.name] = each.camera
            if each.pose is not None:
                self.poses[each.name] = each.pose


def collected(images: str | None, dataset: str, library: Library | None) -> Collection:
    """What a library knows of its images, and over it what a folder of photographs and its data set tell."""
    found = Collection()
    if library is not None:
        rows = library.index.rows()
        found.add(Listed(row.name, Path(row.path), camera=row.camera, pose=row.pose) for row in rows)
    if images is not None:
        found.add(open_dataset(dataset, Path(images)).photographs())
    return found


def instructed(found: Collection, poses: str | None, intrinsics: str | None) -> None:
    """Take what was given by hand over what the collection says: a list of poses or a model of COLMAP, and cameras."""
    if poses is not None:
        folder = Path(poses)
        if folder.is_dir():
            _from_model(found, folder)
        else:
            found.poses |= _named(read_poses(folder), found.files, folder)
    if intrinsics is not None:
        path = Path(intrinsics)
        found.cameras |= _named(read_intrinsics(path), found.files, path)


def _from_model(found: Collection, folder: Path) -> None:
    """Cameras and poses of a model of COLMAP."""
    if not is_model(folder):
        raise InputError(f"'{shown(folder)}' holds no model of COLMAP; name the folder of one, or a list of poses")
    images = registered(folder)
    cameras = {image.name: image.camera for image in images if image.camera is not None}
    poses = {image.name: image.pose for image in images if image.pose is not None}
    found.cameras |= _named(cameras, found.files, folder)
    found.poses |= _named(poses, found.files, folder)


def _named(told: Mapping[str, Told], files: Mapping[str, Path], source: Path) -> dict[str, Told]:
    """What a source tells, by the names that the collection has; that it tells of nothing there is said aloud."""
    if not files:
        return dict(told)
    found = {known: value for name, value in told.items() if (known := known_as(name, files)) is not None}
    if told and not found:
        warn(
            f"'{shown(source)}' tells of no photograph of the collection but of '{shown(next(iter(told)), 80)}', say; "
            "names are relative to the root of the collection"
        )
    return found
