"""Places that answer each other in two photographs: by SIFT, by patches, or as files of hloc have them."""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.matchers.nearest import answers
from dinosar.retrieval.blocks import Block
from dinosar.retrieval.heads import Head
from dinosar.retrieval.hloc_files import MatchFiles
from dinosar.retrieval.library import Library
from dinosar.retrieval.shelf import encoded_block
from dinosar.timing import stage
from dinosar.verification.file_pixels import STAY, Move, at, to_upright
from dinosar.verification.photo_shelf import Lately, PhotoShelf
from dinosar.verification.sift_points import RATIO, SIZE, Keypoints, Matches, keypoints_of, matched

Indices = NDArray[np.int64]
KEYPOINTS, BLOCKS = 64, 256
"""Photographs whose keypoints, 2 MB each, and whose patches are held at once."""
REACH = 2.5
"""Patch widths from the centre of a matched patch to keypoints that it speaks for: it may be a patch or two off."""
AT_ONCE = 512


class Source(ABC):
    """Whoever gives matches of a pair. `title` says what they are."""

    title: str

    @abstractmethod
    def matches(self, a: str, b: str) -> Matches | None:
        """Pairs of places in original pixels, the best first; None where the pair was never matched."""

    def facts(self, name: str) -> Any:
        """What its word on a photograph depends on beside the photograph itself."""
        return None


class SiftSource(Source):
    """RootSIFT on whole photographs: keypoints that choose each other and stand out, both ways."""

    def __init__(self, photos: PhotoShelf, size: int = SIZE, ratio: float = RATIO) -> None:
        self.photos, self.size, self.ratio = photos, size, ratio
        self.title = f"RootSIFT at {size} px at most, ratio {ratio:g}"
        self._keypoints = Lately(self._found, KEYPOINTS)

    def _found(self, name: str) -> Keypoints:
        photo = self.photos.photo(name)
        with stage("sift"):
            return keypoints_of(photo, self.size)

    def keypoints(self, name: str) -> Keypoints:
        """The keypoints of a photograph."""
        return self._keypoints.of(name)

    def matches(self, a: str, b: str) -> Matches:
        """The keypoints that answer each other."""
        first, second = self.keypoints(a), self.keypoints(b)
        with stage("match"):
            return matched(first, second, self.ratio)


class PatchSource(Source):
    """Patches of a library that choose each other: their centres, or the keypoints about them that answer each other.

    A patch is known to half its width, which is far too coarse for a pose; `refined` matches are SIFT keypoints that
    are compared only where matched patches lie.
    """

    def __init__(self, library: Library, head: Head, refined: SiftSource | None, reach: float = REACH) -> None:
        self.library, self.head, self.refined, self.reach = library, head, refined, reach
        how = f"refined by {refined.title}, within {reach:g} patches" if refined else "their centres"
        self.title = f"patches of {library.title}, head {head.id}, mutual, {how}"
        self._blocks = Lately(lambda name: encoded_block(library, name, head), BLOCKS)

    def matches(self, a: str, b: str) -> Matches:
        """The places that answer each other."""
        first, second = self._blocks.of(a), self._blocks.of(b)
        with stage("match"):
            rows, columns, distance = mutual(first, second)
        if self.refined is None:
            return Matches(first.in_photo[rows], second.in_photo[columns], distance)
        ends = self.refined.keypoints(a), self.refined.keypoints(b)
        with stage("match"):
            near = [
                about(points.places, block, which, self.reach)
                for points, block, which in zip(ends, (first, second), (rows, columns), strict=True)
            ]
            return matched(*ends, self.refined.ratio, (near[0] @ near[1].T) > 0)

    def facts(self, name: str) -> Any:
        """The item of the library."""
        return self.library.items.get(name)


class HlocSource(Source):
    """Matches that hloc, LightGlue or another tool wrote in hloc's layout, on the photographs as they are looked at."""

    def __init__(self, files: MatchFiles, title: str, photos: PhotoShelf) -> None:
        self.files, self.title, self.photos = files, title, photos
        self._moves: dict[str, Move] = {}

    def matches(self, a: str, b: str) -> Matches | None:
        """The matches in the file."""
        found = self.files.points(a, b)
        if found is None:
            return None
        first, second = (at(self._move(name), points) for name, points in zip((a, b), found, strict=True))
        return Matches(first, second, np.zeros(len(first)))

    def _move(self, name: str) -> Move:
        """From the pixels that the file tells of to those of the photograph; where there is none they stay."""
        if name not in self._moves:
            header = self.photos.header(name)
            size = self.files.size(name)
            self._moves[name] = STAY if header is None else to_upright(header, size, name, "the file of keypoints")
        return self._moves[name]


def mutual(a: Block, b: Block) -> tuple[Indices, Indices, NDArray[np.float64]]:
    """Rows of two blocks that are each other's nearest, and 1 - cosine, the nearest first."""
    if not (len(a) and len(b)):
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    there, distance, _ = answers(a.tokens, b.tokens, 1, AT_ONCE)
    back = answers(b.tokens, a.tokens, 1, AT_ONCE)[0]
    rows = np.flatnonzero(back[there] == np.arange(len(there)))
    rows = rows[np.lexsort((rows, distance[rows]))]
    return rows, there[rows], distance[rows]


def about(places: NDArray[np.float64], block: Block, which: Indices, reach: float) -> NDArray[np.float32]:
    """1 where a place (n, 2) lies within so many patch widths of the centre of a matched patch (m), else 0: (n, m)."""
    off = np.abs(block.grid.to_network(places)[:, None] - block.grid.centres()[block.patches[which]][None])
    return np.asarray(off.max(axis=2) <= reach * block.grid.patch, dtype=np.float32)
