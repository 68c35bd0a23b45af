"""Like compared with like: what must hold of any two specimens."""

from dataclasses import replace

import numpy as np
import pytest
from drawn import BODY, drawn, turning
from hypothesis import given, settings
from hypothesis import strategies as st

from dinosar.config import HomologyConfig, MaskConfig
from dinosar.errors import InputError
from dinosar.homology.comparing import By, compare_cells
from dinosar.matchers.mutual import Mutual
from dinosar.notices import collected
from dinosar.shape.fits import moved

MASK = MaskConfig()
PROPOSER = Mutual(Mutual.Options(verify="affine", tolerance=3.0, top=10_000))


def compared(a, b, proposer=None, mask=MASK, consensus=None, **config):
    return compare_cells(a, b, HomologyConfig(**config), mask, By(proposer, consensus))


VARIANTS = [{}, {"snap": True, "pad": 0}, {"sample": "average", "cell": 32}, {"rows": 9}, {"smoothing": 0.5}]


@pytest.mark.parametrize("config", VARIANTS, ids=str)
def test_a_specimen_against_itself_is_nowhere_different(config):
    found = compared(drawn(name="a"), drawn(name="b"), **config)
    assert found.counted.sum() > 20
    assert (found.values == 0).all()
    assert np.array_equal(found.a.centres, found.b.centres)


@pytest.mark.parametrize("config", VARIANTS, ids=str)
@pytest.mark.parametrize("proposer", [None, PROPOSER], ids=["given", "proposed"])
def test_swapping_the_specimens_only_swaps_the_sides(config, proposer):
    a, b = drawn(turning(7, 0.9, (5, 2)), name="a"), drawn(turning(-4), difference=0.6, name="b")
    there, back = compared(a, b, proposer, **config), compared(b, a, proposer, **config)
    assert np.array_equal(there.dissimilarity, back.dissimilarity, equal_nan=True)
    assert np.array_equal(there.seeded, back.seeded)
    for one, other in ((there.a, back.b), (there.b, back.a)):
        for field in vars(one):
            assert np.array_equal(getattr(one, field), getattr(other, field))


@settings(max_examples=25)
@given(st.floats(-30, 30), st.floats(0.75, 1.2), st.floats(-15, 15), st.floats(-15, 15))
def test_a_moved_copy_is_far_nearer_than_another_species(degrees, scale, x, y):
    home, copy = drawn(), drawn(turning(degrees, scale, (x, y)))
    found, other = compared(home, copy), compared(home, drawn(difference=1.0))
    assert found.values.mean() < other.values.mean() / 10
    movement = turning(degrees, scale, (x, y))
    np.testing.assert_allclose(found.b.centres, moved(movement, found.a.centres), atol=1e-6)


def test_every_cell_is_where_a_difference_was_made():
    """One place of the body is repainted in B; the cells that differ most are those over it."""
    home, other = drawn(), drawn(turning(12, 0.9))
    tokens = other.features.tokens.copy()
    spot = moved(turning(12, 0.9), np.array([160.0, 120.0]))
    near = np.hypot(*(other.features.grid.centres_in_photo() - spot).T).reshape(tokens.shape[:2]) < 20
    tokens[near] = np.roll(tokens[near], 1, axis=-1)
    found = compared(home, replace(other, features=replace(other.features, tokens=tokens)))
    worst = np.unravel_index(np.nanargmax(found.dissimilarity), found.shape)
    assert np.hypot(*(found.a.centres[worst] - (160, 120))) < 24
    assert np.hypot(*(found.b.centres[worst] - spot)) < 24
    far = np.hypot(*(found.a.centres - (160, 120)).transpose(2, 0, 1)) > 60
    assert np.nanmax(found.dissimilarity[far]) < 0.1 * found.values.max()


def test_the_warps_pass_through_the_landmarks_which_are_not_moved():
    a, b = drawn(turning(5)), drawn(turning(-9, 0.9))
    found = compared(a, b)
    assert np.array_equal(found.a.landmarks, a.landmarks.places)
    assert np.array_equal(found.b.landmarks, b.landmarks.places)
    assert (found.source, found.names) == ("file", a.landmarks.names)


