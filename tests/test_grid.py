"""Where a patch lies: patch, network pixel and original pixel, and back."""

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from dinosar.errors import UsageError
from dinosar.features import network_image
from dinosar.grid import Grid, box_around, fit_grid, share_per_patch

QUICK = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
FITS = ["letterbox", "stretch", "native"]


@st.composite
def grids(draw, longest=900, patches=(1, 4, 7, 8, 14, 16, 32), fits=tuple(FITS)):
    """Any way to show a photo, or a crop of it, to a network."""
    photo = draw(st.tuples(st.integers(1, longest), st.integers(1, longest)))
    crop = None
    if draw(st.booleans()):
        left, top = (draw(st.integers(0, side - 1)) for side in photo)
        crop = left, top, draw(st.integers(1, photo[0] - left)), draw(st.integers(1, photo[1] - top))
    patch, fit = draw(st.sampled_from(patches)), draw(st.sampled_from(fits))
    return fit_grid(photo, patch, fit=fit, size=draw(st.integers(patch, 640)), crop=crop)


def inside_content(grid, points):
    left, top, width, height = grid.content
    return (points >= (left, top)).all(axis=1) & (points <= (left + width, top + height)).all(axis=1)


def inside_crop(grid, points, slack=1e-9):
    left, top, width, height = grid.crop
    low, high = np.array([left, top]) - slack, np.array([left + width, top + height]) + slack
    return (points >= low).all(axis=1) & (points <= high).all(axis=1)


@QUICK
@given(grids(), st.lists(st.tuples(st.floats(-2000, 2000), st.floats(-2000, 2000)), min_size=1, max_size=20))
def test_network_and_photo_map_to_each_other_exactly(grid, points):
    points = np.array(points)
    assert np.allclose(grid.to_network(grid.to_photo(points)), points, rtol=0, atol=1e-9)
    scale = max(1.0, *grid.scale)
    assert np.allclose(grid.to_photo(grid.to_network(points)), points, rtol=0, atol=1e-9 * scale)


@QUICK
@given(grids())
def test_every_patch_is_under_its_own_centre_row_by_row(grid):
    centres = grid.centres()
    assert centres.shape == (grid.rows * grid.columns, 2)
    assert np.array_equal(grid.patch_at(centres), np.arange(len(centres)))
    assert np.array_equal(grid.patch_at(grid.to_network(grid.centres_in_photo())), np.arange(len(centres)))


@QUICK
@given(grids(), st.integers(0, 2**32 - 1))
def test_any_point_of_the_photo_lies_within_half_a_patch_of_its_patch_centre(grid, seed):
    left, top, width, height = grid.crop
    points = np.random.default_rng(seed).random((50, 2)) * (width, height) + (left, top)
    index = grid.patch_at(grid.to_network(points))
    assert (index >= 0).all()
    away = np.abs(grid.centres_in_photo()[index] - points) * grid.scale
    assert (away <= grid.patch / 2 + 1e-6).all()


@QUICK
@given(grids())
def test_content_is_the_crop_and_padding_is_not(grid):
    centres = grid.centres()
    assert np.array_equal(inside_crop(grid, grid.to_photo(centres)), inside_content(grid, centres))
    left, top, width, height = grid.crop
    corners = np.array([[left, top], [left + width, top + height]], dtype=float)
    x, y, across, down = grid.content
    assert np.allclose(grid.to_network(corners), [[x, y], [x + across, y + down]], atol=1e-9)


@QUICK
@given(grids())
def test_padding_is_less_than_a_patch_and_even_on_both_sides(grid):
    before, after = np.array(grid.content[:2]), np.subtract(grid.network, np.add(grid.content[:2], grid.content[2:]))
    assert (before >= 0).all()
    assert (after - before <= 1).all()
    assert (after >= before).all()
    assert (before + after < grid.patch).all()


@QUICK
@given(grids(fits=("letterbox",)))
def test_letterbox_keeps_the_aspect_to_a_pixel_and_fills_the_size(grid):
    long_side = max(grid.content[2:])
    assert long_side == max(grid.network) // grid.patch * grid.patch == max(grid.network)
    wanted = np.array(grid.crop[2:]) * long_side / max(grid.crop[2:])
    assert (np.abs(np.maximum(wanted, 1) - grid.content[2:]) <= 0.5 + 1e-9).all()


