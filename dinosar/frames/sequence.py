"""What the pairs of a sequence say together: which stand out, how much B flickers, where a map of mismatch is torn."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Values = NDArray[np.float64]

K = 6.0
"""Robust sigmas. tests/frames/test_sequence.py draws curves of 30 to 60 frames, clean or with 3 or 7 bad ones of about
eight medians. Where good errors swell and ebb twofold, no good frame of 1800 curves stands out and no bad one of 6000
is missed; where they do so fourfold, a good one stands out in 24 curves of 1800, and 50 bad ones of 6000 are missed.
With 5 sigmas good frames stand out in 9 and 51 curves. In 288 sequences of distances and mismatches that `classic`
found in films of toy_data/frames.py, a good frame stood out in 1, and 6 of 960 spoiled ones were missed."""
ALIKE = 0.1
"""Share of the median that is the least a sigma can be: values that differ by less are alike."""
NOTHING = 1e-6
"""Distances up to this are rounding: what is compared is the same. It is the least a sigma can be, too."""
EXCEPTIONS = 1 / 3
"""Where more than this share of a sequence stands out, it is no exception but another kind of frame."""
_MAD_TO_SIGMA = 1.4826
_ROUNDS = 20


@dataclass(frozen=True, eq=False)
class Unusual:
    """Which values stand out, and above which one they do; None where there are no values."""

    marks: NDArray[np.bool_]
    threshold: float | None


def standing_out(values: Sequence[float] | Values, k: float = K) -> Unusual:
    """Which values (higher is worse) lie more than k robust sigmas above the median of the good ones.

    Sigma is 1.4826 times the median absolute deviation. At first it is taken from the values below the median, which
    bad frames do not spread; then from those that did not stand out, until these stay the same. Where B holds A's own
    frames between made ones, the made ones are judged among themselves: values of nothing are left out as long as more
    than a third of the sequence remains, and where more than a third stands out, it is judged alone. NaN is not judged.

    The trend of a sequence is not taken out. Interpolation errs more where more moves, but errors that swell and ebb
    smoothly stay within 6 sigmas, and with a running median taken out more good frames stood out, not fewer. A burst
    of motion over a few frames does stand out: the values cannot tell it from a row of bad frames.
    """
    given = np.asarray(values, dtype=np.float64)
    judged = np.isfinite(given)
    most = EXCEPTIONS * np.count_nonzero(judged)
    made = judged & (given > NOTHING)
    group = made if np.count_nonzero(made) > most else judged
    # Ends: the lower half of a group is never found, so each group is smaller than the last.
    while np.count_nonzero((found := _found(given, group, k)).marks) > most:
        group = found.marks
    return found


def _found(values: Values, group: NDArray[np.bool_], k: float) -> Unusual:
    """What stands out in a group."""
    of_group = values[group]
    if not len(of_group):
        return Unusual(np.zeros(len(values), dtype=np.bool_), None)
    good = of_group <= np.median(of_group)
    limit = _limit(of_group[good], float(np.median(of_group)), k)
    for _ in range(_ROUNDS):
        again = of_group <= limit
        if np.array_equal(again, good):
            break
        good = again
        limit = _limit(of_group[good], float(np.median(of_group[good])), k)
    return Unusual(group & (values > limit), limit)


def _limit(good: Values, centre: float, k: float) -> float:
    """The highest value that does not stand out."""
    deviation = _MAD_TO_SIGMA * float(np.median(np.abs(good - centre)))
    return centre + k * max(deviation, ALIKE * abs(centre), NOTHING)


@dataclass(frozen=True, eq=False)
class Flicker:
    """How much farther B goes than A in each step, and the mean over the `count` steps that are known; else None."""

    steps: Values
    mean: float | None
    count: int


def flicker(a_steps: Sequence[float] | Values, b_steps: Sequence[float] | Values) -> Flicker:
    """The distance between successive frames of B, less that of A; above 0, B flickers more. NaN is a step unknown."""
    a, b = np.asarray(a_steps, dtype=np.float64), np.asarray(b_steps, dtype=np.float64)
    if a.ndim != 1 or a.shape != b.shape:
        raise ValueError(f"steps of A and B must be two rows of one length, not {a.shape} and {b.shape}")
    steps = b - a
    told = summary(steps)
    return Flicker(steps, told.mean, told.count)


@dataclass(frozen=True)
class Tear:
    """The strongest discontinuity of a map: how strong, between rows or columns, and the first beyond it, from 0."""

    value: float
    axis: Literal["row", "column"]
    index: int


def tearing(mismatch: ArrayLike) -> Tear | None:
    """The largest difference between the means of two successive rows, or columns, over the patches that both know.

    Nothing is smoothed: patches that straddle a tear look like nothing else, so a tear is a ridge of a row or two in
    the map, besides a step, and smoothing would take it away. Edges of objects and noise give differences as well, so
    the number means something only beside those of other frames. None where no two rows or columns can be compared.
    """
    rows = np.asarray(mismatch, dtype=np.float64)
    if rows.ndim != 2:
        raise ValueError(f"a map has rows and columns, not the shape {rows.shape}")
    axes: tuple[tuple[Literal["row", "column"], Values], ...] = (("row", rows), ("column", rows.T))
    found = [Tear(value, axis, i + 1) for axis, lines in axes for i, value in enumerate(_jumps(lines))]
    known = [tear for tear in found if np.isfinite(tear.value)]
    return max(known, key=lambda tear: tear.value, default=None)


def _jumps(lines: Values) -> list[float]:
    """The absolute mean difference of each line from the one before; NaN where no patch is known in both."""
    steps = np.diff(lines, axis=0)
    known = np.isfinite(steps)
    count = known.sum(axis=1)
    total = np.where(known, steps, 0.0).sum(axis=1)
    means = np.divide(total, count, out=np.full(len(steps), np.nan), where=count > 0)
    return [float(value) for value in np.abs(means)]


@dataclass(frozen=True)
class Summary:
    """The mean and the 95th percentile of the values that are known, and how many those are; None where none is."""

    mean: float | None
    p95: float | None
    count: int


def summary(values: Sequence[float] | Values) -> Summary:
    """A sequence in three numbers; NaN, a pair that failed, is left out and not counted."""
    given = np.asarray(values, dtype=np.float64)
    known = given[np.isfinite(given)]
    if not len(known):
        return Summary(None, None, 0)
    return Summary(float(known.mean()), float(np.percentile(known, 95)), len(known))
