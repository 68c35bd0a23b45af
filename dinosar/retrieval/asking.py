"""Overlap retrieval, told in order: shortlist by one vector, let patches vote, rank."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from dinosar.config import RankingConfig
from dinosar.errors import InputError, UsageError, shown
from dinosar.notices import warn
from dinosar.retrieval.blocks import Block
from dinosar.retrieval.gathering import Answers
from dinosar.retrieval.global_vectors import GlobalVectors
from dinosar.retrieval.radius import TooFewImages, auto_min_cosine, sample
from dinosar.retrieval.ranking import ranked
from dinosar.retrieval.rules import RULES, rules_named
from dinosar.retrieval.searching import Shelf, search
from dinosar.retrieval.shelf import LibraryShelf
from dinosar.retrieval.shortlist import EXACT, how_many, pooled
from dinosar.retrieval.tiles import BEST, HIT, VIEW
from dinosar.timing import stage

TOGETHER, MANY_TOGETHER = 16, 1024
"""Queries that go along the shelf at once: one reading of an image serves them all. More of them where the shortlist is
looked up in an index of faiss, which is made anew each time."""
Places = NDArray[np.int64]
ALWAYS = ("maxsim", "coverage", "coverage_back", "coverage_sym", "mutual_nn", "vop.sum", "vop.count", "vop.0", "vop.1",
          "vop.6")  # fmt: skip
"""Rules that are told of beside the one that ranks: each has a column of its own."""
WEIGHED = ("idf_coverage", "vop.tfidf", "vop.5")
"""The same where not too many images are looked at: these keep every vote until all were counted."""
MANY = 10_000


@dataclass(frozen=True, eq=False)
class Asked:
    """A query: its patches as the head encodes them, its summary token, the scene it belongs to, and its file."""

    block: Block
    summary: NDArray[np.float32] | None = None
    scene: str = ""
    path: str = ""
    sha256: str = ""

    @property
    def name(self) -> str:
        """What tables call it."""
        return self.block.name


@dataclass(frozen=True, eq=False)
class Ranking:
    """The answers to a query, the best first: places on the shelf, the score that ranks, the scores by rule, and
    whether any patch voted.

    `among` is how many images were looked at patch by patch; `every` are the scores of all of them that ranked. Where
    images are held in tiles, what ranks is the score of the best view, and the scores by rule are those of the whole.
    """

    asked: Asked
    places: NDArray[np.int64]
    score: NDArray[np.float64]
    scores: Mapping[str, NDArray[np.float64]]
    voted: NDArray[np.bool_]
    every: NDArray[np.float64]

    @property
    def among(self) -> int:
        """Images that were looked at patch by patch."""
        return len(self.every)

    def first(self, count: int | None) -> "Ranking":
        """The first so many answers."""
        return Ranking(self.asked, self.places[:count], self.score[:count],
                       {rule: each[:count] for rule, each in self.scores.items()}, self.voted[:count],
                       self.every)  # fmt: skip

    def view(self, i: int) -> int | None:
        """The number of the view by which an answer scores; None without tiles, or without a score."""
        views = self.scores.get(VIEW)
        return None if views is None or np.isnan(views[i]) else int(views[i])


@dataclass(frozen=True)
class Way:
    """How a search is done, everything settled. `own`: the images ask each other, and none answers itself.

    `min_cosine` is NaN where none is known: rules that need one have no score then. `tiled`: the tiles of images count
    as well.
    """

    rule: str
    rules: tuple[str, ...]
    min_cosine: float
    min_cosine_is: str
    by: str
    size: int | None
    own: bool = False
    tiled: bool = False

    @property
    def limited(self) -> bool:
        """Whether it is known from which cosine on two patches are a hit."""
        return not math.isnan(self.min_cosine)


Allowed = Callable[[Asked], Places | None]
"""The places that may answer a query, ascending; None for all."""
Vote = Callable[[Sequence[Block], Sequence[Places | None], Way], Iterable[Answers]]
"""What lets patches vote: here, or on a cluster."""


def way_of(config: RankingConfig, shelf: LibraryShelf, *, own: bool) -> Way:
    """How a search of this shelf is done: what was left open is settled."""
    rule = config.voting.rule
    if shelf.tiled and rules_named([rule])[rule].alone is None:
        raise UsageError(
            f"{rule} weighs patches by all images, and tiles of one image are no others; rank by another rule, as "
            "maxsim, or give --no-tiles"
        )
    rules_named([rule])
    size = how_many(config.shortlist.size, len(shelf.names))
    by = config.shortlist.by
    if by == "auto":
        by = "summary" if shelf.library.index.has("summary") else "pooled"
    least, words = config.voting.min_cosine, "given"
    if least is None:
        least, words = _automatic(rule, shelf)
    return Way(rule, told_beside(rule, size or len(shelf.names)), least, words, by, size, own, shelf.tiled)


def _automatic(rule: str, shelf: LibraryShelf) -> tuple[float, str]:
    """The least cosine that a collection tells itself, and how; NaN where it tells none, and ranking needs none."""
    try:
        found = auto_min_cosine([shelf.block(i) for i in sample(shelf.names)])
    except TooFewImages as problem:
        if RULES[rule].needs_min_cosine:
            raise
        warn(f"{problem}; until then rules that need it have no score (NA), nor is an overlap told")
        return float("nan"), "fewer than two images with patches tell none"
    return found.value, f"auto: {found.words}"


def told_beside(rule: str, images: int) -> tuple[str, ...]:
    """The rules that are told of, that which ranks first; where they would cost much memory, those without weights."""
    others = ALWAYS if images > MANY else ALWAYS + WEIGHED
    return (rule, *(each for each in others if RULES[each] is not RULES[rule]))


def rankings(asked: Iterable[Asked], shelf: LibraryShelf, way: Way, allowed: Allowed, vote: Vote) -> Iterator[Ranking]:
    """The answers to every query, in turn."""
    whole = None if way.size is None else shelf.vectors(way.by)
    together = TOGETHER if whole is None or len(whole.each) <= EXACT else MANY_TOGETHER
    waiting = iter(asked)
    while some := list(islice(waiting, together)):
        places = [allowed(each) for each in some]
        if whole is not None:
            with stage("shortlist"):
                places = list(shortlists(some, whole, places, shelf, way))
        with stage("vote"):
            found = list(vote([each.block for each in some], places, way))
        yield from (ranking(*each, shelf, way.rule) for each in zip(some, found, strict=True))


def here(shelf: Shelf) -> Vote:
    """Voting in this process."""

    def vote(blocks: Sequence[Block], places: Sequence[Places | None], way: Way) -> Iterable[Answers]:
        return search(blocks, shelf, rules=way.rules, min_cosine=way.min_cosine, candidates=places, own=way.own)

    return vote


def shortlists(asked: Sequence[Asked], whole: GlobalVectors, places: Sequence[Places | None], shelf: LibraryShelf,
               way: Way) -> Iterator[Places]:  # fmt: skip
    """For each query, of the places that may answer, those whose global vectors are nearest to its own, ascending."""
    size = int(way.size or len(shelf.names))
    vectors = np.array([global_vector(each, way.by) for each in asked])
    itself = [shelf.places.get(each.name) if way.own else None for each in asked]
    everywhere = [i for i, may in enumerate(places) if may is None]
    found: dict[int, Places] = {}
    if everywhere:  # in one go, and without a copy of what may be a million vectors
        near = whole.nearest(vectors[everywhere], size, [itself[i] for i in everywhere])
        found = dict(zip(everywhere, near, strict=True))
    for i, may in enumerate(places):
        if may is not None:
            rest = may[may != itself[i]] if itself[i] is not None else may
            found[i] = rest[whole.of(rest).nearest(vectors[i : i + 1], size, [None])[0]]
        yield np.sort(found[i])


def global_vector(asked: Asked, by: str) -> NDArray[np.float32]:
    """The one vector of a query that a shortlist goes by."""
    vector = pooled(asked.block) if by == "pooled" else asked.summary
    if vector is None:
        raise InputError(f"query '{shown(asked.name)}' has no summary token; use --shortlist-by pooled")
    return vector


def ranking(asked: Asked, answers: Answers, shelf: LibraryShelf, rule: str) -> Ranking:
    """The answers to one query, the best first; equal ones in the order of their names."""
    order = ranked(answers.scores.get(BEST, answers.scores[rule]), [shelf.names[i] for i in answers.candidates])
    scores = {name: values[order] for name, values in answers.scores.items()}
    best = scores.get(BEST, scores[rule])
    voted = (scores["coverage"] > 0) | (scores[HIT] > 0 if HIT in scores else False)  # NaN is not
    return Ranking(asked, answers.candidates[order], best, scores, voted, best)