def test_the_three_fits_of_a_rectangular_photo():
    photo = (300, 100)
    assert fit_grid(photo, 16, fit="letterbox", size=100).network == (96, 32)
    assert fit_grid(photo, 16, fit="stretch", size=100).network == (96, 96)
    assert fit_grid(photo, 16, fit="native", size=100).network == (304, 112)
    grid = fit_grid(photo, 16, fit="native", crop=(10, 20, 33, 17))
    assert (grid.rows, grid.columns, grid.content, grid.scale) == (2, 3, (7, 7, 33, 17), (1.0, 1.0))


def ramp(photo, axis):
    """A picture whose brightness is its own coordinate."""
    values = np.arange(photo[axis], dtype=np.uint8)
    plane = np.broadcast_to(values if axis == 0 else values[:, None], (photo[1], photo[0]))
    return np.repeat(plane[..., None], 3, axis=2)


def read_at(image, points):
    """The mean of the pixels that touch each point."""
    low, high = np.ceil(points - 1 + 1e-9).astype(int), np.floor(points - 1e-9).astype(int)
    low = np.maximum(low, 0)
    corners = [image[y, x].astype(float) for x, y in ((low[:, 0], low[:, 1]), (high[:, 0], high[:, 1]))]
    return (corners[0] + corners[1]) / 2


@settings(deadline=None, max_examples=120)
@example(fit_grid((250, 50), 16, size=96))
@example(fit_grid((50, 250), 8, size=320, fit="stretch"))
@given(grids(longest=250, patches=(8, 14, 16)))
def test_the_image_shown_to_the_network_agrees_with_the_grid(grid):
    assume(min(grid.crop[2:]) > 4)
    centres = grid.centres()
    centres = centres[inside_content(grid, centres - 0.5) & inside_content(grid, centres + 0.5)]
    assume(len(centres))
    for axis in (0, 1):
        image = network_image(ramp(grid.photo, axis), grid)
        assert image.shape == (grid.network[1], grid.network[0], 3)
        seen = read_at(image[..., 0], centres) + 0.5
        told = grid.to_photo(centres)[:, axis]
        half_a_patch = grid.patch / 2 / grid.scale[axis]
        one_pixel = max(1.0, 1 / grid.scale[axis])
        assert (np.abs(seen - told) <= min(half_a_patch, one_pixel) + 0.75).all()  # brightness is rounded


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("crop", [None, (31, 8, 120, 77)])
def test_a_bright_spot_lands_in_the_patch_that_the_grid_says(fit, crop):
    grid = fit_grid((200, 120), 16, fit=fit, size=128, crop=crop)
    for x, y in ((40, 20), (100, 60), (140, 80)):
        pixels = np.zeros((120, 200, 3), np.uint8)
        pixels[y - 4 : y + 4, x - 4 : x + 4] = 255
        image = network_image(pixels, grid)[..., 0].astype(float)
        down, across = np.mgrid[: image.shape[0], : image.shape[1]] + 0.5
        middle = np.array([[(across * image).sum(), (down * image).sum()]]) / image.sum()
        assert np.abs(grid.to_photo(middle) - (x, y)).max() < 0.5
        assert grid.patch_at(grid.to_network(np.array([[x, y]]))) == grid.patch_at(middle)


def overlap(edges, count, patch):
    """How much of each patch (count) each pixel (edges - 1) covers along one axis, in network pixels."""
    low, high = np.arange(count)[:, None] * patch, (np.arange(count)[:, None] + 1) * patch
    return np.clip(np.minimum(high, edges[None, 1:]) - np.maximum(low, edges[None, :-1]), 0, None)


def share_by_hand(mask, grid):
    left, top, width, height = grid.crop
    x = grid.to_network(np.stack([np.arange(left, left + width + 1)] * 2, axis=1))[:, 0]
    y = grid.to_network(np.stack([np.arange(top, top + height + 1)] * 2, axis=1))[:, 1]
    inside = mask[top : top + height, left : left + width].astype(float)
    across, down = overlap(x, grid.columns, grid.patch), overlap(y, grid.rows, grid.patch)
    return down @ inside @ across.T / grid.patch**2


