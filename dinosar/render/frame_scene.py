"""What pictures of two frames are drawn from, and the sheet on which A and B stand side by side, equally high."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dinosar.config import MapConfig
from dinosar.data import Features, Matches
from dinosar.frames.mismatching import FLAT, Mismatch
from dinosar.render.panels import faded, greyed, shrunk
from dinosar.render.sheet import Margins, Sheet, Style, readable, width_in_points

Array = NDArray[np.float64]
Photo = Literal["plain", "grey", "faint", "none"]
"""How a photo stands beneath what is drawn: as it is, without colour, almost gone as well, or not at all."""
WIDTH, NARROW = 10.5, 7.6
"""Inches of a sheet, and of one for pictures so tall that they need no more."""
HIGH, LOW = 6.0, 1.1
"""Inches of the panels, at least twice as many where there must be room for the words of a colour bar."""
KEY = 0.19
"""Inches for a line of legend beneath the panels."""
BAR = 1.3
"""Inches beside the panels for a colour bar with three lines of words."""
NO_MORE = Margins(0, 0)
CALM, ALARM = "#0072b2", "#d55e00"
"""Blue for what agrees and vermilion for what does not, which colour-blind people tell apart."""
BARE, UNKNOWN = "#9fb1c4", "not compared: token without direction"
"""A patch of which nothing is known: a grey blue that is on no usual colour map, and what is said of it."""


@dataclass(frozen=True, eq=False)
class FrameSide:
    """One of the two pictures: its pixels, perhaps shrunk, and what its patches found in the other.

    `raw` and `shown` are its maps of `Mismatch`.
    """

    letter: Literal["A", "B"]
    name: str
    pixels: NDArray[np.uint8]
    features: Features
    matches: Matches
    raw: Array
    shown: Array

    @property
    def aspect(self) -> float:
        """Width over height of the picture."""
        return self.features.grid.crop[2] / self.features.grid.crop[3]

    @property
    def mutual(self) -> NDArray[np.bool_]:
        """Which matches are mutual."""
        return np.ones(len(self.matches), bool) if self.matches.mutual is None else self.matches.mutual

    @property
    def flat(self) -> bool:
        """Whether the patches of this picture differ by nothing but rounding."""
        return bool(np.nanmax(self.raw) - np.nanmin(self.raw) < FLAT)

    @property
    def complete(self) -> bool:
        """Whether every patch could be compared."""
        return bool(np.isfinite(self.raw).all())


@dataclass(frozen=True, eq=False)
class FrameScene:
    """A pair of frames set up for drawing. Pixels may be shrunk: where things lie, the grids of `found` know."""

    a_pixels: NDArray[np.uint8]
    b_pixels: NDArray[np.uint8]
    a_name: str
    b_name: str
    found: Mismatch
    look: MapConfig
    style: Style

    @property
    def a(self) -> FrameSide:
        """The reference."""
        found = self.found
        return FrameSide("A", self.a_name, self.a_pixels, found.a, found.there, found.raw_a, found.map_a)

    @property
    def b(self) -> FrameSide:
        """The picture that is judged."""
        found = self.found
        return FrameSide("B", self.b_name, self.b_pixels, found.b, found.back, found.raw_b, found.map_b)

    @property
    def sides(self) -> tuple[FrameSide, FrameSide]:
        """Both."""
        return self.a, self.b


def sheet_for(title: str, style: Style, aspects: Sequence[float], *, bar: bool = False, key: Sequence[Any] = (),
              more: Margins = NO_MORE) -> Sheet:  # fmt: skip
    """A sheet with a panel for each aspect, equally high and as large as fit; for a colour bar, with a legend beneath.

    `more` is room around the panels beyond that.
    """
    widest = max(aspects)
    widths = [max(each, widest / 4) for each in aspects]  # a narrow one beside a wide one stays legible
    plain = Margins(right=BAR) if bar else Margins()
    sides, gaps = plain.left + plain.right + more.left + more.right, 1 + 0.04 * (len(widths) - 1) / len(widths)
    height = float(np.clip((WIDTH - sides) / (sum(widths) * gaps), LOW * (1 + bar), HIGH))
    width = float(np.clip(sum(widths) * gaps * height + sides, NARROW, WIDTH))
    lines = in_lines(key, (width - 0.6) * 72)
    bottom = more.bottom + 0.08 * bool(lines) + KEY * len(lines)
    margins = Margins(plain.left + more.left, plain.right + more.right, bottom)
    sheet = Sheet(title, style, (width, height + 1.3 + bottom), widths, margins)
    for up, line in enumerate(reversed(lines)):
        legend_line(sheet, line, sheet.foot - 0.06 + KEY * up)
    return sheet


def in_lines(key: Sequence[Any], points: float) -> list[list[Any]]:
    """The entries of a legend on as many lines as they need."""
    lines: list[list[Any]] = []
    left = 0.0
    for entry in key:
        taken = width_in_points(entry.get_label(), 8) + 36  # the mark, and the gaps
        if not lines or taken > left:
            lines.append([])
            left = points
        lines[-1].append(entry)
        left -= taken
    return lines


def legend_line(sheet: Sheet, entries: Sequence[Any], up: float) -> None:
    """A line of legend, so many inches above the lower edge."""
    sheet.figure.legend(
        handles=entries,
        loc="lower left",
        bbox_to_anchor=(0.3 / sheet.width, up / sheet.height),
        ncols=len(entries),
        **{"fontsize": 8, "frameon": False, "borderpad": 0, "handletextpad": 0.5, "columnspacing": 1.6},
    )


def pair_of_frames(scene: FrameScene, title: str, photo: Photo, key: Sequence[Any], *, bar: bool = False) -> Sheet:
    """A on the left and B on the right, above a legend."""
    sheet = sheet_for(title, scene.style, [side.aspect for side in scene.sides], bar=bar, key=key)
    for axes, side in zip(sheet.panels, scene.sides, strict=True):
        show_frame(axes, side, photo, scene.style.dpi)
        axes.set_axis_off()
    return sheet


def show_frame(axes: Any, side: FrameSide, photo: Photo, dpi: int, words: str = "") -> None:
    """A panel bound to a picture, in its own pixels, under its letter and name or other words."""
    left, top, width, height = side.features.grid.crop
    if photo != "none":
        axes.imshow(_drawn(side, photo, dpi), extent=(left, left + width, top + height, top), interpolation="none")
    axes.set(xlim=(left, left + width), ylim=(top + height, top), aspect="equal", anchor="NW")
    room = axes.get_position(original=True).width * axes.figure.get_size_inches()[0] * 72
    heading = words or f"{side.letter}  {middle_cut(side.name, room - width_in_points(f'{side.letter}  ', 10), 10)}"
    axes.set_title(heading, loc="left", pad=4, y=1.0)


def middle_cut(name: str, points: float, size: float) -> str:
    """A name as the font can show it, its middle left out where it is too long: frames differ in their last letters."""
    words = letters = readable(name, 10 * len(name))
    kept = len(letters)
    while width_in_points(words, size) > points and kept > 1:
        kept -= 1
        words = f"{letters[: kept // 3]}…{letters[kept // 3 - kept :]}"
    return words


def _drawn(side: FrameSide, photo: Photo, dpi: int) -> NDArray[np.uint8]:
    """As many pixels as paper can show, of what was shown to the network."""
    left, top, width, height = side.features.grid.crop
    pixels = side.pixels
    if pixels.shape[1::-1] == side.features.grid.photo:
        pixels = pixels[top : top + height, left : left + width]
    pixels = shrunk(pixels, round(dpi * HIGH))
    if photo != "plain":
        pixels = greyed(pixels)
    return faded(pixels) if photo == "faint" else pixels


def square(colour: Any, words: str) -> Any:
    """A square of a legend."""
    from matplotlib.patches import Patch

    return Patch(facecolor=colour, edgecolor="#555555", linewidth=0.5, label=words)


def said_across(axes: Any, words: str) -> None:
    """A remark in the middle of a panel, which holds nothing better to see."""
    axes.text(0.5, 0.5, words, transform=axes.transAxes, ha="center", va="center", fontsize=8, zorder=6,
              bbox={"facecolor": "white", "alpha": 0.85, "edgecolor": "none", "pad": 3})  # fmt: skip
