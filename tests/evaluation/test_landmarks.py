"""PCK to the letter: what lies exactly at alpha counts, and what was not found is never a number."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dinosar.evaluation.landmarks import by_image, by_point, measured, overall, within
from dinosar.landmarks.points import MISSING, SEEN, Landmarks

NAMES = ("a", "b", "c", "d")
TRUE = np.array([[0, 0], [100, 0], [0, 40], [50, 20.0]])  # a box of 100 x 40


def landmarks(places, names=NAMES, missing=()):
    visibility = np.array([MISSING if name in missing else SEEN for name in names], np.int8)
    return Landmarks(tuple(names), np.array(places, float), visibility)


def off(*distances):
    """The true landmarks, each moved to the right."""
    return TRUE + np.array([[d, 0.0] for d in distances])


def test_exactly_alpha_times_the_longer_side_is_right_and_a_hair_more_is_not():
    image, extra = measured("x", landmarks(off(10, 10.0001, 5, 20)), landmarks(TRUE))
    assert (image.side, extra) == (100, 0)
    assert image.correct(0.1).tolist() == [True, False, True, False]
    assert image.correct(0.05).tolist() == [False, False, True, False]
    assert image.correct(0.2).tolist() == [True, True, True, True]


@given(st.integers(1, 100), st.integers(1, 5000))
def test_a_last_bit_lost_in_the_product_takes_nothing_away(percent, side):
    error = np.array([percent * side / 100])
    assert within(error, float(side), percent / 100).all()
    assert not within(error * (1 + 1e-9), float(side), percent / 100).any()


def test_the_box_is_that_of_the_true_landmarks_that_are_there():
    image, _ = measured("x", landmarks(TRUE), landmarks(TRUE, missing="b"))
    assert image.side == 50


def test_what_was_not_found_counts_among_all_and_not_among_found():
    images = [measured("x", landmarks(off(0, 0, 30, 0), missing="a"), landmarks(TRUE))]
    found = overall(images)
    assert (found.true, found.found, found.extra) == (4, 3, 0)
    assert found.correct == {0.05: 2, 0.1: 2, 0.2: 2}
    assert found.of_all(0.1) == 2 / 4
    assert found.of_found(0.1) == 2 / 3
    assert (found.mean_px, found.median_px) == (10, 0)
    assert (found.mean_share, found.median_share) == (pytest.approx(0.1), 0)


def test_what_has_no_truth_is_counted_apart():
    image = measured("x", landmarks([*TRUE, [9, 9]], (*NAMES, "e")), landmarks(TRUE, missing="d"))
    found = overall([image])
    assert (found.true, found.found, found.extra) == (3, 3, 2)
    assert found.of_all(0.05) == 1


def test_landmarks_are_paired_by_name_not_by_place():
    image, _ = measured("x", landmarks(TRUE[::-1], NAMES[::-1]), landmarks(TRUE))
    np.testing.assert_array_equal(image.errors, 0)


def test_an_image_on_which_nothing_was_found_has_no_errors():
    found = overall([measured("x", None, landmarks(TRUE))])
    assert (found.true, found.found) == (4, 0)
    assert found.of_all(0.2) == 0
    assert found.of_found(0.2) is None
    assert found.mean_px is None
    assert found.median_share is None


def test_a_landmark_without_truth_in_any_image_has_no_pck():
    images = [measured("x", landmarks(TRUE), landmarks(TRUE, missing="b"))]
    summary = {each.name: each for each in by_point(images)}["b"]
    assert (summary.true, summary.of_all(0.1), summary.of_found(0.1)) == (0, None, None)


@pytest.mark.parametrize("places", [TRUE[:1], np.tile(TRUE[:1], (3, 1))])
def test_landmarks_that_span_no_box_are_refused(places):
    some = landmarks(places, NAMES[: len(places)])
    with pytest.raises(ValueError, match="two true landmarks"):
        measured("x", some, some)


@given(st.integers(0, 10_000))
def test_groups_add_up_and_agree_with_a_plain_count(seed):
    rng = np.random.default_rng(seed)
    images, right, true = [], 0, 0
    for i in range(3):
        truth = landmarks(rng.uniform(0, 100, (4, 2)), missing=[n for n in NAMES[2:] if rng.random() < 0.3])
        found = landmarks(rng.uniform(0, 100, (4, 2)), missing=[n for n in NAMES if rng.random() < 0.3])
        images.append(measured(str(i), found, truth))
        side = max(np.nanmax(truth.places, axis=0) - np.nanmin(truth.places, axis=0))
        for k in range(4):
            if truth.there[k]:
                true += 1
                right += bool(found.there[k] and np.hypot(*(found.places[k] - truth.places[k])) <= 0.2 * side)
    whole = overall(images)
    assert (whole.correct[0.2], whole.true) == (right, true)
    for groups in (by_image(images), by_point(images)):
        assert sum(each.correct[0.2] for each in groups) == right
        assert sum(each.true for each in groups) == true
        assert sum(each.found for each in groups) == whole.found
