"""A library from a dump of the original, and back; its global vectors as hloc reads them."""

import hashlib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from dinosar.config import FitConfig, Part
from dinosar.contracts import Backbone
from dinosar.errors import InputError, shown
from dinosar.features import spoken
from dinosar.notices import warn
from dinosar.publishing import sha256_of
from dinosar.retrieval.blocks import block_of
from dinosar.retrieval.hloc_files import write_global
from dinosar.retrieval.index import Row
from dinosar.retrieval.library import Library, told_of, vectors_of
from dinosar.retrieval.original_hdf5 import Dumped, read_dump, write_dump

IMAGE = FitConfig(size=224)
"""How the original shows photographs, but for its padding, which lies to the right and below."""


def taken_in(dump: Path, folder: Path, backbone: Backbone | None, part: Part | None, photos: Path | None) -> int:
    """Put the images of a dump into a library; returns how many. Their features are taken as they are.

    `backbone` is the one that they are said to be of, so that queries can be shown to it. An image whose name is taken
    stays as it is.
    """
    if not dump.is_file():
        raise InputError(f"'{shown(dump)}' is not there; name a file that the original dumped")
    images = read_dump(dump, photos)
    first = next(images)  # a file that is none leaves nothing behind
    if backbone is not None and part is not None:
        _check_depth(first, backbone)
        told = told_of(backbone, part)
    else:
        made = {"facts": {"id": "imported"}, "dump": sha256_of(dump)}
        told = {"title": "imported", "backbone": None, "seen": made}
    library = Library.made(folder, told, IMAGE)
    count = left = 0
    with library.index.noting() as notes:
        for each in chain([first], images):
            if library.index.row(each.name) is not None:
                left += 1
                continue
            item = item_of(each, told)
            library.store.put(library.title, item, each.encoding)
            path = "" if photos is None else (photos / each.name).absolute().as_posix()
            row = Row(each.name, item, None, each.grid, each.role, "", each.camera, each.pose, path)
            notes.add(row, vectors_of(item, block_of(row.name, each.encoding, row.grid)))
            count += 1
    if left:
        warn(f"{left} images of '{shown(dump)}' have names that are taken in '{shown(folder)}': they were left out")
    return count


def _check_depth(image: Dumped, backbone: Backbone) -> None:
    """Complain where the backbone that is named cannot have made the tokens of an image."""
    plain = np.full((2 * backbone.patch, 2 * backbone.patch, 3), 128, dtype=np.uint8)
    wanted, found = spoken(backbone, plain).tokens.shape[2], image.encoding.tokens.shape[2]
    if wanted != found:
        raise InputError(
            f"the features of '{shown(image.name)}' have {found} numbers, and {backbone.title} gives {wanted}; name "
            "the backbone that made them, or none"
        )


def item_of(image: Dumped, told: dict[str, Any]) -> str:
    """What the features of an imported image are called: a hash of them, for nobody knows the pixels."""
    digest = hashlib.sha256(repr((told["title"], image.grid)).encode())
    digest.update(image.encoding.tokens.tobytes())
    return digest.hexdigest()


def handed_out(library: Library, path: Path) -> int:
    """Write a library as the original dumps it; returns how many images."""
    _tell_tiles(library)
    return write_dump(path, _dumped(library))


def _tell_tiles(library: Library) -> None:
    if library.tiled:
        warn(f"the tiles of '{shown(library.folder)}' are left out: the file has a place for whole images alone")


def _dumped(library: Library) -> Iterator[Dumped]:
    for row in library.index.rows():
        yield Dumped(row.name, library.encoding(row.name), row.grid, row.camera, row.pose, row.role)


def global_vectors(library: Library, path: Path, kind: str) -> int:
    """Write the summary tokens, or pooled patches, of a library in hloc's layout; returns how many."""
    _tell_tiles(library)
    vectors, known = library.index.vectors(kind, [library.items[name] for name in library.names])
    if not known.all():
        first = library.names[int(np.argmin(known))]
        raise InputError(
            f"store '{shown(library.folder)}' has no {kind} vector of '{shown(first)}'; write the other kind"
        )
    write_global(path, zip(library.names, vectors, strict=True))
    return len(library.names)
