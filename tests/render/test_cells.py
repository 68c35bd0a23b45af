"""The grid lies on both specimens as it was warped, and each cell that counts has the colour of its value."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.collections import LineCollection, QuadMesh

from dinosar.notices import collected
from dinosar.render import cells
from dinosar.render.cell_numbers import LEFT_OUT
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


def large_cells(comparison, with_cells):
    """Cells that are large enough for their numbers."""
    return with_cells(comparison, ["tip", "eye", "wing base", "wing apex", "knee", "tail"], cell=40)


def numbers_of(panel):
    return {text.get_text(): text for text in panel.texts if "," in text.get_text()}


def test_cells_are_numbered_at_their_centres_where_that_is_asked_for(comparison, with_cells, stage, sheets):
    large = large_cells(comparison, with_cells)
    homology_grid(stage(large, cell_numbers=True))
    homology_grid(stage(large, cell_numbers=False))
    those = [tuple(cell) for cell in np.argwhere(large.homology.counted)]
    for panel, side in zip(sheets[0].panels, sides_of(large), strict=True):
        places = {f"{r},{c}": tuple(side.centres[r, c]) for r, c in those}
        drawn = {words: text.get_position() for words, text in numbers_of(panel).items()}
        assert len(drawn) > len(those) / 2
        assert drawn.items() <= places.items()
        assert all(text.get_fontsize() >= 4.5 for text in numbers_of(panel).values())
    assert not any(numbers_of(panel) for panel in sheets[1].panels)


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_a_cell_has_no_number_if_and_only_if_a_name_or_a_landmark_stands_there(
    kind, comparison, with_cells, stage, sheets
):
    large = large_cells(comparison, with_cells)
    homology_grid(stage(large, cell_numbers=True, dpi=150, format=kind))
    renderer, unit = sheets[0].figure.canvas.get_renderer(), sheets[0].figure.dpi / 72
    for panel, side in zip(sheets[0].panels, sides_of(large), strict=True):
        numbers = numbers_of(panel)
        names = [text.get_window_extent(renderer) for text in panel.texts if text not in numbers.values()]
        dots = panel.transData.transform(side.landmarks)
        drawn = {words: text.get_window_extent(renderer) for words, text in numbers.items()}
        for words, box in drawn.items():
            assert not any(box.overlaps(name) for name in names), words
            assert not any(box.contains(*dot) for dot in dots), words
        for r, c in np.argwhere(large.homology.counted):
            if f"{r},{c}" not in numbers:
                near = panel.transData.transform(side.centres[r, c])
                gaps = [np.hypot(*np.clip([n.x0 - near[0], n.y0 - near[1]], 0, None)) for n in names]
                gaps += [np.hypot(*(dot - near)) for dot in dots]
                assert min(gaps) < 14 * unit


def test_numbers_that_one_could_not_read_are_left_out_and_that_is_said(comparison, with_cells, stage, sheets):
    small = with_cells(comparison, [f"the middle of seta {i}" for i in range(6)], cell=8)
    with collected() as warnings:
        homology_grid(stage(small, cell_numbers=True, dpi=150))
    figure = sheets[0].figure
    assert not any(numbers_of(panel) for panel in sheets[0].panels)
    assert warnings == [f"homology_grid: {LEFT_OUT}"]
    renderer = figure.canvas.get_renderer()
    (said,) = (text.get_window_extent(renderer) for text in figure.texts if text.get_text() == LEFT_OUT)
    others = [text for text in figure.texts if text.get_text() not in ("", LEFT_OUT)]
    assert not any(said.overlaps(other.get_window_extent(renderer)) for other in others)
    assert not any(said.overlaps(panel.get_window_extent(renderer)) for panel in sheets[0].panels)


def test_numbers_that_nobody_asked_for_are_not_missed(comparison, with_cells, stage, sheets):
    with collected() as warnings:
        homology_grid(stage(with_cells(comparison, ["a", "b", "c", "d"], cell=8)))
    assert warnings == []
    assert LEFT_OUT not in [text.get_text() for text in sheets[0].figure.texts]


@pytest.mark.parametrize("draw", [homology_grid, homology_dissimilarity])
@pytest.mark.parametrize("many", [True, False])
def test_more_cells_than_one_can_count_are_drawn_as_pixels(draw, many, by_cells, stage, sheets, monkeypatch):
    count = by_cells.homology.counted.size
    monkeypatch.setattr(cells, "MANY_CELLS", count - 1 if many else count)
    data = draw(stage(by_cells, format="svg"))
    for panel in sheets[0].panels:
        grid = list(panel.collections)
        assert len(grid) >= 2
        assert all(bool(each.get_rasterized()) == many for each in grid)
    few = 4 * by_cells.homology.counted.sum()
    assert (data.count(b"<path") + data.count(b"<use") < few) == many


def test_cells_outside_the_photo_make_the_picture_no_smaller(comparison, with_cells, stage, sheets):
    for pad in (1, 40):
        homology_grid(stage(with_cells(comparison, ["a", "b", "c", "d", "e", "f"], pad=pad)))
    for before, after in zip(sheets[0].panels, sheets[1].panels, strict=True):
        assert (after.get_xlim(), after.get_ylim()) == (before.get_xlim(), before.get_ylim())
        assert after.get_window_extent().size == pytest.approx(before.get_window_extent().size)


@pytest.mark.parametrize("draw", [homology_grid, homology_dissimilarity])
def test_titles_say_how_many_landmarks_and_who_set_them(draw, by_cells, by_proposal, stage, sheets):
    draw(stage(by_cells))
    draw(stage(by_proposal))
    draw(stage(replace(by_cells, homology=replace(by_cells.homology, source="transferred"))))
    titles = [sheet.figure.texts[0].get_text() for sheet in sheets]
    assert ["6 landmarks" in title for title in titles] == [True, True, True]
    assert ["proposed by the features" in title for title in titles] == [False, True, False]
    assert ["carried by the features" in title for title in titles] == [False, False, True]


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
