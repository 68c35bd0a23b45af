"""The cells that are linked are the most extreme ones that keep apart, at their places, coloured as on the map."""

import re
from dataclasses import replace
from statistics import median

import numpy as np
import pytest
from matplotlib.patches import ConnectionPatch
from matplotlib.text import Text

from dinosar.render.cell_links import APART, _title, different_cells, extreme_cells, similar_cells
from dinosar.render.overlays import WIDTH
from dinosar.render.sheet import Sheet, Style


def by_hand(found, count, sign):
    """Walks down the ranking of the more extreme half and takes what is far enough from all that was taken."""
    cells = [tuple(cell) for cell in np.argwhere(found.counted).tolist()]
    middle = median(found.dissimilarity[cell] for cell in cells)
    cells = [cell for cell in cells if sign * found.dissimilarity[cell] <= sign * middle]
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


def test_no_cell_of_the_other_half_is_called_similar_or_different(by_cells):
    """One place holds all that is different, so that what is apart from it lies in the other half."""
    found = by_cells.homology
    row, column = np.nonzero(found.counted)
    values = np.full(found.shape, np.nan)
    values[row, column] = 0.001 * np.arange(len(row)) + (np.hypot(row - row[40], column - column[40]) < 1)
    similar, different = extreme_cells(replace(found, dissimilarity=values), 12)
    middle = np.median(values[row, column])
    assert max(cell.dissimilarity for cell in similar) <= middle <= min(cell.dissimilarity for cell in different)
    assert different[0].dissimilarity > 1 > different[1].dissimilarity


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


def transferred(comparison):
    return replace(comparison, homology=replace(comparison.homology, source="transferred"))


def test_titles_say_how_many_of_how_many_how_far_apart_and_why_not_more(by_cells, by_proposal, stage, sheets):
    of = len(by_cells.homology.values)
    similar_cells(stage(by_cells, top=3))
    different_cells(stage(by_cells, top=200))
    similar_cells(stage(by_cells, top=200))
    different_cells(stage(alone(by_cells)))
    similar_cells(stage(by_proposal, top=2))
    different_cells(stage(transferred(by_cells), top=2))
    near, far = (len(cells) for cells in extreme_cells(by_cells.homology, 200))
    apart = f"at least {APART * max(by_cells.homology.shape):.4g} cells apart"
    assert [title_of(sheet) for sheet in sheets] == [
        f"The 3 most similar of {of} cells, {apart}",
        f"The {far} most different of {of} cells, {apart}, none below the median",
        f"The {near} most similar of {of} cells, {apart}, none above the median",
        "The most different cell of 1 compared",
        f"The 2 most similar of {of} cells, {apart} (proposed landmarks)",
        f"The 2 most different of {of} cells, {apart} (carried landmarks)",
    ]


@pytest.mark.parametrize("count", [2, 12, 200])
def test_the_distance_that_a_title_names_is_kept(count, by_cells, stage, sheets):
    different_cells(stage(by_cells, top=count))
    named = float(re.search(r"at least ([0-9.]+) cells apart", title_of(sheets[0])).group(1))
    places = np.array([(cell.row, cell.column) for cell in extreme_cells(by_cells.homology, count)[1]])
    gaps = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    assert gaps[np.triu_indices(len(places), 1)].min() >= named


@pytest.mark.parametrize("draw", [similar_cells, different_cells])
def test_where_all_cells_are_the_same_none_is_called_more_different(draw, by_cells, stage, sheets):
    flat = replace(by_cells.homology, dissimilarity=np.where(by_cells.homology.counted, 0.0, np.nan))
    draw(stage(replace(by_cells, homology=flat), top=3))
    assert title_of(sheets[0]).startswith(f"All {len(flat.values)} cells differ by 0; 3 of them, at least ")
    assert sheets[0].figure.axes[2].get_ylabel().endswith("; all 0")


def test_the_longest_title_fits_on_the_sheet(by_proposal):
    found = by_proposal.homology
    counted = np.zeros((103, 226), bool)
    counted[:, :125] = True
    many = replace(found, counted=counted, dissimilarity=np.where(counted, np.arange(226), np.nan))
    title = _title(99, 100, "different", replace(many, source="transferred"))
    figure = Sheet(title, Style(), (WIDTH, 4.0)).figure
    assert title.endswith("none below the median (carried landmarks)")
    assert figure.texts[0].get_text() == title
    assert figure.texts[0].get_window_extent(figure.canvas.get_renderer()).x1 <= figure.bbox.width
