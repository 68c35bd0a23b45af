"""One pair that was learned from: both pictures, and in the same colour the patches that show the same place."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.config.training import TrainConfig
from dinosar.data import Photo
from dinosar.grid import Grid
from dinosar.render.sheet import Sheet, Style, fitted, picture
from dinosar.render.training_provenance import Shown

WIDTH = 8.6
SHOWN = 0.5
"""How much of a patch its colour covers."""
NUMBERED = 48
"""Pairs of patches that are numbered, at most."""


@picture
def labels_picture(shown: Shown, config: TrainConfig, footer: str) -> bytes:
    """Both pictures side by side; colours are those of places on the first, and some pairs have their number."""
    style = Style(config.figures.format, config.figures.dpi, footer)
    aspects = [photo.size[0] / photo.size[1] for photo in (shown.a, shown.b)]
    high = (WIDTH - 0.9) / sum(aspects)
    count = len(shown.positives)
    title = f"{count} pairs of patches that show the same; B shows {shown.overlap:.0%} of A"
    sheet = Sheet(title, style, (WIDTH, high + 1.65), widths=aspects)
    blocks = shown.example.a, shown.example.b
    every = max(1, -(-count // NUMBERED))
    colours = colours_of(shown.positives[:, 0], blocks[0].grid)
    for axes, photo, block, patches, side in zip(sheet.panels, (shown.a, shown.b), blocks, shown.positives.T, "AB",
                                                 strict=True):  # fmt: skip
        _show(axes, photo, f"{side}: {photo.name}", WIDTH * 72 / 2 - 20)
        for number, (patch, colour) in enumerate(zip(patches, colours, strict=True), 1):
            _tint(axes, block.grid, int(patch), colour, number if number % every == 0 else None)
    return sheet.render()


def colours_of(patches: NDArray[np.int64], grid: Grid) -> list[tuple[float, float, float]]:
    """A colour for each patch: its hue tells the column, its lightness the row."""
    from matplotlib.colors import hsv_to_rgb

    rows, columns = np.divmod(patches, grid.columns)
    hue, value = columns / max(grid.columns, 1) * 0.85, 1 - 0.4 * rows / max(grid.rows - 1, 1)
    return [tuple(hsv_to_rgb((h, 0.9, v))) for h, v in zip(hue, value, strict=True)]


def _show(axes: Any, photo: Photo, words: str, room: float) -> None:
    """A picture in its own pixels."""
    width, height = photo.size
    axes.imshow(photo.pixels, extent=(0, width, height, 0), interpolation="antialiased")
    axes.set(xlim=(0, width), ylim=(height, 0), xticks=[], yticks=[])
    axes.set_title(fitted(words, room, 8.5), fontsize=8.5)


def _tint(axes: Any, grid: Grid, patch: int, colour: tuple[float, float, float], number: int | None) -> None:
    """One patch, in the pixels of the photo."""
    from matplotlib.patches import Rectangle
    from matplotlib.patheffects import withStroke

    row, column = divmod(patch, grid.columns)
    corners = np.array([[column, row], [column + 1, row + 1]], dtype=np.float64) * grid.patch
    (left, top), (right, bottom) = grid.to_photo(corners)
    look: dict[str, Any] = {"facecolor": colour, "alpha": SHOWN, "edgecolor": "white", "linewidth": 0.4}
    axes.add_patch(Rectangle((left, top), right - left, bottom - top, **look))
    if number is not None:
        rim = [withStroke(linewidth=1.4, foreground="black")]
        axes.text((left + right) / 2, (top + bottom) / 2, str(number), fontsize=6, color="white", ha="center",
                  va="center", path_effects=rim)  # fmt: skip
