"""A dense descriptor: histograms of gradient directions under large windows, and colour, then a learned projection.

The histograms are those of SIFT and HOG (4 x 4 cells of 8 signed directions); what differs is where they are taken.
The windows are 8 to 62 % of the long side of the image, far larger than the patch they describe, because that is what
tells one part of a specimen from another of the same texture. Each window is computed on an image shrunk until a cell
is 5 pixels wide, and pooled by matrix products, so a window of 320 pixels costs no more than one of 40.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

WEIGHTS = Path(__file__).with_name("classic-v1.npz")  # the name carries the version of the backbone
REFERENCE_SIDE = 512  # the sizes below are pixels of an image with this long side, and grow and shrink with it
WINDOWS = (40.0, 80.0, 160.0, 320.0)
COLOUR_WINDOWS = (16.0, 48.0, 96.0)
CELLS = (-1.5, -0.5, 0.5, 1.5)  # centres of the cells of a window, in cells
DIRECTIONS = 8
CELL_PIXELS = 5.0  # width of a cell on the shrunk image
COLOUR_PIXELS = 2.32  # sigma of a colour window on the shrunk image
BLOCK = (16, 120, 64)  # rows, inner axis and columns of one matrix product: see `product`
SMALLEST_VARIANCE = np.float32(1e-4)  # of colour; below it a difference of squares is rounding
SMALLEST_CELL = 2.0  # pixels; keeps a Gaussian from falling between the pixels of a tiny image
DEPTH = len(WINDOWS) * len(CELLS) ** 2 * DIRECTIONS + 6 * len(COLOUR_WINDOWS)


@dataclass(frozen=True)
class Gaussian:
    """A window along one axis: its width, where it is cut off, and whether it forgets what lies beyond the border."""

    sigma: float
    cut: float
    renormalised: bool = False


@dataclass(frozen=True)
class Layout:
    """Where tokens lie: how many rows and columns, and by how much windows are scaled for this image."""

    rows: int
    columns: int
    scale: float


@dataclass(frozen=True, eq=False)
class Weights:
    """The learned projection: tokens become unit((token - mean) @ axes)."""

    mean: Floats
    axes: Floats

    @classmethod
    def load(cls, path: Path) -> "Weights":
        """Read both arrays from an .npz file."""
        with np.load(path, allow_pickle=False) as stored:
            return cls(stored["mean"], stored["axes"])


def layout_of(image: NDArray[Any], step: int) -> Layout:
    """One token for every `step` pixels, but never none."""
    height, width = image.shape[:2]
    return Layout(max(1, height // step), max(1, width // step), max(height, width) / REFERENCE_SIDE)


def lab_of(image: NDArray[np.uint8]) -> Floats:
    """CIE Lab as three numbers in 0..1, rounded to 8 bits on the way so that every platform gets the same ones."""
    import cv2

    lab = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2LAB)
    return np.asarray(lab, np.float32) / np.float32(255)


def unit(vectors: Floats) -> Floats:
    """Vectors of length one; a vector of zeros has no direction and stays zero."""
    length = np.sqrt(np.einsum("...i,...i", vectors, vectors))[..., None]
    return np.asarray(vectors / np.where(length > 0, length, np.float32(1)), np.float32)


@lru_cache(maxsize=128)
def pooling_matrix(length: int, tokens: int, offsets: tuple[float, ...], window: Gaussian) -> Floats:
    """One column per token and offset (token by token): a Gaussian over the `length` pixels of an axis.

    A column is divided by the sum of its window over all whole positions, inside the image or not, so that what lies
    beyond the border counts as zero; `renormalised` windows are divided by what they hold inside.
    """
    middle = (np.arange(tokens) + 0.5) * length / tokens - 0.5
    centre = (middle[:, None] + np.array(offsets)).ravel()
    reach = int(np.ceil(window.cut)) + 1
    inside = _bell(np.arange(length) - centre[:, None], window)
    around = np.floor(centre)[:, None] + np.arange(-reach, reach + 1) - centre[:, None]
    total = (inside if window.renormalised else _bell(around, window)).sum(axis=1, keepdims=True)
    matrix = np.ascontiguousarray((inside / total).T, dtype=np.float32)
    matrix.flags.writeable = False
    return matrix


def _bell(distance: NDArray[np.float64], window: Gaussian) -> NDArray[np.float64]:
    return np.where(np.abs(distance) <= window.cut, np.exp(-0.5 * (distance / window.sigma) ** 2), 0.0)


def direction_maps(lightness: Floats) -> Floats:
    """Gradient magnitude (directions, height, width), each shared out linearly between the two nearest directions."""
    import cv2

    smooth = cv2.GaussianBlur(lightness, (0, 0), 0.7, borderType=cv2.BORDER_REPLICATE)
    across = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=1 / 8, borderType=cv2.BORDER_REPLICATE)
    down = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=1 / 8, borderType=cv2.BORDER_REPLICATE)
    magnitude = np.sqrt(across * across + down * down)
    position = np.arctan2(down, across) * np.float32(DIRECTIONS / (2 * np.pi))
    lower = np.floor(position)
    part = (position - lower) * magnitude
    first = lower.astype(np.int32) % DIRECTIONS
    maps = np.zeros((DIRECTIONS, lightness.size), np.float32)
    pixel = np.arange(lightness.size)
    maps[first.ravel(), pixel] = (magnitude - part).ravel()
    maps[((first + 1) % DIRECTIONS).ravel(), pixel] = part.ravel()
    return maps.reshape(DIRECTIONS, *lightness.shape)


def product(left: Floats, right: Floats) -> Floats:
    """`left @ right` whose last bit does not depend on the number of threads, and which starts none.

    BLAS cuts large matrices up differently for different numbers of threads, so sums round differently. Blocks this
    small are not worth a thread to it; we cut and add up ourselves, always in the same order.
    """
    rows = len(left) // BLOCK[0] * BLOCK[0]
    result = np.zeros((len(left), right.shape[1]), np.float32)
    for inner in _slices(left.shape[1], BLOCK[1]):
        stacked = left[:rows, inner].reshape(-1, BLOCK[0], inner.stop - inner.start)
        for columns in _slices(right.shape[1], BLOCK[2]):
            block = right[inner, columns]
            result[:rows, columns] += (stacked @ block).reshape(rows, block.shape[1])
            result[rows:, columns] += left[rows:, inner] @ block
    return result


def _slices(length: int, longest: int) -> list[slice]:
    """`length` in as few slices as possible of about the same size."""
    count = -(-length // longest)
    return [slice(part * length // count, (part + 1) * length // count) for part in range(count)]


def pool(maps: Floats, down: Floats, across: Floats) -> Floats:
    """Every map (maps, height, width) seen through every window of both axes: (maps, windows across, windows down)."""
    count, height, width = maps.shape
    narrow = product(maps.reshape(count * height, width), across).reshape(count, height, -1)
    turned = np.ascontiguousarray(narrow.transpose(0, 2, 1)).reshape(-1, height)
    return product(turned, down).reshape(count, across.shape[1], down.shape[1])


def gradient_block(lightness: Floats, layout: Layout, window: float) -> tuple[Floats, Floats]:
    """Histograms (rows, columns, 128) under one window size, and their length before any normalisation."""
    cell = max(SMALLEST_CELL, window * layout.scale / len(CELLS))
    shrink = min(1.0, CELL_PIXELS / cell)
    height, width = size = [max(1, round(side * shrink)) for side in lightness.shape[:2]]
    cell *= shrink
    offsets = tuple(offset * cell for offset in CELLS)
    bell = Gaussian(sigma=0.55 * cell, cut=2 * cell)
    down = pooling_matrix(height, layout.rows, offsets, bell)
    across = pooling_matrix(width, layout.columns, offsets, bell)
    pooled = pool(direction_maps(_shrunk(lightness, size)[..., 0]), down, across)
    cells = pooled.reshape(DIRECTIONS, layout.columns, len(CELLS), layout.rows, len(CELLS)).transpose(3, 1, 4, 2, 0)
    histograms = np.ascontiguousarray(cells).reshape(layout.rows, layout.columns, -1)
    energy = np.sqrt(np.einsum("...i,...i", histograms, histograms))
    return _damped(histograms, energy), energy


def _damped(histograms: Floats, energy: Floats) -> Floats:
    """Contrast taken out, softly, so that noise on plain ground is not blown up; then large entries tamed.

    Clipping is SIFT's answer to specular light, the square root RootSIFT's to the few entries that outweigh the rest.
    """
    clipped = np.minimum(histograms / (energy[..., None] + np.float32(0.02)), np.float32(0.25))
    return np.asarray(np.sqrt(clipped / (clipped.sum(axis=-1, keepdims=True) + np.float32(0.3))), np.float32)


def colour_block(lab: Floats, layout: Layout) -> Floats:
    """Mean and standard deviation of Lab (rows, columns, 18) under three round windows, the narrowest first.

    Each window sees the means and mean squares of the one before, averaged over an area: that keeps both exact.
    """
    colours = lab * np.float32(2) - np.float32(1)
    squares = colours * colours
    parts = []
    for window in COLOUR_WINDOWS:
        sigma = max(SMALLEST_CELL / 2, 0.29 * window * layout.scale)
        shrink = min(1.0, COLOUR_PIXELS / sigma)
        size = [max(1, round(side * shrink)) for side in lab.shape[:2]]
        colours, squares = _shrunk(colours, size), _shrunk(squares, size)
        bell = Gaussian(sigma * shrink, cut=4 * sigma * shrink, renormalised=True)
        down = pooling_matrix(size[0], layout.rows, (0.0,), bell)
        across = pooling_matrix(size[1], layout.columns, (0.0,), bell)
        mean, square = (pool(maps.transpose(2, 0, 1), down, across) for maps in (colours, squares))
        parts += [mean, np.sqrt(np.maximum(square - mean * mean, 0) + SMALLEST_VARIANCE)]
    return np.concatenate(parts).transpose(2, 1, 0) * np.float32(0.8)


def _shrunk(image: Floats, size: list[int]) -> Floats:
    import cv2

    if image.shape[:2] == tuple(size):
        return image
    small = cv2.resize(image, (size[1], size[0]), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32).reshape(*size, -1)


def gradients_and_colour(lab: Floats, step: int) -> tuple[Floats, Floats]:
    """Unit tokens (rows, columns, 530) before the learned projection, and the local contrast (rows, columns)."""
    layout = layout_of(lab, step)
    lightness = np.ascontiguousarray(lab[..., :1])
    blocks = [gradient_block(lightness, layout, window) for window in WINDOWS]
    tokens = np.concatenate([*(block for block, _ in blocks), colour_block(lab, layout)], axis=-1)
    contrast = np.sqrt(np.mean([energy**2 for _, energy in blocks], axis=0))
    return unit(tokens), np.asarray(contrast, np.float32)


def project(tokens: Floats, weights: Weights) -> Floats:
    """The learned projection, to unit length."""
    rows, columns, depth = tokens.shape
    flat = product(tokens.reshape(-1, depth) - weights.mean, weights.axes)
    return unit(flat).reshape(rows, columns, -1)


def describe(image: NDArray[np.uint8], step: int, weights: Weights) -> Floats:
    """Unit tokens (rows, columns, 128) of an RGB image, one for every `step` pixels."""
    return project(gradients_and_colour(lab_of(image), step)[0], weights)
