"""What a thing may lie on: stones, planks, cloth, or earth, of many tints; in linear colour."""

from __future__ import annotations

import colorsys
from collections.abc import Callable

import cv2
import numpy as np

Size = tuple[int, int]


def draw_ground(rng: np.random.Generator, size: Size) -> np.ndarray:
    """A ground (height, width, 3) for a picture of `size`, with light that fades to one side."""
    kinds: tuple[Callable[[np.random.Generator, Size], np.ndarray], ...] = (_stones, _planks, _cloth, _earth)
    picture = kinds[int(rng.integers(len(kinds)))](rng, size)
    angle, depth = rng.uniform(0, 2 * np.pi), rng.uniform(0.0, 0.35)
    x, y = np.meshgrid(*(np.linspace(-1, 1, n, dtype=np.float32) for n in size))
    return picture * (1 + depth * (np.cos(angle) * x + np.sin(angle) * y) / np.float32(1.5))[..., None]


def _tint(rng: np.random.Generator, value: tuple[float, float]) -> np.ndarray:
    """Any hue, never bright: things must stand out by more than colour."""
    display = colorsys.hsv_to_rgb(float(rng.random()), float(rng.uniform(0.04, 0.45)), float(rng.uniform(*value)))
    return np.array(display, np.float32) ** np.float32(2.2)


def _noise(rng: np.random.Generator, size: Size, grain: tuple[float, float]) -> np.ndarray:
    """Smooth noise whose features are so many pixels wide and high."""
    cells = (int(size[1] / grain[1]) + 3, int(size[0] / grain[0]) + 3)
    return cv2.resize(rng.standard_normal(cells, dtype=np.float32), size, interpolation=cv2.INTER_CUBIC)


def _earth(rng: np.random.Generator, size: Size) -> np.ndarray:
    """Grains of several sizes."""
    tone = sum(share * _noise(rng, size, (grain, grain)) for grain, share in ((4, 0.10), (16, 0.14), (90, 0.16)))
    return _tint(rng, (0.3, 0.75)) * np.clip(1 + tone, 0.2, 2)[..., None]


def _stones(rng: np.random.Generator, size: Size) -> np.ndarray:
    """Flat stones on and beside each other."""
    tint = _tint(rng, (0.4, 0.8))
    plain = np.broadcast_to(tint * 0.4, (size[1], size[0], 3)).copy()
    mean = rng.uniform(0.03, 0.09) * max(size)
    for _ in range(int(1.6 * size[0] * size[1] / mean**2 / 3)):
        centre, axes = rng.uniform([0, 0], size), mean * rng.uniform(0.5, 1.4) * np.array([1, rng.uniform(0.5, 0.95)])
        tone = rng.uniform(0.35, 1.25) * tint * rng.uniform(0.9, 1.1, 3)
        place, angle = tuple(round(16 * c) for c in centre), float(rng.uniform(0, 180))
        for shrink, light in ((1.0, 0.55), (0.86, 1.0)):
            half = tuple(round(16 * shrink * a) for a in axes)
            cv2.ellipse(plain, place, half, angle, 0, 360, (tone * light).tolist(), -1, cv2.LINE_AA, 4)
    return plain


def _planks(rng: np.random.Generator, size: Size) -> np.ndarray:
    """Boards with their grain, turned a little."""
    tint, wide = _tint(rng, (0.35, 0.75)), rng.uniform(0.12, 0.3) * max(size)
    square = (max(size) * 3 // 2, max(size) * 3 // 2)
    rows = np.arange(square[1], dtype=np.float32)
    number, within = np.divmod(rows, np.float32(wide))
    tones = rng.uniform(0.7, 1.25, int(number.max()) + 1).astype(np.float32)[number.astype(int)]
    gap = np.where(within < 0.02 * wide + 1.5, np.float32(0.25), np.float32(1))
    grain = 1 + 0.12 * _noise(rng, square, (160, 3)) + 0.06 * _noise(rng, square, (40, 2))
    return _turned(rng, tint * (grain * (tones * gap)[:, None])[..., None], size)


def _cloth(rng: np.random.Generator, size: Size) -> np.ndarray:
    """Two stripes that cross, as in a checked cloth, with a weave."""
    square = (max(size) * 3 // 2, max(size) * 3 // 2)
    first, second, pitch = _tint(rng, (0.4, 0.8)), _tint(rng, (0.3, 0.9)), rng.uniform(0.06, 0.2) * max(size)
    stripe = (
        np.sin(np.arange(square[0], dtype=np.float32) * np.float32(2 * np.pi / pitch)) > rng.uniform(0, 0.7)
    ).astype(np.float32)
    share = 0.5 * (stripe[None, :] + stripe[:, None])
    share = cv2.GaussianBlur(share, (0, 0), 1.2)[..., None] * np.float32(rng.uniform(0.4, 1))
    weave = 1 + 0.06 * _noise(rng, square, (2, 2)) + 0.08 * _noise(rng, square, (120, 120))
    return _turned(rng, (first * (1 - share) + second * share) * weave[..., None], size)


def _turned(rng: np.random.Generator, picture: np.ndarray, size: Size) -> np.ndarray:
    """The middle of a larger picture, turned."""
    middle = (picture.shape[1] / 2, picture.shape[0] / 2)
    place = cv2.getRotationMatrix2D(middle, float(rng.uniform(0, 180)), 1.0)
    place[:, 2] += np.array(size) / 2 - middle
    return cv2.warpAffine(
        picture.astype(np.float32), place, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )
