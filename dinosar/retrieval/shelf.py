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

    An image whose features are gone or damaged has no patch that could vote, and is told of in `lost`.
    """

    def __init__(self, library: Library, names: Sequence[str], head: Head) -> None:
        self.library, self.names, self.head = library, list(names), head
        self.lost: dict[str, str] = {}
        self.places = {name: place for place, name in enumerate(self.names)}
        self._depth = 0

    def block(self, i: int) -> Block:
        """The patches of an image that vote."""
        name = self.names[i]
        try:
            found = encoded_block(self.library, name, self.head)
        except InputError as problem:
            self.lost[name] = str(problem)
            warn(str(problem))
            return Block(
                name, np.empty((0, self.depth), np.float32), np.empty(0, np.int64), self.library.row(name).grid
            )
        self._depth = found.tokens.shape[1]
        return found

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

    def vectors(self, kind: str) -> NDArray[np.float32]:
        """Global vectors (n, depth) of all images: `summary` tokens, or `pooled` patches as the head encodes them.

        An image without one has zeros: it is near to nothing.
        """
        asked = kind if kind == "summary" or isinstance(self.head, Identity) else f"pooled {self.head.id}"
        items = [self.library.items[name] for name in self.names]
        found, known = self.library.index.vectors(asked, items)
        if asked.startswith("pooled ") and not known.all():
            found, known = self._completed(asked, found, known)
        if not known.any():
            raise InputError(f"backbone {self.library.title} gives no summary token; shortlist by pooled tokens")
        return lengthened(found)

    def _completed(self, kind: str, found: Halves, known: NDArray[np.bool_]) -> tuple[Halves, NDArray[np.bool_]]:
        """The same with what was missing, which is noted in the library where that can be written."""
        found, known = found.copy() if known.any() else np.zeros((len(known), self.depth), np.float16), known.copy()
        for some in _in_batches(np.flatnonzero(~known).tolist(), NOTED):
            vectors = {place: pooled(block) for place in some if len(block := self.block(place))}
            found[list(vectors)] = list(vectors.values())
            known[list(vectors)] = True
            items = self.library.items
            with suppress(ResourceError):  # of a library that cannot be written it is worked out each time
                self.library.index.add([], [(items[self.names[i]], kind, each) for i, each in vectors.items()])
        return found, known


def encoded_block(library: Library, name: str, head: Head) -> Block:
    """An image as a head encodes it: from the store, where that was done before."""
    if isinstance(head, Identity):
        return library.block(name)
    row = library.row(name)
    key = hashlib.sha256(f"{row.item} {head.id}".encode()).hexdigest()
    kept = library.store.get(head.id, key)
    if kept is None:
        kept = by_head(library.encoding(name), row.grid, head)
        Store(library.folder).put(head.id, key, kept)  # where it cannot be kept, it is worked out again
    return block_of(name, kept, row.grid)


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
