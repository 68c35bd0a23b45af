"""Pictures that link the same cell on both specimens: the cells that are most alike, and those that differ most."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dinosar.homology.cells import Homology
from dinosar.render.cells import HOW, sides
from dinosar.render.linked import Tie, linked_sheet
from dinosar.render.sheet import picture

if TYPE_CHECKING:
    from dinosar.render.pictures import Scene

APART = 0.1
"""Shown cells keep this share of the grid's longer side between them, or one place takes them all."""


@dataclass(frozen=True)
class Cell:
    """A cell as drawn: its row and column in the grid, and how far the specimens differ there."""

    row: int
    column: int
    dissimilarity: float


def extreme_cells(homology: Homology, count: int) -> tuple[list[Cell], list[Cell]]:
    """The cells that are most alike and those that differ most, the most extreme first, spread over the grid.

    No cell above the median is called alike, and none below it different; rather there are fewer.
    """
    values = homology.values
    alike, different = (np.argsort(sign * values, kind="stable") for sign in (1, -1))
    median = np.median(values)
    return (
        _spread(homology, alike[values[alike] <= median], count),
        _spread(homology, different[values[different] >= median], count),
    )


def apart(homology: Homology) -> float:
    """How many cells it is at least from one that is shown to the next."""
    return max(1.0, APART * max(homology.shape))


def _spread(homology: Homology, order: NDArray[np.int64], count: int) -> list[Cell]:
    """The first cells of an order that keep their distance from all before."""
    chosen: list[Cell] = []
    places = np.argwhere(homology.counted)
    for i in order.tolist():
        if len(chosen) == count:
            break
        row, column = places[i].tolist()
        if all(np.hypot(row - cell.row, column - cell.column) >= apart(homology) for cell in chosen):
            chosen.append(Cell(row, column, float(homology.values[i])))
    return chosen


@picture
def similar_cells(scene: "Scene") -> bytes:
    """The most similar cells, numbered from the most similar."""
    return _draw(scene, extreme_cells(scene.homology, scene.top)[0], "similar")


@picture
def different_cells(scene: "Scene") -> bytes:
    """The most different cells, numbered from the most different."""
    return _draw(scene, extreme_cells(scene.homology, scene.top)[1], "different")


def _draw(scene: "Scene", cells: list[Cell], which: str) -> bytes:
    found = scene.homology
    title = _title(len(cells), scene.top, which, found)
    ends = [[tuple(side.centres[cell.row, cell.column]) for cell in cells] for side in sides(scene)]
    ties = [Tie(a, b, cell.dissimilarity) for a, b, cell in zip(*ends, cells, strict=True)]
    sheet = linked_sheet(scene, title, ties, found.values)
    return sheet.render()


def _title(shown: int, wanted: int, which: str, found: Homology) -> str:
    """How many cells there are, of how many, how far apart, and why not more."""
    of = len(found.values)
    whose = "" if found.source == "file" else f" ({HOW[found.source]} landmarks)"
    far = f", at least {apart(found):.4g} cells apart" if shown > 1 else ""
    if of > 1 and np.ptp(found.values) == 0:
        return f"All {of} cells differ by {found.values[0]:.2g}; {shown} of them{far}{whose}"
    if shown == 1:
        return f"The most {which} cell of {of} compared{whose}"
    side = "above" if which == "similar" else "below"
    fewer = f", none {side} the median" if shown < min(wanted, of) else ""
    return f"The {shown} most {which} of {of} cells{far}{fewer}{whose}"
