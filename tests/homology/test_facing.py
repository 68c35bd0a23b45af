"""Both specimens turned half-way to each other before the backbone is asked."""

from dataclasses import replace

import numpy as np
import pytest
from drawn import drawn, turning

from dinosar.config import HomologyConfig, MaskConfig
from dinosar.data import Features, Specimen
from dinosar.features import halved
from dinosar.grid import fit_grid, share_per_patch
from dinosar.homology.anchors import Anchors
from dinosar.homology.comparing import By, compare_cells
from dinosar.homology.facing import STEP, turned_to_meet
from dinosar.shape.fits import moved, turn_of


def painted(degrees):
    """A turned body whose photo shows where it is, so that a backbone can look again."""
    specimen = drawn(turning(degrees), name=f"at {degrees:g}")
    pixels = np.where(specimen.mask[..., None], np.uint8(90), np.uint8(240)) * np.ones(3, np.uint8)
    return replace(specimen, photo=replace(specimen.photo, pixels=pixels))


def anchors(a, b):
    return Anchors(a.landmarks.names, a.landmarks.places, b.landmarks.places, "file")


def look(outlined):
    """A backbone that sees how dark each patch is, and to where the dark ones extend: it feels every turn."""
    grid = fit_grid(outlined.photo.size, 16, fit="native")
    share = share_per_patch(outlined.mask, grid)
    row, column = np.mgrid[: grid.rows, : grid.columns] / 10
    tokens = halved(np.stack([share.ravel(), np.sin(row).ravel(), np.cos(column).ravel()], axis=1).astype(float))
    features = Features(tokens.reshape(grid.rows, grid.columns, -1), grid, "perfect-v1")
    return Specimen(outlined.photo, features, outlined.mask, share > 0.5, share)


@pytest.mark.parametrize(("first", "second"), [(0, 0), (0, 4), (-2, 2.5), (0, -4.9)])
def test_much_the_same_pose_is_left_as_it_is(first, second):
    a, b = painted(first), painted(second)
    left, right = turned_to_meet(a, b, anchors(a, b), look)
    assert (left.specimen, right.specimen) == (a, b)
    points = np.random.default_rng(0).normal(size=(5, 2))
    assert left.there(points) is points


@pytest.mark.parametrize(("first", "second"), [(0, 10), (12, -20), (-3, 40), (0, 7), (170, -175)])
def test_after_turning_less_than_a_step_is_left(first, second):
    a, b = painted(first), painted(second)
    left, right = turned_to_meet(a, b, anchors(a, b), look)
    assert left.degrees == -right.degrees
    assert left.degrees % STEP == 0
    apart = (second - right.degrees * -1) - (first + left.degrees)
    assert abs((apart + 180) % 360 - 180) <= STEP + 1e-6
    for facing, specimen in ((left, a), (right, b)):
        assert turn_of(facing.movement) == pytest.approx(facing.degrees)
        rows, columns = np.nonzero(facing.specimen.mask)
        middle = moved(facing.movement, np.array([[160.0, 120.0]]))[0]
        assert np.allclose([columns.mean() + 0.5, rows.mean() + 0.5], middle, atol=1)
        assert abs(int(facing.specimen.mask.sum()) - int(specimen.mask.sum())) < 0.02 * specimen.mask.sum()


def test_nobody_to_look_again_turns_nothing():
    a, b = painted(0), painted(30)
    left, right = turned_to_meet(a, b, anchors(a, b), None)
    assert (left.specimen, right.specimen, left.degrees) == (a, b, 0)


def test_cells_lie_where_they_lay_and_the_turn_is_told():
    a, b = painted(0), painted(20)
    plain = compare_cells(a, b, HomologyConfig(), MaskConfig())
    found = compare_cells(a, b, HomologyConfig(), MaskConfig(), By(look=look))
    assert sorted(map(abs, found.facing)) == [10, 10]
    assert found.facing[0] == -found.facing[1] > 0  # clockwise, as B lies
    np.testing.assert_array_equal(found.a.centres, plain.a.centres)
    np.testing.assert_array_equal(found.b.coverage, plain.b.coverage)
    back = compare_cells(b, a, HomologyConfig(), MaskConfig(), By(look=look))
    assert back.facing == found.facing[::-1]
    np.testing.assert_array_equal(back.dissimilarity, found.dissimilarity)


def test_turning_may_be_switched_off():
    a, b = painted(0), painted(20)
    assert compare_cells(a, b, HomologyConfig(turn=False), MaskConfig(), By(look=look)).facing == (0, 0)
