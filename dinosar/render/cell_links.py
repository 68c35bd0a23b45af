"""Pictures that link the same cell on both specimens: the cells that are most alike, and those that differ most."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dinosar.homology.cells import Homology
from dinosar.render.cells import by_whom, sides
from dinosar.render.linked import Tie, linked_sheet
from dinosar.render.overlays import ceiling
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
    """The cells that are most alike and those that differ most, the most extreme first, spread over the grid."""
    values = homology.values
    return _spread(homology, np.argsort(values, kind="stable"), count), _spread(
        homology, np.argsort(-values, kind="stable"), count
    )


def apart(homology: Homology) -> float:
    """How many cells lie at least between two that are shown."""
    return APART * max(homology.shape)


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
    return _draw(scene, extreme_cells(scene.homology, scene.top)[0], "most similar")


@picture
def different_cells(scene: "Scene") -> bytes:
    """The most different cells, numbered from the most different."""
    return _draw(scene, extreme_cells(scene.homology, scene.top)[1], "most different")


def _draw(scene: "Scene", cells: list[Cell], which: str) -> bytes:
    found = scene.homology
    title = _title(len(cells), scene.top, which, found)
    ends = [[tuple(side.centres[cell.row, cell.column]) for cell in cells] for side in sides(scene)]
    ties = [Tie(a, b, cell.dissimilarity) for a, b, cell in zip(*ends, cells, strict=True)]
    sheet = linked_sheet(scene, title, ties, ceiling(found.values))
    return sheet.render()


def _title(shown: int, wanted: int, which: str, found: Homology) -> str:
    """How many cells there are, of how many, and why not more."""
    of = len(found.values)
    near = f", {apart(found):.2g} cells apart" if shown < min(wanted, of) else ""
    whose = f" ({by_whom(found)})" if found.source == "proposed" else ""
    cells = f"{which} cell" if shown == 1 else f"{shown} {which} cells"
    return f"The {cells} of {of} compared{near}{whose}"
