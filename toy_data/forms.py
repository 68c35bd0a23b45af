"""Solid forms on the canvas: tubes and plates with their coverage, height and own coordinates."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from toy_data import anatomy

TEXELS = 2.0  # texels of the canvas per canonical unit
MARGIN = 26  # texels kept free around a form, for its setae and its shadow


@dataclass(frozen=True)
class Form:
    """A form on its own piece of canvas, whose first texel is (left, top).

    `height` is in texels. `along` runs from 0 to 1 over the length, `across` from -1 to 1 over the width.
    """

    left: int
    top: int
    cover: np.ndarray
    height: np.ndarray
    along: np.ndarray
    across: np.ndarray

    @property
    def window(self) -> tuple[slice, slice]:
        """Where the form lies on the canvas."""
        rows, columns = self.cover.shape
        return slice(self.top, self.top + rows), slice(self.left, self.left + columns)

    def places(self) -> tuple[np.ndarray, np.ndarray]:
        """Canonical x and y of the form's texel centres."""
        rows, columns = self.cover.shape
        x = (np.arange(self.left, self.left + columns, dtype=np.float32) + 0.5) / TEXELS
        y = (np.arange(self.top, self.top + rows, dtype=np.float32) + 0.5) / TEXELS
        return np.broadcast_to(x, (rows, columns)), np.broadcast_to(y[:, None], (rows, columns))


def smooth_curve(points: np.ndarray, *, closed: bool, steps: int = 12) -> np.ndarray:
    """A Catmull-Rom curve through the points (any number of columns)."""
    points = np.asarray(points, dtype=float)
    ends = (points[-1:], points[:2]) if closed else (2 * points[:1] - points[1:2], 2 * points[-1:] - points[-2:-1])
    p = np.concatenate([ends[0], points, ends[1]])
    u = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    p0, p1, p2, p3 = (p[k : len(p) - 3 + k, None, :] for k in range(4))
    curve = 0.5 * (2 * p1 + (p2 - p0) * u + (2 * p0 - 5 * p1 + 4 * p2 - p3) * u**2 + (3 * p1 - p0 - 3 * p2 + p3) * u**3)
    flat = curve.reshape(-1, points.shape[1])
    return flat if closed else np.concatenate([flat, points[-1:]])


def _box(points: np.ndarray, reach: float) -> tuple[int, int, int, int]:
    """Left, top, columns and rows of the canvas piece that holds the points (texels) and their reach."""
    low = np.floor(points.min(axis=0) - reach - MARGIN).astype(int)
    high = np.ceil(points.max(axis=0) + reach + MARGIN).astype(int)
    low = np.maximum(low, 0)
    high = np.minimum(high, np.array([anatomy.WIDTH, anatomy.HEIGHT]) * int(TEXELS))
    return int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1])


def tube(shape: anatomy.Tube, flatness: float = 0.8) -> Form:
    """The form swept by a ball of changing radius along the centre line."""
    knots = np.column_stack([np.array(shape.line), np.array(shape.radii)]) * TEXELS
    samples = smooth_curve(knots, closed=False, steps=max(8, int(60 / len(knots))))
    left, top, columns, rows = _box(samples[:, :2], float(samples[:, 2].max()))
    distance = np.full((rows, columns), 1e3, np.float32)
    fields = np.zeros((3, rows, columns), np.float32)  # height, along, across
    tangents = np.gradient(samples[:, :2], axis=0)
    tangents /= np.maximum(np.linalg.norm(tangents, axis=1, keepdims=True), 1e-6)
    strides = np.linalg.norm(np.diff(samples[:, :2], axis=0), axis=1)
    length = float(strides.sum())
    starts = np.concatenate([[0.0], np.cumsum(strides)])
    for sample, tangent, start in zip(samples, tangents, starts, strict=True):
        _sweep(distance, fields, sample - np.array([left, top, 0]), tangent, start)
    fields[1] /= length
    cover = np.clip(0.5 - distance, 0, 1)
    return Form(left, top, cover, fields[0] * flatness, np.clip(fields[1], 0, 1), fields[2])


def _sweep(distance: np.ndarray, fields: np.ndarray, ball: np.ndarray, unit: np.ndarray, start: float) -> None:
    """Add one ball (x, y, radius) of the sweep where it is nearer than those before it."""
    x, y, radius = ball
    reach = radius + 3
    if min(x, y) + reach < 0:
        return  # beyond the canvas
    x0, x1 = max(0, int(x - reach)), min(distance.shape[1], int(x + reach) + 2)
    y0, y1 = max(0, int(y - reach)), min(distance.shape[0], int(y + reach) + 2)
    dx = np.arange(x0, x1, dtype=np.float32)[None, :] + 0.5 - x
    dy = np.arange(y0, y1, dtype=np.float32)[:, None] + 0.5 - y
    away = np.hypot(dx, dy)
    near = away - radius < distance[y0:y1, x0:x1]
    distance[y0:y1, x0:x1][near] = (away - radius)[near]
    height = np.sqrt(np.maximum(radius**2 - away**2, 0))
    fields[0, y0:y1, x0:x1] = np.maximum(fields[0, y0:y1, x0:x1], height)
    fields[1, y0:y1, x0:x1][near] = (start + dx * unit[0] + dy * unit[1])[near]
    fields[2, y0:y1, x0:x1][near] = ((dx * unit[1] - dy * unit[0]) / radius)[near]


def plate(outline: anatomy.Points | np.ndarray, bulge: float, rim: float) -> Form:
    """A domed plate: it rises over `rim` units from its edge to `bulge` units."""
    curve = smooth_curve(np.array(outline), closed=True) * TEXELS
    left, top, columns, rows = _box(curve, 0)
    local = curve - [left, top]
    cover = fill(local, (rows, columns))
    inside = cv2.distanceTransform((cover > 0.5).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    rise = np.clip(inside / (rim * TEXELS), 0, 1)
    height = bulge * TEXELS * np.sqrt(1 - (1 - rise) ** 2)
    height = cv2.GaussianBlur(height, (0, 0), 0.22 * rim * TEXELS + 0.5)
    low, high = local.min(axis=0), local.max(axis=0)
    x = (np.arange(columns, dtype=np.float32) - low[0]) / (high[0] - low[0])
    y = (np.arange(rows, dtype=np.float32) - low[1]) / (high[1] - low[1]) * 2 - 1
    along, across = np.broadcast_to(x, (rows, columns)), np.broadcast_to(y[:, None], (rows, columns))
    return Form(left, top, cover, height, along, across)


def fill(outline: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Anti-aliased coverage of a closed outline given in texels (0.5 is the centre of the first texel)."""
    canvas = np.zeros((shape[0] * 2, shape[1] * 2), np.uint8)
    fixed = np.round((outline * 2 - 0.5) * 16).astype(np.int32)
    cv2.fillPoly(canvas, [fixed], 255, lineType=cv2.LINE_AA, shift=4)
    return cv2.resize(canvas, (shape[1], shape[0]), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
