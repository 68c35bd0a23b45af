"""Photographs of flat worlds: a square part of one, seen askew, under another light, some of it behind a scrap.

    from toy_data.overlap_views import Taking, draw_view

What hides a part of a view is torn from a world of the same family of which there are no views, so that it shows
nothing that any other view does. Coordinates are measured along the edges of pixels: pixel i covers [i, i + 1).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from toy_data.overlap_worlds import SIDE, Key, world

SIZE = 224
"""Pixels of a view along an edge."""
STRANGER = 999
"""The member of every family from which the scraps are torn."""
_VIEW, _LIGHT, _SCRAP = 61, 62, 63  # keys of the draws
_FINER = 3  # a view is drawn finer and shrunk: sampled as it is, it would glitter
_TRIES = 60


@dataclass(frozen=True)
class Taking:
    """How views are taken: sides of the window in pixels of the world, turn up to so many degrees, and what else.

    `jitter`: a corner is off by up to this share of the side. `hidden`: how often a scrap lies on it; `scraps`: width
    of the scrap, in shares of the view. `light`: how much brightness, contrast and colour differ.
    """

    sides: tuple[float, float] = (220.0, 800.0)
    turn: float = 25.0
    jitter: float = 0.12
    hidden: float = 0.5
    scraps: tuple[float, float] = (0.27, 0.58)
    light: float = 1.0


@dataclass(frozen=True, eq=False)
class View:
    """Pixels (size, size, 3), what takes pixels of the world to its own (3, 3), and which of its pixels are hidden."""

    name: str
    key: Key
    pixels: np.ndarray
    homography: np.ndarray
    hidden: np.ndarray

    @property
    def size(self) -> int:
        """Pixels along an edge."""
        return len(self.pixels)


def draw_view(key: Key, number: int, name: str, taking: Taking | None = None, size: int = SIZE) -> View:
    """View `number` of a world: the same one whenever it is asked for."""
    taking = taking or Taking()
    rng = np.random.default_rng([_VIEW, key.seed, key.family, key.member, number])
    corners = _corners(rng, taking)
    view = photographed(key, corners, name, size=size)
    if rng.random() < taking.hidden:
        view = covered(view, float(rng.uniform(*taking.scraps)), [*_draws(key), number])
    return lit(view, taking.light, [*_draws(key), number])


def _draws(key: Key) -> list[int]:
    return [key.seed, key.family, key.member]


def _corners(rng: np.random.Generator, taking: Taking) -> np.ndarray:
    """Corners (4, 2) in the world, clockwise from the view's top left: drawn until they lie in it, ever less turned."""
    side = float(np.exp(rng.uniform(*np.log(taking.sides))))
    for attempt in range(_TRIES):
        calm = 1 - attempt / _TRIES
        turn = np.deg2rad(rng.uniform(-taking.turn, taking.turn) * calm)
        square = np.array([[-1.0, -1], [1, -1], [1, 1], [-1, 1]]) * side / 2
        square += rng.uniform(-taking.jitter, taking.jitter, (4, 2)) * side * calm
        square = square @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        room = SIDE - np.ptp(square, axis=0)
        if (room > 0).all():
            return square - square.min(axis=0) + rng.uniform(0, 1, 2) * room
    return window(SIDE / 2, SIDE / 2, side)


def window(x: float, y: float, side: float) -> np.ndarray:
    """Corners (4, 2) of an upright square around a place of the world."""
    return np.array([x, y]) + np.array([[-1.0, -1], [1, -1], [1, 1], [-1, 1]]) * side / 2


def photographed(key: Key, corners: np.ndarray, name: str, size: int = SIZE) -> View:
    """The part of a world between four corners as it is, with nothing before it."""
    frame = np.array([[0, 0], [size, 0], [size, size], [0, size]], np.float32)
    homography = cv2.getPerspectiveTransform(corners.astype(np.float32), frame).astype(np.float64)
    # OpenCV counts from the centres of pixels.
    aside = np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1.0]])
    to_fine = aside @ np.diag([_FINER, _FINER, 1.0]) @ homography @ np.linalg.inv(aside)
    fine = (size * _FINER, size * _FINER)
    picture = cv2.warpPerspective(world(key), to_fine, fine, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    pixels = cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA)
    return View(name, key, pixels, homography, np.zeros((size, size), bool))


def covered(view: View, width: float, draws: list[int]) -> View:
    """The view behind a scrap with a torn edge that is `width` of it wide, somewhere all on it."""
    rng = np.random.default_rng([_SCRAP, *draws])
    size, radius = view.size, width * view.size / 2
    x, y = rng.uniform(min(radius, size / 2), max(size - radius, size / 2), 2)
    torn = _torn(rng, size, (float(x), float(y)), radius)
    source = rng.uniform(0.6, 1.4) * size
    part = window(*rng.uniform(source, SIDE - source, 2), source)
    scrap = photographed(replace(view.key, member=STRANGER), part, "", size).pixels
    fallen = cv2.GaussianBlur(np.roll(torn, (2, 2), (0, 1)), (0, 0), 2.0)[..., None]
    opaque = torn[..., None]
    pixels = view.pixels * (1 - 0.4 * fallen) * (1 - opaque) + scrap * opaque
    return replace(view, pixels=np.clip(np.rint(pixels), 0, 255).astype(np.uint8), hidden=view.hidden | (torn > 0.5))


def _torn(rng: np.random.Generator, size: int, middle: tuple[float, float], radius: float) -> np.ndarray:
    """How much (size, size) of every pixel a roundish piece covers; its area is that of a disc of `radius`."""
    turns = np.linspace(0, 2 * np.pi, 73)[:-1]
    edge = np.ones_like(turns)
    for lobes in range(2, 9):
        edge += rng.normal(0, 0.16 / lobes) * np.cos(lobes * turns + rng.uniform(0, 2 * np.pi))
    edge *= radius / np.sqrt(np.mean(edge**2))
    corners = np.array(middle) + np.stack([np.cos(turns), np.sin(turns)], axis=-1) * edge[:, None]
    cover = np.zeros((size, size), np.uint8)
    cv2.fillPoly(cover, [np.rint((corners - 0.5) * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    return cover.astype(np.float32) / 255


def lit(view: View, strength: float, draws: list[int]) -> View:
    """The view under a light of its own, by a camera with noise of its own."""
    rng = np.random.default_rng([_LIGHT, *draws])
    values = view.pixels.astype(np.float64) / 255
    gamma, gain = np.exp(rng.normal(0, 0.15, 2) * strength)
    tint, bias = np.exp(rng.normal(0, 0.06, 3) * strength), rng.normal(0, 0.03) * strength
    slant = rng.normal(0, 0.1, 2) * strength
    y, x = np.mgrid[: view.size, : view.size] / view.size - 0.5
    lamp = (1 + slant[0] * x + slant[1] * y)[..., None]
    values = np.clip(values, 0, 1) ** gamma * gain * tint * lamp + bias
    values += rng.normal(0, 0.012, values.shape)
    return replace(view, pixels=np.clip(np.rint(values * 255), 0, 255).astype(np.uint8))
