"""The scores of a search in numbers: which of them are kept, the gap after these, and how many lie in each bin."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dinosar.retrieval.ranking import voted

Floats = NDArray[np.float64]
FEWEST, MOST = 10, 60
"""Bins: by Rice's rule, twice the cube root of how many scores there are, within these."""
ALIKE = 1e-12
"""Of scores that differ by no more, relative to them, it would be nonsense to draw how they are distributed."""


@dataclass(frozen=True, eq=False)
class Scored:
    """The scores of one query's images, the best first; the first `kept` of them are its answers.

    `missing` are images that have no score.
    """

    name: str
    scores: Floats
    kept: int
    missing: int = 0

    @property
    def best(self) -> Floats:
        """The score of the best answer; empty where there is none."""
        return self.scores[: min(1, self.kept)]

    @property
    def other_answers(self) -> Floats:
        """The scores of the answers after the best."""
        return self.scores[1 : max(1, self.kept)]

    @property
    def no_answers(self) -> Floats:
        """The scores of images that are not kept."""
        return self.scores[self.kept :]

    @property
    def gap(self) -> float | None:
        """How far the score falls after the last kept answer; None where there is none, or nothing after it."""
        return float(self.scores[self.kept - 1] - self.scores[self.kept]) if 0 < self.kept < len(self.scores) else None


@dataclass(frozen=True, eq=False)
class Bins:
    """Images by score: edges (n + 1,), and how many (n,) are the best of a query, its other answers, and no answers."""

    edges: Floats
    best: NDArray[np.int64]
    kept: NDArray[np.int64]
    others: NDArray[np.int64]


def scored(name: str, every: Floats, rule: str, k: int) -> Scored:
    """The scores of a query, the best first and NaN last, of which the k best are kept where they are answers."""
    there = every[~np.isnan(every)]
    return Scored(name, there, int(voted(there[:k], rule).sum()), len(every) - len(there))


def binned_scores(several: Sequence[Scored]) -> Bins:
    """The scores of all queries in bins; of a single one an edge lies right beneath its last kept answer."""
    parts = [
        np.concatenate(list(part))
        for part in zip(*((each.best, each.other_answers, each.no_answers) for each in several), strict=True)
    ]
    whole = np.concatenate(parts)
    low, high = (float(whole.min()), float(whole.max())) if len(whole) else (0.0, 1.0)
    if high - low <= ALIKE * max(1.0, abs(low), abs(high)):
        low, high = low - 0.05 * max(1.0, abs(low)), high + 0.05 * max(1.0, abs(high))
    edges = np.linspace(low, high, 1 + int(np.clip(np.ceil(2 * np.cbrt(len(whole))), FEWEST, MOST)))
    if len(several) == 1 and several[0].gap:
        edges = _aligned(edges, float(several[0].scores[several[0].kept - 1]))
    best, kept, others = (np.histogram(part, edges)[0].astype(np.int64) for part in parts)
    return Bins(edges, best, kept, others)


def _aligned(edges: Floats, place: float) -> Floats:
    """Bins as wide or a little narrower, one of which begins at a place, the first at the least score if it can."""
    low, high, wide = float(edges[0]), float(edges[-1]), float(edges[1] - edges[0])
    before = int(np.ceil((place - low) / wide))
    if before > 1:  # else they might become so narrow that there are thousands
        wide = (place - low) / before
    found = place + wide * np.arange(-before, max(1, int(np.ceil((high - place) / wide))) + 1)
    found[[0, -1]] = min(low, found[0]), max(high, found[-1])  # whatever was rounded
    return np.asarray(found)
