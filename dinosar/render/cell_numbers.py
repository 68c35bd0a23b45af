"""Row and column written into the cells of the grid, where the cells are large enough to read them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.render.sheet import FAINT, INK, LINE, Sheet, width_in_points

Array = NDArray[np.float64]
SMALLEST, LARGEST = 4.5, 7.0
"""Points of letters that can be read on paper, and those that are large enough."""
SHARE = 0.8
"""Share of a cell's width that its number may take."""
LEFT_OUT = "cell numbers left out: cells too small; see cells.csv"
NOTE = LINE + 0.06
"""Inches that it takes to say so."""


def number_size(counted: NDArray[np.bool_], width: float) -> float:
    """Letters in points that suit cells so many points wide; 0 where they would be too small to read."""
    row, column = np.nonzero(counted)
    longest = width_in_points(f"{row.max()},{column.max()}", 100) / 100
    size = SHARE * width / longest
    return min(LARGEST, size) if size >= SMALLEST else 0.0


def write_numbers(axes: Any, centres: Array, counted: NDArray[np.bool_], size: float, taken: Array) -> None:
    """Each number at the centre of its cell, unless it would touch a box (n, 4) that is taken."""
    row, column = np.nonzero(counted)
    at = axes.transData.transform(centres[row, column])
    unit = axes.figure.dpi / 72
    paper = {"facecolor": "white", "alpha": 0.6, "edgecolor": "none", "pad": 0.1 * size}
    look: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": size, "color": INK, "zorder": 4}
    for r, c, place, (x, y) in zip(row.tolist(), column.tolist(), at, centres[row, column], strict=True):
        words = f"{r},{c}"
        reach = np.array([width_in_points(words, size) / 2 + 0.1 * size, 0.6 * size]) * unit
        if not ((place - reach < taken[:, 2:]) & (place + reach > taken[:, :2])).all(axis=1).any():
            axes.text(x, y, words, bbox=paper, clip_on=True, **look)


def covered_by_names(axes: Any) -> Array:
    """What the landmarks and their names cover in a panel: boxes (n, 4) of left, bottom, right, top in pixels."""
    from matplotlib.text import Annotation, Text

    renderer, unit = axes.figure.canvas.get_renderer(), axes.figure.dpi / 72
    boxes: list[Any] = []
    for text in axes.texts:
        if isinstance(text, Annotation):
            text.update_positions(renderer)
        boxes.append(Text.get_window_extent(text, renderer).padded(unit).extents)  # without the line that leads to it
    for line in axes.lines:
        if line.get_marker() == "o":
            reach = (line.get_markersize() / 2 + line.get_markeredgewidth()) * unit
            boxes += [[*(place - reach), *(place + reach)] for place in axes.transData.transform(line.get_xydata())]
    return np.array(boxes, dtype=np.float64).reshape(-1, 4)


def say_left_out(sheet: Sheet, room: float) -> None:
    """That there are no numbers, beneath the panels and above a key that takes so much `room`."""
    up = (sheet.foot + room + 0.02) / sheet.height
    sheet.figure.text(0.35 / sheet.width, up, LEFT_OUT, fontsize=7.5, color=FAINT)
