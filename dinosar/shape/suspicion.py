"""Landmark sets that look as if a person had slipped: two exchanged, the order turned, a mirror image, one far off.

Each configuration is held against the consensus of the others, so that a gross error does not pull towards itself the
shape it is judged by.
"""

from dataclasses import dataclass
from itertools import combinations
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dinosar.shape.fits import Points
from dinosar.shape.procrustes import generalised
from dinosar.shape.settling import Complexes, Present, centred, laid, squared

Slip = Literal["exchanged", "reversed", "shifted", "mirrored", "outlier"]
SMALL = 0.02
"""Procrustes distance, or distance of a landmark in centroid sizes, that is never suspicious: hands are no steadier."""
SUSPECTS = 12
"""Landmarks of a configuration, those that lie worst, among which exchanged pairs and outliers are looked for."""
AS_GOOD = 1.1
"""Repairs whose distances differ by less are equally good, and the first that is tried is named."""
FAR = 8.0
"""Robust standard deviations above the median at which a landmark is an outlier; slips of the hand are far larger."""
LENT = 10
"""Configurations' worth of trust in how all landmarks spread: a few specimens say little of one landmark alone."""
FEW = 4
"""Configurations needed to say what is usual for a landmark."""
LEFT_OUT = 3
"""One landmark in so many may be an outlier; with more, it is no longer clear which are the odd ones."""


@dataclass(frozen=True)
class Suspicion:
    """What may be wrong with configuration `index`, and its Procrustes distance to the consensus of the others.

    `landmarks` are the two exchanged, or the outlier; of a shifted order the one that stands where the first should;
    none where reversed or mirrored. `before` is the distance as it is, `after` as it would be: put right, or without
    the outlier.
    """

    index: int
    kind: Slip
    landmarks: tuple[int, ...]
    before: float
    after: float


class Others(NamedTuple):
    """One configuration (K,) and what the others say: their mean shape (K,), and which landmarks can be compared."""

    which: int
    points: Complexes
    there: Present
    shape: Complexes
    known: Present


def suspicions(configurations: Points, *, factor: float = 2.0) -> list[Suspicion]:
    """What looks wrong in configurations (N, K, 2), NaN where missing, in their order.

    A slip is reported if undoing it brings the configuration nearer to the others by `factor`: the best of all tried.
    Of two configurations both may be named, as nobody can tell which is right. Outliers need 4 configurations or more,
    and are looked for where there is no other slip.
    """
    configurations = np.asarray(configurations, dtype=np.float64)
    if len(configurations) < 2:
        return []
    cases = _against_others(configurations)
    slips = [_slip(case, factor) for case in cases]
    sound = [case for case, slip in zip(cases, slips, strict=True) if slip is None]
    outliers = [found for case in sound for found in _outliers(case, usual)] if (usual := _usual(sound)).size else []
    return sorted([slip for slip in slips if slip] + outliers, key=lambda each: each.index)


def _against_others(configurations: Points) -> list[Others]:
    """Each configuration that shares 3 landmarks with the others, and their consensus without it."""
    consensus = generalised(configurations, mirror=True)
    there = np.asarray(np.isfinite(configurations).all(axis=2))
    upon = np.where(there, consensus.aligned[..., 0] + 1j * consensus.aligned[..., 1], 0)
    holders = there.sum(axis=0) - there
    shapes = (upon.sum(axis=0) - upon) / np.maximum(holders, 1)
    points = np.where(there, configurations[..., 0] + 1j * configurations[..., 1], 0)
    cases = [Others(i, points[i], there[i], shapes[i], holders[i] > 0) for i in range(len(points))]
    return [case for case in cases if (case.there & case.known).sum() >= 3]


def _slip(case: Others, factor: float) -> Suspicion | None:
    """The repair that helps most, if it helps enough."""
    before = float(_distances(case.points[None], case.there[None], case)[0])
    if before < SMALL:
        return None
    named = _repairs(case)
    orders = np.array([order for _, _, order in named])
    points = case.points[orders]
    points[-1] = points[-1].conj()
    after = _distances(points, case.there[orders], case)
    best = int(np.argmax(after <= AS_GOOD * after.min()))
    kind, landmarks, _ = named[best]
    return (
        Suspicion(case.which, kind, landmarks, before, float(after[best])) if after[best] * factor <= before else None
    )


