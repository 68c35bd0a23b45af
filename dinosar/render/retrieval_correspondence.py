"""Which part of an image answers which part of a query: both in tiles, and equal numbers where they answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.render.frame_scene import NARROW, WIDTH, said_across
from dinosar.render.match_caption import caption_height, wrapped, write_caption
from dinosar.render.retrieval_provenance import counted
from dinosar.render.retrieval_scene import NO_HIT, NO_PATCH, AnsweredScene, show_photo
from dinosar.render.sheet import INK, Margins, Sheet, fitted, picture, width_in_points
from dinosar.retrieval.blocks import Block
from dinosar.retrieval.telling import Thinned, thinned

Array = NDArray[np.float64]
SIDES = (4, 8, 16)
"""Tiles along each side, from coarse to fine."""
HIGH, LOW, LEAST = 5.0, 1.2, 2.4
"""Inches of a row of photos: at most, at least, and at least where one of them is so tall that it would be a sliver."""
NAMED = 2.7
"""Inches that the name of a photo is given."""
HEADING, NAMES, GAP = 0.48, 0.22, 0.3
"""Inches above a row for its words, above the first for the names of the photos, and between two photos."""
BASE = 0.12
"""Inches from the words of a row down to its photos or their names."""
LARGEST, MANY, SMALLEST = 9.0, 7.0, 4.5
"""Points of numbers that are large enough, of those on many tiles, which are to hide little of the photo, and of those
that can still be read on paper."""
DARK = 0.2
"""Luminance of a colour on which white letters are read better than black ones."""
CORNERS = np.array([[[0.45, 0.70, 0.92], [0.99, 0.74, 0.42]], [[0.03, 0.19, 0.45], [0.50, 0.18, 0.02]]])
"""Colours of the places on a query: from blue at its left to orange at its right and from light at its top to dark at
its foot, which colour-blind people tell apart."""
PAD = 0.16
"""Room around a number on its chip, in heights of its letters."""
LINES = "Where tiles are too small for numbers, lines join the patches."


@dataclass(frozen=True)
class Plan:
    """Inches of a sheet of rows: its width, those of both panels, and those of the photos in them."""

    width: float
    panels: tuple[float, float]
    high: float
    photos: tuple[tuple[float, float], ...]


@dataclass(frozen=True, eq=False)
class Tiling:
    """A photo in rows and columns of tiles: those that are `taken` (n,), each by a patch at `places` (n, 2)."""

    block: Block
    lattice: tuple[int, int]
    taken: NDArray[np.int64]
    places: Array

    @property
    def tile(self) -> Array:
        """Width and height of a tile in original pixels."""
        return np.asarray(np.array(self.block.grid.crop[2:]) / self.lattice[::-1])

    @property
    def middles(self) -> Array:
        """The middles of the tiles that are taken (n, 2), in original pixels."""
        row, column = np.divmod(self.taken, self.lattice[1])
        return np.asarray((np.stack([column, row], axis=1) + 0.5) * self.tile + self.block.grid.crop[:2])


@picture
def correspondence_picture(scene: AnsweredScene, sides: Sequence[int] = SIDES) -> bytes:
    """A row for each count of tiles: the query on the left, the image it found on the right."""
    rows = _rows(scene, sides)
    plan = _planned(scene.aspects)
    numbered = [_size(found, plan) for _, found in rows]
    below = wrapped(_in_words(scene, not all(numbered)), (plan.width - 0.7) * 72)
    bottom = caption_height(below)
    inner = len(rows) * (plan.high + HEADING) + NAMES
    sheet = Sheet("Patches that answer each other, thinned to tiles", scene.style,
                  (plan.width, inner + 1.05 + bottom), margins=Margins(bottom=bottom))  # fmt: skip
    sheet.panels.pop().remove()
    top = sheet.height - 0.3
    for i, ((side, found), size) in enumerate(zip(rows, numbered, strict=True)):
        top -= HEADING
        words = fitted(_heading(side, found), (sheet.width - 0.7) * 72 / 1.14, 9.5)
        place = 0.35 / sheet.width, (top + BASE) / sheet.height
        sheet.figure.text(*place, words, fontsize=9.5, fontweight="bold", color=INK)
        top -= NAMES * (i == 0)
        panels = _panels(sheet, plan, top)
        if i == 0:
            scene.shown_on(panels)
        _draw(scene, panels, found, size)
        top -= plan.high
    write_caption(sheet, below)
    return sheet.render()


def _rows(scene: AnsweredScene, sides: Sequence[int]) -> list[tuple[int, Thinned]]:
    """What is drawn in each row; of rows with the same tiles the first, and only one where there is no hit."""
    found: dict[Any, tuple[int, Thinned]] = {}
    for side in sides if scene.told.there.hit.any() else sides[:1]:
        row = thinned(scene.told, side)
        found.setdefault(row.lattices, (side, row))
    return list(found.values())


def _planned(aspects: Sequence[float]) -> Plan:
    """Two photos as high as each other and as large as fit."""
    widest = max(aspects)
    shares = [max(each, widest / 4) for each in aspects]  # a narrow one beside a wide one stays legible
    least = LEAST if min(aspects) < 0.6 else LOW
    high = float(np.clip((WIDTH - 0.7 - GAP) / sum(shares), least, HIGH))
    room = min(WIDTH - 0.7 - GAP, sum(shares) * high)
    panels = room * shares[0] / sum(shares), room * shares[1] / sum(shares)
    named = max(panels[0], NAMED), max(panels[1], NAMED)
    if sum(named) <= WIDTH - 0.7 - GAP:  # beneath their names narrow photos leave room
        room, panels = sum(named), named
    wide = [min(panel, high * aspect) for panel, aspect in zip(panels, aspects, strict=True)]
    photos = tuple((width, width / aspect) for width, aspect in zip(wide, aspects, strict=True))
    return Plan(max(NARROW, room + 0.7 + GAP), panels, high, photos)


def _panels(sheet: Sheet, plan: Plan, top: float) -> list[Any]:
    """Two panels side by side whose upper edge is so many inches above the sheet's foot."""
    lefts = 0.35, 0.35 + plan.panels[0] + GAP
    return [
        sheet.figure.add_axes((left / sheet.width, (top - plan.high) / sheet.height,
                               width / sheet.width, plan.high / sheet.height))
        for left, width in zip(lefts, plan.panels, strict=True)
    ]  # fmt: skip


