"""The chart shows what was asked for and says what was measured; pairs are judged by the alpha that they name."""

import numpy as np
import pytest
from drawn_frames import words_of
from drawn_matches import keypoints_of
from hypothesis import given
from hypothesis import strategies as st

from dinosar.config import PairsConfig, SPairConfig
from dinosar.data import Photo
from dinosar.evaluation.keypoint_pairs import KeypointPair, Picture
from dinosar.evaluation.reporting import alpha_shown, result
from dinosar.evaluation.rounds import row_of
from dinosar.render.pck_pictures import chart, drawn_of, pair_picture
from dinosar.testing import toy_photo

OFF = np.array([[0, 0], [10, 0], [0, 10.01], [6, 8], [40, 0], [np.nan, np.nan]])
"""The box is 100 px wide: at alpha 0.1 three are right, at 0.3 four, of five answered."""


def spair(*alphas, **more):
    return SPairConfig(inputs={"collection": "C"}, measure={"alphas": alphas, "draws": 100}, **more)


def own(*alphas):
    return PairsConfig(inputs={"pairs": "/somewhere/mine.csv"}, measure={"alphas": alphas, "draws": 100})


def with_pixels():
    """The drawn pair, with pictures that can be loaded."""
    pair, photos = keypoints_of(), [toy_photo(i, (240, 160)) for i in (1, 2)]
    sides = [Picture(name, photo.size, lambda photo=photo: photo) for name, photo in zip("ab", photos, strict=True)]
    assert isinstance(sides[0].load(), Photo)
    return KeypointPair(pair.id, pair.category, *sides, pair.names, pair.a, pair.b, pair.box)


def told_of(config, rows=None, failed=0):
    rows = rows or [row_of(with_pixels(), keypoints_of().b + OFF) for _ in range(3)]
    return result([*rows, *[{"id": "x", "status": "failed", "error": "torn"}] * failed], config, "toy-v1", 336)


@given(st.sets(st.integers(1, 400), min_size=1, max_size=30))
def test_at_most_five_are_drawn_both_ends_and_the_one_of_papers(thousandths):
    alphas = sorted(each / 1000 for each in thousandths)
    found = drawn_of(alphas, alpha_shown(alphas))
    assert found == sorted(set(found), reverse=True)
    assert len(found) == min(5, len(alphas))
    assert set(found) <= set(alphas)
    assert (found[0], found[-1]) == (alphas[-1], alphas[0])
    assert (0.1 in alphas) == (0.1 in found)


def test_the_chart_draws_what_was_asked_for_and_says_what_was_measured(sheets):
    config = spair(0.15, 0.3, categories=["bird"], per_category=7)
    chart(told_of(config, failed=2), config)
    words = words_of(sheets[0])
    for said in ("SPair-71k layout, split test, list large, category bird, up to 7 pairs of each category",
                 "shown at 336 px", "1 category", "3 pairs judged, 2 failed, not counted", "box of the object",
                 "by keypoint", "95 % interval of 0.30", "66.7"):  # fmt: skip
        assert said in words
    assert "not computed" not in words
    assert "1 categories" not in words


def test_of_many_alphas_five_are_drawn_and_that_is_said(sheets):
    config = spair(*(i / 100 for i in range(1, 13)))
    chart(told_of(config), config)
    assert "drawn are 5 of the 12 shares of the box asked for" in words_of(sheets[0])
    assert "95 % interval of 0.10" in words_of(sheets[0])


def test_own_pairs_have_two_rows_and_the_box_around_the_landmarks(sheets):
    config = own(0.1)
    told = told_of(config)
    chart(told, config)
    words = words_of(sheets[0])
    assert "PCK by the box around the landmarks" in words
    assert "own pairs: mine.csv" in words
    assert len(sheets[0].panels[0].patches) == 2
    assert "categor" not in words
    row = row_of(with_pixels(), keypoints_of().b + OFF)
    pair_picture(with_pixels(), row, told, config)
    words = words_of(sheets[1])
    assert "3 of 6 keypoints within 0.10 of the box around the landmarks |" in words
    assert "object" not in words


@pytest.mark.parametrize(("alphas", "right"), [((0.1, 0.3), "3 of 6 keypoints within 0.10"),
                                               ((0.01, 0.3), "3 of 6 keypoints within 0.30")])  # fmt: skip
def test_pairs_are_judged_by_a_tenth_if_asked_for_else_by_the_largest(alphas, right, sheets):
    config = spair(*alphas)
    row = row_of(with_pixels(), keypoints_of().b + OFF)
    right = right if 0.1 in alphas else right.replace("3 of 6", "4 of 6")
    pair_picture(with_pixels(), row, told_of(config), config)
    words = words_of(sheets[0])
    assert right in words
    assert "median error 0.100 of the box, of the 5 answered" in words
    assert "shown at 336 px" in words
