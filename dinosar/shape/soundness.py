"""Whether landmarks fix a warp at all."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

NEEDED = 3
"""Fewer landmarks than this leave a warp of the plane open."""
NARROW = 1e-3
"""Width of a configuration, of its length, below which it counts as a line: a warp across it would be guessed."""
APART = 1e-6
"""Distance of two landmarks, of the length of the configuration, below which they lie on the same place."""


def unsound(points: NDArray[np.float64], names: Sequence[str]) -> str | None:
    """Why shared landmarks (K, 2) fix no warp, as the end of a sentence; None if they do."""
    if len(points) < NEEDED:
        noun = "landmark" if len(points) == 1 else "landmarks"
        return f"{len(points)} shared {noun}, at least {NEEDED} are needed"
    if not np.isfinite(points).all():
        return "not every shared landmark has a place"
    length, width = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
    twins = _twins(points, APART * float(length))
    if twins is not None:
        return f"'{names[twins[0]]}' and '{names[twins[1]]}' lie on the same place"
    if width < NARROW * length:
        return f"all {len(points)} lie on a line"
    return None


def _twins(points: NDArray[np.float64], limit: float) -> tuple[int, int] | None:
    """The first two landmarks that lie on the same place."""
    apart = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    same = np.argwhere(np.triu(apart <= limit, k=1))
    return (int(same[0, 0]), int(same[0, 1])) if len(same) else None
