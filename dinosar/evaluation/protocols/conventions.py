"""The three protocols: the image they show, where they read a keypoint, and where a patch that answers is said to lie.

All three count pixels from their centres: their integer pixel x is x + 0.5 here, where pixel x covers [x, x + 1). Each
then goes on as if x were a length, in a way of its own; those quirks are kept, since numbers are to be compared, and
are named with each. Between reading and telling everything happens on the lattice of tokens: columns and rows, where
the centre of the first token is 0.
"""

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from dinosar.arrays import expect
from dinosar.errors import UsageError, shown, suggestion
from dinosar.evaluation.protocols.cosines import Floats, cosines, first_best
from dinosar.evaluation.protocols.shown import Pixels, Shown, centred_on_black, on_white_square, squashed
from dinosar.evaluation.protocols.sides import Side
from dinosar.evaluation.protocols.upsampled import best_pixels
from dinosar.grid import Grid


class Protocol(ABC):
    """How one paper asks for keypoints; `size` is the side of the square that it shows to the network."""

    name: ClassVar[str]
    size: ClassVar[int]

    def side(self, patch: int, size: int | None = None) -> int:
        """The side of the square for patches of that width: the protocol's own or `size`, lowered to whole patches."""
        wanted = self.size if size is None else size
        if wanted < patch:
            raise UsageError(
                f"protocol {self.name}: {wanted} px are less than a patch of {patch} px; give {patch} or more"
            )
        return wanted // patch * patch

    def shown(self, pixels: Pixels, patch: int, size: int | None = None) -> Shown:
        """The image for the network, of RGB pixels (height, width, 3)."""
        expect("the pixels to be shown", pixels, "u1", (None, None, 3))
        return self._shown(pixels, self.side(patch, size), patch)

    @abstractmethod
    def _shown(self, pixels: Pixels, side: int, patch: int) -> Shown:
        """The image on a square of that side."""

    @abstractmethod
    def asked(self, points: Floats, grid: Grid) -> Floats:
        """Where on the lattice (k, 2) points of the photo are read."""

    @abstractmethod
    def told(self, lattice: Floats, grid: Grid) -> Floats:
        """The point of the photo that a place on the lattice stands for when it answers."""

    def best(self, vectors: Floats, side: Side) -> Floats:
        """The place on the lattice (k, 2) that answers each vector best: a token; NaN where none has a direction."""
        index = first_best(cosines(vectors, side.flat))
        rows, columns = np.divmod(index, side.shown.grid.columns)
        return np.where(index[:, None] >= 0, np.stack([columns, rows], axis=1), np.nan)


class SdDino(Protocol):
    """The patch that holds a keypoint asks, and the centre of the patch that answers is told.

    The original (sd-dino, and GeoAware-SC after it) resizes with LANCZOS to a long side of 840 px, in the middle of a
    black square, and takes keypoints there by x * 840 / longer + padding: half pixels are not scaled, and the short
    side, though rounded to whole pixels, has the same factor. The centre of patch i is 14 i + 6.5, which is that of
    pixels counted from their centres. Padding may answer, and then the answer lies beyond the photo.
    """

    name = "sd_dino"
    size = 840

    def _shown(self, pixels: Pixels, side: int, patch: int) -> Shown:
        return centred_on_black(pixels, side, patch)

    def asked(self, points: Floats, grid: Grid) -> Floats:
        """The patch itself."""
        places = np.maximum(points - 0.5, 0) * self._factor(grid) + grid.content[:2]
        return np.asarray(np.floor(places / grid.patch))

    def told(self, lattice: Floats, grid: Grid) -> Floats:
        """The centre of the patch; places between patches lie between centres."""
        places = (lattice + 0.5) * grid.patch - 0.5
        return np.asarray((places - grid.content[:2]) / self._factor(grid) + 0.5)

    @staticmethod
    def _factor(grid: Grid) -> float:
        return grid.network[0] / max(grid.photo)


class Dift(Protocol):
    """DIFT: tokens enlarged to the photo bilinearly; the keypoint's pixel asks all pixels.

    The original squashes the photo to 768 x 768 px with Pillow's default filter (bicubic) and enlarges tokens of any
    length with align_corners=False, which is exact about half pixels: a keypoint is its pixel, an answer the pixel's
    centre. Enlarged vectors are compared by cosine. Within half a token of the edge the outermost token holds, so that
    pixels are equal there along one axis and the first of them answers. Tokens are unit here, where the original's
    have their lengths; those who have the lengths may hand in longer tokens.
    """

    name = "dift"
    size = 768

    def _shown(self, pixels: Pixels, side: int, patch: int) -> Shown:
        return squashed(pixels, side, patch)

    def asked(self, points: Floats, grid: Grid) -> Floats:
        """The centre of the keypoint's pixel."""
        return np.asarray((np.floor(points) + 0.5) * _cells(grid) / grid.photo - 0.5)

    def told(self, lattice: Floats, grid: Grid) -> Floats:
        """The same place on the photo."""
        return np.asarray((lattice + 0.5) * grid.photo / _cells(grid))

    def best(self, vectors: Floats, side: Side) -> Floats:
        """The centre of the best pixel."""
        return self.asked(best_pixels(vectors, side.tokens, side.shown.grid.photo), side.shown.grid)


class Probe3d(Protocol):
    """Probe3D: a bilinear sample at the keypoint, and the corner of the patch that answers it.

    The original pads the photo with white to a square, below and to the right, and resizes that to 800 x 800 px
    (bicubic). Keypoints are cut to whole pixels there. It reads x / 800 * (cells - 1), as if the first and last token
    lay on the edges of the image (align_corners=True), but tells cell / cells: so an answer is said to lie at the upper
    left corner of its cell, and even a perfect answer is off by up to one and a half cells, the more the further to the
    right or below. With patches of 14 px the original pads 800 px to 812 (58 cells), and reads as if it had not; here
    800 is lowered to 798 (57 cells). The original also cuts the truth to whole pixels of 800; that is no part of an
    answer, and is not done here.
    """

    name = "probe3d"
    size = 800

    def _shown(self, pixels: Pixels, side: int, patch: int) -> Shown:
        return on_white_square(pixels, side, patch)

    def asked(self, points: Floats, grid: Grid) -> Floats:
        """Between tokens, the first and the last of which lie on the edges."""
        cut = np.floor(np.maximum(points - 0.5, 0) * grid.network / max(grid.photo))
        return np.asarray(cut / grid.network * (_cells(grid) - 1))

    def told(self, lattice: Floats, grid: Grid) -> Floats:
        """The upper left corner of the cell."""
        return np.asarray(lattice / _cells(grid) * max(grid.photo) + 0.5)


PROTOCOLS: dict[str, Protocol] = {each.name: each for each in (SdDino(), Dift(), Probe3d())}


def protocol(name: str) -> Protocol:
    """The protocol of that name."""
    if name not in PROTOCOLS:
        raise UsageError(f"there is no protocol '{shown(name)}'{suggestion(name, PROTOCOLS)}")
    return PROTOCOLS[name]


def _cells(grid: Grid) -> NDArray[np.int64]:
    """Columns and rows."""
    return np.array([grid.columns, grid.rows])
