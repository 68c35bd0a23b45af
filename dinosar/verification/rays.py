"""Pixels of a camera as rays, and back: every model of COLMAP that `cameras.py` knows, its distortion undone."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from dinosar.cameras import FOCALS, Camera

Points = NDArray[np.float64]
ROUNDS = 100
"""Newton's steps at most; a handful are enough wherever a lens can be undone at all."""
NEAR = 1e-9
STEP = 1e-6
MISSED = 0.01
"""Pixels by which a ray, distorted again, may miss the pixel it was made of."""


def rays_of(points: Points, camera: Camera) -> Points:
    """(x, y) of the rays (x, y, 1) through pixels (n, 2); NaN where no ray of the camera's model meets a pixel."""
    matrix = camera.matrix
    wanted = (np.asarray(points, dtype=np.float64) - matrix[:2, 2]) / matrix[[0, 1], [0, 1]]
    if not camera.distorted:
        return wanted
    bend = _bend(camera)
    with np.errstate(all="ignore"):  # what runs away is told by its miss
        rays = _undone(bend, wanted)
        missed = np.linalg.norm((bend(rays) - wanted) * matrix[[0, 1], [0, 1]], axis=1)
        (a, c), (b, d) = _slopes(bend, rays)
        # Beyond where the lens turns back it shows no ray, though its formula finds some there, and behind.
        ahead = (a * d - b * c > 0) & ((rays * wanted).sum(axis=1) >= 0)
    return np.where((ahead & (missed <= MISSED))[:, None], rays, np.nan)


def pixels_of(rays: Points, camera: Camera) -> Points:
    """The pixels (n, 2) in which a camera sees the rays (x, y, 1)."""
    matrix = camera.matrix
    bent = _bend(camera)(np.asarray(rays, dtype=np.float64)) if camera.distorted else rays
    return np.asarray(bent * matrix[[0, 1], [0, 1]] + matrix[:2, 2], dtype=np.float64)


def without_lens(points: Points, camera: Camera) -> tuple[Points, Camera]:
    """Points as a pinhole camera of the same focal lengths would see them, and that camera."""
    if not camera.distorted:
        return np.asarray(points, dtype=np.float64), camera
    plain = Camera.of_matrix(camera.matrix, camera.width, camera.height)
    return pixels_of(rays_of(points, camera), plain), plain


def _undone(bend: Callable[[Points], Points], wanted: Points) -> Points:
    """Rays that the lens bends to `wanted`, by Newton's method from where they would lie without it."""
    rays = wanted.copy()
    for _ in range(ROUNDS):
        off = bend(rays) - wanted
        if not (np.abs(off) > NEAR).any():
            break
        (a, c), (b, d) = _slopes(bend, rays)
        x, y = off.T
        rays = rays - np.stack([d * x - b * y, a * y - c * x], axis=1) / (a * d - b * c)[:, None]
    return rays


def _slopes(bend: Callable[[Points], Points], rays: Points) -> list[Points]:
    """How what is bent moves with a ray's x, and with its y, (2, n) each."""
    return [((bend(rays + move) - bend(rays - move)) / (2 * STEP)).T for move in STEP * np.eye(2)]


def _bend(camera: Camera) -> Callable[[Points], Points]:
    """What the lens makes of rays."""
    lens = camera.params[FOCALS[camera.model] + 2 :]
    if camera.model.endswith("FISHEYE"):
        return lambda rays: _fisheye(rays, lens)
    if camera.model.endswith("RADIAL"):
        return lambda rays: rays * (1 + _series(lens, (rays**2).sum(axis=1)))[:, None]
    k, p = (*lens[:2], *lens[4:5]), lens[2:4]
    return lambda rays: _brown(rays, k, p, lens[5:])


def _fisheye(rays: Points, lens: tuple[float, ...]) -> Points:
    """Equidistant projection, with a series in the angle from the axis."""
    away = np.linalg.norm(rays, axis=1)
    angle = np.arctan(away)
    bent = angle * (1 + _series(lens, angle**2))
    return np.asarray(rays * np.divide(bent, away, out=np.ones_like(away), where=away > 0)[:, None])


def _brown(rays: Points, k: tuple[float, ...], p: tuple[float, ...], below: tuple[float, ...]) -> Points:
    """Radial and tangential distortion, as OpenCV has it; `below` is the series by which the radial one is divided."""
    (x, y), square = rays.T, (rays**2).sum(axis=1)
    radial = (1 + _series(k, square)) / (1 + _series(below, square))
    skew = 2 * p[0] * x * y + p[1] * (square + 2 * x**2), 2 * p[1] * x * y + p[0] * (square + 2 * y**2)
    return np.asarray(rays * radial[:, None] + np.stack(skew, axis=1))


def _series(factors: tuple[float, ...], square: NDArray[np.float64]) -> NDArray[np.float64]:
    """k1 r² + k2 r⁴ + …"""
    total = np.zeros_like(square)
    for factor in reversed(factors):
        total = (total + factor) * square
    return total
