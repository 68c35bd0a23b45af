"""A panel shows the photo in its own coordinates: patches, outline and scale bar lie where they are."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from dinosar.render.overlays import pca_map
from dinosar.render.panels import View, extent, heat, outline, round_length, scale_bar, show


@pytest.fixture
def axes():
    """An empty panel."""
    return Figure(figsize=(5, 4)).add_subplot()


def bar_of(axes):
    """Length of the scale bar in photo pixels, and what is written above it."""
    (start, end) = axes.lines[-1].get_xdata()
    return end - start, axes.texts[-1].get_text()


def test_the_panel_shows_what_the_backbone_saw_in_pixels_of_the_photo(comparison, axes):
    view = View(comparison.a, "A  toy")
    show(axes, view)
    left, top, width, height = comparison.a.features.grid.crop
    (image,) = axes.images
    assert image.get_extent() == [left, left + width, top + height, top]
    assert (axes.get_xlim(), axes.get_ylim()) == ((left, left + width), (top + height, top))
    assert np.array_equal(
        image.get_array()[..., :3], comparison.a.photo.pixels[top : top + height, left : left + width]
    )
    assert (image.get_array()[..., 3] == 255).all()
    assert axes.get_title(loc="left") == "A  toy"
    assert view.aspect == width / height


def test_a_large_photo_is_shrunk_for_drawing_but_keeps_its_coordinates(comparison, axes):
    view = View(comparison.a, "A", side=100)
    show(axes, view)
    left, top, width, height = view.box
    assert axes.images[0].get_array().shape == (round(height * 100 / width), 100, 4)
    assert axes.images[0].get_extent() == [left, left + width, top + height, top]


def test_a_ghost_fades_the_surroundings_and_leaves_the_specimen(comparison, axes):
    show(axes, View(comparison.a, "A"), ghost=True)
    left, top, width, height = comparison.a.features.grid.crop
    box = np.s_[top : top + height, left : left + width]
    drawn, photo, mask = axes.images[0].get_array()[..., :3], comparison.a.photo.pixels[box], comparison.a.mask[box]
    assert np.array_equal(drawn[mask], photo[mask])
    assert (drawn[~mask].astype(int) >= photo[~mask]).all()
    assert drawn[~mask].std() < 0.4 * photo[~mask].std() + 1


def test_the_lattice_covers_the_network_image_and_patches_lie_on_their_centres(comparison, axes):
    grid = comparison.a.features.grid
    values = np.arange(grid.rows * grid.columns, dtype=float).reshape(grid.rows, grid.columns)
    values[0, 0] = np.nan
    image = heat(axes, grid, values, {"cmap": "viridis", "vmin": 0, "vmax": 9})
    left, right, bottom, top = image.get_extent()
    assert (left, right, bottom, top) == extent(grid)
    width, height = (right - left) / grid.columns, (bottom - top) / grid.rows
    row, column = divmod(np.arange(values.size), grid.columns)
    centres = np.stack([left + (column + 0.5) * width, top + (row + 0.5) * height], axis=1)
    assert np.allclose(centres, grid.centres_in_photo())
    assert image.get_array().mask[0, 0]
    assert image.get_array().mask.sum() == 1
    assert image.get_clim() == (0, 9)


def test_the_outline_runs_along_the_edge_of_the_mask(comparison, axes):
    view = View(comparison.a, "A")
    outline(axes, view)
    (line,) = axes.lines
    mask, points = comparison.a.mask, line.get_xydata()
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    assert points.min(axis=0) == pytest.approx((columns[0], rows[0]), abs=1)
    assert points.max(axis=0) == pytest.approx((columns[-1] + 1, rows[-1] + 1), abs=1)
    assert np.array_equal(points[0], points[-1])
    x, y = points.T
    area = 0.5 * abs((x[:-1] * y[1:] - x[1:] * y[:-1]).sum())
    assert area == pytest.approx(mask.sum(), rel=0.02)


def test_a_mask_with_a_hole_has_two_outlines(comparison, axes):
    mask = comparison.a.mask.copy()
    mask[120:130, 170:190] = False
    outline(axes, View(replace(comparison.a, mask=mask), "A"))
    assert len(axes.lines) == 2


@pytest.mark.parametrize("scale", [0.013, 0.5, 3.0, 17.3, 212.0, 1999.0, 250_000.0])
def test_the_scale_bar_is_as_long_as_it_says(comparison, axes, scale):
    view = View(comparison.a, "A", px_per_mm=scale)
    show(axes, view)
    pixels, text = bar_of(axes)
    number, unit = text.split()
    millimetres = float(number) * {"mm": 1, "µm": 1e-3}[unit]
    assert pixels == pytest.approx(millimetres * scale, rel=1e-6)
    assert 0.08 * view.box[2] < pixels <= 0.2201 * view.box[2]
    assert number.strip("0.") in ("1", "2", "5")


def test_the_scale_bar_lies_within_the_panel(comparison, axes):
    view = View(comparison.a, "A", px_per_mm=20)
    scale_bar(axes, view)
    left, top, width, height = view.box
    for line in axes.lines:
        x, y = line.get_data()
        assert left < min(x) < max(x) < left + width
        assert top < min(y) == max(y) < top + height


def test_without_a_known_scale_there_is_no_bar(comparison, axes):
    show(axes, View(comparison.a, "A"))
    assert not axes.lines
    assert not axes.texts


@given(exponent=st.floats(-6, 7), exact=st.booleans())
@settings(max_examples=200, deadline=None, derandomize=True)
def test_a_round_length_is_the_largest_that_fits(exponent, exact):
    length = 10.0 ** (round(exponent) if exact else exponent)
    found = round_length(length)
    every = [step * 10.0**power for power in range(-8, 9) for step in (1, 2, 5)]
    assert found == pytest.approx(max(each for each in every if each <= length * (1 + 1e-9)), rel=1e-9)


@pytest.mark.parametrize("length", [0.22 * 170 / 3.74, 10.000000000000002])
def test_a_hair_below_a_round_length_is_that_length(length):
    assert round_length(length) == 10


@pytest.mark.parametrize("name", ["甲虫", "a\nb", "$x_1$ and $", "n" * 200, "🪲\t"])
def test_strange_names_are_shown_without_a_warning(stage, sheets, name):
    data = pca_map(stage(names=(name, name)))
    assert data.startswith(b"\x89PNG")
    titles = [panel.get_title(loc="left") for panel in sheets[0].panels]
    assert all(title.startswith(side) and "\n" not in title for title, side in zip(titles, "AB", strict=True))


def test_a_long_name_does_not_run_into_the_other_panel(stage, sheets):
    pca_map(stage(names=("n" * 200, "m" * 200)))
    figure = sheets[0].figure
    renderer = figure.canvas.get_renderer()
    boxes = [panel._left_title.get_window_extent(renderer) for panel in sheets[0].panels]
    assert not boxes[0].overlaps(boxes[1])
    assert boxes[1].x1 <= figure.bbox.width