def _draw(scene: AnsweredScene, panels: Sequence[Any], found: Thinned, size: float) -> None:
    """One row: tiles without an answer fade, and equal numbers, or lines, join those that answer each other."""
    sides = tilings(scene, found)
    colours = place_colours(sides[0].places, scene.told.query)
    for axes, side, pixels in zip(panels, sides, scene.pixels, strict=True):
        show_photo(axes, pixels, side.block.grid)
        _tiled(axes, side)
        if not len(found):
            said_across(axes, NO_HIT if len(side.block) else NO_PATCH)
        if size:
            _numbers(axes, side, colours, size)
    if not size:
        _lines(panels, [side.places for side in sides], colours)


def tilings(scene: AnsweredScene, found: Thinned) -> list[Tiling]:
    """Both photos in tiles."""
    rows = found.query, found.other
    return [
        Tiling(block, found.lattices[i], found.tiles[:, i], block.in_photo[rows[i]])
        for i, block in enumerate(scene.blocks)
    ]


def place_colours(points: Array, block: Block) -> Array:
    """A colour (n, 3) for each place on a photo (n, 2)."""
    left, top, width, height = block.grid.crop
    x, y = np.clip((points - [left, top]) / [width, height], 0, 1).T[..., None]
    upper, lower = (CORNERS[row, 0] * (1 - x) + CORNERS[row, 1] * x for row in (0, 1))
    return np.asarray(upper * (1 - y) + lower * y)


