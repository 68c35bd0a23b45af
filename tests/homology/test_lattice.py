"""The grid covers the landmarks with cells of the width that was asked for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dinosar.config import HomologyConfig
from dinosar.errors import InputError
from dinosar.homology.lattice import lattice_around, snapped

shapes = st.lists(st.tuples(st.floats(-300, 600), st.floats(-300, 600)), min_size=3, max_size=12).map(np.array)


def config(**given):
    return HomologyConfig(**{"pad": 0, **given})


@given(shapes, st.integers(4, 90), st.booleans(), st.integers(0, 3), st.sampled_from((8, 14, 16)))
def test_cells_cover_every_landmark_and_are_as_wide_as_asked(shape, cell, snap, pad, patch):
    lattice = lattice_around(shape, config(cell=cell, snap=snap, pad=pad), patch)
    wanted = snapped(cell, patch) if snap else cell
    assert not snap or abs(wanted - cell) <= max(patch / 2, patch - cell)
    assert (lattice.width, lattice.height) == (wanted, wanted)
    low, high = lattice.corners[0, 0], lattice.corners[-1, -1]
    assert (low <= shape.min(axis=0) + 1e-6).all()
    assert (high >= shape.max(axis=0) - 1e-6).all()
    slack = wanted if not snap else wanted + patch  # at most the cell that was begun, and what the lattice adds
    assert (high - low - np.ptp(shape, axis=0) <= slack + 2 * pad * wanted + 1e-6).all()


@given(shapes, st.integers(4, 90), st.sampled_from((8, 14, 16)))
def test_snapped_edges_lie_on_edges_of_patches(shape, cell, patch):
    corners = lattice_around(shape, config(cell=cell, snap=True), patch).corners
    np.testing.assert_allclose(corners / patch, np.round(corners / patch), atol=1e-9)


def test_no_padding_is_none():
    box = np.array([[10.0, 20], [74, 20], [74, 68], [10, 68]])
    lattice = lattice_around(box, config(cell=16), 16)
    assert (lattice.rows, lattice.columns) == (3, 4)
    np.testing.assert_allclose([lattice.corners[0, 0], lattice.corners[-1, -1]], [[10, 20], [74, 68]])


def test_padding_adds_whole_cells_on_every_side():
    box = np.array([[10.0, 20], [74, 20], [74, 68]])
    bare, wide = (lattice_around(box, config(cell=16, pad=pad), 16) for pad in (0, 2))
    assert (wide.rows, wide.columns) == (bare.rows + 4, bare.columns + 4)
    np.testing.assert_allclose(wide.corners[2:-2, 2:-2], bare.corners)


@pytest.mark.parametrize(
    ("asked", "got"), [({"rows": 4}, (4, 4)), ({"rows": 4, "columns": 7}, (4, 7)), ({"columns": 5}, (5, 5))]
)
def test_a_number_of_cells_fills_the_box_exactly(asked, got):
    box = np.array([[10.0, 20], [75, 20], [74, 68]])
    lattice = lattice_around(box, config(**asked), 16)
    assert (lattice.rows, lattice.columns) == got
    np.testing.assert_allclose([lattice.corners[0, 0], lattice.corners[-1, -1]], [[10, 20], [75, 68]])


def test_points_within_a_cell_are_spread_evenly():
    lattice = lattice_around(np.array([[0.0, 0], [32, 0], [32, 48]]), config(cell=16), 16)
    inside = lattice.inside(4)
    assert inside.shape == (3, 2, 16, 2)
    np.testing.assert_allclose(inside.mean(axis=2), lattice.centres)
    np.testing.assert_allclose(np.unique(inside[2, 1, :, 0]), 16 + np.array([2, 6, 10, 14]))
    np.testing.assert_allclose(np.unique(inside[2, 1, :, 1]), 32 + np.array([2, 6, 10, 14]))


def test_a_grid_beyond_sense_is_refused():
    with pytest.raises(InputError, match="400 x 400 cells, more than 100000; raise homology.cell"):
        lattice_around(np.array([[0.0, 0], [800, 0], [800, 800]]), config(cell=2), 16)
