"""Whether matches show that a camera moved, or only that it turned: what moves it says nothing of is no direction.

Two models explain the matches of a pose: a turn alone, under which every match has one place, and a turn with a shift,
under which it has a line. Torr's geometric information criterion weighs how well each fits against how much it leaves
free; the scatter of the matches is taken from themselves. A free line also passes near a few matches that are plainly
wrong: as many as chance gives do not speak for a shift.
"""

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
EXACT = 1e-9
"""Scatter in rays below which matches are exact; then any parallax is one."""
COORDINATES = 4
"""Of a match."""
TURN, SHIFT = (2, 3), (3, 5)
"""How many of a match's coordinates a model leaves free, and how many numbers it has."""
FAR = 3.5
"""Scatters by which one match in five hundred is off its place."""
ROUNDS = 5


def shifts(a: Points, b: Points, rotation: NDArray[np.float64], translation: NDArray[np.float64], *,
           wrong: float = 0.0) -> bool:  # fmt: skip
    """Whether rays (n, 2) that agree with a pose tell of its translation.

    `wrong` is how many matches are expected to agree by chance, had the line been drawn anyhow.
    """
    with_shift = sampson(a, b, rotation, translation)
    scatter = max(float(1.4826 * np.median(np.abs(with_shift))), EXACT)
    alone = _off_turned(a, b, scatter)
    near = alone <= FAR * scatter
    if np.count_nonzero(~near) > _at_most(wrong) or not near.any():
        return True
    return _cost(with_shift[near] / scatter, SHIFT) < _cost(alone[near] / scatter, TURN)


def sampson(a: Points, b: Points, rotation: NDArray[np.float64], translation: NDArray[np.float64]) -> Points:
    """How far (n,) matches are from agreeing with a pose, to first order, in rays."""
    x, y, z = translation
    essential = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]]) @ rotation
    first, second = _lifted(a), _lifted(b)
    there, back = first @ essential.T, second @ essential
    slope = np.sqrt((there[:, :2] ** 2).sum(axis=1) + (back[:, :2] ** 2).sum(axis=1))
    off = (second * there).sum(axis=1)
    return np.asarray(np.divide(off, slope, out=np.zeros_like(off), where=slope > 0))


def _at_most(expected: float) -> float:
    """As many as chance gives where the best of many lines was chosen."""
    return float(expected + 4 * np.sqrt(expected) + 3)


def _off_turned(a: Points, b: Points, scatter: float) -> Points:
    """How far matches are from what the best turn makes of them; it is fitted to those that it explains."""
    kept = np.ones(len(a), dtype=bool)
    off = np.zeros(len(a))
    for _ in range(ROUNDS):
        turned = _lifted(a) @ _turn(a[kept], b[kept]).T
        with np.errstate(divide="ignore", invalid="ignore"):
            off = np.linalg.norm(turned[:, :2] / turned[:, 2:] - b, axis=1) / np.sqrt(2)  # both ends scatter
        off = np.where(turned[:, 2] > 0, off, np.inf)
        now = off <= max(FAR * scatter, float(np.median(off)))
        if (now == kept).all():
            break
        kept = now
    return off


def _turn(a: Points, b: Points) -> NDArray[np.float64]:
    """The rotation that takes one bundle of rays nearest to the other."""
    first, second = (_lifted(each) / np.linalg.norm(_lifted(each), axis=1)[:, None] for each in (a, b))
    left, _, right = np.linalg.svd(second.T @ first)
    return np.asarray(left @ np.diag([1, 1, np.linalg.det(left @ right)]) @ right)


def _cost(off: Points, model: tuple[int, int]) -> float:
    """The criterion, of residuals in units of scatter."""
    free, numbers = model
    count = len(off)
    misfit = np.minimum(off**2, 2.0 * (COORDINATES - free)).sum()
    return float(misfit + np.log(COORDINATES) * free * count + np.log(COORDINATES * count) * numbers)


def _lifted(points: Points) -> Points:
    return np.column_stack([points, np.ones(len(points))])
