"""The one search: queries ask a database of images, all of it or a shortlist, and every patch votes.

Searching and registering differ in one thing: in the latter the queries stand in the database themselves, and a query
never meets the image of its own name, which then counts nowhere.

The database is streamed: some images at a time, each met by up to `TOGETHER` queries. Memory is that of these queries,
of `AT_HAND` images, of one matrix of products for each thread, and of the votes that rules with weights must keep: at
most 36 bytes for each query patch and image that it hits. No score depends on which queries are asked together, nor on
how the database is cut.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dinosar.errors import UsageError
from dinosar.retrieval.blocks import Block
from dinosar.retrieval.gathering import BYTES_A_VOTE, Answers, Gathered, Gathering, Look, settled
from dinosar.retrieval.rules import Rule, rules_named
from dinosar.retrieval.side_by_side import Spread, side_by_side
from dinosar.retrieval.tally import check_lengths

TOGETHER = 64
"""Queries that meet an image while it is at hand; more would not make reading it any cheaper that counts."""
AT_HAND = 32
"""Images read before they are met, by several threads."""
VOTES = 512_000_000
"""Bytes of votes kept at once, if every patch hit every image; where it would be more, fewer queries go together."""
Indices = NDArray[np.int64]
Views = tuple[Block, Sequence[Block]]
"""An image and its tiles."""


class Shelf(Protocol):
    """A database: names in its order, and the patches of each image, encoded as those of the queries are."""

    @property
    def names(self) -> Sequence[str]:
        """Of every image."""

    @property
    def tiled(self) -> bool:
        """Whether images are held in tiles, too."""

    def block(self, i: int) -> Block:
        """The patches of image `i`; an InputError where they cannot be had."""

    def tiles(self, i: int) -> Sequence[Block]:
        """The patches of its tiles."""


@dataclass(frozen=True, eq=False)
class Held:
    """A shelf of blocks that are in memory; `parts` are the tiles of each image, if any are held."""

    blocks: Sequence[Block]
    parts: Sequence[Sequence[Block]] = ()

    @property
    def names(self) -> Sequence[str]:
        """Of every image."""
        return [block.name for block in self.blocks]

    def block(self, i: int) -> Block:
        """The patches of image `i`."""
        return self.blocks[i]

    @property
    def tiled(self) -> bool:
        """Whether there are tiles."""
        return bool(self.parts)

    def tiles(self, i: int) -> Sequence[Block]:
        """The patches of its tiles."""
        return self.parts[i]


def search(
    queries: Sequence[Block], database: Shelf, *, rules: Sequence[str], min_cosine: float,
    candidates: Sequence[Indices | None] | None = None, own: bool = False,
) -> Iterator[Answers]:  # fmt: skip
    """The answers to every query, in their order; `candidates` are indices into the database for each, None for all.

    With `own` a query does not meet the image of its name. The first rule also looks at tiles of images, if there are.
    """
    lists = [None] * len(queries) if candidates is None else candidates
    found = gather(queries, database, rules=rules, min_cosine=min_cosine, candidates=lists, own=own)
    return (settled(each, rules, min_cosine, only is not None) for each, only in zip(found, lists, strict=True))


def gather(
    queries: Sequence[Block], database: Shelf, *, rules: Sequence[str], min_cosine: float,
    candidates: Sequence[Indices | None] | None = None, own: bool = False,
) -> Iterator[Gathered]:  # fmt: skip
    """As `search`, but short of the answers: with other candidates of the same queries elsewhere, to be `joined`.

    Where no least cosine is known it is NaN, and rules that need one have no score.
    """
    known = rules_named(rules)
    if min_cosine < -1 or min_cosine > 1:  # NaN is neither
        raise UsageError(f"a least cosine of {min_cosine} cannot be meant; give one between -1 and 1")
    lists = [None] * len(queries) if candidates is None else candidates
    names = list(database.names)
    if len(lists) != len(queries):
        raise ValueError(f"{len(queries)} queries cannot have {len(lists)} lists of candidates")
    wanted = [_checked(each, len(names)) for each in lists]
    return _streamed(queries, database, known, min_cosine, _Asking(names, wanted, own))


class _Asking:
    """Which query asks which image."""

    def __init__(self, names: Sequence[str], wanted: Sequence[Indices | None], own: bool) -> None:
        self._names, self._wanted, self._own = names, wanted, own

    @property
    def most(self) -> int:
        """Images that a query asks at most."""
        return max((len(self._names) if only is None else len(only) for only in self._wanted), default=0)

    def of(self, queries: Sequence[Block], start: int) -> NDArray[np.bool_]:
        """Which of these queries, of which the first is query `start`, asks which image (images, queries)."""
        asks = np.zeros((len(self._names), len(queries)), dtype=bool)
        for place in range(len(queries)):
            only = self._wanted[start + place]
            asks[slice(None) if only is None else only, place] = True
        if self._own:
            places: dict[str, list[int]] = {}
            for place, query in enumerate(queries):
                places.setdefault(query.name, []).append(place)
            for index, name in enumerate(self._names):
                asks[index, places.get(name, [])] = False
        return asks


def _streamed(
    queries: Sequence[Block], database: Shelf, rules: Mapping[str, Rule], min_cosine: float, asking: _Asking
) -> Iterator[Gathered]:
    """What every query gathers: some queries at a time go through the database together."""
    start = 0
    while start < len(queries):
        some = queries[start : start + _together(queries[start:], rules, asking.most)]
        asks = asking.of(some, start)
        under_way = [Gathering(query, rules, min_cosine, tiled=database.tiled) for query in some]
        with side_by_side() as spread:
            _along(database, asks, under_way, spread)
        yield from (each.gathered() for each in under_way)
        start += len(some)


def _along(database: Shelf, asks: NDArray[np.bool_], under_way: Sequence[Gathering], spread: Spread) -> None:
    """Lead some queries along the database."""
    wanted = np.flatnonzero(asks.any(axis=1))

    def looks(met: tuple[int, Views]) -> list[tuple[Gathering, Look]]:
        index, (image, tiles) = met
        for view in (image, *tiles):
            check_lengths(view)
        asking = [under_way[place] for place in np.flatnonzero(asks[index]).tolist()]
        return [(each, each.look(image, tiles)) for each in asking]

    for start in range(0, len(wanted), AT_HAND):
        indices = wanted[start : start + AT_HAND].tolist()
        images = [(database.block(index), database.tiles(index) if database.tiled else ()) for index in indices]
        for index, seen in zip(indices, spread(looks, zip(indices, images, strict=True)), strict=True):
            for gathering, look in seen:
                gathering.add(index, look)


def _together(queries: Sequence[Block], rules: Mapping[str, Rule], images: int) -> int:
    """How many of the next queries are asked together."""
    if not any(rule.weights for rule in rules.values()):
        return TOGETHER
    most = max((len(query) for query in queries[:TOGETHER]), default=0) * images * BYTES_A_VOTE
    return int(np.clip(VOTES // max(most, 1), 1, TOGETHER))


def _checked(candidates: Indices | None, images: int) -> Indices | None:
    """Candidates, if they are images of the database; an index below 0 would name one from its end."""
    if candidates is None:
        return None
    only = np.asarray(candidates, dtype=np.int64)
    if len(only) and (only.min() < 0 or only.max() >= images):
        raise ValueError(f"candidates must be indices of the {images} images of the database")
    return only
