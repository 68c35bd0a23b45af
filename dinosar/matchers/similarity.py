"""Nearest neighbours by cosine: every patch of one specimen is answered by the most similar patch of the other."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

import dinosar

ROUNDING = 4e-6
"""More than float32 can err in the cosine of unit vectors; nearer candidates than this are decided exactly."""
PAIRS_AT_ONCE = 1024
"""Few enough that their differences stay in the processor's cache."""


class Similarity(dinosar.Matcher):
    """Nearest patch by cosine, blockwise; with the mean of the best few beside it."""

    class Options(dinosar.Options):
        """How far down the list of answers to look, and how much memory to use."""

        topk: int = Field(5, ge=1, le=100, description="Answers averaged for topk_mean; steadier than the single best.")
        block: int = Field(512, ge=1, le=65536, description="Patches asked at once; the full matrix is never held.")

    def match(self, a: dinosar.Specimen, b: dinosar.Specimen) -> dinosar.Matches:
        """Nearest answers in `b` for every specimen patch of `a`."""
        k = min(self.options.topk, len(b.indices))
        asking, answering, step = a.tokens, b.tokens, self.options.block
        blocks = [nearest(asking[start : start + step], answering, k) for start in range(0, len(asking), step)]
        best = np.concatenate([answer for answer, _ in blocks])
        distances = np.concatenate([distance for _, distance in blocks])
        enough = k == self.options.topk
        return dinosar.Matches(
            a.indices, b.indices[best], distances[:, 0], runners_up=distances.mean(axis=1) if enough else None
        )


def nearest(
    asking: NDArray[np.float32], answering: NDArray[np.float32], k: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The nearest answer (n,) for each unit vector asking (n, d), and the distances of the best `k`, ascending (n, k).

    A float32 matrix product finds the candidates; their distances are then computed exactly, so that identical tokens
    are at distance 0, a pair has the same distance both ways, and threads or blocks cannot change an answer. Ties go
    to the lowest index.
    """
    cosine = asking @ answering.T
    kth = np.partition(cosine, -k, axis=1)[:, -k]
    rows, columns = np.nonzero(cosine >= kth[:, None] - np.float32(ROUNDING))
    distance = np.concatenate(
        [exact(asking[rows[i : i + PAIRS_AT_ONCE]], answering[columns[i : i + PAIRS_AT_ONCE]])
         for i in range(0, len(rows), PAIRS_AT_ONCE)]
    )  # fmt: skip
    order = np.lexsort((columns, distance, rows))
    first = np.searchsorted(rows, np.arange(len(asking)))
    ranked = order[first[:, None] + np.arange(k)]
    return columns[ranked[:, 0]], distance[ranked]


def exact(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float64]:
    """1 - cosine of unit vectors, pair by pair, as half the squared distance: 0 exactly when they are equal."""
    difference = a.astype(np.float64)
    difference -= b
    difference *= difference
    return np.asarray(0.5 * difference.sum(axis=-1))
