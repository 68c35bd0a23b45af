"""Landmarks drawn on their photos, with names or numbers: one photo on a sheet, or up to 24."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.landmarks.points import UNCERTAIN, Landmarks
from dinosar.render.label_places import Places, label_places
from dinosar.render.panels import OUTLINE
from dinosar.render.sheet import FAINT, INK, Sheet, Style, fitted, picture, readable, width_in_points

WIDTH = 10.5
COLUMN = 2.2
"""Inches for a column of names beside the photos."""
NAMED = 2
"""Photos on a sheet up to which names are written into them; on more they hide what they name."""
A_SHEET = 24
"""Photos on one sheet; more would be smaller than a thumb."""
TOP, BOTTOM, BETWEEN = 0.5, 0.42, 0.16
CAPTION = 0.46
"""Inches above a photo for its name and what it lacks."""
LINE = 0.155
BOLD = 1.14
"""Bold letters are so much wider than plain ones."""
FILLED: dict[str, Any] = {"marker": "o", "markerfacecolor": OUTLINE, "markeredgecolor": "white", "markeredgewidth": 0.7}
HOLLOW: dict[str, Any] = {
    "marker": "o", "markerfacecolor": "none", "markeredgecolor": OUTLINE, "markeredgewidth": 1.3
}  # fmt: skip


@dataclass(frozen=True)
class LandmarkPanel:
    """A photo, perhaps shrunk, and its landmarks in pixels of the photo as it was, whose (width, height) is `size`."""

    label: str
    pixels: NDArray[np.uint8]
    size: tuple[int, int]
    landmarks: Landmarks


@dataclass(frozen=True)
class _Layout:
    """How a sheet is divided, in inches: photos in a row, a photo's room, the rows' heights, columns that list names.

    `letters` and `dot` are the size of the labels and of a landmark, in points.
    """

    columns: int
    room: tuple[float, float]
    rows: tuple[float, ...]
    lists: int
    letters: float
    dot: float

    def width(self, panel: LandmarkPanel) -> float:
        """Width of a photo: its room, unless it would be too high."""
        return min(self.room[0], self.room[1] * panel.size[0] / panel.size[1])


def shrunk_panel(label: str, pixels: NDArray[np.uint8], landmarks: Landmarks, side: int) -> LandmarkPanel:
    """A panel that keeps no more pixels than are drawn."""
    import cv2

    height, width = pixels.shape[:2]
    scale = side / max(width, height)
    if scale < 1:
        small = max(1, round(width * scale)), max(1, round(height * scale))
        pixels = np.asarray(cv2.resize(np.ascontiguousarray(pixels), small, interpolation=cv2.INTER_AREA))
    return LandmarkPanel(label, pixels.astype(np.uint8), (width, height), landmarks)


def side_of(count: int, dpi: int) -> int:
    """Pixels that the longer side of a photo takes where this many share the sheets."""
    return round(WIDTH * dpi / _columns(min(count, A_SHEET)))


def sheets_needed(count: int) -> int:
    """How many sheets so many photos take."""
    return -(-count // A_SHEET)


def landmark_sheets(panels: Sequence[LandmarkPanel], title: str, style: Style) -> list[bytes]:
    """The pictures of all panels, `A_SHEET` on each; a landmark has the same number on all of them."""
    names = tuple(dict.fromkeys(name for panel in panels for name in panel.landmarks.names))
    pages = [panels[i : i + A_SHEET] for i in range(0, len(panels), A_SHEET)]
    titles = [f"{title}, sheet {i} of {len(pages)}" if len(pages) > 1 else title for i in range(1, len(pages) + 1)]
    return [landmark_sheet(page, name, style, names) for page, name in zip(pages, titles, strict=True)]


@picture
def landmark_sheet(panels: Sequence[LandmarkPanel], title: str, style: Style, names: Sequence[str]) -> bytes:
    """One sheet: names beside the landmarks where all fit, else numbers and a list of what they mean."""
    layout, labels = _laid_out(panels, 0), {name: readable(name, 40) for name in names}
    sheet = _empty(layout, title, style)
    places = [_label_places(layout, panel, labels) for panel in panels]
    if len(panels) > NAMED or not all(each.clear for each in places) or any(each.led.any() for each in places):
        if any(panel.landmarks.named for panel in panels):  # numbers are short enough as they are
            layout = _with_list(panels, len(names))
            sheet = _empty(layout, title, style)
            labels = {name: str(i) for i, name in enumerate(names, 1)}
        places = [_label_places(layout, panel, labels) for panel in panels]
    for i, (panel, where) in enumerate(zip(panels, places, strict=True)):
        axes = _photo(sheet, layout, i, panel)
        _caption(sheet, axes, panel, labels)
        _marks(axes, panel, [labels[name] for name in panel.landmarks.names], where, layout)
    if layout.lists:
        _list(sheet, layout, names)
    _legend(sheet, panels)
    return sheet.render()


def _columns(count: int) -> int:
    """Photos in a row: as many as keep the sheet about as high as wide."""
    return next(columns for most, columns in ((1, 1), (6, 2), (12, 3), (A_SHEET, 4)) if count <= most)


def _laid_out(panels: Sequence[LandmarkPanel], lists: int) -> _Layout:
    """Where the photos go, with room for this many columns of names."""
    columns = _columns(len(panels))
    cell = (WIDTH - 0.7 - lists * COLUMN - (columns - 1) * BETWEEN) / columns
    room = cell, 7.0 if columns == 1 else 4.2
    heights = [min(room[1], cell * panel.size[1] / panel.size[0]) for panel in panels]
    rows = tuple(max(heights[i : i + columns]) + CAPTION for i in range(0, len(panels), columns))
    letters, dot = {1: (8.0, 5.0), 2: (7.5, 4.5), 3: (6.5, 3.8), 4: (5.5, 3.2)}[columns]
    return _Layout(columns, room, rows, lists, letters, dot)


def _with_list(panels: Sequence[LandmarkPanel], count: int) -> _Layout:
    """A layout with a column of names, or two where one is too short; the sheet grows where two are."""
    one, two = (_laid_out(panels, lists) for lists in (1, 2))
    if count * LINE <= sum(one.rows):
        return one
    lacking = max(0.0, (count + 1) // 2 * LINE - sum(two.rows))
    return replace(two, rows=(*two.rows[:-1], two.rows[-1] + lacking))


def _empty(layout: _Layout, title: str, style: Style) -> Sheet:
    """A sheet as high as the rows need, without any panel yet."""
    sheet = Sheet(title, style, (WIDTH, sum(layout.rows) + TOP + BOTTOM))
    sheet.panels.pop().remove()
    return sheet


def _label_places(layout: _Layout, panel: LandmarkPanel, labels: dict[str, str]) -> Places:
    """Where the labels of a photo stand, in points from its upper left corner."""
    there = panel.landmarks.there
    words = [labels[name] for name, seen in zip(panel.landmarks.names, there, strict=True) if seen]
    sizes = [(BOLD * width_in_points(word, layout.letters) + 1, layout.letters) for word in words]
    scale = 72 * layout.width(panel) / panel.size[0]
    return label_places(
        panel.landmarks.places[there] * scale,
        np.array(sizes, dtype=np.float64).reshape(-1, 2),
        (panel.size[0] * scale, panel.size[1] * scale),
        layout.dot + 1.5,
    )


def _photo(sheet: Sheet, layout: _Layout, i: int, panel: LandmarkPanel) -> Any:
    """The photo at its place on the sheet, in its own pixels."""
    row, column = divmod(i, layout.columns)
    width = layout.width(panel)
    height = width * panel.size[1] / panel.size[0]
    left = 0.35 + column * (layout.room[0] + BETWEEN)
    bottom = sheet.height - TOP - sum(layout.rows[:row]) - CAPTION + 0.1 - height
    place = left / WIDTH, bottom / sheet.height, width / WIDTH, height / sheet.height
    axes = sheet.figure.add_axes(place)
    axes.imshow(panel.pixels, extent=(0, panel.size[0], panel.size[1], 0), interpolation="none", aspect="auto")
    axes.set_axis_off()
    return axes


def _caption(sheet: Sheet, axes: Any, panel: LandmarkPanel, labels: dict[str, str]) -> None:
    """The photo's name, and under it how many landmarks it has and which it lacks."""
    box = axes.get_position()
    room = box.width * WIDTH * 72
    missing = [labels[name] for name in panel.landmarks.missing]
    says = f"{len(panel.landmarks) - len(missing)} of {len(panel.landmarks)}"
    says += f"; missing: {', '.join(missing)}" if missing else " landmarks"
    for up, text, size, colour in ((13.5, panel.label, 8.5, INK), (3.5, says, 7.0, FAINT)):
        height = box.y1 + up / 72 / sheet.height
        sheet.figure.text(box.x0, height, fitted(text, room, size), fontsize=size, color=colour, va="bottom")


