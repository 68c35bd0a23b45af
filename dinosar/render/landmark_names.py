"""Landmarks called by name in a panel: by their names where these are short and few, else by numbers with a key."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.render.label_places import label_places
from dinosar.render.sheet import INK, LINE, Sheet, fitted, readable, width_in_points

Points = NDArray[np.float64]
NOWHERE: Points = np.zeros((0, 2))
SIZE, KEY_SIZE = 7.0, 7.5
SHORT, FEW_LETTERS, FEW = 4, 14, 10
"""Names of so many letters stand at any number of landmarks; of so many at a few; else they become numbers."""


@dataclass(frozen=True)
class Names:
    """What is written at each landmark, and the columns of the key that says what it means, if one has to."""

    labels: tuple[str, ...]
    key: tuple[str, ...] = ()

    @property
    def room(self) -> float:
        """Inches that the key takes beneath the panels."""
        return LINE * (self.key[0].count("\n") + 1) + 0.14 if self.key else 0.0


def names_of(landmarks: Sequence[str], width: float) -> Names:
    """How landmarks are called on a sheet so many inches wide."""
    shown = [readable(name, 50) for name in landmarks]
    longest = max(map(len, shown), default=0)
    legible = shown == list(landmarks)  # a code in place of a letter says nothing beside a point
    if legible and (longest <= SHORT or (longest <= FEW_LETTERS and len(shown) <= FEW)):
        return Names(tuple(shown))
    numbers = [str(i) for i in range(1, len(shown) + 1)]
    room = (width - 0.7) * 72
    most = room / 3 - 30  # so that there are three columns at least
    lines = [f"{number}  {fitted(name, most, KEY_SIZE)}" for number, name in zip(numbers, shown, strict=True)]
    across = int(room // (max(width_in_points(line, KEY_SIZE) for line in lines) + 14))
    down = -(-len(lines) // across)
    return Names(tuple(numbers), tuple("\n".join(lines[i : i + down]) for i in range(0, len(lines), down)))


def write_key(sheet: Sheet, names: Names) -> None:
    """The key, right above the footer, its columns as wide as they need."""
    left = 0.35
    for column in names.key:
        lines = column.split("\n")
        for i, line in enumerate(lines):  # one by one, on one baseline with their neighbours
            up = sheet.foot + names.room - 0.22 - LINE * i
            sheet.figure.text(left / sheet.width, up / sheet.height, line, fontsize=KEY_SIZE, color=INK)
        left += (max(width_in_points(line, KEY_SIZE) for line in lines) + 14) / 72


def name_points(axes: Any, points: Points, names: Sequence[str], dot: float = 6.0, also: Points = NOWHERE) -> None:
    """Write each name beside its point, clear of the others and of those that have no name but are `also` there.

    `dot` is how wide a point is, in points of paper.
    """
    axes.apply_aspect()
    scale = 72 / axes.figure.dpi
    corner, far = np.array(axes.get_window_extent().extents).reshape(2, 2) * scale
    at = axes.transData.transform(np.concatenate([points, also])) * scale - corner
    sizes = np.zeros((len(at), 2))
    sizes[: len(names)] = [(width_in_points(name, SIZE) + 2.5, SIZE + 2.5) for name in names]
    where = label_places(at, sizes, (far[0] - corner[0], far[1] - corner[1]), dot)
    shifts = (where.centres - at)[: len(names)]
    for point, name, shift, led in zip(points, names, shifts, where.led[: len(names)], strict=True):
        axes.annotate(
            name, point, shift, textcoords="offset points", ha="center", va="center", fontsize=SIZE, zorder=7,
            color=INK, annotation_clip=True,
            bbox={"facecolor": "white", "alpha": 0.78, "edgecolor": "none", "pad": 0.8},
            arrowprops={"arrowstyle": "-", "linewidth": 0.5, "color": INK, "shrinkA": 0, "shrinkB": 2} if led else None,
        )  # fmt: skip
