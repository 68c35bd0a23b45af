"""The best pixel of a map of tokens that is enlarged to the photo bilinearly, without ever making that map.

The enlarged vector of a pixel is B = sum of w t over its four nearest tokens t. Its dot product with a vector s is that
sum over the numbers s.t, and its squared length follows from the dot products of neighbouring tokens: so a pixel costs
a few multiplications, not `depth` of them.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dinosar.evaluation.protocols.cosines import NOTHING, TIE, Floats, has_direction

AT_ONCE = 1 << 19
"""Cosines held at once: 4 MB, which stays in the processor's cache."""


class Axis(NamedTuple):
    """For each pixel along an axis the token before it, the one behind it, and the share of that one."""

    low: NDArray[np.int64]
    high: NDArray[np.int64]
    share: Floats


class Rows(NamedTuple):
    """Rows of tokens enlarged along x alone: dots with the vectors (k, rows, width), squared lengths (rows, width), and
    dots of each row with the one below it (rows, width)."""

    dots: Floats
    squares: Floats
    below: Floats


def best_pixels(vectors: Floats, tokens: NDArray[np.floating], size: tuple[int, int], at_once: int = AT_ONCE) -> Floats:
    """For each vector (k, depth) the pixel (x, y) of a photo of `size` whose enlarged token has the largest cosine.

    Of equal pixels it is the first, row by row; NaN where the vector or every token is without direction. `at_once`
    changes memory, not answers.
    """
    found = np.full((len(vectors), 2), np.nan)
    asks = np.flatnonzero(has_direction(vectors))
    if not len(asks) or not has_direction(tokens).any():
        return found
    width, height = size
    rows, down = _enlarged(vectors[asks], tokens, axis(tokens.shape[1], width)), axis(tokens.shape[0], height)
    starts = range(0, height, max(1, at_once // (width * len(asks))))
    best = np.stack([_cosines(rows, each).max(axis=1) for each in _blocks(down, starts)], axis=1)
    least = best.max(axis=1) - TIE
    where = (best >= least[:, None]).argmax(axis=1)
    for block, each in enumerate(_blocks(down, starts)):
        here = np.flatnonzero(where == block)
        if len(here):
            cosine = _cosines(rows._replace(dots=rows.dots[here]), each)
            index = (cosine >= least[here, None]).argmax(axis=1)
            found[asks[here]] = np.stack([index % width, starts[block] + index // width], axis=1)
    return found


def axis(tokens: int, pixels: int) -> Axis:
    """Where the centres of pixels lie between the centres of tokens; beyond the outermost the outermost token holds."""
    place = np.clip((np.arange(pixels) + 0.5) * tokens / pixels - 0.5, 0, tokens - 1)
    low = np.floor(place).astype(np.int64)
    return Axis(low, np.minimum(low + 1, tokens - 1), place - low)


def _blocks(down: Axis, starts: range) -> Iterator[Axis]:
    """The axis, a few rows of pixels at a time."""
    for start in starts:
        part = slice(start, start + starts.step)
        yield Axis(down.low[part], down.high[part], down.share[part])


def _enlarged(vectors: Floats, tokens: NDArray[np.floating], along: Axis) -> Rows:
    wide = tokens.astype(np.float64)
    unit = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    dots = np.moveaxis(wide @ unit.T, -1, 0)
    left, right, u = along
    squares = _crossed(wide, wide, along)
    below = np.zeros_like(squares)
    below[:-1] = _crossed(wide[:-1], wide[1:], along)
    return Rows(dots[:, :, left] * (1 - u) + dots[:, :, right] * u, squares, below)


def _crossed(a: Floats, b: Floats, along: Axis) -> Floats:
    """Dot products (rows, width) of rows of two maps (rows, columns, depth), both enlarged along x."""
    left, right, u = along
    straight = np.einsum("rcd,rcd->rc", a, b)
    oblique = np.zeros_like(straight)
    oblique[:, :-1] = np.einsum("rcd,rcd->rc", a[:, :-1], b[:, 1:]) + np.einsum("rcd,rcd->rc", a[:, 1:], b[:, :-1])
    return np.asarray((1 - u) ** 2 * straight[:, left] + u**2 * straight[:, right] + u * (1 - u) * oblique[:, left])


def _cosines(rows: Rows, down: Axis) -> Floats:
    """Cosines (k, pixels) of every vector with the pixels of a few rows; -inf where there is no direction."""
    top, bottom, v = down.low, down.high, down.share[:, None]
    squared = (1 - v) ** 2 * rows.squares[top] + v**2 * rows.squares[bottom] + 2 * v * (1 - v) * rows.below[top]
    there = squared > NOTHING**2
    scale = np.sqrt(np.where(there, squared, 1))
    cosine = (rows.dots[:, top] * (1 - v) + rows.dots[:, bottom] * v) / scale
    cosine[:, ~there] = -np.inf
    return cosine.reshape(len(cosine), -1)
