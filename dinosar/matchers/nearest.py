"""Nearest neighbours among unit tokens, decided exactly: what every built-in matcher starts from."""

import numpy as np
from numpy.typing import NDArray

Tokens = NDArray[np.float32]
ROUNDING = 4e-6
"""More than float32 can err in the cosine of unit vectors; nearer candidates than this are decided exactly."""
PAIRS_AT_ONCE = 1024
"""Few enough that their differences stay in the processor's cache."""


def answers(
    asking: Tokens, answering: Tokens, topk: int, block: int
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64] | None]:
    """The nearest answer of every token asking, its distance, and the mean distance of the best `topk`.

    That mean is None where there are fewer answers. At most `block` tokens ask at once: the full matrix is never held.
    """
    k = min(topk, len(answering))
    blocks = [nearest(asking[start : start + block], answering, k) for start in range(0, len(asking), block)]
    best = np.concatenate([answer for answer, _ in blocks])
    distances = np.concatenate([distance for _, distance in blocks])
    return best, distances[:, 0], distances.mean(axis=1) if k == topk else None


def nearest(asking: Tokens, answering: Tokens, k: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The nearest answer (n,) for each unit vector asking (n, d), and the distances of the best `k`, ascending (n, k).

    A float32 matrix product finds the candidates; their distances are then computed exactly, so that identical tokens
    are at distance 0, a pair has the same distance both ways, and threads or blocks cannot change an answer. Ties go
    to the lowest index.
    """
    cosine = asking @ answering.T
    kth = np.partition(cosine, -k, axis=1)[:, -k]
    rows, columns = np.nonzero(cosine >= kth[:, None] - np.float32(ROUNDING))
    distance = exact_pairs(asking, answering, rows, columns)
    order = np.lexsort((columns, distance, rows))
    first = np.searchsorted(rows, np.arange(len(asking)))
    ranked = order[first[:, None] + np.arange(k)]
    return columns[ranked[:, 0]], distance[ranked]


def rivals(
    asking: Tokens, answering: Tokens, best: NDArray[np.int64], places: NDArray[np.int64], apart: int, block: int
) -> NDArray[np.float64]:
    """Distance of the nearest answer that lies at least `apart` patches from the best one; infinity where none does.

    `places` are the rows and columns (m, 2) of the answering patches; how far apart two are is the larger of the
    differences in rows and in columns.
    """
    found = np.full(len(asking), np.inf)
    for start in range(0, len(asking), block):
        part = slice(start, start + block)
        row, column = (places[best[part], axis, None] - places[None, :, axis] for axis in (0, 1))
        close = np.maximum(np.abs(row), np.abs(column)) < apart
        cosine = asking[part] @ answering.T
        cosine[close] = -np.inf
        rows, columns = np.nonzero((cosine >= cosine.max(axis=1, keepdims=True) - np.float32(ROUNDING)) & ~close)
        np.minimum.at(found, rows + start, exact_pairs(asking[part], answering, rows, columns))
    return found


def exact_pairs(
    asking: Tokens, answering: Tokens, rows: NDArray[np.int64], columns: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Exact distances of the named pairs, a few at a time."""
    starts = range(0, len(rows), PAIRS_AT_ONCE)
    parts = [exact(asking[rows[i : i + PAIRS_AT_ONCE]], answering[columns[i : i + PAIRS_AT_ONCE]]) for i in starts]
    return np.concatenate([np.empty(0), *parts])


def exact(a: Tokens, b: Tokens) -> NDArray[np.float64]:
    """1 - cosine of unit vectors, pair by pair, as half the squared distance: 0 exactly when they are equal."""
    difference = a.astype(np.float64)
    difference -= b
    difference *= difference
    return np.asarray(0.5 * difference.sum(axis=-1))
