"""How matches spread over a specimen: the share of its patches that lie near one."""

import numpy as np
from numpy.typing import NDArray

from dinosar.data import Specimen
from dinosar.grid import box_around

RADIUS = 0.1
"""Of the longer side of the box around the foreground: ten matches well apart then cover most of a specimen."""


def spread(places: NDArray[np.float64], specimen: Specimen, radius_share: float = RADIUS) -> float | None:
    """Share of the specimen's patches with their centre within the radius of one of `places` (n, 2), original pixels.

    The radius is a share of the longer side of the box around the mask; what lies at it counts. None without patches.
    """
    centres = specimen.places
    if not len(centres):
        return None
    if not len(places):
        return 0.0
    from scipy.spatial import cKDTree

    radius = radius_share * max(box_around(specimen.mask, 0.0)[2:])
    nearest, _ = cKDTree(places).query(centres)
    return float((nearest <= radius).mean())
