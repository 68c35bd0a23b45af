"""Rankings held against true overlaps: recall, rank correlation, and how far the reported overlap is off."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dinosar.evaluation.overlap_tables import Ranked
from dinosar.evaluation.recall import found_within, mean_of, rank_correlation, share_of_best

OVERLAP = "coverage_sym"
"""The rule whose score is reported as an overlap."""
Truth = Mapping[tuple[str, str], float]
Row = dict[str, Any]


def judged(ranking: Mapping[str, Ranked], truth: Truth, ks: Sequence[int], relevant: float) -> list[Row]:
    """For each query: its recall, and by rule the correlation of scores with what images share with it."""
    shared: dict[str, dict[str, float]] = {}
    for (query, image), share in truth.items():
        shared.setdefault(query, {})[image] = share
    return [_judged(query, each, shared.get(query, {}), ks, relevant) for query, each in ranking.items()]


def _judged(query: str, ranked: Ranked, shared: Mapping[str, float], ks: Sequence[int], relevant: float) -> Row:
    """One query. Images that share something and were not listed come after all that were."""
    names = [*ranked.images, *sorted(set(shared) - set(ranked.images))]
    truth = np.array([shared.get(name, 0.0) for name in names])
    listed = range(len(ranked.images))
    row: Row = {
        "query": query, "answers": int((truth >= relevant).sum()), "sharing": int((truth > 0).sum()),
        "not_listed": int((truth[len(ranked.images) :] >= relevant).sum()),
    }  # fmt: skip
    for k in ks:
        found = found_within(listed[:k], truth, k, relevant)
        row[f"recall@{k}"] = None if found is None else float(found)
        row[f"share_of_best@{k}"] = share_of_best(listed[:k], truth, k) if row["sharing"] else None
    for rule, scores in ranked.scores.items():
        row[f"rho_{rule}"] = rank_correlation(np.array(scores), truth[: len(scores)])
    return row


def summary(rows: Sequence[Row]) -> Row:
    """Means over queries, each with how many queries it could be told of."""
    keys = [key for key in rows[0] if key.startswith(("recall@", "share_of_best@", "rho_"))]
    found: Row = {}
    for key in keys:
        mean, count = mean_of(row[key] for row in rows)
        found[key] = {"mean": mean, "queries": count}
    return found


def calibration(ranking: Mapping[str, Ranked], truth: Truth) -> Row | None:
    """How the reported overlap goes with the true one, over all pairs that share anything; None where that is no number.

    The true one is the smaller share of both directions where both are known, as the reported one is.
    """
    pairs = []
    for query, each in ranking.items():
        for image, told in zip(each.images, each.scores.get(OVERLAP, ()), strict=False):
            share = truth.get((query, image), 0.0)
            if share > 0 and np.isfinite(told):
                pairs.append((told, min(share, truth.get((image, query), share))))
    if len(pairs) < 3 or 0 in np.ptp(pairs, axis=0):
        return None
    told, true = np.array(pairs).T
    return {
        "pairs": len(pairs), "pearson": float(np.corrcoef(told, true)[0, 1]),
        "mean_absolute_error": float(np.abs(told - true).mean()),
    }  # fmt: skip
