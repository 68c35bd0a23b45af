"""A search done by many processes: each lets the queries meet a run of the images, and their votes are joined."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dinosar.retrieval.asking import Vote, Way
from dinosar.retrieval.blocks import Block
from dinosar.retrieval.gathering import Answers, Gathered, joined, settled
from dinosar.retrieval.library import Library
from dinosar.retrieval.overlap_head import open_head
from dinosar.retrieval.searching import gather
from dinosar.retrieval.shelf import LibraryShelf

if TYPE_CHECKING:
    from distributed import Client

SHARD = 2000
"""Images of one task: some seconds for a handful of queries."""
Places = NDArray[np.int64]


class Shard(NamedTuple):
    """A run of the images of a library, where it begins among all, and how they are encoded."""

    folder: str
    names: list[str]
    start: int
    head: str | None

    def inside(self, places: Places | None) -> Places:
        """The places that lie in here, as places of the shard; all of it where None says all."""
        if places is None:
            return np.arange(len(self.names))
        here = places - self.start
        return here[(here >= 0) & (here < len(self.names))]


class Met(NamedTuple):
    """What every query gathered from a shard, and images that could not be had."""

    gathered: list[Gathered]
    lost: dict[str, str]


def spread_votes(shelf: LibraryShelf, head: str | None, client: "Client") -> Vote:
    """Voting on a cluster: every task is a shard, met by all the queries."""
    folder, names = str(shelf.library.folder.absolute()), shelf.names
    starts = range(0, max(len(names), 1), SHARD)
    shards = [Shard(folder, list(names[start : start + SHARD]), start, head) for start in starts]

    def vote(blocks: Sequence[Block], places: Sequence[Places | None], way: Way) -> Iterator[Answers]:
        asked = [(shard, [shard.inside(each) for each in places]) for shard in shards]
        wanted = [each for each in asked if any(map(len, each[1]))] or asked[:1]
        tasks = [client.submit(shard_met, list(blocks), *each, way, pure=False) for each in wanted]
        found: list[Met] = client.gather(tasks)
        for met in found:
            shelf.lost |= met.lost
        for i in range(len(blocks)):
            gathered = joined([met.gathered[i] for met in found])
            yield settled(gathered, way.rules, way.min_cosine, way.size is not None)

    return vote


def shard_met(blocks: Sequence[Block], shard: Shard, places: Sequence[Places], way: Way) -> Met:
    """What a worker does: let the queries meet the images of a shard."""
    shelf = LibraryShelf(Library.open(Path(shard.folder)), shard.names, open_head(shard.head), tiled=way.tiled)
    found = gather(blocks, shelf, rules=way.rules, min_cosine=way.min_cosine, candidates=places, own=way.own)
    return Met([replace(each, candidates=each.candidates + shard.start) for each in found], shelf.lost)
