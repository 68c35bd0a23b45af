"""The veins of the forewing, as curves in wing coordinates (s, t)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from toy_data.anatomy import CLAVAL_END, CLAVAL_FORK, CUBITAL_FORK, MEDIAL_FORK, RADIAL_FORK, STIGMA
from toy_data.traits import Traits

Place = tuple[float, float]


@dataclass(frozen=True)
class Vein:
    """One vein: its curve (n, 2) in wing coordinates and its width at both ends, relative to the main stems."""

    curve: np.ndarray
    start_width: float
    end_width: float


@dataclass
class _Tree:
    """The veins grown so far, and the outermost branches in order from costa to clavus."""

    forks: Iterator[float]
    veins: list[Vein] = field(default_factory=list)
    tips: list[np.ndarray] = field(default_factory=list)


def _course(start: Place, end: Place, bend: float = 0.0) -> np.ndarray:
    """A curve from start to end that leaves along the wing and bows by `bend` half widths."""
    u = np.linspace(0, 1, 24)
    ease = 0.45 * u + 0.55 * (3 * u**2 - 2 * u**3)
    s = start[0] + (end[0] - start[0]) * u
    t = start[1] + (end[1] - start[1]) * ease + bend * np.sin(np.pi * u)
    return np.column_stack([s, t])


def _grow(tree: _Tree, stem: np.ndarray, span: Place, depth: int, width: float) -> None:
    """Grow a branch from the end of `stem` to the stretch `span` (in t) of the apical margin, forking on the way."""
    start = (float(stem[-1, 0]), float(stem[-1, 1]))
    middle = 0.5 * (span[0] + span[1])
    if depth == 0:
        course = _course(start, (1.03, middle))
        tree.veins.append(Vein(course, width, width * 0.55))
        tree.tips.append(np.concatenate([stem, course]))
        return
    share = np.clip(0.36 + 0.20 * next(tree.forks), 0.15, 0.75)
    fork_s = start[0] + (1.0 - start[0]) * share
    fork_t = start[1] + (middle - start[1]) * (0.5 + 0.5 * share)
    course = _course(start, (fork_s, fork_t), 0.02 * next(tree.forks))
    tree.veins.append(Vein(course, width, width * 0.85))
    whole = np.concatenate([stem, course])
    cut = middle + 0.15 * (span[1] - span[0]) * np.clip(next(tree.forks), -1, 1)
    _grow(tree, whole, (span[0], cut), depth - 1, width * 0.85)
    _grow(tree, whole, (cut, span[1]), depth - 1, width * 0.85)


def _stems(tree: _Tree) -> None:
    """The main stems with their primary forks, and the branches they carry to the apex."""
    radius = _course((0.0, -0.15), RADIAL_FORK, -0.05)
    media = _course((0.0, -0.05), MEDIAL_FORK, -0.06)
    cubitus = _course((0.0, 0.1), CUBITAL_FORK, 0.04)
    tree.veins += [Vein(radius, 1.35, 1.05), Vein(media, 1.25, 0.9), Vein(cubitus, 1.25, 0.9)]
    costal_branch = _course(RADIAL_FORK, (STIGMA[0] - 0.07, STIGMA[1] + 0.14), -0.05)
    tree.veins.append(Vein(costal_branch, 1.05, 0.8))
    _grow(tree, costal_branch, (-0.98, -0.62), 1, 0.75)
    _grow(tree, radius, (-0.62, -0.28), 2, 0.85)
    _grow(tree, media, (-0.28, 0.02), 2, 0.8)
    _grow(tree, media, (0.02, 0.30), 2, 0.8)
    _grow(tree, cubitus, (0.30, 0.60), 2, 0.8)
    _grow(tree, cubitus, (0.60, 0.92), 1, 0.8)


def _clavus() -> list[Vein]:
    """The claval suture and the Y of the claval veins."""
    suture = _course((0.0, 0.3), CLAVAL_END, -0.03)
    first, second = _course((0.02, 0.45), CLAVAL_FORK, 0.02), _course((0.03, 0.75), CLAVAL_FORK, 0.03)
    joined = _course(CLAVAL_FORK, (0.56, 0.95), 0.0)
    return [Vein(suture, 1.0, 0.9), Vein(first, 0.8, 0.7), Vein(second, 0.7, 0.7), Vein(joined, 0.75, 0.5)]


def _crossveins(tips: list[np.ndarray], traits: Traits) -> list[Vein]:
    """Short veins between neighbouring branches, dense towards the apex."""
    veins = []
    gaps = len(tips) - 1
    for number, (place, presence) in enumerate(
        zip(traits["crossvein_place"], traits["crossvein_presence"], strict=True)
    ):
        gap, turn = number % gaps, number // gaps
        s = 0.965 - 0.048 * turn + 0.022 * float(np.clip(place, -1.2, 1.2)) - 0.016 * (gap % 2)
        # Far from the apex only the firmly present ones remain.
        if presence < 0.085 * turn - 0.25:
            continue
        slant = 0.010 * float(np.sin(9.0 * place))
        ends = [float(np.interp(s + d, tips[g][:, 0], tips[g][:, 1])) for g, d in ((gap, 0.0), (gap + 1, slant))]
        if abs(ends[1] - ends[0]) > 0.02:
            curve = np.column_stack([np.linspace(s, s + slant, 6), np.linspace(ends[0], ends[1], 6)])
            veins.append(Vein(curve, 0.42, 0.42))
    return veins


def _costal_crossveins() -> list[Vein]:
    """The ladder of short oblique veins between costa and radius."""
    veins = []
    for s in np.linspace(0.14, 0.71, 22):
        inner = float(np.interp(s, [0.1, 0.2, 0.45, 0.73], [-0.5, -0.55, -0.70, -0.68]))
        veins.append(Vein(_course((s, inner), (s + 0.022, -1.0)), 0.36, 0.3))
    return veins


def forewing_veins(traits: Traits) -> list[Vein]:
    """All veins of one individual's forewing."""
    tree = _Tree(forks=iter(np.tile(traits["fork_place"], 3)))
    _stems(tree)
    return tree.veins + _clavus() + _crossveins(tree.tips, traits) + _costal_crossveins()