@QUICK
@given(grids(longest=120), st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_the_share_of_a_patch_is_the_area_that_the_mask_covers(grid, density, seed):
    mask = np.random.default_rng(seed).random(grid.photo[::-1]) < density
    share = share_per_patch(mask, grid)
    assert share.shape == (grid.rows, grid.columns)
    assert share.min() >= 0
    assert share.max() <= 1
    assert np.allclose(share, share_by_hand(mask, grid), rtol=0, atol=1e-9)


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("crop", [None, (13, 5, 50, 41)])
def test_the_share_of_a_patch_agrees_with_counted_points(fit, crop):
    grid = fit_grid((90, 60), 16, fit=fit, size=72, crop=crop)
    y, x = np.mgrid[:60, :90]
    mask = (x - 45) ** 2 / 900 + (y - 30) ** 2 / 400 < 1
    fine = (np.arange(24 * grid.patch) + 0.5) / 24
    share = np.zeros((grid.rows, grid.columns))
    for index, centre in enumerate(grid.centres()):
        corner = centre - grid.patch / 2
        points = np.stack(np.meshgrid(fine[::4], fine[::4]), axis=-1).reshape(-1, 2) + corner
        there = grid.to_photo(points)
        ok = inside_crop(grid, there, slack=0)
        cell = np.minimum(np.floor(there[ok]).astype(int), (89, 59))
        share.flat[index] = mask[cell[:, 1], cell[:, 0]].sum() / len(points)
    assert np.abs(share_per_patch(mask, grid) - share).max() < 0.02


@QUICK
@given(grids(longest=200))
def test_a_full_mask_covers_the_content_and_nothing_else(grid):
    share = share_per_patch(np.ones(grid.photo[::-1], bool), grid)
    assert share.sum() * grid.patch**2 == pytest.approx(grid.content[2] * grid.content[3])
    outside = np.ones(grid.photo[::-1], bool)
    left, top, width, height = grid.crop
    outside[top : top + height, left : left + width] = False
    assert not share_per_patch(outside, grid).any()


@QUICK
@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 6), st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_the_box_holds_the_mask_and_its_margin_within_the_photo(width, height, points, margin, seed):
    random = np.random.default_rng(seed)
    y, x = random.integers(0, height, points), random.integers(0, width, points)
    mask = np.zeros((height, width), bool)
    mask[y, x] = True
    pad = round(margin * max(np.ptp(y) + 1, np.ptp(x) + 1))
    left, top = max(0, x.min() - pad), max(0, y.min() - pad)
    right, bottom = min(width, x.max() + 1 + pad), min(height, y.max() + 1 + pad)
    box = box_around(mask, margin)
    assert box == (left, top, right - left, bottom - top)
    assert all(type(number) is int for number in box)


def test_an_empty_mask_has_no_box():
    with pytest.raises(ValueError, match="empty mask"):
        box_around(np.zeros((5, 5), bool), 0.1)


def test_points_outside_the_image_have_no_patch():
    grid = fit_grid((64, 32), 16, size=64)
    points = np.array([[-0.01, 5], [5, -0.01], [64, 5], [5, 32], [1e6, 1e6], [-1e6, 0], [63.99, 31.99]])
    assert grid.patch_at(points).tolist() == [-1, -1, -1, -1, -1, -1, 7]


@pytest.mark.parametrize(
    "change",
    [
        {"patch": 0},
        {"patch": 5},
        {"network": (0, 16)},
        {"network": (16, 24)},
        {"crop": (0, 0, 0, 9)},
        {"crop": (0, 0, 9, -1)},
        {"content": (0, 0, 16, 0)},
    ],
)
def test_a_grid_that_cannot_be_is_refused(change):
    right = {"photo": (9, 9), "crop": (0, 0, 9, 9), "network": (16, 16), "content": (0, 0, 16, 16), "patch": 16}
    Grid(**right)
    with pytest.raises(ValueError, match="px|pixel"):
        Grid(**{**right, **change})


def test_a_size_below_one_patch_is_refused_with_the_least_that_would_do():
    with pytest.raises(UsageError, match=r"image\.size: 15 px .* at least 16"):
        fit_grid((100, 100), 16, size=15)


def test_an_unknown_fit_is_refused_with_those_there_are():
    with pytest.raises(UsageError, match=r"image\.fit: 'squash' is none of letterbox, stretch, native"):
        fit_grid((100, 100), 16, fit="squash")


def test_a_grid_as_plain_data_says_how_many_patches():
    plain = fit_grid((100, 50), 16, size=64).as_dict()
    assert plain == {
        "photo": [100, 50],
        "crop": [0, 0, 100, 50],
        "network": [64, 32],
        "content": [0, 0, 64, 32],
        "patch": 16,
        "rows": 2,
        "columns": 4,
    }
