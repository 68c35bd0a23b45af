"""The similarity found is the one that was planted, never mirrored, and the same whichever side is asked."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dinosar.matchers.similarity_fit import _pairs, fit_similarity

often = settings(max_examples=40, deadline=None, derandomize=True)
planted = st.tuples(st.floats(-np.pi, np.pi), st.floats(0.4, 2.5), st.integers(-9, 9), st.integers(0, 99))


def turned(points, angle, scale, shift):
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return scale * points @ rotation.T + shift


def carried(matrix, points):
    return points @ matrix[:2, :2].T + matrix[:2, 2]


def worth(matrix, asked, answer, tolerance):
    """What a matrix explains, one match after the other."""
    scale, total = np.sqrt(np.linalg.det(matrix[:2, :2])), 0.0
    for p, q in zip(asked, answer, strict=True):
        miss = np.linalg.norm(matrix[:2, :2] @ p + matrix[:2, 2] - q) * max(1, 1 / scale)
        total += max(0.0, 1 - (miss / tolerance) ** 2)
    return total


@given(case=planted)
@often
def test_a_planted_similarity_is_recovered_among_as_many_outliers(case):
    angle, scale, shift, seed = case
    random = np.random.default_rng(seed)
    asked = random.uniform(0, 32, (60, 2))
    answer = turned(asked, angle, scale, shift)
    answer[30:] = random.uniform(answer.min(), answer.max(), (30, 2))
    found = fit_similarity(asked, answer, 0.3, 4)
    assert carried(found, asked[:30]) == pytest.approx(answer[:30], abs=0.1)
    assert np.linalg.det(found) > 0


@given(seed=st.integers(0, 999))
@often
def test_nothing_that_two_matches_fix_explains_more(seed):
    random = np.random.default_rng(seed)
    asked, answer = random.integers(0, 8, (2, 9, 2)).astype(float)
    best = 0.0
    for i, j in itertools.combinations(range(9), 2):
        p, q = asked[j] - asked[i], answer[j] - answer[i]
        if not p.any() or not q.any() or not 0.25 <= np.linalg.norm(q) / np.linalg.norm(p) <= 4:
            continue
        a, b = np.linalg.solve([[p[0], -p[1]], [p[1], p[0]]], q)
        turn = np.array([[a, -b], [b, a]])
        shift = (answer[i] + answer[j]) / 2 - turn @ (asked[i] + asked[j]) / 2
        best = max(best, worth(np.column_stack([turn, shift]), asked, answer, 1.5))
    found = fit_similarity(asked, answer, 1.5, 4)
    assert found is None if best == 0 else worth(found, asked, answer, 1.5) >= best - 1e-9


@given(case=planted)
@often
def test_asked_the_other_way_round_it_is_the_inverse(case):
    angle, scale, shift, seed = case
    random = np.random.default_rng(seed)
    asked = random.uniform(0, 32, (40, 2))
    answer = turned(asked, angle, scale, shift) + random.normal(0, 0.2, asked.shape)
    there, back = fit_similarity(asked, answer, 1.5, 4), fit_similarity(answer, asked, 1.5, 4)
    assert there @ back == pytest.approx(np.eye(3), abs=1e-6)


@given(case=planted)
@often
def test_the_order_of_the_matches_does_not_matter(case):
    angle, scale, shift, seed = case
    random = np.random.default_rng(seed)
    asked = random.uniform(0, 32, (50, 2))
    answer = turned(asked, angle, scale, shift) + random.normal(0, 0.3, asked.shape)
    answer[25:] = random.uniform(0, 32, (25, 2))
    shuffled = random.permutation(50)
    first, second = fit_similarity(asked, answer, 1.5, 4), fit_similarity(asked[shuffled], answer[shuffled], 1.5, 4)
    assert first == pytest.approx(second, abs=1e-9)


def test_a_mirror_image_is_not_taken_for_a_turned_one():
    asked = np.random.default_rng(0).uniform(0, 32, (60, 2))
    found = fit_similarity(asked, asked * [-1, 1], 1.0, 4)
    assert np.linalg.det(found) > 0
    assert (np.linalg.norm(carried(found, asked) - asked * [-1, 1], axis=1) <= 1).sum() < 15


@pytest.mark.parametrize("scale", [0.0, 0.2, 5.0])
def test_where_no_pair_gives_a_sane_scale_there_is_none(scale):
    asked = np.arange(18.0).reshape(9, 2)
    assert fit_similarity(asked, asked * scale, 1.5, 4) is None
    assert fit_similarity(asked, asked * 3, 1.5, 4) == pytest.approx(np.diag([3, 3, 1]))


def by_singular_values(asked, answer):
    """The least squares rotation of Kabsch and Umeyama, with the scale that is the same both ways."""
    p, q = asked - asked.mean(axis=0), answer - answer.mean(axis=0)
    u, _, v = np.linalg.svd(q.T @ p)
    turn = u @ np.diag([1, np.linalg.det(u @ v)]) @ v * np.linalg.norm(q) / np.linalg.norm(p)
    return np.vstack([np.column_stack([turn, answer.mean(axis=0) - turn @ asked.mean(axis=0)]), [0, 0, 1]])


@given(case=planted)
@often
def test_it_ends_in_the_least_squares_of_all_it_explains(case):
    angle, _, shift, seed = case
    random = np.random.default_rng(seed)
    asked = random.uniform(0, 32, (40, 2))
    answer = turned(asked, angle, 1.0, shift) + random.normal(0, 0.3, asked.shape)
    assert fit_similarity(asked, answer, 3.0, 4) == pytest.approx(by_singular_values(asked, answer), abs=1e-9)


@pytest.mark.parametrize("n", [2, 3, 10, 199, 200])
def test_every_pair_is_tried_up_to_two_hundred_matches(n):
    pairs = {frozenset(pair) for pair in zip(*(each.tolist() for each in _pairs(n)), strict=True)}
    assert pairs == {frozenset(pair) for pair in itertools.combinations(range(n), 2)}


@pytest.mark.parametrize("n", [201, 1000, 10_000])
def test_beyond_that_the_work_is_bounded_and_every_match_takes_part_alike(n):
    first, second = _pairs(n)
    assert n <= len(first) <= 20_000
    assert len({*np.bincount(first, minlength=n)}) == len({*np.bincount(second, minlength=n)}) == 1
    assert (first != second).all()


def test_a_planted_similarity_is_recovered_where_not_every_pair_is_tried():
    random = np.random.default_rng(3)
    asked = random.uniform(0, 64, (3000, 2))
    answer = turned(asked, 0.4, 1.2, 5)
    answer[1000:] = random.uniform(0, 90, (2000, 2))
    found = fit_similarity(asked, answer, 0.5, 4)
    assert carried(found, asked[:1000]) == pytest.approx(answer[:1000], abs=0.2)
