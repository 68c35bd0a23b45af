"""The expectation: a smooth warp through what the matches agree on."""

import numpy as np
import pytest
from drawn_sights import movement
from scipy.interpolate import RBFInterpolator

from dinosar.shape.fits import moved
from dinosar.transfer.matching import Matched
from dinosar.transfer.prior import NEIGHBOURHOOD, REACH, SMOOTHING, expectation, penalty, scatter

RNG = np.random.default_rng(3)
LEFT = RNG.uniform(0, 512, (60, 2))


def found(right, trust, matrix=None):
    return Matched(LEFT[: len(right)], right, trust, np.eye(3) if matrix is None else matrix, 0.5)


def test_it_is_the_spline_of_scipy_with_smoothing_by_trust():
    right, trust = LEFT + 20 * np.sin(LEFT[:, ::-1] / 100), RNG.uniform(0.2, 1, 60)
    theirs = RBFInterpolator(LEFT, right, smoothing=SMOOTHING / trust, kernel="thin_plate_spline", degree=1)
    asked = RNG.uniform(0, 512, (9, 2))
    np.testing.assert_allclose(expectation(found(right, trust))(asked), theirs(asked), atol=1e-6)


def test_matches_that_are_not_trusted_have_no_say():
    truth = movement(10)
    right, trust = moved(truth, LEFT), np.full(60, 0.9)
    right[:20], trust[:20] = right[:20] + 300, 0.01
    np.testing.assert_allclose(expectation(found(right, trust))(LEFT), moved(truth, LEFT), atol=1e-6)


def test_only_the_most_trusted_are_laid_through_where_there_are_many(monkeypatch):
    monkeypatch.setattr("dinosar.transfer.prior.MOST", 10)
    truth, trust = movement(-5), np.full(60, 0.5)
    right = moved(truth, LEFT) + 40
    right[7:17], trust[7:17] = moved(truth, LEFT[7:17]), 0.9
    np.testing.assert_allclose(expectation(found(right, trust))(LEFT), moved(truth, LEFT), atol=1e-6)


def test_without_a_movement_nothing_is_expected():
    assert expectation(Matched(LEFT, LEFT, np.zeros(60), None, 0.0)) is None


def test_matches_on_a_line_give_their_movement():
    line = np.stack([np.arange(6.0), np.arange(6.0)], axis=1)
    truth = movement(4)
    warp = expectation(Matched(line, moved(truth, line), np.ones(6), truth, 0.5))
    np.testing.assert_allclose(warp(LEFT), moved(truth, LEFT))


def test_the_penalty_grows_from_nothing_to_a_half():
    assert penalty(np.array(0.0)) == 0
    assert penalty(np.array(REACH)) == pytest.approx(0.5 * (1 - np.exp(-0.5)))
    assert penalty(np.array(1e6)) == pytest.approx(0.5)


def test_scatter_is_what_trusted_matches_nearby_miss():
    truth = movement(4)
    miss, trust = RNG.normal(0, 9, (60, 2)), RNG.uniform(0, 1, 60)
    both = found(moved(truth, LEFT) + miss, trust)
    asked = RNG.uniform(0, 512, (5, 2))
    brute = []
    for point in asked:
        weight = [
            t * np.exp(-0.5 * ((a - point) ** 2).sum() / NEIGHBOURHOOD**2) for a, t in zip(LEFT, trust, strict=True)
        ]
        brute.append(np.sqrt(np.average((miss**2).sum(axis=1), weights=weight)))
    np.testing.assert_allclose(scatter(both, lambda points: moved(truth, points), asked), brute)


def test_scatter_where_no_match_has_a_say_is_no_number():
    nobody = found(LEFT, np.zeros(60))
    assert np.isnan(scatter(nobody, lambda points: points, LEFT[:2])).all()
    assert np.isnan(scatter(found(LEFT, np.ones(60)), lambda points: points, np.array([[9e4, 9e4]]))).all()
