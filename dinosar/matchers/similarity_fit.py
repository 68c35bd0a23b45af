"""The similarity (shift, turn, one scale; no mirror) that explains most matches, found by trying them pair by pair.

OpenCV offers no MAGSAC for similarities. Points are complex numbers here, a similarity is z -> turn * z + shift, and
two matches fix one; so all pairs of matches can simply be tried, and nothing is drawn by chance.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Complex = NDArray[np.complex128]
TRIALS = 20_000
"""Pairs tried at most: all of them up to 200 matches, beyond that an even choice in which every match takes part."""
AT_ONCE = 1_000_000
ROUNDS = 20


class Trial(NamedTuple):
    """A similarity, and how well it explains the matches: a match it hits counts 1, one at the tolerance 0."""

    turn: complex
    shift: complex
    worth: float


def fit_similarity(
    asked: NDArray[np.float64], answer: NDArray[np.float64], tolerance: float, stretch: float
) -> NDArray[np.float64] | None:
    """The best similarity as a matrix (3, 3), or None where no pair of matches gives one of a scale below `stretch`."""
    z, w = (points[:, 0] + 1j * points[:, 1] for points in (asked, answer))
    best = _best_pair(z, w, tolerance, stretch)
    if best is None:
        return None
    for _ in range(ROUNDS):
        held = _misses(z, w, np.array([best.turn]), np.array([best.shift]))[0] <= tolerance
        better = _least_squares(z[held], w[held], z, w, tolerance)
        if better is None or better.worth <= best.worth:
            break
        best = better
    turn, shift = best.turn, best.shift
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag], [0, 0, 1]])


def _best_pair(z: Complex, w: Complex, tolerance: float, stretch: float) -> Trial | None:
    """The best of the similarities fixed by two matches; the first of equals."""
    first, second = _pairs(len(z))
    from_z, from_w = z[second] - z[first], w[second] - w[first]
    apart = (from_z != 0) & (from_w != 0)
    first, second = first[apart], second[apart]
    turns = from_w[apart] / from_z[apart]
    sane = (np.abs(turns) <= stretch) & (np.abs(turns) >= 1 / stretch)
    first, second, turns = first[sane], second[sane], turns[sane]
    shifts = (w[first] + w[second] - turns * (z[first] + z[second])) / 2
    if not len(turns):
        return None
    step = max(1, AT_ONCE // len(z))
    worths = np.concatenate(
        [_worth(_misses(z, w, turns[i : i + step], shifts[i : i + step]), tolerance)
         for i in range(0, len(turns), step)]
    )  # fmt: skip
    best = int(np.argmax(worths))
    return Trial(complex(turns[best]), complex(shifts[best]), float(worths[best]))


def _pairs(n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of n things: each with those so many steps further on, round and round."""
    steps = np.arange(1, n // 2 + 1)
    allowed = max(1, TRIALS // n)
    if len(steps) > allowed:
        steps = np.unique(np.linspace(1, n // 2, allowed).round().astype(np.int64))
    first = np.tile(np.arange(n), len(steps))
    return first, (first + np.repeat(steps, n)) % n


def _misses(z: Complex, w: Complex, turns: Complex, shifts: Complex) -> NDArray[np.float64]:
    """By how much each similarity misses each match (similarities, matches): there or back, whichever is more."""
    off: NDArray[np.float64] = np.abs(turns[:, None] * z + shifts[:, None] - w)
    return off * np.maximum(1.0, 1.0 / np.abs(turns))[:, None]


def _worth(misses: NDArray[np.float64], tolerance: float) -> NDArray[np.float64]:
    worth: NDArray[np.float64] = np.maximum(0.0, 1.0 - (misses / tolerance) ** 2).sum(axis=1)
    return worth


def _least_squares(z: Complex, w: Complex, all_z: Complex, all_w: Complex, tolerance: float) -> Trial | None:
    """The similarity of least squares for some matches, judged by all; the same whichever side is carried over.

    Its scale is the ratio of the spreads, for that of a regression shrinks, and shrinks the other way round as well.
    """
    from_z, from_w = z - z.mean(), w - w.mean()
    lean = complex((from_z.conj() * from_w).sum())
    spread_z, spread_w = float((np.abs(from_z) ** 2).sum()), float((np.abs(from_w) ** 2).sum())
    if not (abs(lean) and spread_z and spread_w):
        return None
    turn = lean / abs(lean) * (spread_w / spread_z) ** 0.5
    shift = complex(w.mean() - turn * z.mean())
    worth = _worth(_misses(all_z, all_w, np.array([turn]), np.array([shift])), tolerance)
    return Trial(turn, shift, float(worth[0]))
