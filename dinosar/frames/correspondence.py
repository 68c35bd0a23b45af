"""Which patch of the other picture each patch finds, whole pictures both ways."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dinosar.data import Features, Matches
from dinosar.errors import InputError
from dinosar.matchers.nearest import answers
from dinosar.timing import a_stage

TIED, ROUNDING = 1e-6, 2e-4
"""Distances nearer to each other than this are the same: which of two like patches answers is chance. Tokens are kept
in half precision, which moves a unit vector by up to 2e-4, and a distance d by as much of the way sqrt(2 d) between."""
BLOCK = 1024
"""Patches that ask at once."""


@a_stage("match")
def correspond(a: Features, b: Features) -> tuple[Matches, Matches]:
    """For every patch of A its nearest patch of B, and for every patch of B its nearest of A.

    A match is mutual when the patch that answers has no better answer of its own. So patches of a plain sky, which all
    answer each other equally well, count as mutual whichever of them was taken. Patches without direction neither ask
    nor answer.
    """
    if a.tokens.shape[-1] != b.tokens.shape[-1] or a.backbone != b.backbone:
        raise InputError(f"features of {a.backbone} and {b.backbone} cannot be compared")
    there, back = _one_way(a, b), _one_way(b, a)
    return _marked(there, back, b), _marked(back, there, a)


def _one_way(asking: Features, answering: Features) -> Matches:
    """The nearest answer of each patch, ties to the lowest index."""
    asked, offered = np.flatnonzero(asking.directed), np.flatnonzero(answering.directed)
    if not len(asked) or not len(offered):
        raise InputError("no patch of one of the two pictures has a token with a direction, so nothing can be compared")
    # Plain ground gives the same token again and again; each is asked about once, and the first of them answers.
    question, of_asked = _distinct(asking.flat[asked])
    answer, _ = _distinct(answering.flat[offered])
    best, distance, _ = answers(asking.flat[asked[question]], answering.flat[offered[answer]], 1, BLOCK)
    return Matches(asked, offered[answer[best]][of_asked], distance[of_asked])


def _distinct(tokens: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where each distinct token stands first, in order, and for every token which of those it equals."""
    rows = np.ascontiguousarray(tokens + np.float32(0)).view(np.dtype((np.void, tokens.shape[1] * 4))).ravel()
    _, first, which = np.unique(rows, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return first[order], place[which]


def _marked(matches: Matches, opposite: Matches, answering: Features) -> Matches:
    """The matches, each marked by whether who answers finds nobody nearer."""
    nearest = np.full(answering.flat.shape[0], np.inf)
    nearest[opposite.asked] = opposite.distance
    tied = TIED + ROUNDING * np.sqrt(2 * matches.distance)
    return replace(matches, mutual=matches.distance <= nearest[matches.answer] + tied)
