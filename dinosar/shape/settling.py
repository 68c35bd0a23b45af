"""The steps of a Procrustes consensus, on complex numbers: a start that no order changes, and rounds until it stays.

Configurations are (N, K), centred and of size 1 on the landmarks they have, 0 where a landmark is missing.
"""

import numpy as np
from numpy.typing import NDArray

Complexes = NDArray[np.complex128]
Present = NDArray[np.bool_]
ROUNDS = 5000
"""More than any set needs that shares enough landmarks; complete sets take about ten."""
STILL, ROUNDING = 1e-14, 1e-11
"""A round that moves no landmark by more, of the size of the shape, was the last; or by so little and yet not less than
the round before, as then rounding is all that moves."""


def linked(there: Present) -> bool:
    """Whether all configurations hang together: each shares 2 landmarks with what those before it have."""
    for first in there:
        known, before = first, -1
        while known.sum() > before:
            before = known.sum()
            known = there[there[:, known].sum(axis=1) >= 2].any(axis=0) | known
        if (there[:, known].sum(axis=1) >= 2).all():
            return True
    return False


def settled(unit: Complexes, there: Present) -> Complexes:
    """The consensus (K,), centred and of size 1: the mean of the configurations that are laid upon it."""
    shape, holders, before = _start(unit, there), there.sum(axis=0), np.inf
    for _ in range(ROUNDS):
        mean: Complexes = np.where(there, laid(unit, there, shape), 0).sum(axis=0) / holders
        mean -= mean.mean()
        mean /= np.sqrt(squared(mean))
        step = np.abs(mean - shape).max()
        shape = mean
        if step <= STILL or before <= step <= ROUNDING:
            return shape
        before = step
    raise ValueError("these configurations share too few landmarks to settle on one shape")


def laid(unit: Complexes, there: Present, shape: Complexes) -> Complexes:
    """Configurations turned, scaled and shifted onto what the shape (K,), or one for each, has at their landmarks."""
    parts, centres = centred(there, shape)
    toward = (unit.conj() * parts).sum(axis=1)
    size = np.sqrt(squared(parts))
    lost = np.flatnonzero(~(np.abs(toward) > 1e-12 * size))
    if lost.size:
        raise ValueError(f"configuration {lost[0]} can be turned any way: it fits the others equally badly")
    upon: Complexes = unit * (size * toward / np.abs(toward))[:, None] + centres[:, None]
    return upon


def handedness(unit: Complexes, there: Present) -> NDArray[np.bool_]:
    """Which configurations (N,) are mirror images of the others, by how well pairs fit plain and turned over."""
    among = there.astype(np.float64)
    shared = np.maximum(among @ among.T, 1)
    sums = unit @ among.T
    # Each pair is centred on the landmarks it shares; the sums over those alone are what is taken off.
    plain = np.abs(unit @ unit.conj().T - sums * sums.conj().T / shared)
    over = np.abs(unit @ unit.T - sums * sums.T / shared)
    leading = np.linalg.eigh(plain - over)[1][:, -1]
    return np.asarray(leading < 0)


def centred(there: Present, points: Complexes) -> tuple[Complexes, Complexes]:
    """Points (K,) or (N, K) as each configuration has them, centred on those and 0 where missing; and the centres."""
    centres = np.where(there, points, 0).sum(axis=1) / there.sum(axis=1)
    return np.where(there, points - centres[:, None], 0), centres


def signed_area(shape: Complexes) -> float:
    """Area of the landmarks' polygon in their order; its sign tells a shape from its mirror image."""
    return float((shape.conj() * np.roll(shape, -1)).imag.sum() / 2)


def squared(points: Complexes) -> NDArray[np.float64]:
    """Sum of squared lengths over the last axis."""
    return np.asarray((points.real**2 + points.imag**2).sum(axis=-1))


def _start(unit: Complexes, there: Present) -> Complexes:
    """The shape that regression on each configuration explains best: an eigenvector, so there is no order to depend on.

    Maximises the explained over the whole sum of squares. Both are quadratic in the shape, and counted within each
    configuration, on the landmarks it has.
    """
    among = there.astype(np.float64)
    whole = np.diag(among.sum(axis=0)) - (among / among.sum(axis=1)[:, None]).T @ among
    explained = unit.T @ unit.conj()
    # Without the direction in which all landmarks move alike, which changes no shape.
    count = there.shape[1]
    basis = np.linalg.qr(np.column_stack([np.ones(count), np.eye(count)[:, 1:]]))[0][:, 1:]
    root = np.linalg.inv(np.linalg.cholesky(basis.T @ whole @ basis)) @ basis.T
    shape = root.T @ np.linalg.eigh(root @ explained @ root.T)[1][:, -1]
    shape = shape - shape.mean()
    return np.asarray(shape / np.sqrt(squared(shape)))
