"""Mutual matches and their common movement, against brute force."""

import numpy as np
import pytest
from drawn_sights import movement, sight
from hypothesis import given
from hypothesis import strategies as st

from dinosar.features import unit
from dinosar.shape.fits import moved, turn_of
from dinosar.transfer.matching import common_movement, matched, mutual
from dinosar.transfer.turning import Pose


@given(st.integers(0, 10_000), st.integers(0, 12), st.integers(0, 12))
def test_mutual_matches_are_those_of_a_search_through_all(seed, n, m):
    rng = np.random.default_rng(seed)
    left, right = (unit(rng.normal(size=(count, 5))) for count in (n, m))
    expected = [
        (i, j)
        for i in range(n) for j in range(m)
        if all(left[i] @ right[j] > left[i] @ right[k] for k in range(m) if k != j)
        and all(left[i] @ right[j] > left[k] @ right[j] for k in range(n) if k != i)
    ]  # fmt: skip
    asked, answer, cosine = mutual(left, right)
    assert list(zip(asked.tolist(), answer.tolist(), strict=True)) == expected
    np.testing.assert_allclose(cosine, [left[i] @ right[j] for i, j in expected], atol=1e-6)


def test_more_vectors_than_one_block_are_matched_alike(monkeypatch):
    left, right = (unit(np.random.default_rng(seed).normal(size=(50, 8))) for seed in (1, 2))
    whole = mutual(left, right)
    monkeypatch.setattr("dinosar.transfer.matching.BLOCK", 7)
    for a, b in zip(whole, mutual(left, right), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


@pytest.mark.parametrize("wrong", [0, 40, 70])
def test_the_movement_most_matches_share_is_found_among_wrong_ones(wrong):
    rng = np.random.default_rng(0)
    left = rng.uniform(0, 512, (100, 2))
    truth = movement(12, 1.1, (20, -15))
    right = moved(truth, left)
    right[:wrong] = rng.uniform(0, 512, (wrong, 2))
    matrix, trust = common_movement(left, right, np.full(100, 0.8))
    assert np.abs(moved(matrix, left) - moved(truth, left)).max() < (1e-6 if not wrong else 12)
    assert (trust[wrong:] > 0.4).all()
    assert trust.max() <= 0.8 + 1e-12


@pytest.mark.parametrize("count", [0, 2, 5])
def test_too_few_matches_or_those_on_one_line_share_no_movement(count):
    line = np.stack([np.arange(count), np.arange(count)], axis=1).astype(float)
    assert common_movement(line, line, np.ones(count)) is None


def test_two_views_of_one_specimen_agree_and_other_specimens_do_not():
    here = sight().view(Pose(), 256)
    again = sight(movement(8, 0.9, (10, 5))).view(Pose(), 256)
    other = sight(seed=7).view(Pose(), 256)
    same, strange = matched(here, again), matched(here, other)
    assert same.agreement > 2 * strange.agreement
    assert abs(turn_of(same.movement) - 8) < 5
    assert 0 <= strange.agreement <= same.agreement <= 1
