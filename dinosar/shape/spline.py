"""The thin-plate spline: the smoothest warp of the plane that carries some landmarks to others.

It is an affine movement plus one bump r^2 ln r for each landmark, balanced so that far away they bend nothing. Moving,
turning, scaling or shearing all landmarks is therefore carried out exactly, everywhere.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
BLOCK = 16_384
"""Points evaluated at once: a few arrays of that length fit in a processor's cache."""
FLAT = 1e-9
"""How wide landmarks must be, of how long they are, to fix an affine movement at all."""


@dataclass(frozen=True, eq=False)
class Spline:
    """A fitted warp: its bumps stand at `sources` (K, 2), `weights` (K, 2) high, on `affine` (3, 2).

    The rows of `affine` are what a point gains by being there, by its x and by its y. A bump is r^2 ln r with r in
    `unit`s, so that landmarks in millimetres or in pixels give equally good numbers.
    """

    sources: Points
    weights: Points
    affine: Points
    unit: float

    def __call__(self, points: Points) -> Points:
        """Where points (..., 2) are carried to; each on its own, so the answer does not depend on its company."""
        points = np.asarray(points, dtype=np.float64)
        flat = points.reshape(-1, 2)
        carried = np.empty(flat.shape)
        for start in range(0, len(flat), BLOCK):
            carried[start : start + BLOCK] = self._carry(flat[start : start + BLOCK])
        return carried.reshape(points.shape)

    def _carry(self, points: Points) -> Points:
        """One block; bump after bump, as a matrix product would round by the number of points."""
        x, y = np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1])
        to_x, to_y = (start + by_x * x + by_y * y for start, by_x, by_y in self.affine.T)
        for (source_x, source_y), (high_x, high_y) in zip(self.sources, self.weights, strict=True):
            bump = _bump(((x - source_x) / self.unit) ** 2 + ((y - source_y) / self.unit) ** 2)
            to_x += high_x * bump
            to_y += high_y * bump
        return np.stack([to_x, to_y], axis=1)


def fit_spline(source: Points, target: Points, smoothing: float | Points = 0.0) -> Spline:
    """The spline that carries landmarks `source` (K, 2) to `target` (K, 2), or near them.

    `smoothing`, one number or one for each landmark, is in squared units of `source`: 0 carries a landmark exactly,
    more lets it miss where that saves bending; it means what it means to SciPy's RBFInterpolator.
    """
    source, target = (np.array(points, dtype=np.float64) for points in (source, target))
    _check(source, target)
    centre = source.mean(axis=0)
    unit = float(np.sqrt(((source - centre) ** 2).sum(axis=1).mean()))
    # r^2 ln r in another unit differs by a multiple of r^2, which balanced bumps do not feel; what stays is unit^2.
    slack = np.broadcast_to(np.asarray(smoothing, dtype=np.float64) / unit**2, len(source))
    if not (np.isfinite(slack).all() and (slack >= 0).all()):
        raise ValueError("smoothing must be finite and not negative")
    system = _system((source - centre) / unit, slack)
    # Beginning with the identity, what is there stays there to the bit; the second round mends what the first rounded.
    spline = Spline(source, np.zeros_like(source), np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), unit)
    for _ in range(2):
        missed = target - spline(source) - slack[:, None] * spline.weights
        step = _solved(system, missed)
        linear = step[-2:] / unit
        affine = spline.affine + np.vstack([step[-3] - centre @ linear, linear])
        spline = Spline(source, spline.weights + step[:-3], affine, unit)
    return spline


def bending_energy(spline: Spline) -> float:
    """The squared second derivatives of the warp, summed over the plane; 0 for an affine movement.

    In squared units of the target per squared unit of the source, so it does not change when both are measured anew.
    """
    between = (spline.sources[:, None] - spline.sources[None]) / spline.unit
    bumps = _bump((between**2).sum(axis=-1))
    return float(8 * np.pi * max(0.0, np.einsum("id,ij,jd->", spline.weights, bumps, spline.weights)) / spline.unit**2)


def _check(source: Points, target: Points) -> None:
    """What no spline can be put through."""
    if source.ndim != 2 or source.shape[1] != 2 or source.shape != target.shape:
        raise ValueError(f"a spline needs two sets of (K, 2), not {source.shape} and {target.shape}")
    if not (np.isfinite(source).all() and np.isfinite(target).all()):
        raise ValueError("a spline needs finite landmarks")
    lengths = np.linalg.svd(source - source.mean(axis=0), compute_uv=False) if len(source) >= 3 else np.zeros(2)
    if not lengths[1] > FLAT * lengths[0]:
        raise ValueError("a spline needs at least 3 landmarks that do not lie on one line")


def _system(source: Points, slack: Points) -> Points:
    """The matrix (K + 3, K + 3) of a fit: bumps, slack on their diagonal, and the affine part they are balanced by."""
    count = len(source)
    whole = np.zeros((count + 3, count + 3))
    whole[:count, :count] = _bump(((source[:, None] - source[None]) ** 2).sum(axis=-1)) + np.diag(slack)
    whole[:count, count] = whole[count, :count] = 1.0
    whole[:count, count + 1 :] = source
    whole[count + 1 :, :count] = source.T
    return whole


def _solved(system: Points, missed: Points) -> Points:
    """Heights of the bumps and affine part (K + 3, 2) that make up for what is missed (K, 2)."""
    try:
        return np.asarray(np.linalg.solve(system, np.vstack([missed, np.zeros((3, 2))])), dtype=np.float64)
    except np.linalg.LinAlgError as error:
        raise ValueError("a spline needs landmarks in different places, or smoothing") from error


def _bump(square: Points) -> Points:
    """r^2 ln r of squared distances; 0 at 0, where the logarithm alone would not exist."""
    bump: Points = 0.5 * square * np.log(np.maximum(square, np.finfo(np.float64).tiny))
    return bump
