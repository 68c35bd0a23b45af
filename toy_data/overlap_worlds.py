"""Paint flat worlds of which overlapping views are taken: square canvases of cut-outs on a mottled ground.

Worlds of one family share palette, shapes, sizes and patterns and differ only in what lies where, so that no average
of colours or textures tells one from another. A world depends on its key alone.
"""

from __future__ import annotations

import functools
import string
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

SIDE = 1024
"""Pixels of a world along an edge."""
SHAPES = 170
Kind = Literal["scattered", "tiled"]
"""Cut-outs all over; or one small motif over and over on large flat areas, with few cut-outs."""
PATTERNS = ("flat", "shaded", "striped", "dotted")
FORMS = ("ellipse", "polygon", "line", "letter")
_OCTAVES = 6
_FAMILY, _MEMBER = 51, 52  # keys of the draws
_FEW = 45  # cut-outs of a tiled world


@dataclass(frozen=True)
class Key:
    """Which world: `member` of a `family` of a collection's `seed`."""

    seed: int
    family: int
    member: int
    kind: Kind = "scattered"


@dataclass(frozen=True)
class Family:
    """What its worlds share: colours (n, 3), how often a form and a pattern comes, sizes, how rough the ground is."""

    palette: np.ndarray
    forms: np.ndarray
    patterns: np.ndarray
    sizes: tuple[float, float]
    fall: float
    contrast: float
    letters: str


@functools.lru_cache(maxsize=6)
def world(key: Key) -> np.ndarray:
    """The canvas (SIDE, SIDE, 3), uint8 RGB, that cannot be written to."""
    family = _family(key)
    rng = np.random.default_rng([_MEMBER, key.seed, key.family, key.member, len(key.kind)])
    canvas = _ground(rng, family)
    count = SHAPES
    if key.kind == "tiled":
        canvas, count = _tiled(rng, family, canvas), _FEW
    for size in np.sort(np.exp(rng.uniform(*np.log(family.sizes), count)))[::-1]:  # the large ones lie below
        _lay(canvas, rng, family, float(size))
    grain = _noise(rng, 8, 0.9)[..., None]
    pixels = np.clip(np.rint(canvas * (1 + 0.05 * grain)), 0, 255).astype(np.uint8)
    pixels.flags.writeable = False
    return pixels


def _family(key: Key) -> Family:
    rng = np.random.default_rng([_FAMILY, key.seed, key.family])
    tones = (rng.uniform(0, 180) + rng.choice([0, 20, 45, 90], 7) + rng.normal(0, 8, 7)) % 180
    hsv = np.stack([tones, rng.uniform(40, 210, 7), rng.uniform(50, 240, 7)], axis=-1)
    palette = cv2.cvtColor(hsv[None].astype(np.uint8), cv2.COLOR_HSV2RGB)[0].astype(np.float32)
    smallest = rng.uniform(9, 16)
    letters = "".join(rng.choice(list(string.ascii_uppercase + string.digits), 8, replace=False))
    return Family(
        palette, rng.dirichlet([2.0, 2.0, 1.0, 1.0]), rng.dirichlet([3.0, 2.0, 1.5, 1.5]),
        (smallest, smallest * rng.uniform(6, 9)), rng.uniform(0.5, 0.75), rng.uniform(0.5, 1.0), letters,
    )  # fmt: skip


