"""The landmarks that the features propose: matches that choose each other, move together, and lie all over."""

import math

import numpy as np
from numpy.typing import NDArray

from dinosar.config import HomologyConfig
from dinosar.contracts import Matcher
from dinosar.data import Matches, Specimen
from dinosar.errors import InputError
from dinosar.matches import both_ways
from dinosar.shape.fits import fit_movement, moved

Array = NDArray[np.float64]
LEAST = 6
HALF = 0.5
"""Patches: no pair of places is known better than that."""
BY_CHANCE = 1.0
"""Sets of agreeing pairs that may be expected among pairs that answer at random."""
APART = 2.0
"""Patches between proposed landmarks, on both specimens; nearer ones say the same and bend the grid by their noise."""
SPREAD = 0.1
"""Of the area of the specimen's box, what the box of the proposed landmarks must have: a grid cannot hang on a leg."""


def propose(a: Specimen, b: Specimen, matcher: Matcher, config: HomologyConfig) -> tuple[Array, Array]:
    """Places on A (n, 2) and on B (n, 2) that answer each other."""
    forward, _ = both_ways(matcher, a, b)
    every = np.ones(len(forward), dtype=bool) if forward.mutual is None else forward.mutual
    agreeing = every if forward.verified is None else every & forward.verified
    apart, held = (_spread(a, b, forward, kept) for kept in (every, agreeing))
    chosen = held[: config.proposals]
    if len(chosen) < LEAST:
        raise InputError(f"the features propose {len(chosen)} landmarks, at least {LEAST} are needed")
    ends = [[_lattice(s, i[which]) for s, i in ((a, forward.asked), (b, forward.answer))] for which in (apart, held)]
    _check_chance(misses(*ends[1], *ends[0]), len(held), min(len(a.indices), len(b.indices)))
    places = [s.features.grid.centres_in_photo()[i[chosen]] for s, i in ((a, forward.asked), (b, forward.answer))]
    for points, specimen in zip(places, (a, b), strict=True):
        _check_spread(points, specimen)
    return places[0], places[1]


def _spread(a: Specimen, b: Specimen, matches: Matches, kept: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Which of the matches lie apart from each other, of those that are kept; the most telling first."""
    among = np.flatnonzero(kept)
    left, right = _lattice(a, matches.asked[among]), _lattice(b, matches.answer[among])
    return among[spread_out(left, right, matches.distance[among], len(among))]


def _lattice(specimen: Specimen, patches: NDArray[np.int64]) -> Array:
    """Centres of patches, counted in patches (n, 2)."""
    grid = specimen.features.grid
    return grid.centres()[patches] / grid.patch


def misses(held_a: Array, held_b: Array, a: Array, b: Array) -> Array:
    """By how much each pair of places (n, 2) misses the affine movement that the held ones share, ascending."""
    try:
        movement = fit_movement("affine", held_a, held_b, mirror=True)
    except ValueError:  # on one line: no movement of the plane
        return np.full(len(a), np.inf)
    return np.sort(np.hypot(*(moved(movement, a) - b).T))


def _check_chance(missed: Array, agreeing: int, patches: int) -> None:
    """Refuse landmarks that pairs drawn by chance would give as well.

    `missed`: by how many patches each of the pairs that lie apart misses the movement. Of every number of them, from
    the best on, how many sets of so many, agreeing so well, are to be expected among pairs that answer at random, when
    any three of a set fix the movement? Somewhere it must be fewer than one.
    """
    pairs = len(missed)
    best = math.inf
    for count in range(LEAST, pairs + 1):
        hit = min(1.0, math.pi * max(float(missed[count - 1]), HALF) ** 2 / patches)
        sets = math.log(math.comb(pairs, count)) + math.log(math.comb(count, 3)) + math.log(max(1, pairs - 3))
        best = min(best, sets + (count - 3) * math.log(hit))
    if best > math.log(BY_CHANCE):
        raise InputError(
            f"the features propose no landmarks: {agreeing} of {pairs} pairs of places that chose each other move "
            "together, which chance explains as well"
        )


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