def test_a_missing_landmark_is_left_out_and_shifts_none_of_the_others():
    a, b, less = drawn(turning(8)), drawn(), drawn(missing=(2,))
    with_all, without = compared(a, b), compared(a, less)
    assert without.names == tuple(name for name in with_all.names if name != "m2")
    assert np.array_equal(without.a.landmarks, np.delete(a.landmarks.places, 2, axis=0))
    assert without.values.mean() < 0.01  # were they paired by position, later ones would all be wrong


def test_cells_count_where_both_masks_lie():
    a, b = drawn(), drawn(turning(0, 1, (0, 0)))
    half = replace(b, mask=b.mask & (np.arange(320) < 160))
    found = compared(a, half)
    assert found.counted.sum() < compared(a, b).counted.sum()
    assert (found.b.centres[found.counted][:, 0] < 168).all()
    assert ((found.a.coverage > 0.5) & (found.b.coverage > 0.5) >= found.counted).all()
    assert np.array_equal(np.isfinite(found.dissimilarity), found.counted)
    np.testing.assert_array_equal(found.weights, np.minimum(found.a.coverage, found.b.coverage)[found.counted])


def test_erosion_and_border_take_cells_away():
    a, b = drawn(name="a"), drawn(turning(3), name="b")
    whole = compared(a, b).counted
    eroded = compared(a, b, mask=MaskConfig(erode_px=12)).counted
    assert (eroded <= whole).all()
    assert eroded.sum() < whole.sum()
    found = compared(a, b, mask=MaskConfig(border_patches=5))
    grid = a.features.grid
    patches = grid.patch_at(grid.to_network(found.a.centres[found.counted]))
    assert (patches // 20 >= 5).all()
    assert (patches % 20 >= 5).all()


@pytest.mark.parametrize(
    ("a", "b", "reason"),
    [
        (drawn(missing=range(2, 8)), drawn(), "the specimens share 2 landmarks, at least 3 are needed"),
        (drawn(missing=range(1, 8)), drawn(), "the specimens share 1 landmark, at least"),
        (drawn(points=np.tile([[100.0, 90]], (4, 1))), drawn(points=BODY[:4]), "fix no warp: 'm0' and 'm1'"),
        (drawn(points=np.outer(np.arange(4.0), [20, 10]) + 90), drawn(points=BODY[:4]), "fix no warp: all 4 "),
    ],
    ids=["two", "one", "duplicate", "line"],
)
def test_landmarks_that_fix_no_warp_are_one_clear_error(a, b, reason):
    for pair in ((a, b), (b, a)):
        with pytest.raises(InputError, match=reason):
            compared(*pair)


def test_more_landmarks_may_be_asked_for():
    with pytest.raises(InputError, match="share 8 landmarks, at least 9 are needed"):
        compared(drawn(), drawn(), least=9)


def test_specimens_without_a_common_cell_are_an_error():
    a, b = drawn(), drawn()
    with pytest.raises(InputError, match="cells lies on both specimens: the masks cover no cell by more than 50%"):
        compared(replace(a, mask=a.mask & (np.arange(320) < 150)), replace(b, mask=b.mask & (np.arange(320) > 170)))


def test_mirrored_specimens_are_told():
    mirror = np.diag([-1.0, 1, 1])
    mirror[0, 2] = 320
    contradiction = "mean shape of the two fixes no warp: .* neither photo is mirrored"
    with collected() as told, pytest.raises(InputError, match=contradiction):
        compared(drawn(name="a"), drawn(mirror, name="b"))
    assert any("look mirrored" in line for line in told)


def test_landmarks_that_meet_in_the_mean_shape_are_told():
    crossed = BODY.copy()
    crossed[[1, 2]] = crossed[[2, 1]]
    with pytest.raises(InputError, match="mean shape of the two fixes no warp: 'm1' and 'm2'.* in the same order"):
        compared(drawn(), drawn(points=crossed))


def test_crossing_landmarks_are_told_and_their_cells_left_out():
    crossed = BODY.copy()
    crossed[[1, 2, 3]] = crossed[[2, 3, 1]]
    with collected() as told:
        found = compared(drawn(), drawn(points=crossed), pad=0)
    assert any("landmarks cross there" in line for line in told)
    assert not (found.counted & (found.a.folded | found.b.folded)).any()


def test_a_mean_shape_may_be_given():
    a, b = drawn(turning(6)), drawn(turning(-3, 0.9))
    own = compared(a, b)
    same = compared(a, b, consensus=moved(turning(70, 3.0, (900, 40)), own.consensus))
    np.testing.assert_allclose(same.consensus, own.consensus, atol=1e-6)
    np.testing.assert_allclose(same.dissimilarity, own.dissimilarity, atol=1e-9)
    with pytest.raises(InputError, match="mean shape that was given fixes no warp"):
        compared(a, b, consensus=np.ones((8, 2)))


def test_proposed_landmarks_carry_the_grid_as_given_ones_do():
    a, b = drawn(name="a"), drawn(turning(6, 0.95, (4, 3)), name="b")
    found = compared(a, b, PROPOSER)
    assert found.source == "proposed"
    assert 6 <= len(found.names) <= 24
    truth = moved(turning(6, 0.95, (4, 3)), found.a.centres)
    assert np.median(np.hypot(*(found.b.centres - truth)[found.counted].T)) < 8  # half a patch
    assert 0 < found.seeded.sum() < found.seeded.size
    assert len(found.independent) == (found.counted & ~found.seeded).sum()


def test_cells_draw_on_a_proposing_patch_only_when_they_are_marked():
    a, b = drawn(name="a"), drawn(difference=0.5, name="b")
    found = compared(a, b, PROPOSER)
    for side in (found.a, found.b):
        gaps = np.abs(side.centres[:, :, None] - side.landmarks).max(axis=-1).min(axis=-1)
        assert (gaps[~found.seeded] >= 16).all()


def test_nobody_to_propose_is_an_error():
    with pytest.raises(InputError, match="bare has no landmarks"):
        compared(replace(drawn(name="bare"), landmarks=None), drawn())


def test_averaging_drops_no_cell_that_is_covered():
    a, b = drawn(turning(5)), drawn(turning(-6), difference=0.5)
    for cell in (6, 10, 16, 40):
        centre, average = (compared(a, b, cell=cell, sample=sample) for sample in ("centre", "average"))
        assert average.counted.sum() >= 0.97 * centre.counted.sum()


def test_how_much_of_a_specimen_the_cells_cover():
    a, b = drawn(), drawn(turning(4))
    whole, part = compared(a, b, pad=4), compared(drawn(missing=(4, 5)), drawn(turning(4)), pad=0)
    assert whole.share(whole.a, a.mask) > 0.9
    assert part.share(part.a, a.mask) < whole.share(whole.a, a.mask) <= 1
    covered = np.zeros_like(a.mask)
    for row, column in np.argwhere(whole.counted):  # on A the grid is nearly upright: boxes do
        ring = whole.a.corners[row : row + 2, column : column + 2].reshape(-1, 2)
        (left, top), (right, bottom) = np.round(ring.mean(axis=0) - 8), np.round(ring.mean(axis=0) + 8)
        covered[int(top) : int(bottom), int(left) : int(right)] = True
    assert whole.share(whole.a, a.mask) == pytest.approx((covered & a.mask).sum() / a.mask.sum(), abs=0.05)


def test_carried_landmarks_are_told_from_those_that_somebody_set():
    carried = replace(drawn(), landmarks=replace(drawn().landmarks, carried=True))
    found = compared(carried, drawn(turning(3)))
    assert found.source == "transferred"
    assert 0 < found.seeded.sum() < found.seeded.size


def test_landmarks_off_the_specimen_are_told():
    off = replace(drawn(), mask=np.roll(drawn().mask, 150, axis=1))
    with collected() as told:
        compared(off, drawn())
    assert any("landmarks of drawn lie off its mask" in line for line in told)


def test_cells_larger_than_the_specimen_are_said_to_be():
    with pytest.raises(InputError, match="make them smaller with --cell"):
        compared(drawn(), drawn(turning(3)), cell=300, pad=0)
