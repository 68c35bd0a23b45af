"""How many SIFT matches of two pictures agree on one homography: what votes of patches are held against."""

import time
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

RATIO = 0.8
"""The nearest descriptor must be so much nearer than the second."""
OFF = 3.0
"""Pixels that an inlier may be off."""
LEAST = 4
ENLARGED = 2
"""Small pictures have few keypoints; twice the size gives the most right answers."""


class Keypoints:
    """Places (n, 2) and RootSIFT descriptors (n, 128) of a picture."""

    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        gray = cv2.resize(gray, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC)
        spots, found = cv2.SIFT.create(nfeatures=500, contrastThreshold=0.02).detectAndCompute(gray, None)
        self.places = np.array([spot.pt for spot in spots], np.float32).reshape(-1, 2) / ENLARGED
        shares = np.zeros((0, 128), np.float32) if found is None else found / np.maximum(found.sum(1, keepdims=True), 1)
        self.descriptors = np.sqrt(shares).astype(np.float32)


def inliers(a: Keypoints, b: Keypoints) -> int:
    """Matches that pass the ratio test and agree on the best homography."""
    if len(a.places) < 2 or len(b.places) < 2:
        return 0
    cosine = a.descriptors @ b.descriptors.T
    best = cosine.argmax(axis=1)
    first = cosine[np.arange(len(best)), best]
    second = np.partition(cosine, -2, axis=1)[:, -2]
    asked = np.flatnonzero(1 - first < RATIO**2 * (1 - second))  # squared distances of unit vectors
    if len(asked) < LEAST:
        return 0
    cv2.setRNGSeed(0)
    _, agree = cv2.findHomography(a.places[asked], b.places[best[asked]], cv2.USAC_MAGSAC, OFF)
    return 0 if agree is None else int(agree.sum())


def counted(queries: Sequence[NDArray[np.uint8]], database: Sequence[NDArray[np.uint8]]
            ) -> tuple[NDArray[np.float64], float]:  # fmt: skip
    """Inliers of every query with every picture of the database (queries, database), and seconds a query.

    The keypoints of the database are there before the clock runs, as patches are in a store.
    """
    known = [Keypoints(pixels) for pixels in database]
    start = time.perf_counter()
    found = [[inliers(query, each) for each in known] for query in map(Keypoints, queries)]
    return np.array(found, np.float64), (time.perf_counter() - start) / len(queries)
