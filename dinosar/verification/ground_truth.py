"""What is known of the photographs of a collection: where their files lie, their cameras and poses, and who says so.

Cameras and poses fit the photographs as they are looked at, upright, whoever told them.
"""

from collections.abc import Collection as Names
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar

from dinosar.cameras import Camera, Pose
from dinosar.datasets.colmap_models import is_model, registered
from dinosar.datasets.listed import Listed
from dinosar.datasets.lists import known_as, read_intrinsics, read_poses
from dinosar.datasets.opening import open_dataset
from dinosar.datasets.upright import settled
from dinosar.errors import InputError, shown
from dinosar.notices import warn
from dinosar.retrieval.library import Library

Told = TypeVar("Told", Camera, Pose)
Source = Literal["store", "images", "gt", "intrinsics"]
"""Who told something, by the input of that name."""
UNKNOWN = "unknown"


@dataclass
class Collection:
    """Photographs by name: files, cameras, poses, and who told of the latter. What is not known has no entry."""

    files: dict[str, Path] = field(default_factory=dict)
    cameras: dict[str, Camera] = field(default_factory=dict)
    poses: dict[str, Pose] = field(default_factory=dict)
    camera_from: dict[str, Source] = field(default_factory=dict)
    pose_from: dict[str, Source] = field(default_factory=dict)

    def add(self, listed: Iterable[Listed], source: Source) -> None:
        """Take in what somebody tells of photographs, over what was told before."""
        for each in listed:
            self.take(each, source, source)

    def take(self, each: Listed, camera_from: Source, pose_from: Source) -> None:
        """Take in what is told of one photograph."""
        if each.camera is not None:
            self.cameras[each.name], self.camera_from[each.name] = each.camera, camera_from
        if each.pose is not None:
            self.poses[each.name], self.pose_from[each.name] = each.pose, pose_from

    def sources(self, names: Names[str]) -> dict[str, dict[str, int]]:
        """Of how many photographs the intrinsics and the true poses come from whom, and of how many from nobody."""
        return {what: _counted(names, told)
                for what, told in (("intrinsics", self.camera_from), ("true_poses", self.pose_from))}  # fmt: skip


def collected(images: str | None, dataset: str, library: Library | None) -> Collection:
    """What a library knows of its images, and over it what a folder of photographs and its data set tell."""
    found = Collection()
    if library is not None:
        rows = [Listed(row.name, Path(row.path), camera=row.camera, pose=row.pose) for row in library.index.rows()]
        found.files |= {each.name: each.path for each in rows}
        found.add(rows, "store")
    if images is not None:
        listed = open_dataset(dataset, Path(images)).photographs()
        found.files |= {each.name: each.path for each in listed}
        found.add(listed, "images")
    return found


def instructed(found: Collection, poses: str | None, intrinsics: str | None, names: Names[str]) -> None:
    """Take what was given by hand over what the collection says: a list of poses or a model of COLMAP, and cameras.

    Only `names` are looked at. What the lists do not tell of them stays as the collection has it, and that is said.
    """
    cameras: dict[str, Camera] = {}
    placed: dict[str, Pose] = {}
    camera_from: dict[str, Source] = {}
    if poses is not None:
        path = Path(poses)
        of_model, told = _of_model(path) if path.is_dir() else ({}, read_poses(path))
        cameras, placed = _named(of_model, found.files, path), _named(told, found.files, path)
        camera_from = dict.fromkeys(cameras, "gt")
    if intrinsics is not None:
        path = Path(intrinsics)
        listed = _named(read_intrinsics(path), found.files, path)
        cameras, camera_from = cameras | listed, camera_from | dict.fromkeys(listed, "intrinsics")
    for each in _upright(found, cameras, placed, names):
        found.take(each, camera_from.get(each.name, "gt"), "gt")
    if poses is not None:
        _tell_others("true pose", found.pose_from, names, "gt", poses)
    if intrinsics is not None:
        _tell_others("intrinsics", found.camera_from, names, "intrinsics", intrinsics)


def _of_model(folder: Path) -> tuple[dict[str, Camera], dict[str, Pose]]:
    """Cameras and poses of a model of COLMAP."""
    if not is_model(folder):
        raise InputError(f"'{shown(folder)}' holds no model of COLMAP; name the folder of one, or a list of poses")
    images = registered(folder)
    cameras = {image.name: image.camera for image in images if image.camera is not None}
    return cameras, {image.name: image.pose for image in images if image.pose is not None}


def _upright(found: Collection, cameras: Mapping[str, Camera], poses: Mapping[str, Pose],
             names: Names[str]) -> list[Listed]:  # fmt: skip
    """What is told of photographs as they lie in their files, turned upright with them where these are known."""
    listed = [
        Listed(name, found.files.get(name, Path(name)), camera=cameras.get(name), pose=poses.get(name))
        for name in names if name in cameras or name in poses
    ]  # fmt: skip
    unseen = [each for each in listed if each.name not in found.files]
    return [*unseen, *settled([each for each in listed if each.name in found.files])]


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


def _tell_others(what: str, told: Mapping[str, Source], names: Names[str], source: Source, path: str) -> None:
    """Say of how many photographs something comes from elsewhere, though a file was given for it."""
    others = [name for name in names if told.get(name, source) != source]
    if others:
        whose = " and ".join(sorted({f"--{told[name]}" for name in others}))
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        warn(
            f"'{shown(path)}' does not tell the {what} of all {len(names)} images of the pairs; for "
            f"'{shown(others[0], 80)}'{more} what {whose} says is taken"
        )


def _counted(names: Names[str], told: Mapping[str, Source]) -> dict[str, int]:
    sources = [told.get(name, UNKNOWN) for name in names]
    return {source: sources.count(source) for source in sorted(set(sources))}
