"""Which tokens of two specimens choose each other, and the one affine movement that most of them share."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dinosar.shape.fits import fit_movement, moved
from dinosar.transfer.views import View

Points = NDArray[np.float64]
Floats = NDArray[np.float64]
WIDE, NARROW, ROUNDS = 200.0, 25.0, 12
"""Units within which a match may disagree with the movement, at first and in the end; and steps from one to the other.

Starting wide the fit finds its way from the mean of all matches; 25 units are a patch and a half, what bodies bend by.
"""
BLOCK = 1024
"""Vectors asked at once."""
LEAST = 1e-3
"""Trust of a match whose cosine is not even positive: it must not count against the others."""


@dataclass(frozen=True, eq=False)
class Matched:
    """Tokens of two specimens that choose each other, and how far they move together.

    Places (n, 2) are in units, `trust` (n,) is the cosine as far as a match agrees with the common `movement` (3, 3), 0
    to 1. Without a common movement nothing is trusted. `agreement` is the trust there is for each token, 0 to 1.
    """

    left: Points
    right: Points
    trust: Floats
    movement: Floats | None
    agreement: float


def matched(left: View, right: View) -> Matched:
    """Match two views, and find what their matches agree on."""
    tokens = [view.features.flat[view.inside.ravel()] for view in (left, right)]
    asked, answer, cosine = mutual(*tokens)
    ends = [view.places[view.inside.ravel()][which] for view, which in ((left, asked), (right, answer))]
    common = common_movement(ends[0], ends[1], cosine)
    if common is None:
        return Matched(ends[0], ends[1], np.zeros(len(cosine)), None, 0.0)
    movement, trust = common
    return Matched(ends[0], ends[1], trust, movement, float(2 * trust.sum() / (len(tokens[0]) + len(tokens[1]))))


def mutual(
    left: NDArray[np.float32], right: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Which unit vectors choose each other: rows of the left, rows of the right, and their cosines."""
    if not (len(left) and len(right)):
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    there, best = _answers(left, right)
    back, _ = _answers(right, left)
    asked = np.flatnonzero(back[there] == np.arange(len(there)))
    return asked, there[asked], best[asked]


def _answers(asking: NDArray[np.float32], answering: NDArray[np.float32]) -> tuple[NDArray[np.int64], Floats]:
    """The row that answers each vector best, the first of equals, and its cosine; the full matrix is never held."""
    answer, best = np.empty(len(asking), np.int64), np.empty(len(asking))
    for start in range(0, len(asking), BLOCK):
        part = slice(start, start + BLOCK)
        cosine = asking[part] @ answering.T
        answer[part], best[part] = cosine.argmax(axis=1), cosine.max(axis=1)
    return answer, best


def common_movement(left: Points, right: Points, cosine: Floats) -> tuple[Floats, Floats] | None:
    """The affine matrix (3, 3) from left to right that most matches share, and how far each is trusted; None = none.

    Least squares, again and again, each match weighted by its cosine and by how little it disagrees.
    """
    likely = np.clip(cosine, LEAST, 1)
    trust, matrix = likely, np.eye(3)
    for reach in np.geomspace(WIDE, NARROW, ROUNDS):
        try:
            matrix = fit_movement("affine", left, right, trust)
        except ValueError:  # fewer than three matches, all on one line, or turned over
            return None
        miss = moved(matrix, left) - right
        trust = likely / (1 + (miss**2).sum(axis=1) / reach**2) ** 2
    return matrix, trust
