"""The thin-plate spline beside SciPy's, and what it must leave exactly as it is."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from landmark_sets import seeds, turn
from scipy.interpolate import RBFInterpolator

from dinosar.shape.spline import BLOCK, bending_energy, fit_spline


def scattered(random, count, scale=1.0, offset=0.0):
    """Landmarks of which no two are close and that do not lie on a line: there SciPy's own rounding is small."""
    for _ in range(100):
        points = random.uniform(-1, 1, size=(count, 2))
        apart = np.linalg.norm(points[:, None] - points[None], axis=-1)[np.triu_indices(count, 1)]
        widths = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
        if apart.min() > 0.1 / np.sqrt(count) and widths[1] > 0.2 * widths[0]:
            return points * scale + offset
    assume(False)
    return None


@settings(deadline=None, max_examples=60)
@given(seeds, st.integers(3, 40), st.sampled_from([1e-3, 1.0, 300.0, 1e4]), st.sampled_from([0.0, 0.01, 1.0]))
def test_it_agrees_with_scipy_in_every_unit(seed, count, scale, smoothing):
    random = np.random.default_rng(seed)
    source = scattered(random, count, scale)
    target = source + random.normal(size=source.shape) * 0.2 * scale
    points = np.vstack([random.uniform(-2, 2, size=(50, 2)) * scale, source])
    slack = smoothing * scale**2 * random.uniform(0, 1, size=count)
    for given_slack in (float(slack[0]), slack):
        theirs = RBFInterpolator(source, target, kernel="thin_plate_spline", smoothing=given_slack, degree=1)(points)
        ours = fit_spline(source, target, given_slack)(points)
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-9 * scale)


@settings(deadline=None, max_examples=30)
@given(seeds, st.sampled_from([1.0, 300.0, 1e4]))
def test_it_agrees_with_scipy_far_from_the_origin(seed, scale):
    random = np.random.default_rng(seed)
    source = scattered(random, 12, scale, 1e5)
    target = source + random.normal(size=source.shape) * 0.2 * scale
    points = source + random.normal(size=source.shape) * scale
    theirs = RBFInterpolator(source, target, kernel="thin_plate_spline", degree=1)(points)
    np.testing.assert_allclose(fit_spline(source, target)(points), theirs, rtol=0, atol=1e-9 * scale)


def test_more_smoothing_misses_more_and_bends_less():
    random = np.random.default_rng(0)
    source = scattered(random, 15, 100.0)
    target = source + random.normal(size=source.shape) * 10
    fits = [fit_spline(source, target, slack) for slack in (0.0, 100.0, 1e4, 1e12)]
    misses = [np.abs(fit(source) - target).max() for fit in fits]
    assert misses[0] < 1e-9
    assert misses == sorted(misses)
    energies = [bending_energy(fit) for fit in fits]
    assert energies == sorted(energies, reverse=True)
    assert energies[-1] < 1e-9 * energies[0]


def test_smoothing_can_be_asked_of_one_landmark():
    random = np.random.default_rng(1)
    source = scattered(random, 8, 50.0)
    target = source + random.normal(size=source.shape) * 5
    slack = np.where(np.arange(8) == 3, 1e6, 0.0)
    missed = np.abs(fit_spline(source, target, slack)(source) - target).max(axis=1)
    assert missed[3] > 0.5
    assert np.delete(missed, 3).max() < 1e-9


@settings(deadline=None, max_examples=50)
@given(seeds, st.integers(3, 30), st.sampled_from([1e-3, 1.0, 1e4]), st.sampled_from([0.0, 1e5]))
def test_the_identity_moves_nothing_not_by_a_bit(seed, count, scale, offset):
    random = np.random.default_rng(seed)
    source = random.normal(size=(count, 2)) * scale + offset
    points = random.normal(size=(100, 2)) * 5 * scale + offset
    np.testing.assert_array_equal(fit_spline(source, source)(points), points)


@settings(deadline=None, max_examples=50)
@given(seeds, st.integers(3, 30), st.floats(1e-3, 1e3))
def test_an_affine_movement_is_carried_out_everywhere_and_bends_nothing(seed, count, size):
    random = np.random.default_rng(seed)
    source = scattered(random, count, 200.0)
    linear, shift = turn(random.uniform(0, 6)) @ np.array([[1.0, 0.4], [0.0, 1.3]]) * size, random.normal(size=2) * size
    spline = fit_spline(source, source @ linear.T + shift)
    points = random.normal(size=(100, 2)) * 1000
    np.testing.assert_allclose(spline(points), points @ linear.T + shift, rtol=0, atol=1e-9 * 200 * size)
    assert bending_energy(spline) < 1e-15 * size**2


