"""The original's dump of features, `overlap_feats.h5`: one group an image, called as the image is.

    keypoints (n, 2) f32          centres of patches, half a pixel to the right and below, row by row
    descriptors (n, depth) f32    tokens as the network made them, padding included
    global_descriptor (depth,)    the summary token
    image_size (2,) i64           width and height of the picture in the square, which it fills from its top left corner
    original_image_size, scales, original_K, K, T_w2cam    where they are known
    /indices/query, /indices/db   who asks and who answers, where not everybody does both

The original's files of ETH3D hold intrinsics of other photographs for some: import its photographs again for poses.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.cameras import Camera, Pose, pose_of
from dinosar.data import Encoding
from dinosar.datasets.hdf5_files import array_at, h5py_module, kind_at, members_of, reading, texts_at, writing
from dinosar.datasets.listed import Role
from dinosar.datasets.upright import header_of
from dinosar.errors import InputError, shown
from dinosar.features import rounded
from dinosar.grid import Grid
from dinosar.notices import note, warn
from dinosar.regular_files import called

HALF = 0.5
"""What the original adds to the centres of its patches."""
SQUARE = (16, 16)
INDICES = "indices"
LONGEST = 1_000_000
"""Pixels along a side; more is no picture, but a damaged number."""
ASKS = ("query", "day_query", "night_query")
ANSWERS = ("db",)
ANEW = "dump it anew with the original, or take another file"


@dataclass(frozen=True, eq=False)
class Dumped:
    """One image of a dump: what the backbone said of it, where its patches lie, and how it was taken."""

    name: str
    encoding: Encoding
    grid: Grid
    camera: Camera | None = None
    pose: Pose | None = None
    role: Role = "both"


def read_dump(path: Path, photos: Path | None = None) -> Iterator[Dumped]:
    """The images of a dump in the order of their names, tokens in the precision of the store.

    Sizes of photographs that the dump does not tell come from the files below `photos`; where there are none, places
    are told in pixels of what the network saw, and there is no camera.
    """
    with reading(path) as file:
        roles, names = _roles(file), _images(file)
        if not names:
            raise InputError(f"{called(path)} holds no features of any image ('descriptors'); {ANEW}")
        unsized = []
        for name in names:
            dumped, sized = _read(file, name, photos, _role(roles, name))
            unsized += [] if sized else [name]
            yield dumped
    if unsized:
        warn(
            f"{called(path)} does not tell the sizes of {len(unsized)} photographs ('{shown(unsized[0], 80)}'): their "
            "places are in pixels of what the network saw, and they have no camera; name the folder of photographs"
        )


def write_dump(path: Path, images: Iterable[Dumped]) -> int:
    """Write images as the original dumps them, whole or not at all, by one process; returns how many.

    Grids stay as they are: those of other than 16 x 16 patches are told of, for the original expects no others.
    """
    roles: dict[str, Role] = {}
    other: list[str] = []
    with writing(path) as file:
        for each in images:
            if each.name in roles:
                raise InputError(f"two images are called '{shown(each.name, 120)}'; a dump holds each once")
            _write(file.create_group(each.name), each)
            roles[each.name] = each.role
            other += [] if (each.grid.rows, each.grid.columns) == SQUARE else [each.name]
        _write_roles(file, roles)
    if other:
        note(
            f"{len(other)} of {len(roles)} images have other grids than the original's 16 x 16 patches "
            f"('{shown(other[0], 80)}'); they keep their own, and image_size tells how much of it is picture"
        )
    return len(roles)


def _images(file: Any) -> list[str]:
    """The names of all groups that hold descriptors."""
    found, below = [], [name for name in members_of(file) if name != INDICES]
    while below:
        name = below.pop()
        if kind_at(file, name) != "group":
            continue
        if kind_at(file, f"{name}/descriptors") == "array":
            found.append(name)
        else:
            below += [f"{name}/{each}" for each in members_of(file, name)]
    return sorted(found)


def _read(file: Any, name: str, photos: Path | None, role: Role) -> tuple[Dumped, bool]:
    """An image, and whether the size of its photograph is known."""
    try:
        size = _size(file, name, photos)
        tokens = array_at(file, f"{name}/descriptors", (None, None)).astype(np.float32)
        keypoints = array_at(file, f"{name}/keypoints", (len(tokens), 2)).astype(np.float64)
        grid = _grid(keypoints, _pair(file, f"{name}/image_size"), size)
        encoding = _encoding(file, name, tokens.reshape(grid.rows, grid.columns, -1))
        camera = _camera(file, name, size) if size else None
        return Dumped(name, encoding, grid, camera, _pose(file, name), role), size is not None
    except (InputError, ValueError, OverflowError) as problem:
        raise InputError(
            f"{called(Path(file.filename))} holds nothing usable of '{shown(name, 80)}' ({shown(problem, 160)}); {ANEW}"
        ) from None


def _encoding(file: Any, name: str, tokens: NDArray[np.float32]) -> Encoding:
    summary = None
    if _has(file, name, "global_descriptor"):
        summary = array_at(file, f"{name}/global_descriptor", tokens.shape[2:]).astype(np.float32)
    if not np.isfinite(tokens).all() or (summary is not None and not np.isfinite(summary).all()):
        raise ValueError("its features are not finite")
    return rounded(Encoding(tokens, summary))


def _has(file: Any, name: str, key: str) -> bool:
    return kind_at(file, f"{name}/{key}") == "array"


def _pair(file: Any, key: str) -> tuple[int, int]:
    """A width and a height; ValueError where they are none."""
    width, height = array_at(file, key, (2,)).tolist()
    if not (1 <= width <= LONGEST and 1 <= height <= LONGEST):
        raise ValueError(f"it tells of {width} x {height} pixels")
    return int(width), int(height)


def _grid(keypoints: NDArray[np.float64], content: tuple[int, int], size: tuple[int, int] | None) -> Grid:
    """The lattice on which the keypoints lie, row by row; ValueError where they lie on none."""
    columns, rows = (len(np.unique(keypoints[:, axis])) for axis in (0, 1))
    if rows * columns != len(keypoints) or max(rows, columns) < 2:
        raise ValueError("its keypoints are no lattice of patches")
    width = (np.ptp(keypoints, axis=0) / np.maximum([columns - 1, rows - 1], 1)).max()
    patch = round(float(width))
    left, top = (round(float(patch / 2 + HALF - least)) for least in keypoints.min(axis=0))
    grid = Grid(
        size or content, (0, 0, *(size or content)), (columns * patch, rows * patch), (left, top, *content), patch
    )
    wanted = grid.centres() + HALF - [left, top]
    inside = left + content[0] <= grid.network[0] and top + content[1] <= grid.network[1]
    if np.abs(wanted - keypoints).max() > HALF or not inside or min(left, top) < 0:
        raise ValueError("its keypoints are no lattice of patches around its picture")
    return grid


def _size(file: Any, name: str, photos: Path | None) -> tuple[int, int] | None:
    """Width and height of the photograph: as the dump tells, or of its file, or by how the intrinsics were scaled."""
    if _has(file, name, "original_image_size"):
        return _pair(file, f"{name}/original_image_size")
    header = None if photos is None else header_of(photos / name)
    if header is not None:
        return header.upright
    if not _has(file, name, "K") or not _has(file, name, "original_K"):
        return None
    # Dumps of ETH3D and PhotoTourism scale each axis to the whole side of the square.
    content = np.array(_pair(file, f"{name}/image_size"))
    scaled, whole = (array_at(file, f"{name}/{key}", (3, 3)) for key in ("K", "original_K"))
    with np.errstate(all="ignore"):
        sizes = content.max() * np.diagonal(whole)[:2] / np.diagonal(scaled)[:2]
        apart = np.abs(sizes * content.max() / sizes.max() - content).max()
    if not np.isfinite(sizes).all() or not apart <= 1:
        return None
    return round(float(sizes[0])), round(float(sizes[1]))


def _camera(file: Any, name: str, size: tuple[int, int]) -> Camera | None:
    if not _has(file, name, "original_K"):
        return None
    return Camera.of_matrix(array_at(file, f"{name}/original_K", (3, 3)), *size)


def _pose(file: Any, name: str) -> Pose | None:
    if not _has(file, name, "T_w2cam"):
        return None
    pose = array_at(file, f"{name}/T_w2cam", (4, 4)).astype(np.float64)
    return pose_of(pose[:3, :3], pose[:3, 3])


def _roles(file: Any) -> tuple[set[str], set[str]] | None:
    """Who asks and who answers; None where the dump does not tell."""
    asks, answers = (
        {
            name
            for key in keys
            if kind_at(file, f"{INDICES}/{key}") == "array"
            for name in texts_at(file, f"{INDICES}/{key}")
        }
        for keys in (ASKS, ANSWERS)
    )
    return (asks, answers) if asks or answers else None


def _role(roles: tuple[set[str], set[str]] | None, name: str) -> Role:
    asks, answers = roles or (set(), set())
    if (name in asks) == (name in answers):
        return "both"
    return "query" if name in asks else "database"


def _write(group: Any, image: Dumped) -> None:
    """One image's group, with the keys and the types of the original."""
    grid, encoding = image.grid, image.encoding
    left, top, width, height = grid.content
    if grid.crop != (0, 0, *grid.photo):
        raise InputError(f"'{shown(image.name, 120)}' was seen in part, and a dump of the original tells of whole "
                         "photographs only; dump it uncropped")  # fmt: skip
    group.create_dataset("keypoints", data=(grid.centres() + HALF - [left, top]).astype(np.float32))
    group.create_dataset("descriptors", data=_raw(encoding).reshape(grid.rows * grid.columns, -1))
    if encoding.summary is None:
        warn("the backbone gives no summary token: the dump holds no 'global_descriptor', without which the original "
             "makes no shortlist")  # fmt: skip
    else:
        length = 1.0 if encoding.summary_length is None else encoding.summary_length
        group.create_dataset("global_descriptor", data=(encoding.summary * length).astype(np.float32))
    group.create_dataset("image_size", data=np.array([width, height], dtype=np.int64))
    group.create_dataset("original_image_size", data=np.array(grid.photo, dtype=np.int64))
    group.create_dataset("scales", data=np.array(grid.scale, dtype=np.float64))
    _write_camera(group, image)


