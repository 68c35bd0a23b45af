"""One place from the words of several references: those that agree are averaged, the others are outvoted."""

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Floats = NDArray[np.float64]
TOGETHER = 25.6
"""Units within which two votes mean one place: 0.05 of a specimen."""


def voted(places: Points, confidence: Floats) -> tuple[Points, Floats]:
    """Places (K, 2) and confidences (K,) from the votes (R, K, 2) and confidences (R, K) of R references.

    A vote of NaN is none; without any, the place and its confidence are NaN. The vote with most confidence around it
    wins; those around it are averaged by their confidence. Those that disagree count as saying 0.
    """
    pairs = [_settled(places[:, k], confidence[:, k]) for k in range(places.shape[1])]
    return np.array([place for place, _ in pairs]).reshape(-1, 2), np.array([sure for _, sure in pairs])


def shared_error(places: Points, errors: Floats, settled: Points) -> Floats:
    """The error to expect (K,) where votes (R, K, 2), each with its own (R, K), were settled to places (K, 2).

    It is the mean of those that agree: references mistake one thing for another alike, so many are hardly better than
    one. NaN where no vote that agrees has one.
    """
    agree = (np.linalg.norm(places - settled, axis=2) <= TOGETHER) & np.isfinite(errors)
    count = agree.sum(axis=0)
    total = np.where(agree, errors, 0.0).sum(axis=0)
    return np.asarray(np.divide(total, count, out=np.full(len(settled), np.nan), where=count > 0))


def _settled(places: Points, confidence: Floats) -> tuple[Points, float]:
    """One landmark: votes (R, 2) and confidences (R,)."""
    cast = np.isfinite(places).all(axis=1)
    if not cast.any():
        return np.full(2, np.nan), float("nan")
    places, weight = places[cast], np.maximum(confidence[cast], 1e-12)
    near = np.linalg.norm(places[:, None] - places[None], axis=2) <= TOGETHER
    chosen = near[np.argmax(near @ weight)]
    place = weight[chosen] @ places[chosen] / weight[chosen].sum()
    return place, float((weight[chosen] ** 2).sum() / weight.sum())
