"""How sure a carried landmark is: what speaks for it, and the share of such landmarks that were right.

`right` is a logistic regression on 7168 landmarks carried between toy photos (seeds below 100) by `classic` and by raw
pixels, within and across species, up to three times as different as the toy data are, some in poses that the search was
kept from finding. Right was within 0.1 of the longer side of the landmarks' box. Fitted on three quarters of the seeds,
it says of the last quarter 0.02, 0.22, 0.60, 0.86, 0.93 and 0.99 where 0.08, 0.29, 0.48, 0.90, 0.95 and 0.99 were so.
Every distance is a share of the specimen and nothing is a cosine, so it holds for other backbones, too: of landmarks by
an untrained network, to which it was not fitted, 0.95 of those above 0.9 were right. But it knows drawings only, and a
body whose outline is the same upside down can be sure in the wrong pose where the right one is not searched.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dinosar.shape.spline import fit_spline

Points = NDArray[np.float64]
Floats = NDArray[np.float64]

SCALE = 10.0
"""Units at which a distance begins to count: finer than that no token sees."""
BASE, CYCLE, STRAY, APART, AGREEMENT = 10.1, -0.15, -0.22, -1.27, 1.99
"""What each piece of evidence weighs. The fit gives the cycle nothing beside the others, and loses nothing (0.0001 of a
Brier score of 0.045) by giving it that much; it is kept for features that mistake repeated parts for each other."""
NO_AGREEMENT = 0.005
FAR = 512.0
"""Units: what stands for a distance from an expectation that there is not."""
SMOOTHING = 2500.0
"""Squared units by which the spline through the other landmarks may miss them, as that through matches does."""
ENOUGH = 5
"""Landmarks from which on the others say something of one."""
BARE = 16.0
"""Units outside the mask, beyond those of the reference's landmark, from which a place is bare ground: two patches as
places are found. Of 579 right toy landmarks none lay farther than 5 units out."""
ON_BARE = 0.05
"""The most that a landmark on bare ground is sure of, however well everything else agrees: so it is lost."""


class Evidence(NamedTuple):
    """What speaks for each landmark (K,); distances are in units, so that no photo sets the measure.

    `cycle`: how far from the landmark it ends when carried back without knowing whence. `stray`: how far the place lies
    from where all matches together expect it; `apart`: from where the other landmarks do, NaN where there are too few.
    `agreement` is that of the matches, one number for the specimen. `beyond`: how much farther outside the mask the
    place lies than the reference's landmark does, 0 where it does not.
    """

    cycle: Floats
    stray: Floats
    apart: Floats
    agreement: float
    beyond: Floats | float = 0.0


def right(evidence: Evidence) -> Floats:
    """How likely each landmark is within a tenth of the landmarks' box, 0 to 1."""
    apart_ = np.where(np.isnan(evidence.apart), evidence.stray, evidence.apart)
    cycle, stray, others = (np.log1p(distance / SCALE) for distance in (evidence.cycle, evidence.stray, apart_))
    common = np.log(max(evidence.agreement, NO_AGREEMENT))
    odds = BASE + CYCLE * cycle + STRAY * stray + APART * others + AGREEMENT * common
    likely = 1 / (1 + np.exp(-odds))
    return np.asarray(np.where(np.asarray(evidence.beyond) > BARE, np.minimum(likely, ON_BARE), likely))


def apart(source: Points, found: Points) -> Floats:
    """How far each found place (K, 2) is from where a spline through the others carries its source; NaN = too few."""
    miss = np.full(len(source), np.nan)
    if len(source) < ENOUGH:
        return miss
    for i in range(len(source)):
        others = np.arange(len(source)) != i
        try:
            carried = fit_spline(source[others], found[others], SMOOTHING)(source[i])
        except ValueError:  # the others lie on one line
            continue
        miss[i] = float(np.linalg.norm(carried - found[i]))
    return miss
