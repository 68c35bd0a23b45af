"""Tokens at any place: against SciPy's interpolation and OpenCV's polygons."""

import cv2
import numpy as np
from drawn import drawn
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import map_coordinates

from dinosar.homology.lattice import Lattice
from dinosar.homology.tokens import at_points, inside_cells, owners
from dinosar.shape.spline import fit_spline

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
def test_a_patch_belongs_to_the_cell_that_holds_its_centre(seed):
    random = np.random.default_rng(seed)
    flat = Lattice(20, 20, 60, 50, 3, 4).corners
    frame = flat[[0, 0, -1, -1], [0, -1, 0, -1]]
    corners = fit_spline(frame, frame + random.normal(0, 12, frame.shape))(flat)
    points = random.uniform(0, 300, (80, 2))
    owner = owners(corners, points)
    for point, cell in zip(points, owner, strict=True):
        inside = []
        for row in range(3):
            for column in range(4):
                ring = corners[[row, row, row + 1, row + 1], [column, column + 1, column + 1, column]]
                where = cv2.pointPolygonTest(ring.astype(np.float32).reshape(-1, 1, 2), point.tolist(), True)
                if abs(where) < 1e-3:
                    break  # too near an edge for single precision
                inside += [row * 4 + column] if where > 0 else []
            else:
                continue
            break
        else:
            assert cell == (inside[0] if inside else -1)


def test_the_average_is_that_of_the_patches_that_count():
    specimen = drawn()
    corners = Lattice(32, 32, 32, 32, 4, 5).corners
    counted = np.zeros((15, 20), dtype=bool)
    counted[4:6, 4] = True
    said, there = inside_cells(specimen.features, corners, counted)
    assert np.flatnonzero(there).tolist() == [6]  # row 1, column 1 holds patches (4..5, 4..5)
    mean = specimen.features.tokens[4:6, 4].astype(float).sum(axis=0)
    np.testing.assert_allclose(said[6], mean / np.linalg.norm(mean), atol=1e-12)
