"""The Procrustes consensus beside SciPy and brute force, and what must not change it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from landmark_sets import seeds, somewhere, specimens, turn
from scipy.optimize import minimize
from scipy.spatial import procrustes

from dinosar.shape.fits import fit_movement, moved
from dinosar.shape.procrustes import bisected, generalised
from dinosar.shape.settling import linked


def size(points):
    there = points[np.isfinite(points).all(axis=1)]
    return np.sqrt(((there - there.mean(axis=0)) ** 2).sum())


@settings(deadline=None, max_examples=50)
@given(seeds, st.integers(3, 20), st.booleans())
def test_two_specimens_are_as_far_apart_as_scipy_says(seed, landmarks, mirrored):
    random = np.random.default_rng(seed)
    pair = specimens(random, 2, landmarks, 0.1)
    if mirrored:
        pair[1] *= [-1, 1]
    found = generalised(pair, mirror=True)  # SciPy always may
    angle = np.arccos(np.sqrt(1 - procrustes(*pair)[2]))
    # The mean shape lies half-way, and a chord of half the angle is what remains.
    np.testing.assert_allclose(found.distances, 2 * np.sin(angle / 4), atol=1e-7)


@settings(deadline=None, max_examples=10)
@given(seeds, st.integers(3, 5), st.integers(3, 7))
def test_no_other_turns_bring_complete_configurations_nearer(seed, count, landmarks):
    random = np.random.default_rng(seed)
    made = specimens(random, count, landmarks, 0.3)
    found = generalised(made)
    unit = np.array([(each - each.mean(axis=0)) / size(each) for each in made])

    def apart(turns):
        laid = np.array([each @ turn(angle).T for each, angle in zip(unit, [0, *turns], strict=True)])
        mean = laid.mean(axis=0)
        return ((laid - mean / size(mean)) ** 2).sum()

    tries = [minimize(apart, random.uniform(-3, 3, count - 1), method="BFGS", tol=1e-12).fun for _ in range(8)]
    assert (found.distances**2).sum() == pytest.approx(min(tries), rel=1e-6)


@settings(deadline=None, max_examples=10)
@given(seeds)
def test_incomplete_configurations_lie_where_brute_force_puts_them(seed):
    random = np.random.default_rng(seed)
    made = specimens(random, 5, 7, 0.2, missing=0.4)
    found = generalised(made)
    for each, laid in zip(made, found.aligned, strict=True):
        there = np.isfinite(each[:, 0])
        goal = found.shape[there]
        own = (each[there] - each[there].mean(axis=0)) / size(each)

        def apart(values, own=own, goal=goal):
            return ((size(goal) * own @ turn(values[0]).T + values[1:] - goal) ** 2).sum()

        tries = [minimize(apart, [angle, 0, 0], method="BFGS", tol=1e-12).fun for angle in (0, 2, 4)]
        assert ((laid[there] - goal) ** 2).sum() == pytest.approx(min(tries), rel=1e-6, abs=1e-12)


@settings(deadline=None, max_examples=40)
@given(seeds, st.integers(2, 12), st.integers(3, 12), st.sampled_from([0.0, 0.3]), st.booleans())
def test_the_consensus_is_the_mean_of_those_laid_upon_it(seed, count, landmarks, missing, mirror):
    made = specimens(np.random.default_rng(seed), count, landmarks, 0.1, missing)
    found = generalised(made, mirror=mirror)
    seen = np.isfinite(made[..., 0]).any(axis=0)
    mean = np.nanmean(found.aligned[:, seen], axis=0)
    mean -= mean.mean(axis=0)
    np.testing.assert_allclose(mean / size(mean), found.shape[seen], atol=1e-9)
    np.testing.assert_allclose(found.shape[seen].mean(axis=0), 0, atol=1e-12)
    assert size(found.shape) == pytest.approx(1)
    np.testing.assert_array_equal(np.isnan(found.aligned), np.isnan(made))
    apart = np.linalg.norm(found.aligned - found.shape, axis=2)
    np.testing.assert_array_equal(np.isnan(found.residuals), np.isnan(made[..., 0]))
    np.testing.assert_allclose(found.residuals, apart, atol=1e-12)
    # Each was moved by a similarity, mirrored where it says so.
    for own, laid, turned in zip(made, found.aligned, found.mirrored, strict=True):
        there = np.isfinite(own[:, 0])
        own = own[there] * ([1, -1] if turned else [1, 1])
        np.testing.assert_allclose(moved(fit_movement("similarity", own, laid[there]), own), laid[there], atol=1e-9)


@settings(deadline=None, max_examples=40)
@given(seeds, st.integers(2, 12), st.integers(4, 12), st.sampled_from([0.0, 0.3]), st.booleans())
def test_order_size_place_and_turn_change_nothing(seed, count, landmarks, missing, mirror):
    random = np.random.default_rng(seed)
    made = specimens(random, count, landmarks, 0.1, missing)
    order = random.permutation(count)
    found = generalised(made, mirror=mirror)
    other = generalised(np.array([somewhere(each, random) for each in made[order]]), mirror=mirror)
    np.testing.assert_allclose(other.distances, found.distances[order], atol=1e-9)
    np.testing.assert_allclose(other.residuals, found.residuals[order], atol=1e-9)
    np.testing.assert_array_equal(other.mirrored, found.mirrored[order])
    # The frame is that of the long axis, which is as certain as the axes differ.
    widths = np.linalg.svd(np.nan_to_num(found.shape), compute_uv=False)
    if widths[0] > 1.1 * widths[1] and abs(np.nansum(found.shape[:, 0] ** 3)) > 1e-3:
        np.testing.assert_allclose(other.shape, found.shape, atol=1e-9)
        np.testing.assert_allclose(other.aligned, found.aligned[order], atol=1e-9)


@settings(deadline=None, max_examples=40)
@given(seeds, st.integers(2, 10), st.integers(4, 10))
def test_copies_of_one_shape_are_that_shape_whatever_is_missing(seed, count, landmarks):
    made = specimens(np.random.default_rng(seed), count, landmarks, 0.0, missing=0.4)
    shape = np.random.default_rng(seed).normal(size=(landmarks, 2))  # what `specimens` drew first
    made[0] = shape
    found = generalised(made)
    assert found.distances.max() < 1e-9
    np.testing.assert_allclose(procrustes(found.shape, shape)[2], 0, atol=1e-12)
    # Also those of which a part is missing say how large the whole was.
    scale = [fit_movement("similarity", shape[there], each[there]) for each, there in
             ((each, np.isfinite(each[:, 0])) for each in made)]  # fmt: skip
    np.testing.assert_allclose(found.sizes, [np.sqrt(np.linalg.det(m[:2, :2])) * size(shape) for m in scale])


def test_losing_a_landmark_moves_others_only_as_the_consensus_moves():
    random = np.random.default_rng(3)
    made = specimens(random, 6, 9, 0.1)
    without = made.copy()
    without[2, 4] = np.nan
    found = generalised(without)
    assert np.abs(found.shape - generalised(made).shape).max() > 1e-4
    for each, laid in zip(np.delete(made, 2, 0), np.delete(found.aligned, 2, 0), strict=True):
        own = fit_movement("similarity", each, found.shape)
        np.testing.assert_allclose(moved(own, each), laid, atol=1e-12)


def test_sizes_of_complete_configurations_are_centroid_sizes():
    made = specimens(np.random.default_rng(4), 7, 5, 0.1)
    np.testing.assert_allclose(generalised(made).sizes, [size(each) for each in made])


def test_a_landmark_that_nobody_has_stays_unknown():
    made = specimens(np.random.default_rng(5), 4, 6, 0.1)
    made[:, 3] = np.nan
    found, without = generalised(made), generalised(np.delete(made, 3, 1))
    assert np.isnan(found.shape[3]).all()
    assert np.isnan(found.residuals[:, 3]).all()
    np.testing.assert_array_equal(np.delete(found.aligned, 3, 1), without.aligned)


def test_mirror_images_are_turned_over_only_if_asked():
    random = np.random.default_rng(6)
    made = specimens(random, 9, 8, 0.05, missing=0.1)
    made[[1, 5, 6]] *= [-1, 1]
    found = generalised(made, mirror=True)
    assert found.mirrored.tolist() == [i in (1, 5, 6) for i in range(9)]
    plain = generalised(made)
    assert not plain.mirrored.any()
    assert plain.distances.max() > 4 * found.distances.max()
    # Seen from behind, the majority is another, but nothing is farther.
    np.testing.assert_allclose(generalised(made * [-1, 1], mirror=True).distances, found.distances, atol=1e-9)


def test_regular_shapes_have_a_frame_too():
    corners = np.array([[np.cos(a), np.sin(a)] for a in np.arange(4) * np.pi / 2])
    random = np.random.default_rng(7)
    made = np.array([somewhere(corners, random) for _ in range(3)])
    np.testing.assert_allclose(generalised(made).shape, corners / 2, atol=1e-9)
    slab = corners * [2, 1]
    made = np.array([somewhere(slab, random) for _ in range(3)])
    np.testing.assert_allclose(generalised(made).shape, slab / size(slab), atol=1e-9)


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ([[[0, 0], [1, 0], [0, 1]], [[0, 0], [np.nan, 0], [np.nan, np.nan]]], "configuration 1 has 1 landmarks"),
        ([[[0, 0], [1, 0], [0, 1]], [[3, 3], [3, 3], [3, 3]]], "configuration 1 lie in one place"),
        ([[[0, 0], [1, 0], [0, np.inf]]], "infinity"),
        (np.zeros((3, 2)), r"\(N, K, 2\)"),
        (np.zeros((0, 3, 2)), r"\(N, K, 2\)"),
    ],
)
def test_what_has_no_shape_is_refused(made, said):
    with pytest.raises(ValueError, match=said):
        generalised(np.array(made, dtype=float))


def test_configurations_that_do_not_hang_together_are_refused():
    random = np.random.default_rng(8)
    made = specimens(random, 4, 8, 0.1)
    made[:2, 4:] = np.nan
    made[2:, :3] = np.nan  # one landmark in common: either half could be turned about it
    with pytest.raises(ValueError, match="share too few"):
        generalised(made)
    made[3, 2] = random.normal(size=2)
    assert generalised(made).distances.shape == (4,)


def test_a_chain_of_shared_landmarks_is_enough():
    there = np.array([[1, 1, 0, 0, 0], [0, 0, 0, 1, 1], [0, 1, 1, 1, 0], [1, 1, 1, 0, 0]], dtype=bool)
    assert not linked(there)
    there[2, 4] = True
    assert linked(there)
    assert linked(there[::-1])


def test_a_set_that_rounding_keeps_in_motion_settles():
    found = generalised(specimens(np.random.default_rng(1507), 5, 7, 0.2, missing=0.4))
    assert np.isfinite(found.distances).all()


@settings(deadline=None, max_examples=40)
@given(seeds, st.integers(2, 15))
def test_two_meet_half_way(seed, landmarks):
    random = np.random.default_rng(seed)
    a, b = specimens(random, 2, max(landmarks, 2), 0.2)
    met_a, met_b, mean = bisected(a, b)
    across_b, across_a, across_mean = bisected(b, a)
    extent = max(np.abs(a).max(), np.abs(b).max())
    for one, two in ((met_a, across_a), (met_b, across_b), (mean, across_mean)):
        np.testing.assert_allclose(one, two, rtol=0, atol=1e-12 * extent)
    for each in (met_a, met_b, mean):
        np.testing.assert_allclose(each.mean(axis=0), (a.mean(axis=0) + b.mean(axis=0)) / 2, atol=1e-9 * extent)
        assert size(each) == pytest.approx(np.sqrt(size(a) * size(b)))
    for own, met in ((a, met_a), (b, met_b)):
        np.testing.assert_allclose(moved(fit_movement("similarity", own, met), own), met, atol=1e-9 * extent)
    # The two turns are one and the same, in opposite senses.
    turns = [fit_movement("similarity", own, met)[:2, :2] for own, met in ((a, met_a), (b, met_b))]
    angles = [np.arctan2(each[1, 0], each[0, 0]) for each in turns]
    assert angles[0] == pytest.approx(-angles[1], abs=1e-7)
    assert abs(angles[0]) <= np.pi / 2 + 1e-9
    if landmarks > 2:
        parted = np.sqrt(((met_a - met_b) ** 2).sum()) / size(met_a)
        angle = np.arccos(generalised(np.array([a, b])).distances[0] ** 2 / -2 + 1) * 2
        assert parted == pytest.approx(2 * np.sin(angle / 2), abs=1e-6)


@settings(deadline=None, max_examples=40)
@given(seeds, st.integers(2, 30))
def test_equal_configurations_meet_where_they_are_to_the_bit(seed, landmarks):
    a = np.random.default_rng(seed).normal(size=(landmarks, 2)) * 123.4 + 1000.7
    for each in bisected(a, a.copy()):
        np.testing.assert_array_equal(each, a)
