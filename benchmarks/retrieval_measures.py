"""How good a table of scores (queries, database) is where the overlaps are known."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.evaluation.recall import RELEVANT, found_within, mean_of, rank_correlation, share_of_best
from dinosar.retrieval.ranking import ranked

Table = NDArray[np.float64]
KS = (1, 5, 10)
BINS = (0.02, 0.1, 0.3, 0.5, 1.0)
"""Edges of the overlaps for which it is told how well they are kept apart from none."""


def measured(
    scores: Table, truth: Table, names: Sequence[str], families: tuple[list[str], list[str]]
) -> dict[str, Any]:
    """Recall as usual and as the original has it, rank correlations, and areas under the curve by overlap.

    `truth` (queries, database, 2) is of the query in the image and the other way. NaN is no score and comes last.
    """
    of_query, smaller = truth[..., 0], truth.min(axis=-1)
    orders = [ranked(row, names) for row in scores]
    pairs = list(zip(orders, of_query, strict=True))
    found: dict[str, Any] = {
        f"R@{k}": mean_of(found_within(order.tolist(), own, k) for order, own in pairs)[0] for k in KS
    }
    found["best 5"] = mean_of(share_of_best(order.tolist(), own, 5) for order, own in pairs)[0]
    for name, shares in (("rho", of_query), ("rho sym", smaller)):
        found[name] = mean_of(rank_correlation(row, own) for row, own in zip(scores, shares, strict=True))[0]
    return found | {f"AUC {low}-{high}": area for (low, high), area in _areas(scores, smaller, truth, families).items()}


def _areas(scores: Table, smaller: Table, truth: Table, families: tuple[list[str], list[str]]
           ) -> dict[tuple[float, float], float | None]:  # fmt: skip
    """By overlap: how often a pair that shares so much scores higher than one of a query and an image of its family
    that shares nothing. Scores of one query are compared, and what ties counts half."""  # noqa: D205, D209
    kin = np.array(families[0])[:, None] == np.array(families[1])
    nothing = kin & (truth.max(axis=-1) == 0)
    known = np.where(np.isfinite(scores), scores, -np.inf)
    found: dict[tuple[float, float], float | None] = {}
    for low, high in zip(BINS, BINS[1:], strict=False):
        wins: list[float] = []
        for row, shared, none in zip(known, (smaller >= low) & (smaller < high), nothing, strict=True):
            gaps = row[shared][:, None] - row[none]
            wins += ((gaps > 0) + 0.5 * (gaps == 0)).mean(axis=1).tolist() if gaps.size else []
        found[low, high] = float(np.mean(wins)) if wins else None
    return found


def calibrated(scores: Table, truth: Table) -> dict[str, float]:
    """How far a score is the smaller overlap of both directions, over the pairs that share anything."""
    shared = truth.max(axis=-1) > 0
    told, true = scores[shared], truth.min(axis=-1)[shared]
    return {"pearson": float(np.corrcoef(told, true)[0, 1]), "off": float(np.abs(told - true).mean())}


def ceiling(
    shortlists: Sequence[NDArray[np.int64]], scores: Table, truth: Table, names: Sequence[str]
) -> dict[str, float]:
    """How many of the queries with an answer have one on their shortlist, and R@1 of the vote on it."""
    there: list[float] = []
    right: list[float] = []
    for chosen, row, own in zip(shortlists, scores, truth[..., 0], strict=True):
        if (own >= RELEVANT).any():
            there.append(float((own[chosen] >= RELEVANT).any()))
            first = chosen[ranked(row[chosen], [names[i] for i in chosen])[0]]
            right.append(float(own[first] >= RELEVANT))
    return {"ceiling": float(np.mean(there)), "R@1": float(np.mean(right))}


def firsts(scores: Table, truth: Table) -> NDArray[np.bool_]:
    """Whether the one image that shows all of a query scores higher than every other (queries,); a tie does not."""
    right = truth[..., 0].argmax(axis=1)
    known = np.where(np.isfinite(scores), scores, -np.inf)
    own = known[np.arange(len(known)), right]
    return np.asarray((known >= own[:, None]).sum(axis=1) == 1) & np.isfinite(own)
