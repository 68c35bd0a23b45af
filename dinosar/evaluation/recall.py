"""How good a ranking is where it is known how much every image shares with the query."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

RELEVANT = 0.1
"""Share of a query that an image must show to count as an answer to it."""
FEWEST = 3
"""Of two images any order is either right or wrong."""

Truth = NDArray[np.float64]


def found_within(ranked: Sequence[int], truth: Truth, k: int, relevant: float = RELEVANT) -> bool | None:
    """Whether one of the first k images shows enough of the query: recall@k as usual. None where no image does.

    `ranked` are places in `truth` (n,), which says how much of the query each image of the database shows.
    """
    enough = truth >= relevant
    return bool(enough[list(ranked[:k])].any()) if enough.any() else None


def share_of_best(ranked: Sequence[int], truth: Truth, k: int) -> float | None:
    """How many of the k images that share most are among the first k, as a share of k: recall as the original has it.

    Of images that share equally much, nothing included, the first in the database counts as sharing more: where fewer
    than k share anything this can hardly be 1. None where there are fewer than k images.
    """
    if len(truth) < k:
        return None
    best = np.argsort(-truth, kind="stable")[:k]
    return len(set(best.tolist()) & set(map(int, ranked[:k]))) / k


def rank_correlation(scores: Truth, truth: Truth) -> float | None:
    """Spearman's correlation of scores with what images share with the query, of those that share anything.

    None where these are fewer than three, or where either is the same for all. Images without a score are left out.
    """
    kept = (truth > 0) & np.isfinite(scores)
    if kept.sum() < FEWEST or np.ptp(scores[kept]) == 0 or np.ptp(truth[kept]) == 0:
        return None
    from scipy.stats import spearmanr

    return float(spearmanr(scores[kept], truth[kept]).statistic)


def mean_of(values: Iterable[float | None]) -> tuple[float | None, int]:
    """The mean over queries of which it could be told, and how many they are."""
    known = [float(value) for value in values if value is not None]
    return (float(np.mean(known)) if known else None), len(known)
