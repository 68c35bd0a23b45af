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
    """Of the k images that share most, the share that is among the first k: recall as the original has it.

    Where fewer than k images share anything, only these are looked for: one that shares nothing is no answer, and which
    of those stood among the best would be chance. Of images that share equally much the first in the database counts
    as sharing more. None where none shares anything, and where there are fewer than k images to choose from.
    """
    sharing = int((truth > 0).sum())
    if len(truth) < k or not sharing:
        return None
    best = np.argsort(-truth, kind="stable")[: min(k, sharing)].tolist()
    return len(set(best) & set(map(int, ranked[:k]))) / len(best)


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
