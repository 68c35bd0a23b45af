"""The bare overlay: a map of mismatch in colours over the whole picture it belongs to, pixel for pixel, and no axes.

    out = (1 - a) * picture + a * colour(v)

v is the map at a pixel, bilinear between the centres of patches and held beyond the outermost; a is the weight of the
colours there. All of it is floating point until the one rounding at the end.
"""

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dinosar.config import MapConfig
from dinosar.errors import UsageError, shown, suggestion
from dinosar.grid import Grid

Array = NDArray[np.float64]
STRIP = 1 << 18
"""Pixels that are mixed at once, so that a large picture needs little more room than itself."""
FAMILIAR = ("cividis", "gray", "hot", "inferno", "magma", "viridis")


@dataclass(frozen=True, eq=False)
class Between:
    """For every pixel along one axis: the patches before and after it, its way from one to the other, its own patch.

    `inside` says whether the network was shown that pixel.
    """

    before: NDArray[np.int64]
    after: NDArray[np.int64]
    way: Array
    own: NDArray[np.int64]
    inside: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Spread:
    """A map spread along the rows of its picture: sums and weights (rows of patches, width), and what is left bare."""

    sums: Array
    weights: Array
    bare: NDArray[np.bool_]
    down: Between

    def rows(self, strip: slice) -> tuple[Array, NDArray[np.bool_]]:
        """The map at some rows of pixels, and which of those pixels stay bare."""
        before, after, own = self.down.before[strip], self.down.after[strip], self.down.own[strip]
        way = self.down.way[strip, None]
        weight = _part_way(self.weights[before], self.weights[after], way)
        total = _part_way(self.sums[before], self.sums[after], way)
        bare = self.bare[own] | ~self.down.inside[strip, None]
        return np.divide(total, weight, out=np.zeros_like(total), where=~bare), bare


def overlay(pixels: NDArray[np.uint8], values: Array, grid: Grid, look: MapConfig) -> NDArray[np.uint8]:
    """The picture (height, width, 3) under the colours of a map (rows, columns), of its own size.

    Values are those of `Mismatch`; on an absolute scale, boosted distances that `look.ends` brings to 0..1. What lies
    beyond 0..1 gets the colour of the nearer end. Patches that are NaN leave the picture as it is, and nothing of them
    enters their neighbours.
    """
    height, width = pixels.shape[:2]
    if (width, height) != grid.photo or values.shape != (grid.rows, grid.columns):
        raise ValueError(f"a picture of {width} x {height} px and a map of {values.shape} are not those of {grid}")
    colours, spread = palette(look.colormap), spread_out(to_ends(values, look), grid)
    out = np.empty_like(pixels)
    step = max(1, STRIP // width)
    for top in range(0, height, step):
        strip = slice(top, top + step)
        value, bare = spread.rows(strip)
        out[strip] = _mixed(pixels[strip], np.clip(value, 0, 1), bare, colours, look)
    return out


def png_bytes(pixels: NDArray[np.uint8]) -> bytes:
    """Pixels as a PNG file of exactly their size, packed as quickly as other pictures."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def palette(name: str) -> NDArray[np.float32]:
    """The colours (n, 3) of a colour map of matplotlib, 0..255, from its lowest to its highest."""
    from matplotlib import colormaps

    if name not in colormaps:
        near = suggestion(name, colormaps)
        near = near if near.startswith("; did") else f"; such are {', '.join(FAMILIAR)}"
        raise UsageError(f"map.colormap: '{shown(name)}' is no colour map of matplotlib{near}")
    colours = colormaps[name]
    return np.asarray(255 * colours(np.arange(colours.N))[:, :3], dtype=np.float32)


def to_ends(values: Array, look: MapConfig) -> Array:
    """Values so that 0 is drawn as nothing and 1 as the most."""
    low, high = look.ends if look.absolute else (0.0, 1.0)
    return (values - low) / (high - low)


def spread_out(values: Array, grid: Grid) -> Spread:
    """A map made ready to be read off at rows of pixels."""
    right, down = _between(grid, 0), _between(grid, 1)
    there = np.isfinite(values).astype(np.float64)
    sums = _along(np.where(there > 0, values, 0.0), right)
    return Spread(sums, _along(there, right), (there[:, right.own] == 0) | ~right.inside, down)


def _along(table: Array, right: Between) -> Array:
    """A table (rows, columns) at every pixel of a row."""
    return _part_way(table[:, right.before], table[:, right.after], right.way)


def _part_way(start: Array, end: Array, way: Array) -> Array:
    """From start to end; exactly the start where both are the same, so that a plain map has one colour."""
    return np.asarray(start + (end - start) * way)


def _between(grid: Grid, axis: int) -> Between:
    """Where the centres of pixels lie among the centres of patches, along x (0) or y (1)."""
    count = (grid.columns, grid.rows)[axis]
    centre = np.arange(grid.photo[axis]) + 0.5
    place = grid.to_network(np.stack([centre, centre], axis=1))[:, axis] / grid.patch
    held = np.clip(place - 0.5, 0, count - 1)
    before = np.minimum(held.astype(np.int64), max(count - 2, 0))
    after = np.minimum(before + 1, count - 1)
    start, length = grid.crop[axis], grid.crop[axis + 2]
    own = np.clip(place.astype(np.int64), 0, count - 1)
    return Between(before, after, held - before, own, (centre > start) & (centre < start + length))


def _mixed(pixels: NDArray[np.uint8], value: Array, bare: NDArray[np.bool_], colours: NDArray[np.float32],
           look: MapConfig) -> NDArray[np.uint8]:  # fmt: skip
    """Pixels under the colours of values in 0..1, which are looked up as matplotlib does."""
    colour = colours[np.minimum((value * len(colours)).astype(np.int64), len(colours) - 1)]
    weight = look.alpha * value if look.alpha_mode == "proportional" else np.full(value.shape, look.alpha)
    weight = np.where(bare, 0, weight).astype(np.float32)[..., None]
    colour *= weight
    colour += pixels * (1 - weight)
    return np.asarray(np.rint(colour), dtype=np.uint8)
