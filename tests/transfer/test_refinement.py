"""Peaks found between tokens, and how widely they might lie."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dinosar.transfer.refinement import RADIUS, SHARPNESS, WINDOW, peak, spread


@pytest.mark.parametrize("place", [(6.0, 5.0), (6.3, 4.8), (5.55, 5.45)])
def test_the_peak_of_a_smooth_hill_is_found_between_tokens(place):
    y, x = np.mgrid[:11, :13]
    scores = np.exp(-((x - place[0]) ** 2 + (y - place[1]) ** 2) / 18)
    np.testing.assert_allclose(peak(scores), place, atol=0.12)


def test_a_second_hill_far_off_and_places_ruled_out_do_not_pull():
    scores = np.zeros((12, 12))
    scores[3, 4], scores[10, 10] = 1.0, 0.99
    scores[3, 5] = -np.inf
    np.testing.assert_allclose(peak(scores), (4, 3), atol=1e-6)


@given(st.integers(0, 10_000), st.integers(1, 8), st.integers(1, 8))
def test_a_peak_lies_on_the_lattice_and_near_the_highest(seed, rows, columns):
    scores = np.random.default_rng(seed).random((rows, columns))
    x, y = peak(scores)
    row, column = np.unravel_index(scores.argmax(), scores.shape)
    assert 0 <= x <= columns - 1
    assert 0 <= y <= rows - 1
    assert max(abs(x - column), abs(y - row)) <= RADIUS


@pytest.mark.parametrize("degrees", [0, 30, 90])
def test_the_spread_of_a_ridge_is_that_along_it_whichever_way_it_runs(degrees):
    """Cosines whose weights are a Gaussian of 15 by 4 units."""
    y, x = np.mgrid[-100:101:2, -100:101:2].astype(float)
    places, turn = np.stack([x.ravel(), y.ravel()], axis=1) + 300, np.deg2rad(degrees)
    along, across = (places - 300) @ [np.cos(turn), np.sin(turn)], (places - 300) @ [-np.sin(turn), np.cos(turn)]
    cosines = 0.9 - (along**2 / 15**2 + across**2 / 4**2) / 2 / SHARPNESS
    spot = 0.9 - (along**2 + across**2) / 4**2 / 2 / SHARPNESS
    wide = spread(np.stack([cosines, spot]), places, np.full((2, 2), 300.0))
    np.testing.assert_allclose(wide, [15, 4], rtol=0.01)


def test_where_all_is_alike_or_nothing_was_shown_the_spread_is_half_the_window():
    y, x = np.mgrid[-100:101:2, -100:101:2].astype(float)
    places = np.stack([x.ravel(), y.ravel()], axis=1)
    wide = spread(np.full((2, len(places)), 0.5), places, np.array([[0.0, 0.0], [9e3, 0.0]]))
    np.testing.assert_allclose(wide, WINDOW / 2, rtol=0.01)
