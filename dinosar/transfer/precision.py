"""How far a carried landmark may be from the truth where the pose is right: what confidence says little of.

`expected_error` is a linear regression of the logarithm of the error, raised until 0.68 of the errors were below it. It
was fitted to 2432 landmarks that `classic` carried with a confidence of 0.9 or more between toy photos (seeds below 70;
species 1.5 and 3 times as different as the toy data are). Of 640 on seeds 70 to 79 (once as different) 0.71 were within
it and 0.96 within twice as much; its rank correlation with the true error was 0.54, that of the confidence 0.32. Only
`spread` is made of cosines: for raw pixels, to which it was not fitted, it is 0.46, but what it says is too much (0.95
were within it). Of a wrong pose it knows nothing; that is what the confidence is for.
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
