"""How far a carried landmark may be from the truth where the pose is right: what confidence says little of.

TODO
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
BASE, PEAK, SCATTER, APART = -1.04, 0.747, 0.485, 0.23
"""What each doubt weighs, all as logarithms of units."""
LEAST = 1.6
"""Units: of the landmarks that it was fitted to, one in a hundred was expected to be nearer than that."""


def expected_error(spread: Floats, scatter: Floats, apart: Floats) -> Floats:
    """Units within which about two in three landmarks lie; NaN where there is no scatter.

    `spread` is how far the likeness runs on around the found place, `scatter` how far matches around it miss the spline
    through them, `apart` how far it is from where the other landmarks expect it.
    """
    peak, around, others = (np.log1p(doubt) for doubt in (spread, scatter, apart))
    return np.asarray(np.maximum(np.expm1(BASE + PEAK * peak + SCATTER * around + APART * others), LEAST))
