"""The eigenvector is that of a dense solver; which half is the thing does not depend on its sign."""

import numpy as np
import pytest
from drawn_views import REGIMES, case, laid, overlap
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import eigh

from dinosar.foreground import Rule, View
from dinosar.foreground.graph import affinity, by_cut, corners, eigenvector, enlarged, half, pooled

often = settings(max_examples=60, deadline=None, derandomize=True)
ALL = np.ones((9, 9), bool)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("regime", REGIMES)
def test_the_eigenvector_is_that_of_a_dense_solver(seed, regime):
    tokens, kept, _ = pooled(case(seed, regime)[0])
    weights = affinity(tokens[kept])
    degrees = np.diag(weights.sum(axis=1))
    values, vectors = eigh(degrees - weights, degrees, subset_by_index=[0, 2])
    found = eigenvector(tokens[kept])
    assert values[1] < values[2]
    assert abs(found @ vectors[:, 1]) / np.linalg.norm(vectors[:, 1]) == pytest.approx(1, abs=1e-6)


def test_the_eigenvector_is_the_same_twice():
    tokens, kept, _ = pooled(case(0, "border")[0])
    assert np.array_equal(eigenvector(tokens[kept]), eigenvector(tokens[kept]))


def test_affinity_is_one_where_the_cosine_about_the_mean_is_above_the_limit():
    tokens = case(1, "small")[0].tokens.reshape(-1, 256)[:40]
    apart = tokens - tokens.mean(axis=0)
    cosines = np.array([[a @ b / np.sqrt(a @ a * (b @ b)) for b in apart] for a in apart])
    assert np.array_equal(affinity(tokens), np.where(cosines > 0.2, 1.0, 1e-5))


@given(st.integers(0, 10**6))
@often
def test_the_half_does_not_depend_on_the_sign(seed):
    random = np.random.default_rng(seed)
    counted = random.random((9, 9)) < 0.95
    vector = np.where(counted, random.standard_normal((9, 9)) ** 3, np.nan)
    assert np.array_equal(half(vector, counted), half(-vector, counted))
    assert np.array_equal(half(vector[:, ::-1], counted[:, ::-1])[:, ::-1], half(vector, counted))


def hill(taken, height=1.0):
    vector = np.full(ALL.shape, -0.1)
    vector[taken] = height
    return vector


def test_the_thing_is_the_side_of_the_farthest_patch_and_one_piece_of_it():
    vector = hill(np.s_[2:5, 2:5])
    vector[7, 7] = 0.9
    expected = np.zeros(ALL.shape, bool)
    expected[2:5, 2:5] = True
    assert np.array_equal(half(vector, ALL), expected)


@pytest.mark.parametrize(("held", "reversed_"), [(2, False), (3, True), (4, True)])
def test_a_side_with_three_corners_is_not_the_thing(held, reversed_):
    vector = hill(np.s_[3:6, 3:6], -0.3)
    vector[vector != -0.3] = 0.1
    for row, column in [(0, 0), (0, 8), (8, 0), (8, 8)][held:]:
        vector[row, column] = -0.3
    vector[0, 4] = 0.5  # the farthest patch lies without
    taken = half(vector, ALL)
    assert taken[4, 4] == reversed_
    assert taken[0, 4] != reversed_


def test_corners_are_those_of_what_counts():
    counted = np.zeros((9, 9), bool)
    counted[1:7, 2:9] = True
    patches = np.zeros((9, 9), bool)
    patches[[1, 6, 0], [2, 8, 0]] = True
    assert corners(patches, counted) == 2


@pytest.mark.parametrize(
    ("shape", "pooled_to", "width"), [((40, 31), (40, 31), 1), ((41, 80), (21, 40), 2), ((7, 130), (2, 33), 4)]
)
def test_larger_grids_are_pooled(shape, pooled_to, width):
    random = np.random.default_rng(1)
    tokens, counted = random.standard_normal((*shape, 3)), random.random(shape) < 0.6
    found, kept, wide = pooled(View(tokens, counted))
    assert (found.shape, kept.shape, wide) == ((*pooled_to, 3), pooled_to, width)
    for row, column in ((0, 0), (pooled_to[0] - 1, pooled_to[1] - 1), (1, pooled_to[1] // 2)):
        place = np.s_[row * width : (row + 1) * width, column * width : (column + 1) * width]
        among = tokens[place][counted[place]]
        assert kept[row, column] == bool(len(among))
        if len(among):
            assert np.allclose(found[row, column], among.sum(axis=0) / np.linalg.norm(among.sum(axis=0)))
        assert (enlarged(kept, width, counted)[place] == (counted[place] & kept[row, column])).all()


def test_a_thing_on_a_grid_that_must_be_pooled_is_found():
    thing = np.zeros((60, 90))
    thing[15:39, 21:51] = 1
    found = by_cut(laid(thing), Rule())
    assert (found.method, found.sign) == ("ncut", None)
    assert overlap(found.patches, thing > 0) > 0.95


def test_a_half_that_the_votes_are_against_is_none():
    thing = np.zeros((20, 20))
    thing[:6, :8] = 1
    focus = np.random.default_rng(0).random(thing.shape) + 3 * thing
    found = by_cut(laid(thing, focus), Rule())
    assert overlap(found.patches, thing > 0) > 0.9
    assert found.votes.border < 0 < 0.9 < found.votes.attention
    against = by_cut(laid(thing, 4 - focus), Rule())
    assert against.patches is None
    assert "the normalised cut has no clear side: votes of confidence -0." in against.reasons[0]


@pytest.mark.parametrize("shape", [(12, 12), (2, 1)])
def test_what_is_all_alike_cannot_be_cut(shape):
    tokens = np.zeros((*shape, 4))
    tokens[..., 2] = 1
    found = by_cut(View(tokens, np.ones(shape, bool)), Rule())
    assert found.patches is None
    assert found.reasons == ("the normalised cut is none: all patches are alike",)
