"""Tokens at any place: against SciPy's interpolation and plain loops."""

import numpy as np
from drawn import drawn
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import map_coordinates

from dinosar.homology.lattice import Lattice
from dinosar.homology.tokens import at_points, inside_cells
from dinosar.homology.warping import PER_SIDE, spread_within

FEATURES = drawn().features


def test_at_the_centre_of_a_patch_stands_its_token():
    said, there = at_points(FEATURES, FEATURES.grid.centres_in_photo())
    assert there.all()
    unit = FEATURES.flat / np.linalg.norm(FEATURES.flat.astype(float), axis=1, keepdims=True)
    np.testing.assert_allclose(said, unit, atol=1e-12)


def test_between_centres_it_is_interpolated_as_scipy_does():
    points = np.random.default_rng(1).uniform(0, 1, (200, 2)) * (320, 240)
    said, there = at_points(FEATURES, points)
    x, y = (points / 16 - 0.5).T
    expected = np.stack(
        [map_coordinates(FEATURES.tokens[..., k].astype(float), [y, x], order=1, mode="nearest") for k in range(5)], 1
    )
    np.testing.assert_allclose(said, expected / np.linalg.norm(expected, axis=1, keepdims=True), atol=1e-12)
    assert there.all()


def test_outside_the_image_there_is_none():
    _, there = at_points(FEATURES, np.array([[-0.1, 5], [5, -0.1], [320.1, 5], [5, 240.1], [0, 0], [320, 240]]))
    assert there.tolist() == [False, False, False, False, True, True]


@given(st.integers(0, 2**31))
def test_the_average_weighs_every_patch_by_how_much_of_the_cell_lies_on_it(seed):
    random = np.random.default_rng(seed)
    points, counted = random.uniform(-20, 340, (6, 30, 2)), random.random((6, 30)) < 0.7
    said, there = inside_cells(FEATURES, points, counted)
    for cell in range(6):
        total = np.zeros(5)
        for (x, y), kept in zip(points[cell], counted[cell], strict=True):
            if kept and 0 <= x < 320 and 0 <= y < 240:
                total += FEATURES.tokens[int(y // 16), int(x // 16)]
        np.testing.assert_allclose(said[cell], total / max(np.linalg.norm(total), 1e-12), atol=1e-12)
        assert there[cell] == bool(total.any())


def test_a_cell_smaller_than_a_patch_has_an_average_too():
    corners = Lattice(100, 100, 4, 4, 3, 3).corners
    said, there = inside_cells(FEATURES, spread_within(corners), np.ones((9, PER_SIDE**2), dtype=bool))
    assert there.all()
    np.testing.assert_allclose(said[0], said[4])  # one patch holds all nine


def test_very_many_cells_are_averaged_as_few_are(monkeypatch):
    points = np.random.default_rng(3).uniform(0, 240, (50, 8, 2))
    whole = inside_cells(FEATURES, points, np.ones((50, 8), dtype=bool))[0]
    monkeypatch.setattr("dinosar.homology.tokens.AT_ONCE", 7)
    np.testing.assert_array_equal(inside_cells(FEATURES, points, np.ones((50, 8), dtype=bool))[0], whole)


def test_points_within_a_cell_are_spread_evenly_between_its_corners():
    lattice = Lattice(20, 30, 16, 24, 2, 3)
    np.testing.assert_allclose(spread_within(lattice.corners), lattice.inside(PER_SIDE).reshape(6, -1, 2))
