"""Keypoints asked on A, found and true on B: judged by the box, drawn at their places."""

import numpy as np
import pytest
from drawn_frames import beyond_the_sheet, words_of
from drawn_matches import FOOTER, colour_at, keypoints_of, matched_of
from matplotlib.colors import to_rgb

from dinosar.render.frame_scene import ALARM, CALM
from dinosar.render.match_truth import truth_picture
from dinosar.render.pck_pair import LOST, NONE, RIGHT, WRONG, verdicts, worst_picture
from dinosar.render.sheet import Style
from dinosar.testing import toy_photo

STYLE = Style("png", 100, FOOTER)
FOUND = keypoints_of().b + np.array([[0, 0], [10, 0], [0, 10.01], [6, 8], [40, 0], [np.nan, np.nan]])
"""The box is 100 px wide: right, right to the pixel, wrong by a hair, right again, wrong, and no answer."""
PIXELS = tuple(toy_photo(i, (240, 160)).pixels for i in (1, 2))


def errors_of(pair, found):
    return np.hypot(*(found - pair.b).T)


def test_right_is_at_most_a_tenth_of_the_longer_side_of_the_box():
    pair = keypoints_of()
    expected = [RIGHT, RIGHT, WRONG, RIGHT, WRONG, NONE]
    assert verdicts(FOUND, errors_of(pair, FOUND), 100) == expected
    infinite = np.nan_to_num(errors_of(pair, FOUND), nan=np.inf)
    assert verdicts(FOUND, infinite, 100) == expected


def test_the_counts_are_told(sheets):
    truth_picture(matched_of(), keypoints_of(viewpoint="hard"), FOUND, STYLE)
    words = words_of(sheets[0])
    for said in ("3 of 6 keypoints within 0.10 of the box: bird", "within 0.10: 3", "farther: 2", "no answer: 1",
                 "Pair 7-a-b:bird (viewpoint hard).", "1 within 0.05, 1 within 0.01, median error 0.100 of the box",
                 "A  a", "B  b"):  # fmt: skip
        assert said in words


def test_discs_and_rings_lie_at_their_places_in_the_colour_of_the_verdict(sheets):
    pair = keypoints_of()
    data = truth_picture(matched_of(), pair, FOUND, STYLE)
    left, right = sheets[0].panels
    for i, colour in enumerate([CALM, CALM, ALARM, CALM, ALARM, LOST]):
        assert np.allclose(colour_at(data, sheets[0], left, pair.a[i]), to_rgb(colour), atol=0.03)
        if colour != LOST:
            assert np.allclose(colour_at(data, sheets[0], right, FOUND[i]), to_rgb(colour), atol=0.03)
    rings = [line for line in right.lines if line.get_markerfacecolor() == "none"]
    assert {tuple(line.get_xydata()[0]) for line in rings} == {tuple(point) for point in pair.b}


def test_the_box_is_that_of_the_object(sheets):
    truth_picture(matched_of(), keypoints_of(), FOUND, STYLE)
    corners = [(20, 30), (120, 30), (120, 90), (20, 90), (20, 30)]
    around = [line for line in sheets[0].panels[1].lines if len(line.get_xdata()) == 5]
    assert [list(map(tuple, line.get_xydata())) for line in around] == [corners] * 2
    assert not any(len(line.get_xdata()) == 5 for line in sheets[0].panels[0].lines)


def test_long_names_become_numbers_with_a_key(sheets):
    names = tuple(f"a name of many letters {i}" for i in range(6))
    worst_picture(keypoints_of(names=names), PIXELS, FOUND, errors_of(keypoints_of(), FOUND), STYLE)
    words = words_of(sheets[0])
    assert all(f"{i} a name of many letters {i - 1}" in words for i in range(1, 7))
    assert beyond_the_sheet(sheets[0]) == []


@pytest.mark.parametrize(("count", "title"), [(0, "No keypoint to find"), (1, "1 of 1 keypoint within")])
def test_few_keypoints_and_none_are_drawn_and_said(count, title, sheets):
    pair = keypoints_of(count)
    data = worst_picture(pair, PIXELS, pair.b, np.zeros(count), STYLE)
    assert title in words_of(sheets[0])
    assert data == worst_picture(pair, PIXELS, pair.b, np.zeros(count), STYLE)


def test_where_nothing_was_found_nothing_is_counted_as_near(sheets):
    pair, nothing = keypoints_of(), np.full((6, 2), np.nan)
    worst_picture(pair, PIXELS, nothing, np.full(6, np.nan), STYLE)
    words = words_of(sheets[0])
    assert "0 of 6 keypoints" in words
    assert "no answer: 6" in words
    assert "median" not in words
    assert "nan" not in words
