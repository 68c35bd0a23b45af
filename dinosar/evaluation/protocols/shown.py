"""What a protocol shows to the network: the photo resized its way, on a square, and where its pixels went."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dinosar.arrays import expect, freeze
from dinosar.grid import Box, Grid

Pixels = NDArray[np.uint8]
Filter = Literal["LANCZOS", "BICUBIC"]
WHITE = 255


@dataclass(frozen=True, eq=False)
class Shown:
    """The very image for the network, and the exact map between its pixels and the photo's: `grid`, along edges.

    Protocols have their own ideas of that map, which `Protocol.asked` and `Protocol.told` keep. Where a protocol pads
    the photo itself, the grid's crop is the padded photo and reaches beyond the photo.
    """

    image: Pixels
    grid: Grid

    def __post_init__(self) -> None:
        width, height = self.grid.network
        expect("Shown.image", self.image, "u1", (height, width, 3))
        freeze(self)


def centred_on_black(pixels: Pixels, side: int, patch: int) -> Shown:
    """Aspect kept, the long side as wide as the square, in its middle; an odd pixel of padding goes below or right."""
    height, width = pixels.shape[:2]
    longer = max(width, height)
    new = max(1, round(side * width / longer)), max(1, round(side * height / longer))
    left, top = ((side - length) // 2 for length in new)
    canvas = np.zeros((side, side, 3), dtype=np.uint8)
    canvas[top : top + new[1], left : left + new[0]] = resized(pixels, new, "LANCZOS")
    return _shown(canvas, pixels, (0, 0, width, height), (left, top, *new), patch)


def squashed(pixels: Pixels, side: int, patch: int) -> Shown:
    """The whole square, whatever the aspect was."""
    height, width = pixels.shape[:2]
    image = resized(pixels, (side, side), "BICUBIC")
    return _shown(image, pixels, (0, 0, width, height), (0, 0, side, side), patch)


def on_white_square(pixels: Pixels, side: int, patch: int) -> Shown:
    """White below or to the right until the photo is a square, and only then resized: both axes by the same factor."""
    height, width = pixels.shape[:2]
    longer = max(width, height)
    padded = np.full((longer, longer, 3), WHITE, dtype=np.uint8)
    padded[:height, :width] = pixels
    image = resized(padded, (side, side), "BICUBIC")
    return _shown(image, pixels, (0, 0, longer, longer), (0, 0, side, side), patch)


def resized(pixels: Pixels, size: tuple[int, int], kind: Filter) -> Pixels:
    """Pixels at (width, height), by Pillow's filter, which averages where it shrinks."""
    from PIL import Image

    image = Image.fromarray(np.ascontiguousarray(pixels)).resize(size, Image.Resampling[kind])
    return np.asarray(image, dtype=np.uint8)


def _shown(image: Pixels, pixels: Pixels, crop: Box, content: Box, patch: int) -> Shown:
    height, width = pixels.shape[:2]
    return Shown(image, Grid((width, height), crop, (image.shape[1], image.shape[0]), content, patch))
