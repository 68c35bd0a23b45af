"""Pairs from any photographs: views of one photo, each a part of it seen askew and under a light of its own.

A view is the image of a square window of its photo, turned and skewed by a homography that is known; a scrap of another
photo may lie on it. The same photo, number and seed always give the same view.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dinosar.data import Photo
from dinosar.datasets.upright import header_of
from dinosar.images import LoadOptions, load_photo
from dinosar.training.homography_labels import homography_landing
from dinosar.training.labels import Landing

Pixels = NDArray[np.uint8]
MARK = "#"
"""Between the name of a photo and the number of a view of it."""
KEPT = 48
"""Photos that are kept in memory, no larger than their views need."""
SCRAPS_KEPT = 4096
_TRIES, _FINEST = 60, 4
_WINDOW, _LIGHT, _SCRAP, _TORN, _SHAPE = 1, 2, 3, 4, 5  # keys of the draws


@dataclass(frozen=True)
class Taking:
    """How views are taken.

    `sides`: of the window, in shares of the photo's shorter side. `turn`: up to so many degrees. `jitter`: a corner is
    off by up to this share of the side. `light`: how much brightness, contrast and colour differ; 0: not at all.
    `hidden`: how often a scrap lies on a view, and `scraps` how broad it is, in shares of the view.
    """

    sides: tuple[float, float] = (0.22, 0.8)
    turn: float = 25.0
    jitter: float = 0.12
    light: float = 1.0
    hidden: float = 0.5
    scraps: tuple[float, float] = (0.27, 0.58)


class Warps:
    """So many views of each photo. A photo is a scene, and its views are called `photo#0`, `photo#1`, …"""

    def __init__(self, files: Mapping[str, Path], taking: Taking, views: int, side: int, *, seed: int = 0,
                 options: LoadOptions | None = None) -> None:  # fmt: skip
        self.files, self.taking, self.side, self.seed = dict(files), taking, side, seed
        self.options = options or LoadOptions()
        self.scenes = {name: [f"{name}{MARK}{i}" for i in range(views)] for name in sorted(self.files)}
        self._known = list(self.scenes)
        self._photo = lru_cache(maxsize=KEPT)(self._loaded)
        self._size = lru_cache(maxsize=None)(self._measured)
        self._to_view = lru_cache(maxsize=None)(self._framed)
        self._torn = lru_cache(maxsize=SCRAPS_KEPT)(self._torn_off)

    def photo(self, name: str) -> Photo:
        """A view."""
        own = name.rpartition(MARK)[0]
        pixels = self._taken(own, self._to_view(name))
        scrap = self._scrap(name)
        if scrap is not None:
            rng = self._rng(name, _TORN)
            others = [photo for photo in self._known if photo != own]
            other = others[int(rng.integers(len(others)))]
            window = _window(rng, self._size(other), self.taking)
            piece = self._taken(other, _homography(window, self.side))
            pixels = np.where(scrap[..., None], piece, pixels)
        return Photo(lit(pixels, self.taking.light, self._rng(name, _LIGHT)), name)

    def landing(self, a: str, b: str) -> Landing:
        """Where the pixels of one view land in another of the same photo."""
        if a.rpartition(MARK)[0] != b.rpartition(MARK)[0]:
            raise ValueError(f"'{a}' and '{b}' are views of different photos")
        across = self._to_view(b) @ np.linalg.inv(self._to_view(a))
        return homography_landing(across, self._scrap(a), self._scrap(b))

    def _rng(self, name: str, what: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, zlib.crc32(name.encode()), what])

    def _measured(self, photo: str) -> tuple[int, int]:
        """Width and height of a photo."""
        header = header_of(self.files[photo])
        return load_photo(self.files[photo], self.options).size if header is None else header.upright

    def _framed(self, name: str) -> NDArray[np.float64]:
        """What takes pixels of the photo to those of a view (3, 3)."""
        window = _window(self._rng(name, _WINDOW), self._size(name.rpartition(MARK)[0]), self.taking)
        return _homography(window, self.side)

    def _loaded(self, photo: str) -> Pixels:
        """A photo, no larger than the smallest window needs."""
        import cv2

        pixels = load_photo(self.files[photo], self.options).pixels
        scale = self.side / (self.taking.sides[0] * min(pixels.shape[:2]))
        if scale >= 1:
            return pixels
        height, width = (max(1, round(length * scale)) for length in pixels.shape[:2])
        return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)

    def _taken(self, photo: str, to_view: NDArray[np.float64]) -> Pixels:
        """The part of a photo that a homography shows (side, side, 3); drawn finer and shrunk: nothing glitters."""
        import cv2

        pixels, (width, height) = self._photo(photo), self._size(photo)
        shrunk = np.diag([width / pixels.shape[1], height / pixels.shape[0], 1.0])
        back = np.asarray(np.linalg.inv(to_view @ shrunk), dtype=np.float64)
        corners = _moved(back, _square(self.side))
        longest = np.linalg.norm(corners - np.roll(corners, 1, axis=0), axis=1).max()
        finer = int(np.clip(np.ceil(longest / self.side), 1, _FINEST))
        # OpenCV counts from the centres of pixels.
        aside = np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1.0]])
        whole = aside @ np.diag([finer, finer, 1.0]) @ to_view @ shrunk @ np.linalg.inv(aside)
        size = (self.side * finer, self.side * finer)
        drawn = cv2.warpPerspective(pixels, whole, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        return np.asarray(cv2.resize(drawn, (self.side, self.side), interpolation=cv2.INTER_AREA), dtype=np.uint8)

    def _scrap(self, name: str) -> NDArray[np.bool_] | None:
        """Which pixels (side, side) of a view a scrap hides; None where none lies on it."""
        if len(self._known) < 2 or self._rng(name, _SCRAP).random() >= self.taking.hidden:
            return None
        return np.unpackbits(self._torn(name), count=self.side**2).reshape(self.side, self.side).astype(bool)

    def _torn_off(self, name: str) -> NDArray[np.uint8]:
        """The scrap on a view, one bit for each pixel."""
        rng = self._rng(name, _SHAPE)
        return np.packbits(scrap(rng, self.side, float(rng.uniform(*self.taking.scraps))))


def scrap(rng: np.random.Generator, side: int, width: float) -> NDArray[np.bool_]:
    """An ellipse with a torn edge somewhere on a picture (side, side), about `width` of it broad."""
    y, x = (np.mgrid[:side, :side] + 0.5) / side
    middle = rng.uniform(min(width / 2, 0.5), max(1 - width / 2, 0.5), 2)
    turn, long = rng.uniform(0, np.pi), rng.uniform(0.75, 1.33)
    across = ((x - middle[0]) * np.cos(turn) + (y - middle[1]) * np.sin(turn)) * long
    down = ((y - middle[1]) * np.cos(turn) - (x - middle[0]) * np.sin(turn)) / long
    angle = np.arctan2(down, across)
    edge = np.ones_like(angle)
    for lobes in range(2, 8):
        edge += rng.normal(0, 0.15 / lobes) * np.cos(lobes * angle + rng.uniform(0, 2 * np.pi))
    return np.asarray(np.hypot(across, down) < width / 2 * edge)


def lit(pixels: Pixels, strength: float, rng: np.random.Generator) -> Pixels:
    """Pixels under a light of their own, by a camera with noise of its own."""
    if not strength:
        return pixels
    values = (pixels / 255.0) ** np.exp(rng.normal(0, 0.15 * strength))
    values *= np.exp(rng.normal(0, 0.15 * strength) + rng.normal(0, 0.06 * strength, 3))
    values += rng.normal(0, 0.03 * strength)
    values += rng.normal(0, 0.012 * strength, values.shape)
    return np.asarray(np.clip(np.rint(values * 255), 0, 255), dtype=np.uint8)


def _window(rng: np.random.Generator, size: tuple[int, int], taking: Taking) -> NDArray[np.float64]:
    """Corners (4, 2) in the photo, from the view's top left, clockwise: drawn until all lie in it, ever less askew."""
    short = min(size)
    side = float(np.exp(rng.uniform(*np.log(taking.sides)))) * short
    for attempt in range(_TRIES):
        calm = 1 - attempt / _TRIES
        turn = np.deg2rad(rng.uniform(-1, 1) * taking.turn * calm)
        skewed = _square(side) - side / 2 + rng.uniform(-1, 1, (4, 2)) * taking.jitter * side * calm
        corners = skewed @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        room = np.array(size) - np.ptp(corners, axis=0)
        if (room >= 0).all():
            return np.asarray(corners - corners.min(axis=0) + rng.uniform(0, 1, 2) * room)
    return np.asarray(_square(min(side, short)))


def _square(side: float) -> NDArray[np.float64]:
    return np.array([[0, 0], [side, 0], [side, side], [0, side]], dtype=np.float64)


def _homography(window: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    """What takes the corners of a window to those of a view."""
    import cv2

    found = cv2.getPerspectiveTransform(window.astype(np.float32), _square(side).astype(np.float32))
    return np.asarray(found, dtype=np.float64)


def _moved(
    homography: NDArray[np.float64], points: Sequence[Sequence[float]] | NDArray[np.float64]
) -> NDArray[np.float64]:
    across = np.concatenate([np.asarray(points), np.ones((len(points), 1))], axis=1) @ homography.T
    return np.asarray(across[:, :2] / across[:, 2:])
