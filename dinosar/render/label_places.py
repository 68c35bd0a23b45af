"""Where labels stand beside points so that they cover neither points nor one another, all in points of a page."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
_TURNS = np.deg2rad(np.arange(0, 360, 22.5))
_GAPS = (2.0, 5.0, 9.0, 15.0, 23.0, 34.0)
"""Room between a point and its label; farther away a line must lead to it."""
_NEAR = 2
"""How many of the gaps need no line."""
_OUTWARDS = 3.0
"""Points of gap that a label takes upon itself to stand outside rather than inside."""
_NEARER = 1.5
"""Points by which a label is nearer to its own point than to any other, lest it be taken for the other's name."""
_ROUNDS = 4


@dataclass(frozen=True, eq=False)
class Places:
    """Centres (n, 2) of labels; whether each stands so far off that a line must lead to it; whether all are clear."""

    centres: Points
    led: NDArray[np.bool_]
    clear: bool


def label_places(points: Points, sizes: Points, frame: tuple[float, float], dot: float) -> Places:
    """Where labels of `sizes` (n, 2) stand beside points (n, 2) in a frame (width, height).

    The nearest clear place wins, away from the middle of the points if it can be; where none is clear, the one that
    covers least. Labels are placed in turn, those with the nearest neighbours first, and again, so that the first can
    make room for the last.
    """
    count = len(points)
    if not count:
        return Places(np.zeros((0, 2)), np.zeros(0, bool), True)
    offers = [_offers(points[i], sizes[i], dot) for i in range(count)]
    apart = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1)) + np.where(np.eye(count), np.inf, 0)
    order = np.argsort(apart.min(axis=1), kind="stable")
    outwards = _unit(points - points.mean(axis=0))
    centres = np.full((count, 2), np.nan)
    led = np.zeros(count, bool)
    covered = np.zeros(count)
    for _ in range(_ROUNDS):
        for i in order:
            others = np.arange(count) != i
            cost = _covered(offers[i], sizes[i], points, np.full((count, 2), dot))
            placed = others & np.isfinite(centres[:, 0])
            cost += _covered(offers[i], sizes[i], centres[placed], sizes[placed]) + _beyond(offers[i], sizes[i], frame)
            near = np.arange(len(offers[i])) < _NEAR * len(_TURNS)  # farther away a line says whose it is
            cost += near * _mistakable(offers[i], sizes[i], points[i], points[others])
            wish = np.repeat(_GAPS, len(_TURNS)) - _OUTWARDS * (_unit(offers[i] - points[i]) @ outwards[i])
            best = int(np.argmin(cost + 1e-2 * wish))
            centres[i], covered[i], led[i] = offers[i][best], cost[best], best >= _NEAR * len(_TURNS)
    return Places(centres, led, bool((covered <= 1e-9).all()))


def _unit(arrows: Points) -> Points:
    """Arrows (n, 2) of length one; those of no length stay so."""
    return np.asarray(arrows / np.maximum(np.hypot(*arrows.T), 1e-9)[:, None])


def _offers(point: Points, size: Points, dot: float) -> Points:
    """Centres a label may have: around its point, its edge at the same distance whichever way it lies."""
    ways = np.stack([np.cos(_TURNS), np.sin(_TURNS)], axis=1)
    reach = (size + dot) / 2
    edge = np.minimum(*(reach / np.maximum(np.abs(ways), 1e-9)).T)[:, None] * ways
    return np.concatenate([point + edge + gap * ways for gap in _GAPS])


def _covered(offers: Points, size: Points, centres: Points, sizes: Points) -> Points:
    """Area that a label at each offer shares with boxes."""
    reach = (size + sizes) / 2
    overlap = reach[None] - np.abs(offers[:, None] - centres[None])
    shared = np.minimum(overlap, np.minimum(size, sizes)[None])
    return np.asarray(np.clip(shared, 0, None).prod(axis=2).sum(axis=1))


def _mistakable(offers: Points, size: Points, own: Points, others: Points) -> Points:
    """By how much a label at each offer stands nearer to another point than to its own."""
    if not len(others):
        return np.zeros(len(offers))
    gaps = [np.hypot(*np.clip(np.abs(offers - point) - size / 2, 0, None).T) for point in others]
    gap = np.hypot(*np.clip(np.abs(offers - own) - size / 2, 0, None).T)
    return np.asarray(np.clip(gap + _NEARER - np.min(gaps, axis=0), 0, None) * size[1])


def _beyond(offers: Points, size: Points, frame: tuple[float, float]) -> Points:
    """How much of a label at each offer hangs out of the frame."""
    low, high = size / 2 - offers, offers + size / 2 - np.asarray(frame)
    return np.asarray((np.clip(low, 0, None) + np.clip(high, 0, None)).sum(axis=1) * size.max())
