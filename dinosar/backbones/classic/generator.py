"""Pairs of generated pictures with the place of every pixel known: what the projection is learned and judged on.

A family paints a canvas from a seed. A pair is two views of one canvas: the first as it is, the second bent (rotation,
scale, shear, perspective, elastic), each under its own light. No photograph is used anywhere. Some families are for
learning; the others are held out and only ever judge.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.backbones.classic.families import FAMILIES

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Warp:
    """How far views may be bent: each amount is drawn evenly between minus and plus its limit."""

    degrees: float
    log_scale: float
    shear: float
    perspective: float
    elastic: float  # of the side of the picture


EASY = Warp(degrees=8, log_scale=0.10, shear=0.05, perspective=0.05, elastic=0.01)
MEDIUM = Warp(degrees=20, log_scale=0.20, shear=0.10, perspective=0.10, elastic=0.02)
HARD = Warp(degrees=45, log_scale=0.30, shear=0.15, perspective=0.12, elastic=0.025)
LEARNING = Warp(degrees=35, log_scale=0.30, shear=0.15, perspective=0.12, elastic=0.025)


@dataclass(frozen=True, eq=False)
class Pair:
    """Two views of one canvas.

    `place` (side, side, 2) says, for every pixel of `second`, at which x and y of `first` the same thing is;
    `seen` (side, side) marks the pixels of `second` for which that is inside `first` and on the subject.
    """

    first: Pixels
    second: Pixels
    place: NDArray[np.float32]
    seen: NDArray[np.bool_]


def make_pair(family: str, seed: int, side: int, warp: Warp, lit: bool = True) -> Pair:
    """The pair of this family and seed; `lit=False` leaves the light alone, so that colours stay comparable."""
    rng = np.random.default_rng([seed, *family.encode()])
    margin = side // 5
    canvas, subject = FAMILIES[family](rng, side + 2 * margin)
    first = np.ascontiguousarray(canvas[margin : margin + side, margin : margin + side])
    place = _draw_map(rng, side, warp)
    onto = place.astype(np.float64) + margin
    second = np.asarray(np.rint(_between_pixels(canvas, onto)), np.uint8)
    seen = ((place >= 0) & (place <= side - 1)).all(axis=-1) & (_between_pixels(subject[..., None], onto)[..., 0] > 0.5)
    if lit:
        first, second = relight(first, rng), relight(second, rng)
    return Pair(first, second, place, seen)


def _between_pixels(image: NDArray[Any], places: NDArray[np.float64]) -> NDArray[np.float64]:
    """`image` at places (height, width, 2) in x and y, bilinearly; it is mirrored beyond its border.

    OpenCV does the same faster, but rounds places to fractions of a pixel that differ between its versions.
    """
    last = len(image) - 1
    held = np.clip(last - np.abs(last - np.abs(places)), 0, last)
    low = np.minimum(held.astype(np.int64), last - 1)
    right, below = np.moveaxis(held - low, -1, 0)[..., None]
    pixels = image.reshape(-1, image.shape[-1])
    at = low[..., 1] * len(image) + low[..., 0]
    above = pixels[at] * (1 - right) + pixels[at + 1] * right
    under = pixels[at + len(image)] * (1 - right) + pixels[at + len(image) + 1] * right
    return np.asarray(above * (1 - below) + under * below)


def _draw_map(rng: np.random.Generator, side: int, warp: Warp) -> NDArray[np.float32]:
    """A random smooth map from the pixels of one view to places in another of the same side."""
    import cv2

    angle = np.deg2rad(rng.uniform(-warp.degrees, warp.degrees))
    across, down = np.exp(rng.uniform(-warp.log_scale, warp.log_scale) + rng.uniform(-1, 1, 2) * warp.log_scale / 4)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    slant = np.array([[across, rng.uniform(-warp.shear, warp.shear)], [0.0, down]])
    tilt = rng.uniform(-warp.perspective, warp.perspective, 2)
    shift = rng.uniform(-0.05, 0.05, 2)
    nodes = rng.uniform(-1, 1, (5, 5, 2)).astype(np.float32) * np.float32(2 * warp.elastic)
    elastic = cv2.resize(nodes, (side, side), interpolation=cv2.INTER_CUBIC)
    axis = (np.arange(side) + 0.5) / side * 2 - 1
    grid = np.stack(np.meshgrid(axis, axis), axis=-1)
    bent = grid @ (turn @ slant).T / (1 + grid @ tilt)[..., None] + elastic + shift
    return np.asarray((bent + 1) * side / 2 - 0.5, np.float32)


def relight(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Another light and another camera: gamma, contrast, colour cast, a gradient of shade, blur and noise.

    Blurred in 8 bits and reckoned in doubles: single precision would round a few pixels differently from one
    processor to the next, and the learned projection with them.
    """
    import cv2

    side = image.shape[0]
    blurred = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, 1.2))
    values = (np.arange(256) / 255) ** np.exp(rng.uniform(-0.35, 0.35))
    gain = np.exp(rng.uniform(-0.25, 0.25)) * np.exp(rng.uniform(-0.08, 0.08, 3))
    slope = rng.uniform(-0.15, 0.15, 2)
    axis = np.linspace(-1, 1, side)
    shade = (1 + slope[0] * axis[None, :] + slope[1] * axis[:, None])[..., None]
    lift, grain = rng.uniform(-0.08, 0.08), rng.uniform(0, 0.03)
    noise = rng.standard_normal(image.shape, dtype=np.float32) * grain
    return np.asarray(np.rint(np.clip(values[blurred] * gain * shade + lift + noise, 0, 1) * 255), np.uint8)
