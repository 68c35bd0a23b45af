"""References vote: who agrees is averaged, who does not is outvoted and lowers the confidence."""

import numpy as np
import pytest

from dinosar.transfer.voting import TOGETHER, shared_error, voted


def vote(places, confidence):
    place, sure = voted(np.array(places, float)[:, None], np.array(confidence, float)[:, None])
    return place[0], sure[0]


def test_one_reference_decides_alone():
    place, sure = vote([[10, 20]], [0.7])
    np.testing.assert_allclose(place, [10, 20])
    assert sure == pytest.approx(0.7)


def test_votes_that_agree_are_averaged_by_confidence():
    place, sure = vote([[0, 0], [10, 0]], [0.9, 0.3])
    np.testing.assert_allclose(place, [2.5, 0])
    assert sure == pytest.approx((0.81 + 0.09) / 1.2)


def test_a_vote_far_off_does_not_move_the_place_but_lowers_the_confidence():
    place, sure = vote([[0, 0], [4, 0], [400, 300]], [0.8, 0.8, 0.8])
    np.testing.assert_allclose(place, [2, 0])
    assert sure == pytest.approx(0.8 * 2 / 3)


def test_one_sure_vote_beats_two_doubtful_ones():
    place, _ = vote([[0, 0], [1, 0], [300, 0]], [0.1, 0.1, 0.9])
    np.testing.assert_allclose(place, [300, 0])


def test_the_order_of_references_does_not_matter():
    rng = np.random.default_rng(0)
    places, sure = rng.uniform(0, 60, (5, 7, 2)), rng.uniform(0.1, 1, (5, 7))
    order = [3, 0, 4, 2, 1]
    for a, b in zip(voted(places, sure), voted(places[order], sure[order]), strict=True):
        np.testing.assert_allclose(a, b)


def test_who_has_no_such_landmark_has_no_vote_and_without_votes_there_is_no_number():
    place, sure = vote([[np.nan, np.nan], [5, 5]], [np.nan, 0.6])
    np.testing.assert_allclose(place, [5, 5])
    assert sure == pytest.approx(0.6)
    place, sure = vote([[np.nan, np.nan]], [np.nan])
    assert np.isnan(place).all()
    assert np.isnan(sure)


def test_votes_exactly_together_agree():
    place, _ = vote([[0, 0], [TOGETHER, 0]], [0.5, 0.5])
    np.testing.assert_allclose(place, [TOGETHER / 2, 0])


def test_the_error_to_expect_is_the_mean_of_those_that_agree():
    places = np.array([[[0, 0]], [[10, 0]], [[400, 300]], [[np.nan, np.nan]]], float)
    errors = np.array([[2.0], [6.0], [50.0], [np.nan]])
    place, _ = voted(places, np.array([[0.9], [0.3], [0.2], [np.nan]]))
    np.testing.assert_allclose(shared_error(places, errors, place), [4])


def test_without_a_vote_that_knows_its_error_there_is_none():
    places = np.array([[[0, 0], [np.nan, np.nan]]], float)
    place, _ = voted(places, np.array([[0.9, np.nan]]))
    assert np.isnan(shared_error(places, np.array([[np.nan, np.nan]]), place)).all()
