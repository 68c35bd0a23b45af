"""A mask of whole patches says to the pixel which patches were meant, however the photo was fitted."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dinosar.errors import PluginError
from dinosar.foreground import View, in_pixels, inside
from dinosar.grid import fit_grid, share_per_patch

often = settings(max_examples=150, deadline=None, derandomize=True)
sides = st.integers(20, 260)


@st.composite
def grids(draw):
    size = draw(sides), draw(sides)
    patch = draw(st.sampled_from([8, 14, 16]))
    crop = None
    if draw(st.booleans()):
        left, top = draw(st.integers(0, size[0] - 16)), draw(st.integers(0, size[1] - 16))
        crop = left, top, draw(st.integers(16, size[0] - left)), draw(st.integers(16, size[1] - top))
    fit = draw(st.sampled_from(["letterbox", "stretch", "native"]))
    return fit_grid(size, patch, fit=fit, size=draw(st.integers(32, 320)), crop=crop)


@given(grid=grids(), seed=st.integers(0, 10**6))
@often
def test_patches_become_pixels_and_the_same_patches_again(grid, seed):
    if grid.patch / max(grid.scale) < 4:
        return  # too few pixels to a patch
    patches = inside(grid) & (np.random.default_rng(seed).random((grid.rows, grid.columns)) < 0.5)
    mask = in_pixels(patches, grid)
    assert mask.shape == (grid.photo[1], grid.photo[0])
    assert np.array_equal(share_per_patch(mask, grid) > 0.5, patches)


@given(grid=grids())
@often
def test_inside_are_the_patches_that_a_full_mask_covers(grid):
    full = np.ones((grid.photo[1], grid.photo[0]), dtype=bool)
    share = share_per_patch(full, grid)
    near = np.abs(share - 0.5) < 1e-9
    assert np.array_equal(inside(grid)[~near], (share > 0.5)[~near])
    centres, (left, top, width, height) = grid.centres(), grid.content
    within = (centres >= (left, top)) & (centres <= (left + width, top + height))
    assert not (inside(grid).ravel() & ~within.all(axis=1)).any()


@given(grid=grids(), seed=st.integers(0, 10**6))
@often
def test_a_pixel_belongs_to_the_patch_under_its_centre(grid, seed):
    patches = np.random.default_rng(seed).random((grid.rows, grid.columns)) < 0.5
    y, x = np.mgrid[: grid.photo[1], : grid.photo[0]] + 0.5
    points = np.stack([x.ravel(), y.ravel()], axis=1)
    expected = patches.ravel()[grid.patch_at(grid.to_network(points))]
    left, top, width, height = grid.crop
    within = ((points > (left, top)) & (points < (left + width, top + height))).all(axis=1)
    cell = grid.to_network(points) / grid.patch
    sure = (np.abs(cell - np.round(cell)) > 1e-9).all(axis=1)  # a centre on the very edge of two patches
    assert np.array_equal(in_pixels(patches, grid).ravel()[sure], (expected & within)[sure])


def test_a_view_that_does_not_fit_together_is_refused():
    tokens = np.zeros((3, 4, 5))
    with pytest.raises(PluginError, match="View.counted"):
        View(tokens, np.ones((4, 3), bool))
    with pytest.raises(PluginError, match="View.focus"):
        View(tokens, np.ones((3, 4), bool), np.zeros((3, 5)))
    with pytest.raises(PluginError, match="View.lengths"):
        View(tokens, np.ones((3, 4), bool), None, np.zeros((3, 4), int))
