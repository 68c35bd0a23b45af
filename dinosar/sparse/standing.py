"""How pairs of patches stand among all others: whether each end is the other's best answer, and by what margin."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dinosar.data import Specimen
from dinosar.matchers.nearest import answers, exact, rivals

APART = 2
"""Patches from an answer to where another counts: its neighbours look alike, and are no other answer."""
BLOCK = 512
Places = NDArray[np.int64]


class Standing(NamedTuple):
    """Of each pair: cosine, whether it is mutual, and its margin (NaN where there is no other answer)."""

    cosine: NDArray[np.float64]
    mutual: NDArray[np.bool_]
    margin: NDArray[np.float64]


def standing(a: Specimen, b: Specimen, patch_a: Places, patch_b: Places) -> Standing:
    """How the pairs stand, by the cosine of their tokens, among all patches of both foregrounds."""
    i, j = np.searchsorted(a.indices, patch_a), np.searchsorted(b.indices, patch_b)
    if not len(i):
        return Standing(np.empty(0), np.empty(0, dtype=bool), np.empty(0))
    distance = exact(a.tokens[i], b.tokens[j])
    there, back = (answers(x.tokens[k], y.tokens, 1, BLOCK)[0] for x, y, k in ((a, b, i), (b, a, j)))
    others = [
        rivals(x.tokens[k], y.tokens, found, np.argwhere(y.patches), APART, BLOCK)
        for x, y, k, found in ((a, b, i, j), (b, a, j, i))
    ]
    other = np.minimum(*others)
    margin = np.where(np.isfinite(other), other - distance, np.nan)
    return Standing(1 - distance, (there == j) & (back == i), margin)
