"""Where scores are cut in two, and what is left of the crumbs."""

import numpy as np

from dinosar.foreground.views import Array, Patches

CRUMB = 0.01
"""Share of the grid below which a piece is noise."""


def otsu(values: Array) -> tuple[float, float]:
    """The threshold that leaves least variance within both sides, and the share of the variance it explains.

    Exact: every gap between two neighbouring values is tried, and the threshold is its middle. Where all values are
    the same there is nothing to explain: 0.
    """
    ordered = np.sort(values)
    count = np.arange(1, len(ordered))
    below = np.cumsum(ordered - ordered.mean())[:-1]
    between = below**2 * len(ordered) / (count * (len(ordered) - count))
    between[ordered[1:] == ordered[:-1]] = 0
    total = float(((ordered - ordered.mean()) ** 2).sum())
    if not between.size or total <= 0 or between.max() <= 0:
        return float(ordered[0]), 0.0
    best = int(between.argmax())
    return float((ordered[best] + ordered[best + 1]) / 2), float(between[best] / total)


def explained(values: Array, level: float) -> float:
    """The share of the variance of values that the two sides of a level explain."""
    above = values > level
    total = float(values.var())
    if total <= 0 or above.all() or not above.any():
        return 0.0
    share = float(above.mean())
    return float(share * (1 - share) * (values[above].mean() - values[~above].mean()) ** 2 / total)


def tidied(patches: Patches, counted: Patches) -> Patches:
    """Patches without gaps one patch wide and without crumbs. The border of the grid closes nothing."""
    from scipy.ndimage import binary_dilation, binary_erosion, label

    square = np.ones((3, 3), dtype=bool)
    closed = binary_erosion(binary_dilation(patches, square), square, border_value=1) & counted
    pieces, _ = label(closed, square)
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    return np.asarray((sizes >= CRUMB * int(counted.sum()))[pieces] & closed)
