"""The grid lies on both specimens as it was warped, and each cell that counts has the colour of its value."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.collections import LineCollection, QuadMesh

from dinosar.render.cells import edges, homology_dissimilarity, homology_grid, quads


def sides_of(comparison):
    return comparison.homology.a, comparison.homology.b


def as_set(lines):
    return {tuple(sorted(map(tuple, np.round(line, 9).tolist()))) for line in lines}


def test_every_side_of_a_cell_is_one_line_plain_if_a_cell_beside_it_counts(by_cells):
    found = by_cells.homology
    plain, faint = edges(found.lattice, found.counted)
    expected = set()
    for row, column in np.argwhere(found.counted):
        ring = [found.lattice[row + i, column + j] for i, j in ((0, 0), (0, 1), (1, 1), (1, 0), (0, 0))]
        expected |= as_set(np.stack([ring[i], ring[i + 1]]) for i in range(4))
    rows, columns = found.shape
    assert as_set(plain) == expected
    assert not as_set(plain) & as_set(faint)
    assert len(plain) + len(faint) == rows * (columns + 1) + columns * (rows + 1)


def test_the_corners_of_a_cell_go_around_it(by_cells):
    side, counted = by_cells.homology.a, by_cells.homology.counted
    rings = quads(side.corners, counted)
    for ring, (row, column) in zip(rings, np.argwhere(counted), strict=True):
        assert np.array_equal(ring[0], side.corners[row, column])
        assert np.array_equal(ring[1], side.corners[row, column + 1])
        assert np.array_equal(ring[2], side.corners[row + 1, column + 1])
        assert np.array_equal(ring[3], side.corners[row + 1, column])


def test_cells_are_painted_where_they_lie_in_the_colour_of_their_value(by_cells, stage, sheets):
    homology_dissimilarity(stage(by_cells))
    values = by_cells.homology.dissimilarity
    for panel, side in zip(sheets[0].panels, sides_of(by_cells), strict=True):
        (mesh,) = panel.findobj(QuadMesh)
        assert np.array_equal(mesh.get_coordinates(), side.corners)
        assert np.array_equal(np.ma.getmaskarray(mesh.get_array()), ~by_cells.homology.counted)
        assert np.array_equal(mesh.get_array().compressed(), values[by_cells.homology.counted])


def test_the_scale_of_cells_goes_from_zero_to_the_percentile_it_names(by_cells, stage, sheets):
    homology_dissimilarity(stage(by_cells))
    top = np.percentile(by_cells.homology.values, 99)
    for panel in sheets[0].panels:
        assert panel.findobj(QuadMesh)[0].get_clim() == pytest.approx((0, top))
    bar = sheets[0].figure.axes[2]
    assert bar.get_ylim() == pytest.approx((0, top))
    assert "99th percentile" in bar.get_ylabel()


def test_cells_that_are_all_the_same_are_painted_on_a_scale_that_is_not_empty(by_cells, stage, sheets):
    found = by_cells.homology
    same = replace(found, dissimilarity=np.where(found.counted, 0.0, np.nan))
    homology_dissimilarity(stage(replace(by_cells, homology=same)))
    low, high = sheets[0].panels[0].findobj(QuadMesh)[0].get_clim()
    assert low < high


def test_the_grid_shows_cells_that_count_plainly_and_others_faintly(by_cells, stage, sheets):
    homology_grid(stage(by_cells))
    for panel, side in zip(sheets[0].panels, sides_of(by_cells), strict=True):
        faint, halo, plain = panel.findobj(LineCollection)
        expected = edges(side.corners, by_cells.homology.counted)
        assert as_set(plain.get_segments()) == as_set(halo.get_segments()) == as_set(expected[0])
        assert as_set(faint.get_segments()) == as_set(expected[1])
        assert faint.get_linewidths()[0] < plain.get_linewidths()[0]


def dots_of(panel):
    return next(line for line in panel.lines if line.get_marker() == "o").get_xydata()


def test_landmarks_stand_at_their_places_with_their_names(by_cells, stage, sheets):
    homology_grid(stage(by_cells, dpi=150))
    for panel, side in zip(sheets[0].panels, sides_of(by_cells), strict=True):
        assert np.array_equal(dots_of(panel), side.landmarks)
        assert [text.get_text() for text in panel.texts] == list(by_cells.homology.names)
        assert [text.xy for text in panel.texts] == [tuple(place) for place in side.landmarks]


def test_a_landmark_outside_the_picture_is_said_to_be_there(by_cells, stage, sheets):
    side = by_cells.homology.a
    left, top, *_ = by_cells.a.features.grid.crop
    places = side.landmarks.copy()
    places[1] = left - 5, top + 9
    homology_grid(stage(replace(by_cells, homology=replace(by_cells.homology, a=replace(side, landmarks=places)))))
    written = [[text.get_text() for text in panel.texts] for panel in sheets[0].panels]
    assert len(dots_of(sheets[0].panels[0])) == len(places) - 1
    assert "outside the picture: eye" in written[0]
    assert "eye" not in written[0]
    assert not any("outside" in words for words in written[1])


def test_many_landmarks_with_long_names_are_numbered_in_a_key(by_cells, stage, sheets):
    long = tuple(f"the middle of seta {i}" for i in range(1, 7))
    homology_grid(stage(replace(by_cells, homology=replace(by_cells.homology, names=long))))
    written = [text.get_text() for text in sheets[0].figure.texts]
    assert [text.get_text() for text in sheets[0].panels[0].texts] == ["1", "2", "3", "4", "5", "6"]
    assert all(f"{i}  {name}" in written for i, name in enumerate(long, 1))


@pytest.mark.parametrize("wanted", [True, False])
def test_cells_are_numbered_where_that_is_asked_for(wanted, by_cells, stage, sheets):
    homology_grid(stage(by_cells, cell_numbers=wanted))
    for panel, side in zip(sheets[0].panels, sides_of(by_cells), strict=True):
        found = {text.get_text(): text.get_position() for text in panel.texts if "," in text.get_text()}
        cells = np.argwhere(by_cells.homology.counted)
        assert found == ({f"{r},{c}": tuple(side.centres[r, c]) for r, c in cells} if wanted else {})


@pytest.mark.parametrize("draw", [homology_grid, homology_dissimilarity])
def test_titles_say_how_many_landmarks_and_who_set_them(draw, by_cells, by_proposal, stage, sheets):
    draw(stage(by_cells))
    draw(stage(by_proposal))
    titles = [sheet.figure.texts[0].get_text() for sheet in sheets]
    assert ["6 landmarks" in title for title in titles] == [True, True]
    assert ["proposed by the features" in title for title in titles] == [False, True]


@pytest.mark.parametrize("draw", [homology_grid, homology_dissimilarity])
def test_neither_the_longest_title_nor_the_footer_meets_what_stands_beside_it(draw, by_proposal, stage, sheets):
    draw(stage(by_proposal, dpi=150))
    figure = sheets[0].figure
    renderer = figure.canvas.get_renderer()
    title, footer = (text.get_window_extent(renderer) for text in figure.texts[:2])
    assert not title.overlaps(figure.legends[0].get_window_extent(renderer))
    assert footer.y0 >= 0
    assert all(footer.y1 < panel.get_window_extent(renderer).y0 for panel in sheets[0].panels)


FORMS = {"wide": (900, 90), "tall": (90, 900)}


@pytest.mark.parametrize("draw", [homology_grid, homology_dissimilarity])
@pytest.mark.parametrize("size", FORMS.values(), ids=FORMS)
def test_long_specimens_are_drawn_undistorted(draw, size, compared, with_cells, stage, sheets):
    names = [f"landmark number {i}" for i in range(6)]
    draw(stage(with_cells(compared(size=size, crop=(0, 0, *size)), names, coverage=0)))
    for panel in sheets[0].panels:
        box = panel.get_window_extent()
        assert box.width / box.height == pytest.approx(size[0] / size[1], rel=0.02)
        assert max(box.width, box.height) / sheets[0].figure.dpi > 3
