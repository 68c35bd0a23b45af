"""Configurations of landmarks laid upon each other, and the shape that they have in common.

Size, place and turn are taken away; mirroring only where asked. A missing landmark is never made up: a configuration
is laid on what the consensus has at the landmarks that are there, and each landmark of the consensus is the mean of
those who have it. Inside, a point is a complex number, so that turning and scaling is one product.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dinosar.shape.fits import Points, fit_movement, moved
from dinosar.shape.settling import Complexes, centred, handedness, laid, linked, settled, signed_area, squared

ROUNDS = 20
"""Times that who is mirrored is asked again; in practice the second answer is the first."""


@dataclass(frozen=True, eq=False)
class Consensus:
    """The mean shape of N configurations of K landmarks, and how each of them lies upon it.

    `shape` (K, 2) is centred, of centroid size 1, its long axis along x; NaN for a landmark that nobody has. `aligned`
    (N, K, 2) and `residuals` (N, K), in units of `shape`, are NaN where missing. `sizes` (N,) are centroid sizes, and
    `distances` (N,) Procrustes distances to the consensus, from 0 to 1.41; of an incomplete configuration both are
    judged by its landmarks: what its size would be if the others followed the consensus, and the distance of what is
    there. `mirrored` (N,) marks the minority that had to be turned over.
    """

    shape: Points
    aligned: Points
    sizes: Points
    distances: Points
    residuals: Points
    mirrored: NDArray[np.bool_]


def generalised(configurations: Points, *, mirror: bool = False) -> Consensus:
    """Generalised Procrustes of configurations (N, K, 2), NaN where a landmark is missing.

    The answer depends on neither their order nor their size, place and turn. ValueError where it is not settled: a
    configuration of fewer than 2 different landmarks, or too few shared ones to relate all configurations.
    """
    there, points = _complex(np.asarray(configurations, dtype=np.float64))
    seen = np.asarray(there.any(axis=0))
    there, points = there[:, seen], points[:, seen]
    unit, sizes = _unit(there, points)
    if not linked(there):
        raise ValueError("these configurations share too few landmarks to be laid upon each other")
    flipped, shape = _common(unit, there, mirror)
    shape = _upright(shape)
    unit = np.where(flipped[:, None], unit.conj(), unit)
    upon = laid(unit, there, shape)
    apart = np.abs(upon - shape)
    held = np.sqrt(squared(centred(there, shape)[0]))
    return Consensus(
        shape=_spread(_plain(shape), seen),
        aligned=_spread(np.where(there[..., None], _plain(upon), np.nan), seen),
        sizes=sizes / held,
        distances=np.sqrt(np.where(there, apart**2, 0.0).sum(axis=1)) / held,
        residuals=_spread(np.where(there, apart, np.nan)[..., None], seen)[..., 0],
        mirrored=flipped,
    )


def bisected(a: Points, b: Points) -> tuple[Points, Points, Points]:
    """Two configurations (K, 2) met half-way, and their mean shape in the same frame.

    The frame's turn lies half-way between theirs, its size is the geometric mean of their centroid sizes, its centre
    the mean of their centres; so neither is favoured. Two equal configurations come back as they are, to the bit.
    """
    a, b = (np.asarray(points, dtype=np.float64) for points in (a, b))
    turn = fit_movement("rigid", a, b)
    half = np.arctan2(turn[1, 0], turn[0, 0]) / 2
    centre = (a.mean(axis=0) + b.mean(axis=0)) / 2
    size = float(np.sqrt(_size(a) * _size(b)))
    met = [moved(_into(points, angle, size, centre), points) for points, angle in ((a, half), (b, -half))]
    middle = (met[0] + met[1]) / 2
    return met[0], met[1], moved(_into(middle, 0.0, size, centre), middle)


def _into(points: Points, angle: float, size: float, centre: Points) -> Points:
    """The movement (3, 3) that turns points by an angle and gives them a size and a centre; at best, the identity."""
    along, across = np.cos(angle) * (size / _size(points)), np.sin(angle) * (size / _size(points))
    own = points.mean(axis=0)
    linear = np.array([[along, -across], [across, along]])
    turned = np.array([along * own[0] - across * own[1], across * own[0] + along * own[1]])
    return np.vstack([np.column_stack([linear, centre - turned]), [0.0, 0.0, 1.0]])


def _size(points: Points) -> float:
    """Centroid size: the root of the summed squared distances to the centre."""
    return float(np.sqrt(((points - points.mean(axis=0)) ** 2).sum()))


def _complex(configurations: Points) -> tuple[NDArray[np.bool_], Complexes]:
    """Which landmarks are there (N, K), and where (N, K), 0 if missing."""
    if configurations.ndim != 3 or configurations.shape[2] != 2 or not len(configurations):
        raise ValueError(f"a consensus needs configurations (N, K, 2), not {configurations.shape}")
    if np.isinf(configurations).any():
        raise ValueError("a landmark is at infinity")
    there = np.asarray(np.isfinite(configurations).all(axis=2))
    return there, np.where(there, configurations[..., 0] + 1j * configurations[..., 1], 0)


def _unit(there: NDArray[np.bool_], points: Complexes) -> tuple[Complexes, Points]:
    """Each configuration centred and of size 1 on the landmarks it has, and the sizes (N,)."""
    few = np.flatnonzero(there.sum(axis=1) < 2)
    if few.size:
        raise ValueError(f"configuration {few[0]} has {there[few[0]].sum()} landmarks, at least 2 are needed")
    about = centred(there, points)[0]
    sizes = np.sqrt(squared(about))
    # What differs by rounding alone lies in one place.
    empty = np.flatnonzero(~(sizes > 1e-12 * np.abs(points).max(axis=1)))
    if empty.size:
        raise ValueError(f"all landmarks of configuration {empty[0]} lie in one place")
    return about / sizes[:, None], sizes


def _common(unit: Complexes, there: NDArray[np.bool_], mirror: bool) -> tuple[NDArray[np.bool_], Complexes]:
    """Which configurations (N,) have to be turned over, and the shape that all then have in common."""
    flipped: NDArray[np.bool_] = handedness(unit, there) if mirror else np.zeros(len(unit), dtype=np.bool_)
    for _ in range(ROUNDS):
        turned = np.where(flipped[:, None], unit.conj(), unit)
        shape = settled(turned, there)
        if not mirror:
            return flipped, shape
        distances = [squared((laid(way, there, shape) - shape) * there) for way in (turned, turned.conj())]
        wrong: NDArray[np.bool_] = distances[1] < distances[0] * (1 - 1e-9)
        if not wrong.any():
            break
        flipped = np.asarray(flipped ^ wrong)
    # The minority was turned over; where both are as many, the sign of an area decides, which no order changes.
    majority = len(unit) - 2 * int(flipped.sum())
    if majority < 0 or (majority == 0 and signed_area(shape) < 0):
        return np.asarray(~flipped), np.conj(shape)
    return flipped, shape


def _upright(shape: Complexes) -> Complexes:
    """The shape with its long axis along x, and its heavier tail to the right."""
    axes = (shape**2).sum()
    if abs(axes) > 1e-9:
        shape = shape * np.exp(-0.5j * np.angle(axes))
        skew = (shape.real**3).sum()
        # A shape that is as heavy on both sides is told by its names: the first landmark that is off the middle.
        first = shape.real[np.argmax(np.abs(shape.real) > 1e-6)]
        return -shape if (skew if abs(skew) > 1e-9 else first) < 0 else shape
    # As wide as long, as regular polygons are: there is no axis, and the first landmark off the centre points along x.
    first = shape[np.argmax(np.abs(shape) > 1e-6)]
    return np.asarray(shape * (abs(first) / first))


def _plain(points: Complexes) -> Points:
    """Complex numbers as (..., 2)."""
    return np.stack([points.real, points.imag], axis=-1)


def _spread(values: Points, seen: NDArray[np.bool_]) -> Points:
    """Values (..., K seen, d) among NaN for the landmarks that nobody has."""
    whole = np.full((*values.shape[:-2], len(seen), values.shape[-1]), np.nan)
    whole[..., seen, :] = values
    return whole
