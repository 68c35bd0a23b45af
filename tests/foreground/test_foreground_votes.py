"""Each vote is the statistic that it claims to be, decides where it alone can, and is silent where it cannot."""

import numpy as np
import pytest
from drawn_views import laid
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import skew, spearmanr

from dinosar.foreground import Rule, View, Votes
from dinosar.foreground.component import by_component
from dinosar.foreground.votes import attention, border, oriented, ring, skewness, summed, votes

often = settings(max_examples=60, deadline=None, derandomize=True)
seeds = st.integers(0, 10**6)


def view(counted, focus=None):
    return View(np.zeros((*counted.shape, 2)), counted, focus)


def drawn(seed, shape=(11, 9)):
    random = np.random.default_rng(seed)
    return random.standard_normal(shape) ** 3, random.random(shape), random.random(shape) < 0.9


@given(seed=seeds)
@often
def test_votes_are_what_scipy_and_loops_say(seed):
    values, focus, counted = drawn(seed)
    seen = np.where(counted, values, np.nan)
    rim = [(i, j) for i, j in np.argwhere(counted) if i < 2 or j < 2 or i >= 9 or j >= 7]
    within = [(i, j) for i, j in np.argwhere(counted) if (i, j) not in rim]
    expected = (
        np.mean([values[i, j] for i, j in within]) - np.mean([values[i, j] for i, j in rim]),
        spearmanr(values[counted], focus[counted]).statistic,
        skew(values[counted]),
    )
    assert border(seen, counted) == pytest.approx(expected[0])
    assert attention(seen, view(counted, focus)) == pytest.approx(expected[1])
    assert skewness(values[counted]) == pytest.approx(expected[2])
    said = votes(seen, view(counted, focus))
    assert said.cast == pytest.approx(np.tanh([2, 4, 1] * np.array(expected)))
    assert summed([said, said]) == pytest.approx((2 * sum(said.cast), abs(sum(said.cast)) / 3))
    assert votes(-seen, view(counted, focus)).cast == pytest.approx([-vote for vote in said.cast])
    assert said.turned().cast == [-vote for vote in said.cast]


@pytest.mark.parametrize(("shape", "depth"), [((8, 12), 2), ((40, 8), 2), ((7, 12), 1), ((4, 4), 1), ((3, 30), 0)])
def test_the_ring_fits_the_picture(shape, depth):
    counted = np.pad(np.ones(shape, bool), ((2, 1), (0, 3)))
    expected = np.pad(~np.pad(np.ones(np.array(shape) - 2 * depth, bool), depth), ((2, 1), (0, 3)))
    assert np.array_equal(ring(counted), expected & bool(depth))


def test_where_there_is_nothing_to_ask_nobody_votes():
    counted = np.ones((3, 3), bool)
    values = np.arange(9.0).reshape(3, 3)
    assert votes(values, view(counted)) == Votes(None, None, pytest.approx(0, abs=1e-12))
    assert votes(values, view(counted, np.full((3, 3), 0.5))).attention is None
    assert skewness(np.full(4, 0.3)) is None
    assert not ring(np.zeros((5, 5), bool)).any()
    assert summed([Votes()]) == (0, 0)


def test_a_missing_vote_is_for_neither_side():
    assert summed([Votes(0.6, None, 0.2)]) == pytest.approx((0.8, 0.8 / 3))
    assert summed([Votes(0.6, None, 0.2), Votes(0.5, 0.5, 0.5)]) == pytest.approx((2.3, 2.3 / 6))


@given(seed=seeds)
@often
def test_the_positive_side_is_what_the_border_has_less_of(seed):
    values, focus, counted = drawn(seed)
    seen, where = np.where(counted, values, np.nan), view(counted, focus)
    for given_ in (seen, -seen):
        assert np.array_equal(oriented([given_], [where])[0], seen * np.sign(border(seen, counted)), equal_nan=True)
    two = oriented([seen, -2 * seen], [where, where])
    assert sum(votes(each, where).border for each in two) > 0


def test_where_the_border_is_even_attention_turns_it_then_the_tail_then_the_farthest_patch():
    values = np.arange(12.0).reshape(1, 12) - 5.5
    counted = np.ones((1, 12), bool)
    lopsided = np.where(values > 4, 9.0, values)
    for each in (1.0, -1.0):
        rising = oriented([each * values], [view(counted, values + 9.0)])[0]
        assert np.array_equal(rising, values)
        assert np.array_equal(oriented([each * lopsided], [view(counted)])[0], lopsided)
        assert np.array_equal(oriented([each * values], [view(counted)])[0], -values)  # the first of the farthest two


def test_the_border_alone_turns_a_large_thing_the_right_way():
    thing = np.zeros((20, 20))
    thing[2:18, 2:18] = 1  # 64 %: the tail is against it
    found = by_component([laid(thing)], Rule(confidence=0))[0]
    assert np.array_equal(found.patches, thing > 0)
    assert found.votes.border > 0.9 > 0 > found.votes.skewness
    assert found.votes.attention is None


def test_attention_alone_turns_a_thing_on_the_border_the_right_way():
    thing = np.zeros((20, 20))
    thing[:10] = 1
    thing[10, :10] = 1  # more than half, and more of the border than of what lies within
    focus = 0.2 + thing + 0.1 * np.random.default_rng(0).random(thing.shape)
    found = by_component([laid(thing, focus)], Rule())[0]
    assert np.array_equal(found.patches, thing > 0)
    assert found.votes.skewness < 0 < 0.9 < found.votes.attention
    other = by_component([laid(thing, 2 - focus)], Rule())[0]
    assert np.array_equal(other.patches, thing == 0)


def test_the_tail_alone_turns_a_thing_in_the_corner_the_right_way():
    thing = np.zeros((20, 20))
    thing[:4, :6] = 1
    found = by_component([laid(thing)], Rule(confidence=0))[0]
    assert np.array_equal(found.patches, thing > 0)
    assert (found.sign, found.votes.border < 0 < 0.9 < found.votes.skewness) == ("-", True)
