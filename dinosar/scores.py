"""The stage that turns matches into numbers, with random patch pairs beside each to tell how much is much.

Every score is a dissimilarity: 0 = the same, higher = more different. What cannot be computed says why; it never turns
into another score.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dinosar.config import ScoreConfig
from dinosar.data import Matches, Specimen
from dinosar.errors import InputError
from dinosar.notices import warn
from dinosar.timing import a_stage

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Summary:
    """A distribution of dissimilarities in few numbers; std is of the population, tail the share above a bound."""

    n: int
    mean: float
    median: float
    std: float
    p95: float
    p99: float
    tail: float


@dataclass(frozen=True)
class Score:
    """One way of putting a pair into numbers: both directions, and the symmetric distance.

    `of_random` is the distance over that of random patch pairs: 0 = identical, 1 = no nearer than chance.
    """

    name: str
    meaning: str
    distance: float | None = None
    a_to_b: Summary | None = None
    b_to_a: Summary | None = None
    pooled: Summary | None = None
    asymmetry: float | None = None
    random_mean: float | None = None
    of_random: float | None = None
    not_computed: str | None = None

    def require(self) -> float:
        """The distance, or the reason why there is none."""
        if self.distance is None:
            raise InputError(f"score '{self.name}' was not computed: {self.not_computed}")
        return self.distance


@a_stage("score")
def score(
    a: Specimen, b: Specimen, forward: Matches, backward: Matches, random: Values, config: ScoreConfig
) -> dict[str, Score]:
    """Every score by name; the one of attention is named after what weighted it. `random` is what chance gives."""
    chance = float(random.mean())
    pair = forward, backward
    weighted = f"{a.features.attention_kind}_weighted"
    scores = {
        "foreground": _directed("foreground", "mean over both directions of 1 - cosine to the best answer",
                                [m.distance for m in pair], None, chance, config),
        weighted: _weighted(weighted, a, b, pair, chance, config),
        "bidirectional": _pooled(pair, chance, config),
        "topk_mean": _topk(pair, chance, config),
    }  # fmt: skip
    if config.mode == "verified" or any(m.verified is not None for m in pair):
        scores["verified"] = _verified(pair, chance, config)
    _warn_of_few(scores[headline(config, a)], min(len(a.indices), len(b.indices)))
    return scores


FEW = 20
"""Matches below which a mean says little, and one odd patch much."""


def _warn_of_few(chosen: Score, compared: int) -> None:
    """Say that the distance of the pair rests on few matches, where more patches could have been matched."""
    counts = [each.n for each in (chosen.a_to_b, chosen.b_to_a, chosen.pooled) if each]
    if counts and min(counts) < min(FEW, compared):
        warn(f"the distance of the pair ({chosen.name}) rests on {min(counts)} matches, of {compared} patches compared")


def headline(config: ScoreConfig, a: Specimen) -> str:
    """The name of the score that is the pair's distance."""
    return f"{a.features.attention_kind}_weighted" if config.mode == "attention_weighted" else config.mode


def summarize(values: Values, bound: float, weights: Values | None = None) -> Summary:
    """A distribution in few numbers, weighted if weights are given."""
    if weights is None:
        p50, p95, p99 = (float(q) for q in np.percentile(values, (50, 95, 99)))
        spread = float(values.std())
        return Summary(len(values), float(values.mean()), p50, spread, p95, p99, float((values > bound).mean()))
    weights = weights / weights.sum()
    mean = float((weights * values).sum())
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    at = np.minimum(np.searchsorted(reached, (0.5, 0.95, 0.99)), len(order) - 1)
    p50, p95, p99 = (float(value) for value in values[order][at])
    spread = float(np.sqrt((weights * (values - mean) ** 2).sum()))
    return Summary(len(values), mean, p50, spread, p95, p99, float(weights[values > bound].sum()))


