"""Votes on part of a database, on their way to become answers.

What is gathered from some of the candidates, here or on another machine, can be joined with what was gathered from the
rest: the answers are those of one search.
"""

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dinosar.retrieval.blocks import Block
from dinosar.retrieval.rules import Census, Rule, rules_named
from dinosar.retrieval.tally import Asked, Hits, Tally
from dinosar.retrieval.tiles import BEST_VIEW

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
Small = NDArray[np.int32]
BYTES_A_VOTE = 36
"""Of a query patch and an image it hits, while they are gathered and joined."""


@dataclass(frozen=True, eq=False)
class Answers:
    """What the search for one query gave: its candidates, ascending, and every rule's score for each of them.

    Where images are held in tiles the scores hold what `BEST_VIEW` names as well.

    Candidates are indices into the order of the database. NaN: the rule has no answer, as for images without a patch
    that may vote.
    """

    query: str
    candidates: Places
    scores: dict[str, Floats]
    min_cosine: float
    shortlisted: bool


class Cast(NamedTuple):
    """Votes of query patches, as long lists of one entry for each patch and image it hits.

    `images` are places in the list of candidates that they were gathered from.
    """

    images: Small
    rows: Small
    counts: Small
    sums: Floats


@dataclass(frozen=True, eq=False)
class Gathered:
    """Of one query with `patches` patches: scores of the rules that look at one image, and votes for the others.

    `mute` are the candidates without patches.
    """

    query: str
    patches: int
    candidates: Places
    mute: NDArray[np.bool_]
    scores: dict[str, Floats]
    cast: Cast


class Look(NamedTuple):
    """What a query saw of one image: a score for each rule that looks at one, and the hits if they are to be kept."""

    mute: bool
    scores: tuple[float, ...]
    hits: Hits | None


class Gathering:
    """One query on its way through the database. It may look at several images at once; they are added in turn.

    Where images are held in tiles, too, the first rule also looks at those, and the best view of each image is told.
    """

    def __init__(self, query: Block, rules: Mapping[str, Rule], min_cosine: float, *, tiled: bool = False) -> None:
        self._asked, self._min_cosine, self._tiled = Asked.of(query), min_cosine, tiled
        self._alone = {name: _told_by(rule, min_cosine) for name, rule in rules.items() if rule.alone}
        self._first = self._alone.get(next(iter(rules)))
        self._keeps = any(rule.weights for rule in rules.values()) and not np.isnan(min_cosine)
        self._met, self._mute = array("q"), bytearray()
        self._scores = {name: array("d") for name in (*self._alone, *(BEST_VIEW if tiled else ()))}
        self._cast: list[Cast] = []

    def look(self, image: Block, tiles: Sequence[Block] = ()) -> Look:
        """What there is to say of an image; nothing is changed."""
        tally = self._tally(image)
        best = self._best_view([tally, *map(self._tally, tiles)]) if self._tiled else ()
        if tally is None:
            return Look(True, (*(float("nan"),) * len(self._alone), *best), None)
        scores = tuple(score(tally) for score in self._alone.values())
        return Look(False, (*scores, *best), tally.hits if self._keeps else None)

    def _tally(self, image: Block) -> Tally | None:
        voiceless = not len(image) or not len(self._asked.block)
        return None if voiceless else Tally(self._asked, image, self._min_cosine)

    def _best_view(self, tallies: Sequence[Tally | None]) -> tuple[float, float, float]:
        """As `BEST_VIEW` names them, of the whole and its tiles; of equals the first."""
        if self._first is None:
            raise ValueError("a rule that weighs patches by all images cannot tell views of one image apart")
        scores = [float("nan") if tally is None else self._first(tally) for tally in tallies]
        if np.isnan(scores).all():
            return (float("nan"),) * 3
        view = int(np.nanargmax(scores))
        tally = tallies[view]
        if tally is None or np.isnan(self._min_cosine):
            return scores[view], float(view), float("nan")
        share = len(tally.hits.rows) / len(self._asked.block)
        return scores[view], float(view), share

    def add(self, index: int, look: Look) -> None:
        """Keep what was seen of image `index` of the database."""
        for scores, score in zip(self._scores.values(), look.scores, strict=True):
            scores.append(score)
        if look.hits is not None and len(look.hits.rows):
            hits, here = look.hits, np.full(len(look.hits.rows), len(self._met), dtype=np.int32)
            self._cast.append(Cast(here, hits.rows.astype(np.int32), hits.counts.astype(np.int32), hits.sums))
        self._met.append(index)
        self._mute.append(look.mute)

    def gathered(self) -> Gathered:
        """All of it, as plain arrays."""
        query = self._asked.block
        scores = {name: np.array(values, dtype=np.float64) for name, values in self._scores.items()}
        met, mute = np.array(self._met, dtype=np.int64), np.array(self._mute, dtype=bool)
        return Gathered(query.name, len(query), met, mute, scores, _below(self._cast))