def _noise(rng: np.random.Generator, coarsest: int, fall: float) -> np.ndarray:
    """Noise (SIDE, SIDE) of mean 0 and spread 1: octaves, each `fall` times as strong as the coarser one."""
    field = np.zeros((SIDE, SIDE), np.float32)
    for octave in range(_OCTAVES):
        grid = rng.standard_normal((coarsest << octave, coarsest << octave)).astype(np.float32)
        field += np.float32(fall**octave) * cv2.resize(grid, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    return (field - field.mean()) / field.std()


def _ground(rng: np.random.Generator, family: Family) -> np.ndarray:
    """Two tones of the palette that run into each other, and a third in blots."""
    first, second = _noise(rng, 3, family.fall), _noise(rng, 5, family.fall)
    share = 1 / (1 + np.exp(-2 * family.contrast * first))[..., None]
    canvas = family.palette[0] * share + family.palette[1] * (1 - share)
    blots = (1 / (1 + np.exp(-6 * (second - 0.9))))[..., None]
    return (canvas * (1 - 0.7 * blots) + family.palette[2] * 0.7 * blots).astype(np.float32)


def _tiled(rng: np.random.Generator, family: Family, ground: np.ndarray) -> np.ndarray:
    """A ground of which half is flat and half is covered by one motif, again and again in rows."""
    side = int(rng.choice([64, 80, 96]))
    motif = np.broadcast_to(family.palette[3], (side, side, 3)).astype(np.float32).copy()
    for size in (0.34, 0.2, 0.12):
        _lay(motif, rng, family, size * side)
    many = -(-SIDE // side)
    tiles = np.tile(motif, (many, many, 1))[:SIDE, :SIDE]
    flat = np.broadcast_to(ground.mean(axis=(0, 1)), ground.shape)
    return np.ascontiguousarray(np.where(_noise(rng, 3, 0.3)[..., None] > 0, tiles, flat), dtype=np.float32)


def _lay(canvas: np.ndarray, rng: np.random.Generator, family: Family, size: float) -> None:
    """One cut-out of about `size` pixels from its middle to its edge, with the shadow it throws on what lies below."""
    side = len(canvas)
    middle = rng.uniform(0, side, 2)
    form = FORMS[rng.choice(len(FORMS), p=family.forms)]
    reach = int(1.6 * size) + 8
    cover = _outline(form, rng, family, (size, reach))
    paint = _painted(rng, family, size, reach)
    left, top = (middle - reach).astype(int)
    x, y = slice(max(0, left), min(side, left + 2 * reach)), slice(max(0, top), min(side, top + 2 * reach))
    if x.start >= x.stop or y.start >= y.stop:
        return
    here = (slice(y.start - top, y.stop - top), slice(x.start - left, x.stop - left))
    fallen = cv2.GaussianBlur(np.roll(cover, (4, 3), (0, 1)), (0, 0), 2.5)[here][..., None]
    opaque = cover[here][..., None]
    below = canvas[y, x] * (1 - 0.45 * fallen)
    canvas[y, x] = below * (1 - opaque) + paint[here] * opaque


def _outline(form: str, rng: np.random.Generator, family: Family, extent: tuple[float, int]) -> np.ndarray:
    """How much (2 * reach, 2 * reach) of every pixel a form covers, 0 to 1."""
    size, reach = extent
    cover = np.zeros((2 * reach, 2 * reach), np.uint8)
    turn = rng.uniform(0, 360)
    if form == "ellipse":
        axes = (2 * size, 2 * size * rng.uniform(0.35, 1))
        cv2.ellipse(cover, ((float(reach), float(reach)), axes, turn), 255, -1, cv2.LINE_AA)
    elif form == "letter":
        _letter(cover, str(rng.choice(list(family.letters))), size, turn)
    else:
        corners = _corners(form, rng, size, np.deg2rad(turn)) + reach
        cv2.fillPoly(cover, [np.rint(corners * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    return cover.astype(np.float32) / 255


def _corners(form: str, rng: np.random.Generator, size: float, turn: float) -> np.ndarray:
    """Corners (n, 2) of a polygon, or of a thin strip, around 0."""
    if form == "line":
        half = np.array([1.4 * size, max(2.0, 0.09 * size)])
        corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
        return corners @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    count = int(rng.integers(3, 8))
    turns = turn + (np.arange(count) + rng.uniform(-0.3, 0.3, count)) * 2 * np.pi / count
    return np.stack([np.cos(turns), np.sin(turns)], axis=-1) * size * rng.uniform(0.55, 1.2, (count, 1))


def _letter(cover: np.ndarray, letter: str, size: float, turn: float) -> None:
    """A letter as high as a form is wide, turned."""
    middle, thick = len(cover) / 2, max(2, round(0.3 * size))
    scale = 2 * size / 21  # the font is 21 px high at scale 1
    (width, height), _ = cv2.getTextSize(letter, cv2.FONT_HERSHEY_SIMPLEX, scale, thick)
    upright = np.zeros_like(cover)
    start = (round(middle - width / 2), round(middle + height / 2))
    cv2.putText(upright, letter, start, cv2.FONT_HERSHEY_SIMPLEX, scale, 255, thick, cv2.LINE_AA)
    turned = cv2.getRotationMatrix2D((middle, middle), turn, 1)
    cv2.warpAffine(upright, turned, cover.shape[::-1], dst=cover, flags=cv2.INTER_LINEAR)


def _painted(rng: np.random.Generator, family: Family, size: float, reach: int) -> np.ndarray:
    """What a cut-out is painted with (2 * reach, 2 * reach, 3): two tones of the palette in a pattern."""
    one, other = family.palette[rng.choice(len(family.palette), 2, replace=False)]
    tint = 1 + rng.normal(0, 0.08, 3).astype(np.float32)
    turn, period = rng.uniform(0, np.pi), max(5.0, size * rng.uniform(0.25, 0.6))
    y, x = np.mgrid[-reach:reach, -reach:reach].astype(np.float32)
    along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    pattern = PATTERNS[rng.choice(len(PATTERNS), p=family.patterns)]
    if pattern == "flat":
        share = np.zeros_like(x)
    elif pattern == "shaded":
        share = np.clip(0.5 + along / (3 * size), 0, 1)
    elif pattern == "striped":
        share = np.clip(0.5 + 2 * np.sin(along * 2 * np.pi / period), 0, 1)
    else:
        waves = np.cos(along * 2 * np.pi / period) + np.cos(across * 2 * np.pi / period)
        share = np.clip(0.5 + 2 * (waves - 0.7), 0, 1)
    return np.asarray((one + (other - one) * share[..., None]) * tint, np.float32)
