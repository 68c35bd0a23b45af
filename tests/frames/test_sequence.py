"""What stands out in a sequence, flicker, tears and the summary."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dinosar.frames.sequence import K, Tear, flicker, standing_out, summary, tearing


def unusual(values, k=K):
    return standing_out(values, k).marks


NAN = float("nan")


def curve(seed, drift, noise, every, corrupted):
    """Distances of 30 to 60 frames whose errors swell and ebb `drift`-fold; every so many frames B is A itself."""
    rng = np.random.default_rng([seed, 99])
    count = int(rng.integers(30, 61))
    u = np.linspace(0, 1, count)
    level = np.exp(0.5 * np.log(drift) * np.sin(2 * np.pi * (rng.uniform(0.5, 1.5) * u + rng.uniform())))
    values = 0.02 * level * np.exp(noise * rng.standard_normal(count))
    if every:
        values[::every] = 0
    places = rng.choice(count, corrupted, replace=False)
    values[places] += 0.1 * np.sqrt(drift) * rng.uniform(0.7, 1.3, corrupted)
    return values, np.isin(np.arange(count), places)


def rates(drift, noise, every, corrupted, k=K, seeds=200):
    """How many of the sequences had good frames marked, how many bad frames were not, and how many there were."""
    false = missed = 0
    for seed in range(seeds):
        values, bad = curve(seed, drift, noise, every, corrupted)
        found = unusual(values, k)
        false += bool((found & ~bad).any())
        missed += int((bad & ~found).sum())
    return false, missed, seeds * corrupted


@pytest.mark.parametrize("corrupted", [0, 3, 7])
@pytest.mark.parametrize("every", [0, 2, 4])
def test_corrupted_frames_and_no_others_stand_out_of_a_smooth_sequence(every, corrupted):
    assert rates(1.0, 0.08, every, corrupted) == (0, 0, 200 * corrupted)
    assert rates(2.0, 0.1, every, corrupted) == (0, 0, 200 * corrupted)


@pytest.mark.parametrize("every", [0, 2, 4])
def test_much_drift_marks_few_good_frames(every):
    false, missed, of = np.sum([rates(4.0, 0.1, every, corrupted) for corrupted in (0, 3, 7)], axis=0)
    assert false <= 0.02 * 600
    assert missed <= 0.03 * of


def test_values_that_differ_by_rounding_are_alike():
    rng = np.random.default_rng(0)
    for level in (0.0, 1e-9, 0.03, 0.4):
        values = level + rng.uniform(0, 1e-7, 40)
        assert not unusual(values).any()
        values[7] = level + 0.5
        assert np.flatnonzero(unusual(values)).tolist() == [7]


def test_a_sigma_is_never_less_than_rounding():
    assert not unusual([0.0] * 29 + [5e-6]).any()
    assert unusual([0.0] * 29 + [7e-6]).any()


def test_many_bad_frames_do_not_hide_each_other():
    values = np.array([0.02, 0.021, 0.019, 0.02, 0.022, 0.018] * 4 + [0.05, 0.06, 0.08, 0.3, 0.5, 0.9])
    assert np.flatnonzero(unusual(values)).tolist() == [24, 25, 26, 27, 28, 29]


def test_made_frames_among_true_ones_are_judged_among_themselves():
    values = np.zeros(31)
    values[1::2] = 0.02 + 0.001 * np.arange(15) % 0.003
    assert not unusual(values).any()
    values[7] = 0.2
    assert np.flatnonzero(unusual(values)).tolist() == [7]
    lossy = np.where(values > 0, values, 0.0001 + 1e-6 * np.arange(31))
    assert np.flatnonzero(unusual(lossy)).tolist() == [7]


def test_ten_exceptions_in_thirty_are_marked_and_eleven_are_another_kind():
    assert unusual([0.0] * 20 + [0.1] * 10).sum() == 10
    assert unusual([0.0] * 19 + [0.1] * 11).sum() == 0


def test_what_failed_is_not_judged():
    values = np.full(30, 0.02)
    values[[4, 9]] = NAN
    values[20] = 0.4
    assert np.flatnonzero(unusual(values)).tolist() == [20]
    without = unusual(values[np.isfinite(values)])
    assert unusual(values)[np.isfinite(values)].tolist() == without.tolist()
    for empty in ([], [NAN], [NAN, NAN], [0.3], [0.0, 0.3], [float("inf"), 0.1]):
        assert unusual(empty).tolist() == [False] * len(empty)


def test_only_high_values_stand_out():
    assert not unusual([0.3] * 29 + [0.0]).any()
    assert not unusual([0.3] * 29 + [0.001]).any()


def test_k_is_the_number_of_robust_sigmas():
    values = np.append(np.linspace(0.9, 1.1, 41), [1.5])
    sigma = 1.4826 * np.median(np.abs(values[:41] - np.median(values[:41])))
    assert sigma < 0.1  # so the tenth of the median counts
    assert unusual(values, 4.9)[-1]
    assert not unusual(values, 5.1)[-1]


@given(st.lists(st.floats(0, 2) | st.just(0.0) | st.just(NAN), max_size=40), st.randoms(use_true_random=False))
def test_neither_order_nor_scale_matters(values, random):
    found = unusual(values)
    order = list(range(len(values)))
    random.shuffle(order)
    assert unusual([values[i] for i in order]).tolist() == [bool(found[i]) for i in order]
    share = np.isfinite(values).sum() / 3
    assert found.sum() <= share
    if not any(0 < value <= 1e-3 for value in values):
        spread = np.nanmedian(values) if np.isfinite(values).any() else 0
        if spread > 1e-3:
            assert unusual([value * 8 for value in values]).tolist() == found.tolist()


def test_flicker_by_hand():
    found = flicker([0.1, 0.2, 0.3, NAN], [0.2, 0.2, NAN, 0.5])
    np.testing.assert_allclose(found.steps, [0.1, 0.0, NAN, NAN], atol=1e-15)
    assert found.mean == pytest.approx(0.05)
    assert found.count == 2
    assert flicker([0.2], [0.1]).mean == pytest.approx(-0.1)
    for empty in (flicker([], []), flicker([NAN], [0.1])):
        assert (empty.mean, empty.count) == (None, 0)
    with pytest.raises(ValueError, match="one length"):
        flicker([0.1], [0.1, 0.2])


def by_hand(mismatch):
    """Every difference of neighbouring lines, by plain loops."""
    rows, columns = mismatch.shape
    for axis, lines, places in (("row", rows, columns), ("column", columns, rows)):
        for i in range(1, lines):
            pairs = [(mismatch[i - 1, j], mismatch[i, j]) if axis == "row" else (mismatch[j, i - 1], mismatch[j, i])
                     for j in range(places)]  # fmt: skip
            known = [second - first for first, second in pairs if not np.isnan(first + second)]
            if known:
                yield abs(sum(known) / len(known)), axis, i


MAPS = arrays(np.float64, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=st.floats(0, 2) | st.just(NAN))


@given(MAPS)
def test_tearing_is_the_largest_difference_of_neighbouring_lines(mismatch):
    expected = list(by_hand(mismatch))
    found = tearing(mismatch)
    if not expected:
        assert found is None
        return
    assert found.value == pytest.approx(max(value for value, _, _ in expected), abs=1e-12)
    assert any(
        found.value == pytest.approx(v, abs=1e-12) and (axis, i) == (found.axis, found.index) for v, axis, i in expected
    )


@pytest.mark.parametrize("kind", ["step", "ridge"])
@pytest.mark.parametrize("seed", range(3))
def test_a_planted_tear_is_found_wherever_it_is_among_objects_noise_and_gaps(kind, seed):
    rng = np.random.default_rng(seed)
    rows, columns = 14, 11
    ground = rng.uniform(0.0, 0.05, (rows, columns))
    ground[4:9, 3:6] += 0.12  # an object's edges are steps as well
    ground[rng.integers(0, rows, 4), rng.integers(0, columns, 4)] = NAN
    for axis, place in itertools.chain(
        (("row", i) for i in range(1, rows)), (("column", i) for i in range(1, columns))
    ):
        torn = ground.copy() if axis == "row" else ground.T.copy()
        torn[place : place + 1 if kind == "ridge" else None] += 0.2
        found = tearing(torn if axis == "row" else torn.T)
        assert found.axis == axis
        # A ridge has two sides, and which is steeper is chance.
        assert found.index in ((place, place + 1) if kind == "ridge" else (place,))
        assert found.value == pytest.approx(0.2, abs=0.08)


def test_gaps_make_no_tear():
    mismatch = np.tile([0.0, 1.0, 0.0, 1.0], (4, 1))
    mismatch[2, ::2] = NAN  # the mean of what is left of the row is another, and yet nothing changes down the columns
    assert max(value for value, axis, _ in by_hand(mismatch) if axis == "row") == 0
    assert tearing(mismatch).axis == "column"
    level = np.full((3, 3), 0.2)
    assert tearing(level) == Tear(0.0, "row", 1)
    assert tearing(np.array([[0.1]])) is None
    assert tearing(np.full((3, 3), NAN)) is None
    with pytest.raises(ValueError, match="rows and columns"):
        tearing([0.1, 0.2])


def test_summary_counts_what_is_known():
    values = np.arange(101) / 100
    found = summary(np.append(values, [NAN, NAN]))
    assert found.mean == pytest.approx(0.5)
    assert found.p95 == pytest.approx(0.95)
    assert found.count == 101
    assert (summary([NAN]).mean, summary([]).p95, summary([]).count) == (None, None, 0)
