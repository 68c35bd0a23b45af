"""One pair that was learned from: both pictures, and by number and colour the patches that show the same place."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.config.training import TrainConfig
from dinosar.config.training_idle import WARPS
from dinosar.data import Photo
from dinosar.grid import Grid
from dinosar.render.sheet import INK, Margins, Sheet, Style, fitted, picture, width_in_points
from dinosar.render.training_provenance import Shown

WIDTH = 8.6
PALE = 0.62
"""How much of a patch without a partner is white."""
TINT = 0.34
"""How much of a patch with a partner its colour covers."""
LEAST, MOST = 4.0, 7.5
"""Sizes of numbers in points; where they would have to be smaller there are none."""
BELOW, LINE = 0.16, 0.17
"""Inches beneath the panels, and for each line there."""
Colour = tuple[float, float, float]


@picture
def labels_picture(shown: Shown, config: TrainConfig, footer: str) -> bytes:
    """Both pictures side by side, and beneath them what is to be seen."""
    style = Style(config.figures.format, config.figures.dpi, footer)
    aspects = [photo.size[0] / photo.size[1] for photo in (shown.a, shown.b)]
    high = (WIDTH - 0.9) / sum(aspects)
    blocks, patches = (shown.example.a, shown.example.b), shown.positives
    letters = letters_of(len(patches), [high * 72 * block.grid.patch / block.grid.content[3] for block in blocks])
    lines = words(shown, config, numbered=letters is not None)
    margins = Margins(bottom=BELOW + LINE * len(lines))
    sheet = Sheet("A pair that was learned from", style, (WIDTH, high + 1.65 + margins.bottom), aspects, margins)
    sheet.legend(_key(letters is not None))
    colours = colours_of(patches[:, 0], blocks[0].grid)
    for axes, photo, block, own, side in zip(sheet.panels, (shown.a, shown.b), blocks, patches.T, "AB", strict=True):
        _show(axes, photo, f"{side}: {photo.name}", WIDTH * 72 / 2 - 20)
        _tint(axes, block.grid, own, colours)
        if letters is not None:
            _number(axes, block.grid, own, letters)
    for i, line in enumerate(lines):
        height = (sheet.foot + margins.bottom - BELOW - LINE * i) / sheet.height
        sheet.figure.text(0.35 / WIDTH, height, line, fontsize=8.5, color=INK, va="top")
    return sheet.render()


def words(shown: Shown, config: TrainConfig, *, numbered: bool) -> list[str]:
    """What is to be seen, in a few lines that need nothing else to be understood."""
    count, known = len(shown.positives), "number and colour" if numbered else "colour"
    lines = [
        f"{count} patches of A and {count} of B show the same places: those of one {known}. "
        f"B shows {shown.overlap:.0%} of A, {shown.by}.",
        "A patch has one partner at most, so that of what one picture shows larger some patches stay pale.",
        "The head learns to make the vectors of partners alike, and those of all other pairs of patches different.",
    ]
    if config.data.name == WARPS:
        hidden = "; scraps of others may hide parts" if config.data.warps.hidden else ""
        lines.append(f"A and B are views that were cut out of one photograph (# numbers them){hidden}.")
    return lines


def letters_of(count: int, sides: Sequence[float]) -> float | None:
    """The size of the numbers, so that the widest fits into the smallest patch, by its side in points; None if none."""
    room = 0.86 * min(sides)
    size = min(MOST, room / max(width_in_points("8" * len(str(count)), 1.0), 0.1), 0.8 * room)
    return size if size >= LEAST else None


def colours_of(patches: NDArray[np.int64], grid: Grid) -> list[Colour]:
    """A colour for each patch: its hue tells the column and its lightness the row, among those of all of them."""
    from matplotlib.colors import hsv_to_rgb

    rows, columns = (_spread(each) for each in np.divmod(patches, grid.columns))
    hue, value = 0.83 * columns, 1 - 0.45 * rows
    return [tuple(hsv_to_rgb((h, 0.9, v))) for h, v in zip(hue, value, strict=True)]


def _spread(numbers: NDArray[np.int64]) -> NDArray[np.float64]:
    """Numbers as shares of the way from the least to the greatest."""
    if not len(numbers):
        return np.zeros(0)
    return np.asarray((numbers - numbers.min()) / max(1, int(np.ptp(numbers))))


def _key(numbered: bool) -> list[Any]:
    """What the looks of patches mean."""
    from matplotlib.patches import Patch

    same = f"same {'number and colour' if numbered else 'colour'}: same place"
    return [
        Patch(facecolor="#f2c14e", edgecolor="#b8860b", label=same),
        Patch(facecolor="#eeeeee", edgecolor="#bbbbbb", label="pale: no partner"),
    ]


def _show(axes: Any, photo: Photo, name: str, room: float) -> None:
    """A picture in its own pixels, paled."""
    width, height = photo.size
    axes.imshow(photo.pixels, extent=(0, width, height, 0), interpolation="antialiased")
    axes.axis((0, width, height, 0))
    axes.set(xticks=[], yticks=[])
    axes.set_title(fitted(name, room, 8.5), fontsize=8.5)


def _tint(axes: Any, grid: Grid, patches: NDArray[np.int64], colours: Sequence[Colour]) -> None:
    """White over what has no partner, and over the patches that have one their colour."""
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    flat = np.setdiff1d(np.arange(grid.rows * grid.columns), patches)
    boxes = [Rectangle(corner, *side) for corner, side in (_box(grid, int(patch)) for patch in flat)]
    axes.add_collection(PatchCollection(boxes, facecolor="white", alpha=PALE, linewidth=0))
    for patch, colour in zip(patches, colours, strict=True):
        corner, side = _box(grid, int(patch))
        axes.add_patch(Rectangle(corner, *side, facecolor=(*colour, TINT), edgecolor=colour, linewidth=1.0))


def _number(axes: Any, grid: Grid, patches: NDArray[np.int64], size: float) -> None:
    """The number of each pair in the middle of its patch."""
    from matplotlib.patheffects import withStroke

    rim = [withStroke(linewidth=1.5, foreground="black")]
    for number, patch in enumerate(patches, 1):
        (left, top), (width, height) = _box(grid, int(patch))
        axes.text(left + width / 2, top + height / 2, str(number), fontsize=size, color="white", ha="center",
                  va="center_baseline", path_effects=rim)  # fmt: skip


def _box(grid: Grid, patch: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """Where a patch lies on the photo: its corner, and its width and height."""
    row, column = divmod(patch, grid.columns)
    corners = np.array([[column, row], [column + 1, row + 1]], dtype=np.float64) * grid.patch
    (left, top), (right, bottom) = grid.to_photo(corners)
    return (float(left), float(top)), (float(right - left), float(bottom - top))
