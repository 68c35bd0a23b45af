"""SIFT on whole photographs: keypoints with their descriptors, and which of two photographs answer each other."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dinosar.data import Photo
from dinosar.sparse.sift import CENTRE, DOUBLING

Points = NDArray[np.float64]
SIZE = 1600
"""Long side in px of the picture that is searched: as large as InLoc's own protocol has it. Nothing is enlarged."""
MOST = 4096
"""Keypoints kept of a photograph, those that stand out most: as many as is usual where places are looked for."""
RATIO = 0.85
"""How far the best answer may be, of how far the second best is. The geometry that follows forgives wrong pairs, and
with 0.75 some right ones are missed: on drawn rooms the area under the curve of poses is 2 hundredths smaller."""
STEPS = 512
"""Length of a descriptor, in the whole numbers that it is rounded to."""
FAR = np.float32(np.inf)


class Keypoints(NamedTuple):
    """Places in original pixels (n, 2), and the descriptors (n, 128) of what is there: whole numbers, rooted."""

    places: Points
    descriptors: NDArray[np.float32]


class Matches(NamedTuple):
    """Pairs of places in original pixels, `a` and `b` (n, 2), the nearest first, with the distance of descriptors."""

    a: Points
    b: Points
    distance: NDArray[np.float64]


def keypoints_of(photo: Photo, size: int = SIZE, most: int = MOST) -> Keypoints:
    """The keypoints of a photograph, in an order of their own."""
    import cv2

    width, height = photo.size
    shrunk = min(1.0, size / max(width, height))
    grey = cv2.cvtColor(photo.pixels, cv2.COLOR_RGB2GRAY)
    if shrunk < 1:
        side = max(1, round(width * shrunk)), max(1, round(height * shrunk))
        grey = cv2.resize(grey, side, interpolation=cv2.INTER_AREA)
    found, words = cv2.SIFT.create().detectAndCompute(grey, None)
    if words is None:
        return Keypoints(np.empty((0, 2)), np.empty((0, 128), np.float32))
    rows = np.array([(*each.pt, each.size, each.angle, each.response) for each in found], dtype=np.float64)
    order = np.lexsort((*rows.T[3::-1], -rows[:, 4]))[:most]
    scale = width / grey.shape[1], height / grey.shape[0]
    return Keypoints((rows[order, :2] + (CENTRE - DOUBLING)) * scale, rooted(words[order]))


def rooted(descriptors: NDArray[np.floating]) -> NDArray[np.float32]:
    """RootSIFT: the root of each descriptor's shares, which a few large numbers rule less; rounded to whole numbers."""
    sums = np.maximum(descriptors.sum(axis=1, keepdims=True, dtype=np.float64), 1)
    return np.asarray(np.rint(STEPS * np.sqrt(descriptors / sums)), dtype=np.float32)


def matched(a: Keypoints, b: Keypoints, ratio: float = RATIO,
            allowed: NDArray[np.bool_] | None = None) -> Matches:  # fmt: skip
    """Keypoints that choose each other and pass the ratio test both ways, among the `allowed` pairs (n, m) if given.

    Descriptors are whole numbers, so distances are exact, and no order decides anything: of equals none passes. Of
    keypoints at one place (SIFT gives one for each orientation) a pair of places is kept once, as its nearest.
    """
    if not (len(a.places) and len(b.places)):
        return Matches(np.empty((0, 2)), np.empty((0, 2)), np.empty(0))
    square = squares(a.descriptors, b.descriptors)
    if allowed is not None:
        square[~allowed] = FAR
    there, kept = _asked(square, ratio)
    back, kept_back = _asked(square.T, ratio)
    i = np.flatnonzero(kept & kept_back[there] & (back[there] == np.arange(len(there))))
    distance = np.sqrt(square[i, there[i]].astype(np.float64))
    ends = a.places[i], b.places[there[i]]
    order = np.lexsort((*ends[1].T, *ends[0].T, distance))
    once = np.sort(np.unique(np.hstack(ends)[order], axis=0, return_index=True)[1])
    return Matches(ends[0][order][once], ends[1][order][once], distance[order][once])


def squares(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Squared distances (n, m), exact: sums of products of these whole numbers stay below 2^24, as float32 has them."""
    lengths = [np.einsum("ij,ij->i", each, each) for each in (a, b)]
    return np.asarray(lengths[0][:, None] + lengths[1] - 2 * (a @ b.T), dtype=np.float32)


def _asked(square: NDArray[np.float32], ratio: float) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The nearest of each row, and whether no other is about as near; where there is no other, none stands out."""
    best = square.argmin(axis=1)
    rows = np.arange(len(square))
    first = square[rows, best]
    if square.shape[1] < 2:
        return best, np.full(len(best), ratio >= 1) & np.isfinite(first)
    second = np.partition(square, 1, axis=1)[:, 1]
    distinct = (second > 0) & (first <= ratio**2 * second) & (np.isfinite(second) | (ratio >= 1))
    return best, (distinct if ratio < 1 else np.ones(len(best), dtype=bool)) & np.isfinite(first)
