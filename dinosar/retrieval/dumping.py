"""From photographs to a library: each is shown to the backbone once, and kept with what is known of it."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from dinosar.cameras import Camera
from dinosar.config import FitConfig
from dinosar.contracts import Backbone
from dinosar.data import Encoding, Photo
from dinosar.datasets.listed import Listed
from dinosar.errors import DinosarError, InputError, PluginError, ResourceError, shown
from dinosar.features import encode, network_image
from dinosar.grid import Grid, fit_grid
from dinosar.images import load_photo
from dinosar.notices import warn
from dinosar.publishing import sha256_of
from dinosar.retrieval.blocks import Block, block_of
from dinosar.retrieval.index import Noting, Row, Vector
from dinosar.retrieval.library import Library, vectors_of
from dinosar.retrieval.tiles import tile_grids
from dinosar.store import Store, identity, key_of
from dinosar.timing import stage

OF_THE_PHOTO = (InputError, ResourceError, PluginError)
"""What may be wrong with one photograph and leave the others as they are."""
Pixels = NDArray[np.uint8]
A = TypeVar("A")
B = TypeVar("B")


@dataclass(frozen=True)
class Dumped:
    """What became of one photograph: there now, there before (`again`), or not (`problem` says why)."""

    name: str
    again: bool = False
    problem: str = ""


def dump(listed: Sequence[Listed], library: Library, backbone: Backbone, image: FitConfig,
         workers: int = 2) -> Iterator[Dumped]:  # fmt: skip
    """Fill a library, one photograph after the other; what is there already is left alone."""
    fresh: list[Listed] = []
    yield from before_all(listed, library, fresh)
    with library.index.noting() as notes:
        for each, photo in ahead(fresh, lambda one: loaded(one, image), workers):
            if isinstance(photo, DinosarError):
                yield Dumped(each.name, problem=str(photo))
                continue
            try:
                notes.add(*kept(each, photo, library.store, backbone, image, tiled=library.tiled))
            except (InputError, PluginError) as problem:  # a disk that is full is no matter of one photo
                yield Dumped(each.name, problem=str(problem))
                continue
            yield Dumped(each.name)
    library.forget()


def before_all(listed: Sequence[Listed], library: Library, fresh: list[Listed]) -> Iterator[Dumped]:
    """What became of photographs that need not be looked at; the others are added to `fresh`."""
    with library.index.noting() as notes:
        for each in listed:
            told = before(each, library, notes)
            if told is None:
                fresh.append(each)
            else:
                yield told


def before(each: Listed, library: Library, notes: Noting) -> Dumped | None:
    """What became of a photograph before it is looked at: it is there, or cannot come; None where it is to be seen."""
    try:
        f"{each.name} {each.path}".encode()
        digest = sha256_of(each.path)
    except UnicodeEncodeError:
        return Dumped(each.name, problem="its name is not UTF-8 text; rename the file")
    except (OSError, ValueError):  # loading will tell
        return None
    row = library.index.row(each.name)
    if row is None:
        return _moved(each, digest, library, notes)
    here = Path(each.path).absolute().as_posix()
    if row.sha256 != digest:
        if row.path not in ("", here) and Path(row.path).is_file():
            taken = f"another photo of that name is in the library, '{shown(row.path)}'"
            return Dumped(each.name, problem=f"{taken}; rename one, or dump the folder above both")
        return None
    if not _has_features(row, library):
        return None
    told = told_now(each, row)
    if told.packed() != row.packed():
        notes.add(told, [])  # its features are those that are there
    return Dumped(each.name, again=True)


def _moved(each: Listed, digest: str, library: Library, notes: Noting) -> Dumped | None:
    """What became of a photograph of a new name: it may be one that lay elsewhere below the same folder before."""
    here = Path(each.path).absolute().as_posix()
    root = here.removesuffix(f"/{each.name}")
    for row in library.index.of_content(digest):
        left = row.path.startswith(f"{root}/") and not Path(row.path).exists()
        if root != here and left and _has_features(row, library):
            notes.add(replace(told_now(each, row), name=each.name), [])
            notes.add(row.withdrawn(), [])
            return Dumped(each.name, again=True)
    return None


def _has_features(row: Row, library: Library) -> bool:
    """Whether all items of an image are there, and whole."""
    return all(library.store.holds(library.title, item) for item in (row.item, *row.tiles))


def told_now(each: Listed, row: Row) -> Row:
    """The row of a photograph whose features are there, with what is known of it now."""
    return replace(row, role=each.role, scene=each.scene, camera=fitted(each.camera, row.grid.photo, each.name),
                   pose=each.pose, path=Path(each.path).absolute().as_posix(), depth=each.depth)  # fmt: skip


def loaded(each: Listed, image: FitConfig) -> Photo | DinosarError:
    """The photograph, or why it cannot be had."""
    try:
        with stage("load"):
            return load_photo(each.path, image)
    except OF_THE_PHOTO as problem:
        return problem


def looked_at(photo: Photo, backbone: Backbone, image: FitConfig, store: Store | None) -> tuple[Encoding, Grid, Pixels]:
    """What the backbone says of a photograph, on which grid, and the very pixels it was shown."""
    grid = fit_grid(photo.size, backbone.patch, fit=image.fit, size=image.size)
    pixels = network_image(photo.pixels, grid)
    with stage("features"):
        return encode(pixels, backbone, store), grid, pixels


def kept(each: Listed, photo: Photo, store: Store, backbone: Backbone, image: FitConfig, *,
         tiled: bool = False) -> tuple[Row, list[Vector]]:  # fmt: skip
    """Show a photograph to the backbone, keep what it says, and give the row of it and its global vectors.

    With `tiled` its tiles are shown and kept as well.
    """
    grid = fit_grid(photo.size, backbone.patch, fit=image.fit, size=image.size)
    grids = [grid, *(tile_grids(grid, image) if tiled else ())]
    whole, *tiles = (_kept_view(each.name, photo, view, store, backbone) for view in grids)
    row = Row(
        each.name, whole[0], photo.sha256, grid, each.role, each.scene, fitted(each.camera, photo.size, each.name),
        each.pose, Path(each.path).absolute().as_posix(), each.depth, tuple(item for item, _ in tiles),
    )  # fmt: skip
    if not len(whole[1]):
        warn(f"'{shown(each.name)}' has no patch that could vote (plain, or too narrow): it never answers")
    if tiled and not tiles:
        warn(f"'{shown(each.name)}' is too small for tiles: it is held as a whole alone")
    return row, [vector for view in (whole, *tiles) for vector in vectors_of(*view)]


def _kept_view(name: str, photo: Photo, grid: Grid, store: Store, backbone: Backbone) -> tuple[str, Block]:
    """What the features of a photograph, or of a tile of it, are called in the store that now keeps them, and they."""
    pixels = network_image(photo.pixels, grid)
    with stage("features"):
        encoding = encode(pixels, backbone, store)
    item = key_of(pixels, identity(backbone) or {})
    if not store.path(backbone.title, item).is_file():
        raise ResourceError(f"the features of '{shown(name)}' cannot be kept in '{shown(store.folder)}'; see the disk")
    return item, block_of(name, encoding, grid)


def fitted(camera: Camera | None, size: tuple[int, int], name: str) -> Camera | None:
    """A camera for the picture as it is stored; None, and told, where it is that of a picture of another shape."""
    if camera is None or (camera.width, camera.height) == size:
        return camera
    x, y = size[0] / camera.width, size[1] / camera.height
    if abs(x - y) > SHAPE * max(x, y):
        warn(
            f"the intrinsics of '{shown(name)}' are of a picture of {camera.width} x {camera.height} px and it has "
            f"{size[0]} x {size[1]}: they are left out"
        )
        return None
    return camera.resized(*size)


SHAPE = 0.02
"""By which two sizes of one picture may differ in shape; whole pixels leave small ones a little off."""


def ahead(items: Iterable[A], work: Callable[[A], B], workers: int) -> Iterator[tuple[A, B]]:
    """Each item with what the work gives, in order; a few are worked on while the caller is busy with earlier ones."""
    if workers < 1:
        yield from ((each, work(each)) for each in items)
        return
    waiting: deque[tuple[A, Future[B]]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        for each in items:
            waiting.append((each, pool.submit(work, each)))
            if len(waiting) > workers:
                first, future = waiting.popleft()
                yield first, future.result()
        for first, future in waiting:
            yield first, future.result()