def _marks(axes: Any, panel: LandmarkPanel, words: Sequence[str], places: Places, layout: _Layout) -> None:
    """The landmarks, hollow where uncertain, each with its label, and a line to it where that stands apart."""
    from matplotlib.patheffects import Stroke, withStroke

    halo = {"path_effects": [withStroke(linewidth=2.0, foreground="white")]}
    behind = {"path_effects": [Stroke(linewidth=2.0, foreground="white")]}
    centres = places.centres * panel.size[0] / (72 * layout.width(panel))
    for k, centre, led in zip(np.flatnonzero(panel.landmarks.there).tolist(), centres, places.led, strict=True):
        x, y = panel.landmarks.places[k]
        if led:
            axes.plot([x, centre[0]], [y, centre[1]], color=INK, linewidth=0.6, zorder=2, **halo)
        for zorder, look in ((5.5, behind), (6, {})):  # twice, so that the letters stay letters in SVG and PDF
            axes.text(*centre, words[k], fontsize=layout.letters, fontweight="bold", color=INK, zorder=zorder,
                      ha="center", va="center_baseline", **look)  # fmt: skip
        mark = {**HOLLOW, **halo} if panel.landmarks.visibility[k] == UNCERTAIN else FILLED
        axes.plot([x], [y], markersize=layout.dot, zorder=5, clip_on=False, **mark)
    axes.set_xlim(0, panel.size[0])
    axes.set_ylim(panel.size[1], 0)


def _list(sheet: Sheet, layout: _Layout, names: Sequence[str]) -> None:
    """What the numbers mean, in columns at the right."""
    each = -(-len(names) // layout.lists)
    for i, name in enumerate(names):
        column, line = divmod(i, each)
        left = WIDTH - 0.2 - COLUMN * (layout.lists - column)
        up = 1 - (TOP + CAPTION - 0.02 + LINE * line) / sheet.height
        sheet.figure.text((left + 0.2) / WIDTH, up, str(i + 1), fontsize=7.5, fontweight="bold", ha="right", color=INK)
        text = fitted(name, (COLUMN - 0.45) * 72, 7.5)
        sheet.figure.text((left + 0.28) / WIDTH, up, text, fontsize=7.5, color=INK)


def _legend(sheet: Sheet, panels: Sequence[LandmarkPanel]) -> None:
    """What full and hollow mean, where there are hollow ones."""
    from matplotlib.lines import Line2D

    if any((panel.landmarks.visibility == UNCERTAIN).any() for panel in panels):
        looks = ((FILLED, "seen"), (HOLLOW, "uncertain"))
        sheet.legend([Line2D([], [], linestyle="none", markersize=5.5, label=label, **look) for look, label in looks])
