"""Distances from a mask, against SciPy and against every pixel."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import distance_transform_edt

from dinosar.transfer.ground import off_mask

BLOCK = np.zeros((8, 10), bool)
BLOCK[2:5, 3:7] = True


@pytest.mark.parametrize(
    ("point", "distance"),
    [((4.5, 3.5), 0), ((3, 2), 0), ((7, 5), 0), ((9, 3), 2), ((4, 0.5), 1.5), ((10, 9), 5), ((-1, 3), 4)],
)
def test_it_is_measured_from_the_edges_of_pixels(point, distance):
    assert off_mask(BLOCK, np.array([point], float))[0] == pytest.approx(distance)


@given(st.integers(0, 10_000))
def test_it_is_the_nearest_of_all_pixels(seed):
    rng = np.random.default_rng(seed)
    mask = rng.random((9, 12)) < 0.2
    mask[4, 5] = True
    points = rng.uniform(-5, 17, (6, 2))
    low = np.argwhere(mask)[:, ::-1].astype(float)
    nearest = np.clip(points[:, None], low, low + 1)
    brute = np.linalg.norm(points[:, None] - nearest, axis=2).min(axis=1)
    np.testing.assert_allclose(off_mask(mask, points), brute, atol=1e-12)


def test_from_centre_to_centre_it_is_scipys_to_half_a_pixel_diagonal():
    mask = np.random.default_rng(1).random((30, 40)) < 0.01
    y, x = np.mgrid[:30, :40]
    ours = off_mask(mask, np.stack([x.ravel(), y.ravel()], axis=1) + 0.5).reshape(30, 40)
    theirs = distance_transform_edt(~mask)
    assert (ours <= theirs).all()
    assert (ours >= theirs - np.sqrt(0.5) - 1e-9).all()
    assert ((ours == 0) == (theirs == 0)).all()


def test_no_points_have_no_distance():
    assert off_mask(BLOCK, np.empty((0, 2))).shape == (0,)
