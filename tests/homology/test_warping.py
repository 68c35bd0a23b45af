"""Cells carried onto a specimen, and how much of each is specimen."""

import numpy as np
from drawn import BODY, drawn, turning

from dinosar.config import HomologyConfig
from dinosar.grid import fit_grid, share_per_patch
from dinosar.homology.lattice import Lattice, lattice_around
from dinosar.homology.warping import Frame, laid_over, turned_over, warp
from dinosar.shape.fits import moved


def test_the_frame_is_that_of_the_network_where_the_photo_keeps_its_proportions():
    grid = fit_grid((640, 480), 16, size=512, crop=(40, 30, 320, 240))
    points = np.random.default_rng(0).uniform(0, 400, (30, 2))
    np.testing.assert_allclose(Frame(grid).from_photo(points), grid.to_network(points), atol=1e-9)
    np.testing.assert_allclose(Frame(grid).to_photo(Frame(grid).from_photo(points)), points, atol=1e-9)


def test_the_frame_keeps_the_proportions_of_a_stretched_photo():
    grid = fit_grid((640, 160), 16, size=512, fit="stretch")
    square = np.array([[10.0, 10], [20, 10], [20, 20]])
    sides = np.diff(Frame(grid).from_photo(square), axis=0)
    np.testing.assert_allclose(np.hypot(*sides.T), np.sqrt(512 / 640 * 512 / 160) * 10)


def test_coverage_of_cells_that_are_patches_is_the_share_of_those_patches():
    specimen = drawn()
    lattice = Lattice(0, 0, 16, 16, *specimen.features.tokens.shape[:2])
    side = laid_over(specimen, lattice, warp(specimen, BODY, BODY, 0), (BODY, BODY), specimen.mask)
    exact = share_per_patch(specimen.mask, specimen.features.grid)
    np.testing.assert_allclose(side.coverage, exact, atol=0.0625)  # half a step of the eight on a side
    assert abs((side.coverage - exact).mean()) < 2e-3
    np.testing.assert_allclose(side.centres.reshape(-1, 2), specimen.features.grid.centres_in_photo(), atol=1e-6)


def test_the_grid_moves_with_the_landmarks():
    movement = turning(25, 0.8, (12, -7))
    specimen = drawn(movement)
    lattice = lattice_around(BODY, HomologyConfig(), 16)
    side = laid_over(specimen, lattice, warp(specimen, BODY, moved(movement, BODY), 0), (BODY, BODY), specimen.mask)
    np.testing.assert_allclose(side.corners, moved(movement, lattice.corners), atol=1e-6)
    assert not side.folded.any()


def test_a_cell_turned_over_is_known():
    corners = Lattice(0, 0, 10, 10, 2, 3).corners.copy()
    assert not turned_over(corners).any()
    assert turned_over(corners[:, ::-1]).all()  # mirrored
    corners[1, 1] = corners[1, 3]  # pulled over its neighbour
    assert turned_over(corners)[0, 1]
    assert not turned_over(corners)[1, 2]
