"""One outline laid on another: both senses of the axis, the smaller turn, and no slope to climb."""

import cv2
import numpy as np
import pytest
from drawn_outlines import beetle, similarity

from dinosar.shape.fits import scale_of, turn_of
from dinosar.shape.outlines import laid_on


def bar(degrees, size=(300, 300)):
    """A plain ellipse, the same either way round."""
    mask = np.zeros(size, dtype=np.uint8)
    cv2.ellipse(mask, (150, 150), (100, 25), degrees, 0, 360, 1, -1)
    return mask.astype(bool)


@pytest.mark.parametrize("degrees", [0, 20, 60, 89])
def test_where_both_ways_round_fit_alike_the_smaller_turn_is_taken(degrees):
    assert turn_of(laid_on(bar(degrees), bar(0))) == pytest.approx(-degrees, abs=1)


@pytest.mark.parametrize("degrees", [100, 150, 180, -170, -120])
def test_where_they_do_not_the_truth_is(degrees):
    there, here = similarity(1, 0, 150, 150), similarity(1, degrees, 150, 150)
    found = laid_on(beetle(there), beetle(here))
    assert (turn_of(found) - degrees + 180) % 360 - 180 == pytest.approx(0, abs=1)


def test_what_is_round_is_not_turned():
    y, x = np.mgrid[:200, :240] + 0.5
    disc, other = np.hypot(x - 100, y - 90) < 60, np.hypot(x - 130, y - 110) < 30
    found = laid_on(disc, other)
    assert turn_of(found) == pytest.approx(0, abs=0.5)
    assert scale_of(found) == pytest.approx(0.5, rel=0.01)
    np.testing.assert_allclose(found @ [100, 90, 1], [130, 110, 1], atol=0.3)


def test_equal_masks_stay_where_they_are():
    mask = beetle(similarity(1, 30, 150, 150))
    np.testing.assert_allclose(laid_on(mask, mask), np.eye(3), atol=1e-9)


def test_refinement_mends_what_moments_get_wrong():
    there, here = similarity(1, 0, 200, 150), similarity(1, 15, 190, 160)
    whole, part = beetle(there), beetle(here)
    part[:, 250:] = False  # a part of it is outside the photo: centre and axis are pulled aside
    found = laid_on(whole, part)
    assert turn_of(found) == pytest.approx(15, abs=4)


def test_it_never_mirrors():
    mask = beetle(similarity(1, 10, 150, 150))
    assert np.linalg.det(laid_on(mask, mask[:, ::-1])) > 0


def test_the_answer_is_always_the_same():
    a, b = beetle(similarity(1, 10, 150, 150)), beetle(similarity(0.8, 70, 150, 150))
    np.testing.assert_array_equal(laid_on(a, b), laid_on(a, b))
