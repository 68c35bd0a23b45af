"""Movements beside SciPy's rotations, brute force, and their own way back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from landmark_sets import seeds, turn
from scipy.optimize import minimize
from scipy.spatial.transform import Rotation

from dinosar.shape.fits import fit_movement, moved, scale_of, turn_of


def pair(seed, count=8, noise=0.2):
    random = np.random.default_rng(seed)
    source = random.normal(size=(count, 2)) * 10
    linear = turn(random.uniform(-3, 3)) * random.uniform(0.2, 5)
    return source, source @ linear.T + random.normal(size=2) * 50 + noise * random.normal(size=source.shape), random


@settings(deadline=None, max_examples=50)
@given(seeds, st.floats(-179, 179), st.floats(0.01, 100))
def test_a_known_similarity_is_found(seed, degrees, scale):
    source = pair(seed)[0]
    target = scale * source @ turn(np.radians(degrees)).T + [300, -70]
    movement = fit_movement("similarity", source, target)
    np.testing.assert_allclose(moved(movement, source), target, atol=1e-9 * max(scale, 1) * 100)
    assert scale_of(movement) == pytest.approx(scale)
    assert turn_of(movement) == pytest.approx(degrees, abs=1e-7)


@settings(deadline=None, max_examples=50)
@given(seeds, st.booleans())
def test_the_turn_is_that_of_scipy(seed, weighted):
    source, target, random = pair(seed)
    weights = random.uniform(0.1, 1, size=len(source)) if weighted else np.ones(len(source))
    movement = fit_movement("rigid", source, target, weights)
    centred = [points - weights @ points / weights.sum() for points in (target, source)]
    # In space a flat set can be turned over, which in the plane it cannot; a heavy axis upwards forbids it.
    a, b = (np.vstack([np.column_stack([points, np.zeros(len(points))]), [0, 0, 1]]) for points in centred)
    theirs = Rotation.align_vectors(a, b, weights=[*weights, 1e9])[0].as_matrix()[:2, :2]
    np.testing.assert_allclose(movement[:2, :2], theirs, atol=1e-6)


@settings(deadline=None, max_examples=20)
@given(seeds, st.sampled_from(["rigid", "affine"]))
def test_no_other_movement_of_the_kind_fits_better(seed, kind):
    source, target, random = pair(seed, noise=2.0)
    weights = random.uniform(0.1, 1, size=len(source))

    def missed(movement):
        return weights @ ((moved(movement, source) - target) ** 2).sum(axis=1)

    def of(values):
        rigid = np.column_stack([turn(values[0]), values[1:3]]) if kind == "rigid" else values.reshape(2, 3)
        return np.vstack([rigid, [0, 0, 1]])

    found = fit_movement(kind, source, target, weights)
    start = np.array([np.radians(turn_of(found)), *found[:2, 2]]) if kind == "rigid" else found[:2].ravel()
    for _ in range(3):
        other = minimize(lambda x: missed(of(x)), start + random.normal(size=len(start)) * 0.3, method="BFGS")
        assert missed(found) <= other.fun * (1 + 1e-9)


@settings(deadline=None, max_examples=50)
@given(seeds, st.sampled_from(["rigid", "similarity"]), st.booleans())
def test_the_way_back_is_the_inverse(seed, kind, mirror):
    source, target, random = pair(seed, noise=5.0)
    target = target * [-1, 1] if random.random() < 0.5 else target
    there, back = (fit_movement(kind, a, b, mirror=mirror) for a, b in ((source, target), (target, source)))
    np.testing.assert_allclose(there @ back, np.eye(3), atol=1e-9)


def test_the_scale_does_not_shrink_with_noise():
    source, target, _ = pair(4, count=500, noise=0.0)
    noisy = target + 30 * np.random.default_rng(0).normal(size=target.shape)
    after = moved(fit_movement("similarity", source, noisy), source)
    assert ((after - after.mean(0)) ** 2).sum() == pytest.approx(((noisy - noisy.mean(0)) ** 2).sum())


@pytest.mark.parametrize("kind", ["rigid", "similarity", "affine"])
def test_what_stays_stays_to_the_bit(kind):
    source = pair(5)[0] + 1e5
    np.testing.assert_array_equal(fit_movement(kind, source, source), np.eye(3))
    np.testing.assert_array_equal(moved(np.eye(3), source), source)


@pytest.mark.parametrize("kind", ["rigid", "similarity", "affine"])
def test_it_mirrors_only_where_allowed(kind):
    source = pair(6)[0]
    target = source * [-1, 1] + [40, 2]
    np.testing.assert_allclose(moved(fit_movement(kind, source, target, mirror=True), source), target, atol=1e-9)
    if kind == "affine":
        with pytest.raises(ValueError, match="mirrored"):
            fit_movement(kind, source, target)
    else:
        assert np.linalg.det(fit_movement(kind, source, target)) > 0


@pytest.mark.parametrize("kind", ["rigid", "similarity"])
def test_permission_to_mirror_is_not_used_without_need(kind):
    source, target, _ = pair(7)
    np.testing.assert_array_equal(
        fit_movement(kind, source, target, mirror=True), fit_movement(kind, source, target, mirror=False)
    )
    # On a line both ways fit alike, and the plain one is taken.
    line = np.column_stack([np.arange(5.0), 2 * np.arange(5.0)])
    assert np.linalg.det(fit_movement(kind, line, line @ turn(1.0).T, mirror=True)) > 0


def test_a_weight_of_zero_takes_a_point_out():
    source, target, _ = pair(8)
    wrong = target.copy()
    wrong[2] += 1000
    weights = np.where(np.arange(len(source)) == 2, 0.0, 1.0)
    np.testing.assert_allclose(
        fit_movement("similarity", source, wrong, weights),
        fit_movement("similarity", np.delete(source, 2, 0), np.delete(target, 2, 0)),
        atol=1e-9,
    )


def test_points_of_any_shape_are_moved():
    movement = np.array([[0.0, -2.0, 5.0], [2.0, 0.0, 1.0], [0.0, 0.0, 1.0]])
    points = np.random.default_rng(0).normal(size=(2, 3, 2))
    expected = np.einsum("ij,abj->abi", movement, np.concatenate([points, np.ones((2, 3, 1))], axis=-1))[..., :2]
    np.testing.assert_allclose(moved(movement, points), expected)
    np.testing.assert_allclose(moved(movement, [1.0, 1.0]), [3.0, 3.0])
    assert turn_of(movement) == pytest.approx(90)


@pytest.mark.parametrize(
    ("kind", "source", "target", "said"),
    [
        ("rigid", [[1.0, 2.0]], [[3.0, 4.0]], "no turn"),
        ("similarity", [[1.0, 2.0]] * 3, [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]], "no turn"),
        ("rigid", [[1, 0], [0, 1], [-1, 0], [0, -1]], [[1, 0], [0, -1], [-1, 0], [0, 1]], "no turn"),
        ("affine", [[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]], [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]], "one line"),
        ("rigid", [[0.0, 0.0], [1.0, np.nan]], [[0.0, 0.0], [1.0, 1.0]], "finite"),
        ("rigid", [[0.0, 0.0]], [[0.0, 0.0], [1.0, 1.0]], r"\(n, 2\)"),
        ("projective", [[0.0, 0.0]], [[0.0, 0.0]], "projective"),
    ],
)
def test_what_settles_no_movement_is_refused(kind, source, target, said):
    with pytest.raises(ValueError, match=said):
        fit_movement(kind, np.array(source), np.array(target))


@pytest.mark.parametrize("weights", [[1.0, 1.0], [0.0] * 3, [1.0, 1.0, -1.0], [1.0, 1.0, np.nan]])
def test_weights_must_weigh(weights):
    with pytest.raises(ValueError, match="weights"):
        fit_movement("rigid", np.eye(3)[:, :2], np.eye(3)[:, :2], np.array(weights))