def random_distances(a: Specimen, b: Specimen, pairs: int, seed: int) -> Values:
    """Dissimilarity of random patch pairs of the two specimens, ascending; the same whichever specimen comes first."""
    draws = np.random.default_rng(seed).random((pairs // 2, 2))
    draws = np.concatenate([draws, draws[:, ::-1]])  # swapping the specimens then only reorders the pairs
    tokens_a, tokens_b = a.tokens, b.tokens
    left = tokens_a[(draws[:, 0] * len(tokens_a)).astype(int)].astype(np.float64)
    right = tokens_b[(draws[:, 1] * len(tokens_b)).astype(int)]
    return np.sort(0.5 * ((left - right) ** 2).sum(axis=1))


def _directed(name: str, meaning: str, values: list[Values], weights: list[Values] | None, chance: float,
              config: ScoreConfig) -> Score:  # fmt: skip
    """A score whose distance is the mean of both directions."""
    for series, direction in zip(values, ("A to B", "B to A"), strict=True):
        if not len(series):
            return Score(name, meaning, not_computed=f"the matcher found no match from {direction}")
    both = [summarize(v, config.tail, None if weights is None else weights[i]) for i, v in enumerate(values)]
    distance = (both[0].mean + both[1].mean) / 2
    return Score(name, meaning, distance, both[0], both[1], asymmetry=both[0].mean - both[1].mean, random_mean=chance,
                 of_random=relative(distance, chance))  # fmt: skip


def relative(distance: float, chance: float) -> float | None:
    """A distance over that of random patch pairs; None where those are all alike."""
    return distance / chance if chance > 0 else None


def _weighted(name: str, a: Specimen, b: Specimen, pair: tuple[Matches, Matches], chance: float,
              config: ScoreConfig) -> Score:  # fmt: skip
    """Dissimilarity weighted by the root of what both patches of a match are given of attention or saliency."""
    kind = name.removesuffix("_weighted")
    meaning = f"as foreground, each match weighted by the {kind} of both its patches"
    focus = a.features.focus, b.features.focus
    if focus[0] is None or focus[1] is None:
        return Score(name, meaning, not_computed=f"backbone {a.features.backbone} gives no {kind}")
    maps = [f.ravel().astype(np.float64) for f in focus]  # type: ignore[union-attr]
    weights = [np.sqrt(own[m.asked] * other[m.answer]) for m, own, other in zip(pair, maps, maps[::-1], strict=True)]
    if not all(w.sum() > 0 for w in weights if len(w)):
        return Score(name, meaning, not_computed=f"the {kind} of all matched patches is zero")
    return _directed(name, meaning, [m.distance for m in pair], weights, chance, config)


def _pooled(pair: tuple[Matches, Matches], chance: float, config: ScoreConfig) -> Score:
    """All matches of both directions in one distribution: the larger specimen weighs more."""
    meaning = "mean of 1 - cosine over the matches of both directions together"
    values = np.sort(np.concatenate([m.distance for m in pair]))  # sorted, so that the sum does not know the order
    if not len(values):
        return Score("bidirectional", meaning, not_computed="the matcher found no match")
    pooled = summarize(values, config.tail)
    return Score("bidirectional", meaning, pooled.mean, pooled=pooled, random_mean=chance,
                 of_random=relative(pooled.mean, chance))  # fmt: skip


def _topk(pair: tuple[Matches, Matches], chance: float, config: ScoreConfig) -> Score:
    meaning = "mean over both directions of 1 - cosine to the best few answers; not 0 for identical photos"
    values = [m.runners_up for m in pair]
    if values[0] is None or values[1] is None:
        return Score("topk_mean", meaning, not_computed="the matcher gave no runners-up (or there are too few patches)")
    return _directed("topk_mean", meaning, [v for v in values if v is not None], None, chance, config)


def _verified(pair: tuple[Matches, Matches], chance: float, config: ScoreConfig) -> Score:
    """The matches that the matcher's geometric check accepted, and those alone."""
    meaning = "as foreground, of the matches alone that a geometric check accepted"
    values = []
    for matches, direction in zip(pair, ("A to B", "B to A"), strict=True):
        if matches.verified is None:
            reason = "the matcher did not verify its matches; matcher mutual does, unless its option verify is none"
            return Score("verified", meaning, not_computed=reason)
        if len(matches) and not matches.verified.any():
            reason = f"none of the {len(matches)} matches from {direction} was verified"
            return Score("verified", meaning, not_computed=reason)
        values.append(matches.distance[matches.verified])
    return _directed("verified", meaning, values, None, chance, config)
