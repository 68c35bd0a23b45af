"""Cosines of vectors with all tokens, and the first of the best: rounding and blocks of any size leave it where it is.

Zeros have no direction: they ask nobody and answer nobody.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
TIE = 1e-12
"""Cosines nearer than this are the same: double precision errs by less, and tokens of half precision differ by more."""
NOTHING = 1e-6
"""Shorter vectors have no direction. Tokens are unit: only a mixture of opposites comes near, and it is rounding."""


def has_direction(vectors: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Which vectors, along the last axis, point anywhere."""
    return np.asarray(np.linalg.norm(vectors, axis=-1) > NOTHING)


def cosines(vectors: NDArray[np.floating], tokens: NDArray[np.floating]) -> Floats:
    """Cosine of every vector (k, depth) with every token (n, depth), -inf where one of them has no direction."""
    found: Floats = _unit(vectors) @ _unit(tokens).T
    found[~has_direction(vectors)] = -np.inf
    found[:, ~has_direction(tokens)] = -np.inf
    return found


def first_best(values: Floats) -> NDArray[np.int64]:
    """Index of the largest value in each row (k, n), the lowest of those that are the same; -1 where all are -inf."""
    best = values.max(axis=1, keepdims=True)
    return np.where(np.isfinite(best[:, 0]), (values >= best - TIE).argmax(axis=1), -1)


def _unit(vectors: NDArray[np.floating]) -> Floats:
    """In double precision: tokens that were rounded to half precision are no longer quite unit."""
    wide = vectors.astype(np.float64)
    length = np.linalg.norm(wide, axis=-1, keepdims=True)
    wide /= np.where(length > NOTHING, length, 1)
    return wide
