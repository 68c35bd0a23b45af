"""What the specimens of a landmark file say of one another: an order, a side or a place that only one of them has."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from dinosar.errors import shown
from dinosar.landmarks.points import Points
from dinosar.landmarks.sheets import Sheet, turned_over
from dinosar.shape.fits import fit_movement, moved
from dinosar.shape.procrustes import generalised
from dinosar.shape.suspicion import Suspicion, suspicions

FEWEST = 3
"""Landmarks that a specimen needs to have a shape."""


@dataclass(frozen=True)
class Finding:
    """Something to look at: of which kind, on which photo, which landmarks, what it is and what to do about it."""

    kind: str
    image: str
    landmarks: tuple[str, ...]
    says: str


def shape_findings(sheets: Sequence[Sheet]) -> Iterator[Finding]:
    """Suspicions within each group of specimens that have the same landmarks."""
    groups: dict[tuple[str, ...], list[Sheet]] = {}
    for sheet in sheets:
        if _has_shape(sheet):
            groups.setdefault(sheet.landmarks.names, []).append(sheet)
    for names, members in groups.items():
        if len(members) < 2:
            continue
        places = np.stack([_downwards(sheet) for sheet in members])
        found = suspicions(places)
        for each in found:
            other = members[1 - each.index].image if len(members) == 2 else None
            outlying = [k for one in found if one.index == each.index for k in one.landmarks]
            which = tuple(names[k] for k in each.landmarks)
            says = _outlier(places, each, outlying, names) if each.kind == "outlier" else _slip(each, which, other)
            yield Finding(each.kind, members[each.index].image, which, says)


def _has_shape(sheet: Sheet) -> bool:
    """Enough landmarks, and not all on one place."""
    places = sheet.landmarks.places[sheet.landmarks.there]
    return len(places) >= FEWEST and bool(np.ptp(places, axis=0).max() > 0)


def _downwards(sheet: Sheet) -> Points:
    """Places with y downwards; how high the photo is does not matter to a shape."""
    return turned_over(sheet.landmarks.places, 0) if sheet.from_bottom else sheet.landmarks.places


def _slip(found: Suspicion, names: Sequence[str], other: str | None) -> str:
    """A mistake of order or side in words; `other` is the only other specimen, where there is but one."""
    nearer = f"its distance to the shape of the others would fall from {found.before:.3g} to {found.after:.3g}"
    if other is not None:
        nearer += f", or '{shown(other, 60)}' has it wrong: of two nobody can tell"
    listed = " and ".join(f"'{shown(name, 40)}'" for name in names)
    return {
        "exchanged": f"{listed} look exchanged ({nearer}); look at both with show, and exchange them",
        "reversed": f"its landmarks look numbered from the wrong end ({nearer}); reverse their order",
        "shifted": f"the order of its landmarks looks shifted ({nearer}); look which was left out or set twice",
        "mirrored": f"looks mirrored ({nearer}); if it is the other side of the specimen, mirror photo and landmarks",
    }[found.kind]


def _outlier(places: Points, found: Suspicion, outlying: list[int], names: Sequence[str]) -> str:
    """How far a landmark lies from where the others have it, after they are laid over the rest of this specimen."""
    own, (k,) = places[found.index], found.landmarks
    shape = generalised(np.delete(places, found.index, axis=0)).shape
    use = np.isfinite(own).all(axis=1) & np.isfinite(shape).all(axis=1)
    use[outlying] = False
    expected = moved(fit_movement("similarity", shape[use], own[use]), shape[k])
    away = float(np.hypot(*(own[k] - expected)))
    share = away / float(np.ptp(own[use], axis=0).max())
    return (
        f"'{shown(names[k], 40)}' lies {away:.0f} px, {share:.1%} of the specimen's length, from where the others have "
        f"it (about x={expected[0]:.0f}, {_height(expected[1])}); look at it with show, and set it again"
    )


def _height(y: float) -> str:
    return f"y={y:.0f}" if y >= 0 else f"{-y:.0f} px above the bottom"