def _tiled(axes: Any, side: Tiling) -> None:
    """White gaps between tiles, and a veil over those that do not answer."""
    left, top, width, height = side.block.grid.crop
    bare = np.ones(side.lattice[0] * side.lattice[1])
    bare[side.taken] = np.nan
    edges = (left, left + width, top + height, top)
    axes.imshow(np.ma.masked_invalid(bare.reshape(side.lattice)), extent=edges, interpolation="nearest",
                alpha=0.68, cmap="gray", vmin=0, vmax=1)  # fmt: skip
    look = {"color": "white", "linewidth": 1.4 if max(side.lattice) <= 8 else 0.8}
    for x in np.linspace(left, left + width, side.lattice[1] + 1)[1:-1]:
        axes.axvline(x, **look)
    for y in np.linspace(top, top + height, side.lattice[0] + 1)[1:-1]:
        axes.axhline(y, **look)


def _numbers(axes: Any, side: Tiling, colours: Array, size: float) -> None:
    """Numbers on chips in the colours of the places: at their patches, moved as little as keeps each in its tile."""
    axes.apply_aspect()
    per_point = side.block.grid.crop[2] / (axes.get_window_extent().width * 72 / axes.figure.dpi)
    for number, (place, middle, colour) in enumerate(zip(side.places, side.middles, colours, strict=True), 1):
        chip = np.array([width_in_points(str(number), size), size]) / 2 + PAD * size + 0.5
        room = np.maximum(side.tile / 2 - chip * per_point, 0)
        dark = colour**2.2 @ [0.2126, 0.7152, 0.0722] < DARK
        box = {"facecolor": colour, "edgecolor": "white", "linewidth": 0.5, "boxstyle": f"round,pad={PAD}"}
        axes.text(*np.clip(place, middle - room, middle + room), str(number), bbox=box, ha="center", va="center",
                  fontsize=size, zorder=5, color="white" if dark else INK)  # fmt: skip


def _lines(panels: Sequence[Any], ends: Sequence[Array], colours: Array) -> None:
    """A line from each patch to its answer."""
    from matplotlib.patches import ConnectionPatch

    for a, b, colour in zip(*ends, colours, strict=True):
        line = ConnectionPatch(a, b, "data", "data", axesA=panels[0], axesB=panels[1], color=colour, linewidth=0.7,
                               alpha=0.8, zorder=4)  # fmt: skip
        panels[0].figure.add_artist(line)


def _size(found: Thinned, plan: Plan) -> float:
    """Letters in points that suit the tiles of both photos; 0 where they would be too small to read."""
    widest = width_in_points(str(max(len(found), 1)), 100) / 100
    tiles = [np.divide(photo, lattice[::-1]) for photo, lattice in zip(plan.photos, found.lattices, strict=True)]
    across, down = np.min(tiles, axis=0) * 72
    size = min(LARGEST if np.max(found.lattices) <= 8 else MANY, (across - 2) / (widest + 0.32), (down - 2) / 1.35)
    return float(size) if size >= SMALLEST else 0.0


def _heading(side: int, found: Thinned) -> str:
    """How many tiles, and how many of them answer."""
    sizes = list(dict.fromkeys(f"{rows} x {columns}" for rows, columns in found.lattices))
    few = "" if sizes == [f"{side} x {side}"] else f", fewer where whole patches are fewer ({' and '.join(sizes)})"
    return f"{side} x {side} tiles{few}: {len(found)} pair{'s' * (len(found) != 1)}"


def _in_words(scene: AnsweredScene, lines: bool) -> list[str]:
    """What the numbers are, and what was left out."""
    told = scene.told
    return [
        f"Equal numbers: a patch of the query and the patch most like it in the {scene.answer}, where "
        f"their cosine is above {told.min_cosine:.4g}; {counted(int(told.there.hit.sum()))} of "
        f"{counted(len(told.query))} patches of the query have such a hit. The most alike are taken first, each tile "
        "of either image once; tiles without a number are faded.",
        "Numbers run in reading order of the query's tiles. Colour: the place on the query, from blue at its left to "
        "orange at its right and from light at its top to dark at its foot.",
        *([LINES] if lines else []),
    ]