def _raw(encoding: Encoding) -> NDArray[np.float32]:
    """Tokens as long as the network made them, where that is known."""
    lengths = 1.0 if encoding.lengths is None else encoding.lengths[..., None]
    return np.asarray(encoding.tokens * lengths, dtype=np.float32)


def _write_camera(group: Any, image: Dumped) -> None:
    if image.pose is not None:
        group.create_dataset("T_w2cam", data=np.asarray(image.pose, dtype=np.float32))
    if image.camera is None:
        return
    if image.camera.distorted:
        warn("a dump of the original holds K alone: how lenses bend lines is left out of it")
    matrix = image.camera.resized(*image.grid.photo).matrix
    group.create_dataset("original_K", data=matrix)
    group.create_dataset("K", data=(np.diag([*image.grid.scale, 1.0]) @ matrix).astype(np.float32))


def _write_roles(file: Any, roles: dict[str, Role]) -> None:
    """Who asks and who answers, unless everybody does both."""
    if all(role == "both" for role in roles.values()):
        return
    text = h5py_module().string_dtype(encoding="utf-8")
    lists = file.create_group(INDICES)
    for key, role in (("query", "query"), ("db", "database")):
        names = [name for name, held in roles.items() if held in (role, "both")]
        lists.create_dataset(key, data=np.array(names, dtype=object), dtype=text)