def test_a_small_target_is_met_as_exactly_as_a_large_one():
    source = np.random.default_rng(4).normal(size=(9, 2)) * 1e4
    for size in (1e-7, 1e-3, 1e3):
        target = (source + 1e3 * np.random.default_rng(5).normal(size=source.shape)) * size
        np.testing.assert_allclose(fit_spline(source, target)(source), target, rtol=0, atol=1e-11 * 1e4 * size)


def test_bending_energy_is_that_of_the_warp():
    source = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.4, 0.5]])
    target = source + np.array([[0.0, 0.0], [0.1, 0.0], [0.0, -0.1], [0.0, 0.0], [0.2, 0.1]])
    for scale in (1.0, 50.0):
        spline = fit_spline(source * scale, target * scale)
        step = 0.05 * scale
        axis = np.arange(-12 * scale, 13 * scale, step)
        grid = spline(np.stack(np.meshgrid(axis, axis), axis=-1))
        across, along = np.diff(grid, n=2, axis=1)[1:-1] / step**2, np.diff(grid, n=2, axis=0)[:, 1:-1] / step**2
        mixed = (grid[2:, 2:] - grid[2:, :-2] - grid[:-2, 2:] + grid[:-2, :-2]) / (4 * step**2)
        summed = (across**2 + 2 * mixed**2 + along**2).sum() * step**2
        assert bending_energy(spline) == pytest.approx(summed, rel=0.03)


def test_a_point_does_not_feel_its_company():
    random = np.random.default_rng(2)
    source = random.normal(size=(7, 2))
    spline = fit_spline(source, source + 0.1 * random.normal(size=source.shape))
    points = random.normal(size=(BLOCK + 37, 2))
    together = spline(points)
    np.testing.assert_array_equal(together[:100], np.array([spline(point) for point in points[:100]]))
    np.testing.assert_array_equal(together[BLOCK - 3 :], spline(points[BLOCK - 3 :]))
    np.testing.assert_array_equal(together[:24].reshape(2, 3, 4, 2), spline(points[:24].reshape(2, 3, 4, 2)))


def test_equal_inputs_give_equal_bits_and_stay_as_they_are():
    random = np.random.default_rng(3)
    source, target = random.normal(size=(2, 12, 2)).astype(np.float32)
    kept = source.copy()
    one, two = (fit_spline(source.copy(), target.copy(), 0.1) for _ in range(2))
    np.testing.assert_array_equal(one(source), two(source))
    np.testing.assert_array_equal(source, kept)
    assert one(source).dtype == np.float64


def test_no_points_and_unknown_points_are_answered_as_such():
    spline = fit_spline(np.eye(3)[:, :2], np.eye(3)[:, :2] * 2)
    assert spline(np.empty((0, 2))).shape == (0, 2)
    assert np.isnan(spline(np.array([[np.nan, 1.0]]))).any()


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (np.array([[0.0, 0.0], [1.0, 1.0]]), "at least 3"),
        (np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0], [5.0, 5.0]]), "one line"),
        (np.array([[0.0, 0.0], [1.0, 0.0], [0.0, np.nan]]), "finite"),
        (np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]), "different places"),
        (np.zeros((4, 3)), r"\(K, 2\)"),
    ],
)
def test_what_fixes_no_spline_is_refused(source, said):
    with pytest.raises(ValueError, match=said):
        fit_spline(source, source)


def test_twins_are_welcome_with_smoothing():
    source = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.0, 1.0]])
    target = source + [[0, 0], [0, 0], [0, 0.2], [0, 0], [0, 0.4]]
    np.testing.assert_allclose(fit_spline(source, target, 1e-9)(source[2]), [0.0, 1.3], atol=1e-6)


@pytest.mark.parametrize("slack", [-1.0, np.nan, np.inf, np.array([0.0, 0.0, -1.0])])
def test_smoothing_must_be_a_number_that_can_be_meant(slack):
    with pytest.raises(ValueError, match="smoothing"):
        fit_spline(np.eye(3)[:, :2], np.eye(3)[:, :2], slack)