def joined(parts: Sequence[Gathered]) -> Gathered:
    """What one query gathered from several parts of the database, none of which share a candidate."""
    starts = np.cumsum([0, *(len(part.candidates) for part in parts)])
    first = parts[0]
    together = np.concatenate([part.candidates for part in parts])
    if len(np.unique(together)) < len(together) or any(part.query != first.query for part in parts):
        raise ValueError("only votes of one query on different images can be joined")
    order = np.argsort(together, kind="stable")
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    placed = [
        part.cast._replace(images=place[part.cast.images + start].astype(np.int32))
        for part, start in zip(parts, starts[:-1], strict=True)
    ]
    scores = {name: np.concatenate([part.scores[name] for part in parts])[order] for name in first.scores}
    mute = np.concatenate([part.mute for part in parts])[order]
    return Gathered(first.query, first.patches, together[order], mute, scores, _below(placed))


def settled(gathered: Gathered, rules: Sequence[str], min_cosine: float, shortlisted: bool) -> Answers:
    """The answers, with the rules that weigh the patches by all candidates."""
    census = _census(gathered)
    scores = {
        name: gathered.scores[name] if rule.weights is None else _weighed(gathered, rule, census, min_cosine)
        for name, rule in rules_named(rules).items()
    }
    scores |= {name: gathered.scores[name] for name in BEST_VIEW if name in gathered.scores}
    return Answers(gathered.query, gathered.candidates, scores, min_cosine, shortlisted)


def _below(parts: Sequence[Cast]) -> Cast:
    """Votes one below the other."""
    none = np.empty(0, dtype=np.int32)
    images, rows, counts = (np.concatenate([none, *(part[field] for part in parts)]) for field in (0, 1, 2))
    return Cast(images, rows, counts, np.concatenate([np.empty(0), *(part.sums for part in parts)]))


def _census(gathered: Gathered) -> Census:
    """Hits and images hit of every query patch, over all candidates that have patches."""
    cast, patches = gathered.cast, gathered.patches
    hits = np.zeros(patches, dtype=np.int64)
    np.add.at(hits, cast.rows, cast.counts)
    return Census(hits, np.bincount(cast.rows, minlength=patches), int((~gathered.mute).sum()))


def _told_by(rule: Rule, min_cosine: float) -> Callable[[Tally], float]:
    """What tells the score of one image; no number where the rule needs a least cosine and none is known."""
    if rule.alone is None or rule.needs_min_cosine and np.isnan(min_cosine):
        return lambda tally: float("nan")
    return rule.alone


def _weighed(gathered: Gathered, rule: Rule, census: Census, min_cosine: float) -> Floats:
    """Scores (candidates,) of a rule that gives weights to the query patches."""
    cast = gathered.cast
    unknown = np.full(len(gathered.candidates), np.nan)
    if rule.weights is None or not gathered.patches or not census.candidates or np.isnan(min_cosine):
        return unknown
    weights = rule.weights(census)
    if np.isnan(weights).any():
        return unknown
    given = weights[cast.rows] * (cast.sums if rule.give == "cosines" else 1.0)
    scores = np.bincount(cast.images, weights=given, minlength=len(gathered.candidates)).astype(np.float64)
    scores[gathered.mute] = np.nan
    return scores
