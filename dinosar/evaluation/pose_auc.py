"""How many pairs have their pose right, over all that could count as right: the area under the curve of recall."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

THRESHOLDS = (5.0, 10.0, 20.0)
"""Degrees that papers report."""


def pose_auc(errors: Sequence[float], thresholds: Sequence[float] = THRESHOLDS) -> list[float] | None:
    """Area, 0 to 1, under the share of pairs with at most so large an error, up to each threshold; None of no pairs.

    The share is drawn as straight lines from one error to the next, starting at (0, 0), and is flat from the last one
    below the threshold, as is usual where poses are compared. A pose that was not found has an infinite error.
    """
    reached, shares = recall_curve(errors)
    if len(reached) < 2:
        return None
    areas = []
    for most in thresholds:
        last = int(np.searchsorted(reached, most))
        x, y = np.append(reached[:last], most), np.append(shares[:last], shares[last - 1])
        areas.append(float(((y[1:] + y[:-1]) / 2 * np.diff(x)).sum() / most))
    return areas


def recall_curve(errors: Sequence[float]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The errors in order, 0 before them, and the share of pairs with at most each."""
    sizes = np.sort(np.asarray(errors, dtype=np.float64))
    if np.isnan(sizes).any() or (sizes < 0).any():
        raise ValueError("an error is a number of degrees, or infinite where no pose was found")
    return np.concatenate([[0.0], sizes]), np.arange(len(sizes) + 1) / max(1, len(sizes))
