"""From scores to an order, and which images of that order are no answer."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dinosar.retrieval.rules import rules_named


def ranked(scores: NDArray[np.float64], names: Sequence[str]) -> NDArray[np.int64]:
    """Places in `scores`, the best first; ties by name, and those without a score (NaN) last."""
    if len(scores) != len(names):
        raise ValueError(f"{len(scores)} scores cannot be those of {len(names)} names")
    by_name = np.array(sorted(range(len(names)), key=names.__getitem__), dtype=np.int64)
    return by_name[np.argsort(-scores[by_name], kind="stable")]


def voted(scores: NDArray[np.float64], rule: str) -> NDArray[np.bool_]:
    """Which of the images are answers: no score, or one of 0 where that says that no patch votes for it, is none.

    They keep their place in the order, which among themselves is that of their names and says nothing.
    """
    there = ~np.isnan(scores)
    return there & (scores != 0) if rules_named([rule])[rule].silent else there
