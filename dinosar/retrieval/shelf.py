"""The images of a library as a head encodes them, in an order of names: what a search goes along."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dinosar.data import Encoding
from dinosar.errors import InputError, ResourceError
from dinosar.features import halved, unit
from dinosar.grid import Grid
from dinosar.notices import warn
from dinosar.retrieval.blocks import Block, block_of, places_of
from dinosar.retrieval.global_vectors import GlobalVectors
from dinosar.retrieval.heads import Head, Identity
from dinosar.retrieval.library import Library
from dinosar.retrieval.shortlist import pooled
from dinosar.store import Store

Halves = NDArray[np.float16]
AT_ONCE = 16_384
"""Vectors that are brought to length 1 together."""
NOTED = 256
"""Global vectors that are noted with one writing of the index."""


class LibraryShelf:
    """Images of a library by their place in `names`. What a head makes of an image is kept in the library's store.

    An image whose features are gone or damaged has no patch that could vote, and is told of in `lost`. `tiled` says
    whether its tiles count as well, where the library holds them.
    """

    def __init__(self, library: Library, names: Sequence[str], head: Head, *, tiled: bool = True) -> None:
        self.library, self.names, self.head = library, list(names), head
        self.tiled = tiled and library.tiled
        self.lost: dict[str, str] = {}
        self.places = {name: place for place, name in enumerate(self.names)}
        self._depth = 0

    def block(self, i: int) -> Block:
        """The patches of an image that vote."""
        return self.view(i, 0)

    def tiles(self, i: int) -> list[Block]:
        """The patches of its tiles."""
        return [self.view(i, 1 + number) for number in range(len(self._tiles.get(self.names[i], ())))]

    def view(self, i: int, number: int) -> Block:
        """The patches of an image (0) or of one of its tiles."""
        name = self.names[i]
        try:
            found = encoded_block(self.library, name, self.head, number)
        except InputError as problem:
            if name not in self.lost:
                warn(str(problem))
            self.lost[name] = str(problem)
            grid = self.library.views(self.library.row(name))[number].grid
            return Block(name, np.empty((0, self.depth), np.float32), np.empty(0, np.int64), grid)
        self._depth = found.tokens.shape[1]
        return found

    @cached_property
    def _tiles(self) -> dict[str, tuple[str, ...]]:
        """What the features of tiles are called in the store."""
        return self.library.index.tiles() if self.tiled else {}

    @cached_property
    def by_scene(self) -> dict[str, NDArray[np.int64]]:
        """The places of the images of each scene, ascending."""
        found: dict[str, list[int]] = {}
        for place, name in enumerate(self.names):
            found.setdefault(self.library.scenes[name], []).append(place)
        return {scene: np.array(places, dtype=np.int64) for scene, places in found.items()}

    @property
    def depth(self) -> int:
        """How many numbers a vector has: those of the first image that can be had."""
        for i, name in enumerate(self.names):
            if self._depth:
                break
            if name not in self.lost:
                self.block(i)
        return self._depth

    def vectors(self, kind: str) -> GlobalVectors:
        """Global vectors of all images: `summary` tokens, or `pooled` patches as the head encodes them.

        An image without one has zeros: it is near to nothing.
        """
        asked = kind if kind == "summary" or isinstance(self.head, Identity) else f"pooled {self.head.id}"
        items, views = [self.library.items[name] for name in self.names], [(i, 0) for i in range(len(self.names))]
        for i, name in enumerate(self.names if self._tiles else ()):
            items += self._tiles.get(name, ())
            views += [(i, number + 1) for number in range(len(self._tiles.get(name, ())))]
        found, known = self.library.index.vectors(asked, items)
        if asked.startswith("pooled ") and not known.all():
            found, known = self._completed(asked, found, known, list(zip(items, views, strict=True)))
        if not known.any():
            raise InputError(f"backbone {self.library.title} gives no summary token; shortlist by pooled tokens")
        return GlobalVectors(lengthened(found), np.array([i for i, _ in views], np.int64) if self._tiles else None)

    def _completed(self, kind: str, found: Halves, known: NDArray[np.bool_],
                   views: Sequence[tuple[str, tuple[int, int]]]) -> tuple[Halves, NDArray[np.bool_]]:  # fmt: skip
        """The same with what was missing, which is noted in the library where that can be written.

        `views` are items, each with the place of its image and its number among the views of it.
        """
        found, known = found.copy() if known.any() else np.zeros((len(known), self.depth), np.float16), known.copy()
        for some in _in_batches(np.flatnonzero(~known).tolist(), NOTED):
            vectors = {place: pooled(block) for place in some if len(block := self.view(*views[place][1]))}
            found[list(vectors)] = list(vectors.values())
            known[list(vectors)] = True
            with suppress(ResourceError):  # of a library that cannot be written it is worked out each time
                self.library.index.add([], [(views[place][0], kind, each) for place, each in vectors.items()])
        return found, known


def encoded_block(library: Library, name: str, head: Head, view: int = 0) -> Block:
    """An image, or a tile of it, as a head encodes it: from the store, where that was done before."""
    item, grid = library.views(library.row(name))[view]
    if isinstance(head, Identity):
        return block_of(name, library.kept(name, item, view), grid)
    key = hashlib.sha256(f"{item} {head.id}".encode()).hexdigest()
    kept = library.store.get(head.id, key)
    if kept is None:
        kept = by_head(library.kept(name, item, view), grid, head)
        Store(library.folder).put(head.id, key, kept)  # where it cannot be kept, it is worked out again
    return block_of(name, kept, grid)


def check_head(head: Head, library: Library, names: Sequence[str]) -> None:
    """Complain where a head cannot take the tokens of a library, by the first image that can be had."""
    for name in names:
        try:
            encoding = library.encoding(name)
        except InputError:  # told when it is its turn
            continue
        by_head(encoding, library.row(name).grid, head)
        return


def by_head(encoding: Encoding, grid: Grid, head: Head) -> Encoding:
    """An encoding as a head makes it of another, in storage precision; tokens without direction stay without."""
    if isinstance(head, Identity):
        return encoding
    tokens = unit(encoding.tokens.reshape(-1, encoding.tokens.shape[-1]))
    directed = np.asarray(tokens.any(axis=1))
    lengths = None if encoding.lengths is None else encoding.lengths.ravel()
    vectors = halved(head.encode(tokens, places_of(grid), lengths))
    return Encoding(tokens=np.where(directed[:, None], vectors, 0).reshape(*encoding.tokens.shape[:2], -1))


def lengthened(halves: NDArray[np.float16]) -> NDArray[np.float32]:
    """Vectors in half precision as unit vectors in single, a part at a time: copies of a million take gigabytes."""
    vectors = halves.astype(np.float32)
    for start in range(0, len(vectors), AT_ONCE):
        vectors[start : start + AT_ONCE] = unit(vectors[start : start + AT_ONCE])
    return vectors


def _in_batches(places: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    yield from (places[i : i + size] for i in range(0, len(places), size))
