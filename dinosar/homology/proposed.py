"""The landmarks that the features propose: matches that choose each other, move together, and lie all over."""

import numpy as np
from numpy.typing import NDArray

from dinosar.config import HomologyConfig
from dinosar.contracts import Matcher
from dinosar.data import Specimen
from dinosar.errors import InputError
from dinosar.matches import both_ways

Array = NDArray[np.float64]
LEAST = 6
APART = 2.0
"""Patches between proposed landmarks, on both specimens; nearer ones say the same and bend the grid by their noise."""
SPREAD = 0.1
"""Of the area of the specimen's box, what the box of the proposed landmarks must have: a grid cannot hang on a leg."""


def propose(a: Specimen, b: Specimen, matcher: Matcher, config: HomologyConfig) -> tuple[Array, Array]:
    """Places on A (n, 2) and on B (n, 2) that answer each other."""
    forward, _ = both_ways(matcher, a, b)
    kept = np.ones(len(forward), dtype=bool)
    for mark in (forward.mutual, forward.verified):
        kept &= True if mark is None else mark
    ends = ((a, forward.asked[kept]), (b, forward.answer[kept]))
    places = [specimen.features.grid.centres_in_photo()[patches] for specimen, patches in ends]
    lattice = [specimen.features.grid.centres()[patches] / specimen.features.grid.patch for specimen, patches in ends]
    chosen = spread_out(lattice[0], lattice[1], forward.distance[kept], config.proposals)
    if len(chosen) < LEAST:
        raise InputError(f"the features propose {len(chosen)} landmarks, at least {LEAST} are needed")
    for points, specimen in zip(places, (a, b), strict=True):
        _check_spread(points[chosen], specimen)
    return places[0][chosen], places[1][chosen]


def spread_out(a: Array, b: Array, distance: Array, most: int) -> NDArray[np.int64]:
    """Which of the pairs of places: the nearest first, then always the one farthest from all before, on A and on B."""
    chosen: list[int] = []
    gap = np.full(len(distance), np.inf)
    while len(chosen) < most and len(gap) and gap.max() >= APART:
        best = int(np.lexsort((distance, -gap))[0])
        chosen.append(best)
        gap = np.minimum(gap, np.minimum(np.hypot(*(a - a[best]).T), np.hypot(*(b - b[best]).T)))
    return np.array(chosen, dtype=np.int64)


def _check_spread(points: Array, specimen: Specimen) -> None:
    places = specimen.places
    share = float(np.prod(np.ptp(points, axis=0)) / max(np.prod(np.ptp(places, axis=0)), 1e-9))
    if share < SPREAD:
        raise InputError(
            f"the {len(points)} landmarks that the features propose lie in {share:.1%} of the box of {specimen.name}, "
            f"at least {SPREAD:.0%} are needed"
        )
