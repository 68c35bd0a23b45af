"""The same pictures looking otherwise: mirrored, under other light. Labels follow, for they come from the pixel map.

Each picture of a pair is changed by itself. Changes of light come in a few kinds for each picture, drawn once, so that
each kind meets the backbone once and is kept.
"""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dinosar.data import Photo

AugmentationName = Literal["flip", "dark", "lightglue", "identity"]
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Look:
    """How a picture is shown: mirrored or not, and in which of its lights (None: its own)."""

    flip: bool = False
    light: int | None = None


AS_IT_IS = Look()


@dataclass(frozen=True)
class Augmentation:
    """What is done to pictures, and how often. Each picture is changed with probability `p`: then it is mirrored with
    p = 1/2, or shown in one of its `lights`."""  # noqa: D205, D209

    name: AugmentationName = "identity"
    p: float = 0.95
    lights: int = 4

    def looks(self, rng: np.random.Generator) -> tuple[Look, Look]:
        """How both pictures of a pair are shown this time, each drawn by itself."""
        return self._look(rng), self._look(rng)

    def _look(self, rng: np.random.Generator) -> Look:
        changed = rng.random() < self.p
        if self.name == "identity" or not changed:
            return AS_IT_IS
        if self.name == "flip":
            return Look(flip=bool(rng.integers(2)))
        return Look(light=int(rng.integers(self.lights)))

    def shown(self, photo: Photo, look: Look) -> Photo:
        """A picture in that look; the same name and look always give the same pixels."""
        pixels = photo.pixels
        if look.light is not None:
            rng = np.random.default_rng([zlib.crc32(photo.name.encode()), look.light])
            pixels = LIGHTS[self.name](pixels, rng)
        if look.flip:
            pixels = np.ascontiguousarray(pixels[:, ::-1])
        return photo if pixels is photo.pixels else replace(photo, pixels=pixels, alpha=None)


def dark(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """As at night: less light, less contrast, some blur of movement or focus, and noise."""
    values: NDArray[np.float32] = pixels.astype(np.float32) / np.float32(255)
    values = values ** np.float32(rng.uniform(1.2, 2.4)) * np.float32(rng.uniform(0.25, 0.7))
    values = _blurred(values, rng, 0.4, 1.6)
    values += rng.normal(0, rng.uniform(0.005, 0.03), values.shape).astype(np.float32)
    return _in_eight_bits(values)


def everyday(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """As cameras and the web change pictures: brightness, contrast, colour, blur, noise, JPEG."""
    values: NDArray[np.float32] = pixels.astype(np.float32) / np.float32(255)
    values = (values - np.float32(0.5)) * np.float32(rng.uniform(0.7, 1.3)) + np.float32(0.5 + rng.uniform(-0.15, 0.15))
    grey = values.mean(axis=2, keepdims=True)
    values = grey + (values - grey) * np.float32(rng.uniform(0.5, 1.4))
    values *= rng.uniform(0.9, 1.1, 3).astype(np.float32)
    if rng.random() < 0.3:
        values = _blurred(values, rng, 0.4, 1.4)
    if rng.random() < 0.3:
        values += rng.normal(0, rng.uniform(0.005, 0.03), values.shape).astype(np.float32)
    changed = _in_eight_bits(values)
    return _compressed(changed, int(rng.integers(30, 96))) if rng.random() < 0.5 else changed


LIGHTS: Mapping[str, Callable[[Pixels, np.random.Generator], Pixels]] = {"dark": dark, "lightglue": everyday}
"""Augmentation -> what it does to pixels."""


def _blurred(values: NDArray[np.float32], rng: np.random.Generator, least: float, most: float) -> NDArray[np.float32]:
    import cv2

    blurred: NDArray[np.float32] = cv2.GaussianBlur(values, (0, 0), float(rng.uniform(least, most)))
    return blurred


def _in_eight_bits(values: NDArray[np.float32]) -> Pixels:
    return np.asarray(np.clip(np.rint(values * 255), 0, 255), dtype=np.uint8)


def _compressed(pixels: Pixels, quality: int) -> Pixels:
    import cv2

    _, packed = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded: Any = cv2.imdecode(packed, cv2.IMREAD_COLOR)
    return np.ascontiguousarray(decoded[..., ::-1], dtype=np.uint8)
