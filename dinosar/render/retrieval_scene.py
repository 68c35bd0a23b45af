"""What the pictures of a query and an image it found are drawn from, and the photos of both in their own pixels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dinosar.grid import Grid
from dinosar.render.frame_scene import middle_cut
from dinosar.render.panels import faded, greyed, shrunk
from dinosar.render.sheet import Style, width_in_points
from dinosar.retrieval.blocks import Block
from dinosar.retrieval.telling import Answered

Pixels = NDArray[np.uint8]
Shade = Literal["plain", "grey", "faded"]
"""How a photo stands beneath what is drawn: as it is, without colour, or almost gone."""
NO_HIT, NO_PATCH = "no patch has a hit", "no patch votes"
"""What is said across an image where there is nothing to draw."""
INCHES = 6.0
"""The longest side of a photo on paper: more pixels than that takes need not be drawn."""


@dataclass(frozen=True, eq=False)
class AnsweredScene:
    """A query and an image of its ranking, set up for drawing; `pixels` of both may be shrunk.

    `tile` says which part of the image is held against the query; empty where it is the whole.
    """

    told: Answered
    pixels: tuple[Pixels, Pixels]
    rank: int
    style: Style
    tile: str = ""

    @property
    def blocks(self) -> tuple[Block, Block]:
        """The patches of both."""
        return self.told.query, self.told.other

    @property
    def aspects(self) -> list[float]:
        """Width over height of both."""
        return [block.grid.crop[2] / block.grid.crop[3] for block in self.blocks]

    @property
    def labels(self) -> tuple[str, str]:
        """What stands before the names."""
        return "query", f"rank {self.rank}{', ' * bool(self.tile)}{self.tile}"

    @property
    def answer(self) -> str:
        """What sentences call the image, or the part of it that is shown."""
        return f"{self.tile + ' part of the ' if self.tile else ''}image of rank {self.rank}"

    def shown_on(self, panels: Sequence[Any], shade: Shade = "plain") -> None:
        """Both photos under their names."""
        for axes, block, pixels, label in zip(panels, self.blocks, self.pixels, self.labels, strict=True):
            show_photo(axes, pixels, block.grid, shade)
            room = axes.get_position(original=True).width * axes.figure.get_size_inches()[0] * 72
            name = middle_cut(block.name, room - width_in_points(f"{label}  ", 10), 10)
            axes.set_title(f"{label}  {name}", loc="left", pad=4, y=1.0)


def show_photo(axes: Any, pixels: Pixels, grid: Grid, shade: Shade = "plain") -> None:
    """A photo, cut to what the backbone saw, in original pixels."""
    left, top, width, height = grid.crop
    shares = np.divide(pixels.shape[1::-1], grid.photo)
    (x, y), (right, bottom) = np.rint([(left, top) * shares, (left + width, top + height) * shares]).astype(np.int64)
    cut = pixels[y : max(bottom, y + 1), x : max(right, x + 1)]
    drawn = shaded(shrunk(cut, round(axes.figure.dpi * INCHES)), shade)
    axes.imshow(drawn, extent=(left, left + width, top + height, top), interpolation="none")
    axes.set(xlim=(left, left + width), ylim=(top + height, top), aspect="equal", anchor="NW")
    axes.set_axis_off()


def shaded(pixels: Pixels, shade: Shade) -> Pixels:
    """Pixels in a shade."""
    if shade == "grey":
        return greyed(pixels)
    return faded(pixels) if shade == "faded" else pixels


def squares(block: Block, rows: NDArray[Any]) -> list[NDArray[np.float64]]:
    """The edges (5, 2) of some patches of a block in original pixels, cut where the photo ends."""
    grid = block.grid
    left, top, width, height = grid.crop
    row, column = np.divmod(block.patches[rows], grid.columns)
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]], dtype=np.float64)
    edges = (np.stack([column, row], axis=1)[:, None, :] + corners) * grid.patch
    places = grid.to_photo(edges.reshape(-1, 2)).reshape(-1, 5, 2)
    return list(np.clip(places, [left, top], [left + width, top + height]))


def spread(block: Block, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values of a block's patches (n,) on its grid (rows, columns); NaN where a patch has no vote."""
    grid = block.grid
    whole = np.full(grid.rows * grid.columns, np.nan)
    whole[block.patches] = values
    return whole.reshape(grid.rows, grid.columns)
