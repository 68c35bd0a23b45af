"""The mean shape is drawn to scale, with a line from each landmark to where it is on either specimen."""

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex

from dinosar.render.cells import quads
from dinosar.render.consensus import homology_consensus
from dinosar.render.histogram import A_COLOUR, B_COLOUR


def test_lines_run_from_the_mean_to_either_specimen_in_its_colour(by_cells, stage, sheets):
    homology_consensus(stage(by_cells))
    found, axes = by_cells.homology, sheets[0].panels[0]
    lines = {to_hex(each.get_colors()[0]): each.get_segments() for each in axes.findobj(LineCollection)}
    for colour, side in ((A_COLOUR, found.a), (B_COLOUR, found.b)):
        assert np.allclose(np.array(lines[colour])[:, 0], found.consensus)
        assert np.allclose(np.array(lines[colour])[:, 1], side.aligned)
    dots = [line.get_xydata() for line in axes.lines]
    for drawn, points in zip(dots, (found.a.aligned, found.b.aligned, found.consensus), strict=True):
        assert np.array_equal(drawn, points)


def test_axes_are_equal_with_y_down_and_hold_everything(by_cells, stage, sheets):
    homology_consensus(stage(by_cells))
    found, axes = by_cells.homology, sheets[0].panels[0]
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    box = axes.get_window_extent()
    assert bottom > top
    assert box.width / (right - left) == pytest.approx(box.height / (bottom - top))
    for points in (quads(found.lattice, found.counted).reshape(-1, 2), found.a.aligned, found.b.aligned):
        assert ((points > (left, top)) & (points < (right, bottom))).all()


def test_cells_that_do_not_count_make_the_picture_no_smaller(comparison, with_cells, stage, sheets):
    for pad in (1, 40):
        homology_consensus(stage(with_cells(comparison, ["a", "b", "c", "d", "e", "f"], pad=pad)))
    small, large = (np.array([*sheet.panels[0].get_xlim(), *sheet.panels[0].get_ylim()]) for sheet in sheets)
    spread = np.ptp(np.concatenate([sheets[0].panels[0].lines[2].get_xydata()]), axis=0)
    assert (abs(np.diff(large.reshape(2, 2))[:, 0]) < 2 * spread).all()
    assert abs(large - small).max() < 0.35 * spread.max()


def test_every_landmark_has_its_name_and_the_legend_those_of_the_specimens(by_cells, stage, sheets):
    homology_consensus(stage(by_cells, names=("alba", "fusca"), dpi=150))
    axes = sheets[0].panels[0]
    assert [text.get_text() for text in axes.texts] == list(by_cells.homology.names)
    assert [tuple(text.xy) for text in axes.texts] == [tuple(place) for place in by_cells.homology.consensus]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["A  alba", "B  fusca", "mean"]


def test_names_cover_no_landmark_of_either_specimen(by_cells, stage, sheets):
    homology_consensus(stage(by_cells, dpi=150))
    figure, axes, found = sheets[0].figure, sheets[0].panels[0], by_cells.homology
    boxes = [text.get_window_extent(figure.canvas.get_renderer()) for text in axes.texts]
    for points in (found.consensus, found.a.aligned, found.b.aligned):
        for x, y in axes.transData.transform(points):
            assert not any(box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1 for box in boxes)


@pytest.mark.parametrize("count", [3, 60])
def test_few_and_many_landmarks_are_drawn_on_a_sheet_one_can_read(count, comparison, with_cells, stage, sheets):
    names = [f"the tip of the long seta number {i}" for i in range(count)]
    homology_consensus(stage(with_cells(comparison, names)))
    figure = sheets[0].figure
    renderer = figure.canvas.get_renderer()
    assert sheets[0].height < 14
    for text in figure.texts:
        box = text.get_window_extent(renderer)
        assert box.x1 <= figure.bbox.width
        assert box.y0 >= 0
    panel = sheets[0].panels[0].get_tightbbox(renderer)
    assert not any(text.get_window_extent(renderer).overlaps(panel) for text in figure.texts)