def _repairs(case: Others) -> list[tuple[Slip, tuple[int, ...], NDArray[np.int64]]]:
    """Ways to read the configuration: what was done, to which landmarks, and which stands where; mirrored is last."""
    straight = np.arange(len(case.points))
    found: list[tuple[Slip, tuple[int, ...], NDArray[np.int64]]] = []
    for one, two in combinations(sorted(_worst(case, case.there & case.known)), 2):
        order = straight.copy()
        order[[one, two]] = two, one
        found.append(("exchanged", (one, two), order))
    found.append(("reversed", (), straight[::-1]))
    found += [("shifted", (by,), np.roll(straight, -by)) for by in range(1, len(straight))]
    return [*found, ("mirrored", (), straight)]


def _usual(cases: list[Others]) -> Points:
    """How far each landmark may lie from where the others have it (K,); NaN where too few say so, empty if all are."""
    if len(cases) < FEW:
        return np.empty(0)
    apart = np.array([_apart(case, case.there & case.known) for case in cases])
    judged = np.isfinite(apart).sum(axis=0) >= FEW
    bounds = np.full(apart.shape[1], np.nan)
    middle = np.nanmedian(apart[:, judged], axis=0)
    off = np.abs(apart[:, judged] - middle)
    own, all_alike = 1.4826 * np.nanmedian(off, axis=0), 1.4826 * np.nanmedian(off)
    count = np.isfinite(off).sum(axis=0)
    spread = np.sqrt((count * own**2 + LENT * all_alike**2) / (count + LENT))
    bounds[judged] = np.maximum(middle + FAR * spread, SMALL)
    return bounds


def _outliers(case: Others, usual: Points) -> list[Suspicion]:
    """Landmarks beyond what is usual; one by one, as each pulls the whole configuration out of place."""
    kept = case.there & case.known
    found: list[Suspicion] = []
    before = float(_distances(case.points[None], kept[None], case)[0])
    for _ in range(min(int(kept.sum()) // LEFT_OUT, int(kept.sum()) - 3)):
        if not (_apart(case, kept) > usual).any():
            break
        suspects = [k for k in _worst(case, kept) if np.isfinite(usual[k])]
        without = np.array([kept & (np.arange(len(kept)) != k) for k in suspects])
        after = _distances(np.broadcast_to(case.points, without.shape), without, case)
        best = int(after.argmin())
        found.append(Suspicion(case.which, "outlier", (suspects[best],), before, float(after[best])))
        kept, before = without[best], float(after[best])
    return found


def _worst(case: Others, kept: Present) -> list[int]:
    """The landmarks that lie furthest from where the others have them, at most `SUSPECTS`."""
    apart = np.nan_to_num(_apart(case, kept), nan=-1.0)
    return [int(k) for k in np.argsort(-apart, kind="stable")[: min(SUSPECTS, int(kept.sum()))]]


def _apart(case: Others, kept: Present) -> Points:
    """How far each landmark (K,) lies from where the others have it, laid on them by those kept; NaN for the rest."""
    about = centred(kept[None], case.points[None])[0]
    upon = laid(about / np.sqrt(squared(about))[:, None], kept[None], case.shape)[0]
    return np.where(kept, np.abs(upon - case.shape), np.nan)


def _distances(points: Complexes, there: Present, case: Others) -> Points:
    """Procrustes distances of readings (M, K) to the others' consensus, each on the landmarks it has there."""
    there = there & case.known
    ours, theirs = centred(there, points)[0], centred(there, case.shape)[0]
    match = np.abs((ours.conj() * theirs).sum(axis=1)) / np.sqrt(np.maximum(squared(ours) * squared(theirs), 1e-300))
    distances: Points = np.sqrt(np.maximum(0.0, 2 - 2 * match))
    # With two landmarks left anything fits.
    return np.where(there.sum(axis=1) >= 3, distances, np.inf)
