"""SIFT beside the features: the same pictures, the same foreground, OpenCV's detector as it comes."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dinosar.data import Specimen
from dinosar.errors import InputError, shown
from dinosar.features import network_image

Points = NDArray[np.float64]
Indices = NDArray[np.int64]
RATIO = 0.75
CENTRE = 0.5
"""What OpenCV calls 0 is the centre of the first pixel, which here lies at 0.5."""
DOUBLING = 0.25
"""By so much OpenCV's SIFT tells every place too far right and down: it enlarges the picture twice before it looks, and
comes back as if the first pixels of both had one centre. A picture turned round shows it: the shift then turns, too."""
MOST = 2**18 - 1
"""More descriptors OpenCV's matcher refuses."""


class Keypoints(NamedTuple):
    """Keypoints on the foreground, in original pixels (n, 2), with descriptors (n, 128), and how many all over."""

    places: Points
    descriptors: NDArray[np.float32]
    everywhere: int


class SiftFound(NamedTuple):
    """Pairs of places in original pixels, `a` and `b` (n, 2), with the distance of their descriptors, ascending.

    `counts` say how many there were on the way: `keypoints_a` and `keypoints_b` in the pictures, of these `asked` (A)
    and `answering` (B) on the foreground, pairs `cross_checked`, and of these those that `passed_ratio`.
    """

    a: Points
    b: Points
    distance: Points
    counts: Mapping[str, Any]


class Asked(NamedTuple):
    """What every keypoint was answered: which one, how far, and whether no other is about as near."""

    best: Indices
    distance: Points
    distinct: NDArray[np.bool_]


def sift_pairs(a: Specimen, b: Specimen, *, ratio: float = RATIO) -> SiftFound:
    """Keypoints of both foregrounds that choose each other and pass the ratio test both ways, the best first.

    The ratio test is asked of A's keypoint and of B's, so that exchanging A and B exchanges the ends and nothing else;
    asked one way, as is common, it keeps more. With a ratio of 1 all that choose each other are kept. Of keypoints at
    one place (SIFT gives one for each orientation) a pair of places is kept once, as its nearest.
    """
    one, other = _keypoints(a), _keypoints(b)
    counts = {"keypoints_a": one.everywhere, "keypoints_b": other.everywhere,
              "asked": len(one.places), "answering": len(other.places)}  # fmt: skip
    turned = _key(other) < _key(one)  # ties are told in one order, whoever asks
    first, second = (other, one) if turned else (one, other)
    there, back = _asked(first, second, ratio), _asked(second, first, ratio)
    crossed = np.flatnonzero(back.best[there.best] == np.arange(len(there.best)))
    i = crossed[there.distinct[crossed] & back.distinct[there.best[crossed]]]
    counts |= {"cross_checked": len(crossed), "passed_ratio": len(i)}
    i = i[np.lexsort((there.best[i], i, there.distance[i]))]
    ends, distance = (first.places[i], second.places[there.best[i]]), there.distance[i]
    once = np.sort(np.unique(np.hstack(ends), axis=0, return_index=True)[1])
    from_first, to_second = (places[once] for places in ends)
    return SiftFound(*((to_second, from_first) if turned else (from_first, to_second)), distance[once], counts)


def _keypoints(specimen: Specimen) -> Keypoints:
    """SIFT's keypoints on the foreground of what the backbone saw, in an order of their own."""
    import cv2

    grid = specimen.features.grid
    left, top, width, height = grid.content
    picture = network_image(specimen.photo.pixels, grid)[top : top + height, left : left + width]  # padding has none
    found, words = cv2.SIFT.create().detectAndCompute(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), None)
    rows = np.array([(*each.pt, each.size, each.angle) for each in found], dtype=np.float64).reshape(-1, 4)
    order = np.lexsort(rows.T[::-1])
    descriptors = np.empty((0, 128), np.float32) if words is None else words[order]
    places = rows[order, :2] + (CENTRE - DOUBLING) + (left, top)
    patch = grid.patch_at(places)
    kept = (patch >= 0) & specimen.patches.ravel()[patch]
    if kept.sum() > MOST:
        raise InputError(
            f"SIFT finds {kept.sum()} keypoints on the foreground of '{shown(specimen.photo.name)}', and at most "
            f"{MOST} can be matched; lower image.size, or leave out compare_with"
        )
    return Keypoints(grid.to_photo(places[kept]), descriptors[kept], len(rows))


def _asked(asking: Keypoints, answering: Keypoints, ratio: float) -> Asked:
    """The nearest descriptor for each one asking, the first of equals. Where nobody answers, nobody asks."""
    import cv2

    if not (len(asking.places) and len(answering.places)):
        return Asked(np.empty(0, np.int64), np.empty(0), np.empty(0, bool))
    found = cv2.BFMatcher(cv2.NORM_L2).knnMatch(asking.descriptors, answering.descriptors, k=2)
    best = np.array([row[0].trainIdx for row in found], dtype=np.int64)
    first = np.array([row[0].distance for row in found], dtype=np.float64)
    second = np.array([row[1].distance if len(row) > 1 else np.inf for row in found], dtype=np.float64)
    distinct = np.isfinite(second) & (second > 0) & (first <= ratio * second)
    return Asked(best, first, distinct if ratio < 1 else np.ones(len(best), dtype=bool))


def _key(keypoints: Keypoints) -> tuple[bytes, bytes]:
    """What tells the keypoints of two specimens apart, and gives them an order that is not that of the question."""
    return keypoints.descriptors.tobytes(), keypoints.places.tobytes()
