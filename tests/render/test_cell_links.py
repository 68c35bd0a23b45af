"""The cells that are linked are the most extreme ones that keep apart, at their places, coloured as on the map."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.patches import ConnectionPatch
from matplotlib.text import Text

from dinosar.render.cell_links import APART, different_cells, extreme_cells, similar_cells


def by_hand(found, count, sign):
    """Walks down the ranking of all cells and takes what is far enough from all that was taken."""
    cells = [tuple(cell) for cell in np.argwhere(found.counted).tolist()]
    taken = []
    for cell in sorted(cells, key=lambda cell: sign * found.dissimilarity[cell]):
        far = APART * max(found.shape)
        if len(taken) < count and all(np.linalg.norm(np.subtract(cell, other)) >= far for other in taken):
            taken.append(cell)
    return [(*cell, found.dissimilarity[cell]) for cell in taken]


@pytest.mark.parametrize("count", [1, 4, 12, 200])
def test_the_extreme_cells_are_those_of_the_ranking_that_keep_apart(count, by_cells):
    for cells, sign in zip(extreme_cells(by_cells.homology, count), (1, -1), strict=True):
        told = [(cell.row, cell.column, cell.dissimilarity) for cell in cells]
        assert told == by_hand(by_cells.homology, count, sign)
        assert 1 <= len(told) <= count


def alone(comparison):
    """A comparison in which one cell counts."""
    found = comparison.homology
    counted = np.zeros(found.shape, bool)
    counted[tuple(np.argwhere(found.counted)[5])] = True
    alone = replace(found, counted=counted, dissimilarity=np.where(counted, found.dissimilarity, np.nan))
    return replace(comparison, homology=alone)


def test_one_cell_is_both_the_most_similar_and_the_most_different(by_cells):
    similar, different = extreme_cells(alone(by_cells).homology, 12)
    assert similar == different
    assert len(similar) == 1


def test_equal_cells_are_taken_in_the_order_of_the_grid(by_cells):
    found = by_cells.homology
    flat = replace(found, dissimilarity=np.where(found.counted, 0.0, np.nan))
    for cells in extreme_cells(flat, 4):
        places = [(cell.row, cell.column) for cell in cells]
        assert places == sorted(places)
        assert {cell.dissimilarity for cell in cells} == {0.0}


@pytest.mark.parametrize(("draw", "which"), [(similar_cells, 0), (different_cells, 1)])
def test_lines_and_numbers_join_the_same_cell_on_both_specimens(draw, which, by_cells, stage, sheets):
    draw(stage(by_cells, top=5))
    found, figure = by_cells.homology, sheets[0].figure
    cells = extreme_cells(found, 5)[which]
    ends = [[tuple(side.centres[cell.row, cell.column]) for cell in cells] for side in (found.a, found.b)]
    lines = figure.findobj(ConnectionPatch)
    assert [(tuple(line.xy1), tuple(line.xy2)) for line in lines] == list(zip(*ends, strict=True))
    for panel, places in zip(sheets[0].panels, ends, strict=True):
        words = [
            each for each in figure.get_children() if type(each) is Text and each.get_transform() is panel.transData
        ]
        assert [text.get_text() for text in words] == [str(i) for i in range(1, len(cells) + 1)]
        assert [text.get_position() for text in words] == places


@pytest.mark.parametrize("draw", [similar_cells, different_cells])
def test_colours_mean_what_they_mean_on_the_map(draw, by_cells, stage, sheets):
    draw(stage(by_cells, top=5))
    assert sheets[0].figure.axes[2].get_ylim() == pytest.approx((0, np.percentile(by_cells.homology.values, 99)))


def title_of(sheet):
    return sheet.figure.texts[0].get_text()


def test_titles_say_how_many_of_how_many_and_why_not_more(by_cells, by_proposal, stage, sheets):
    of = len(by_cells.homology.values)
    similar_cells(stage(by_cells, top=3))
    different_cells(stage(by_cells, top=200))
    different_cells(stage(alone(by_cells)))
    similar_cells(stage(by_proposal, top=2))
    far = len(extreme_cells(by_cells.homology, 200)[1])
    apart = f"{APART * max(by_cells.homology.shape):.2g} cells apart"
    assert [title_of(sheet) for sheet in sheets] == [
        f"The 3 most similar cells of {of} compared",
        f"The {far} most different cells of {of} compared, {apart}",
        "The most different cell of 1 compared",
        f"The 2 most similar cells of {of} compared (6 landmarks proposed by the features)",
    ]
