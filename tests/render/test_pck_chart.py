"""Bars are as long as their numbers, intervals lie where they must, and what was not computed is no bar."""

import numpy as np
import pytest
from drawn_frames import beyond_the_sheet, words_of
from drawn_matches import FOOTER, colour_at
from matplotlib.colors import to_hex, to_rgb

from dinosar.render.pck_chart import PckBar, PckScale, in_digits, pck_picture
from dinosar.render.sheet import Style

STYLE = Style("png", 90, FOOTER)
SCALE = PckScale((0.1, 0.05, 0.01), 0.1)
NAMES = (
    *("aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "dog", "horse"),
    *("motorbike", "person", "pottedplant", "sheep", "train", "tvmonitor"),
)


def bars_of(count):
    random = np.random.default_rng(0)
    whole = random.uniform(0.2, 0.9, count)
    return [PckBar(NAMES[i], 600 + i, (x, 0.6 * x, 0.1 * x), (x - 0.05, x + 0.04)) for i, x in enumerate(whole)]


OVERALL = [PckBar("mean of the categories", 18, (0.5, 0.4, 0.1), beneath="18 categories"),
           PckBar("all keypoints", 12234, (0.6, 0.4, 0.1), (0.59, 0.61))]  # fmt: skip


def drawn(axes):
    """Length of each bar by the middle of its row and its colour."""
    return {(round(p.get_y() + p.get_height() / 2, 6), to_hex(p.get_facecolor())): p.get_width() for p in axes.patches}


@pytest.mark.parametrize("count", [1, 2, 18])
def test_bars_are_as_long_as_their_shares_in_the_order_given(count, sheets):
    bars = bars_of(count)
    data = pck_picture(bars, OVERALL, "toy", SCALE, STYLE)
    axes = sheets[0].panels[0]
    found = drawn(axes)
    assert len(found) == 3 * (count + 2)
    for i, bar in enumerate(bars):
        for colour, share in zip(SCALE.colours, bar.shares, strict=True):
            assert found[i, colour] == share
    assert axes.yaxis_inverted()
    light, middle, dark = map(to_rgb, SCALE.colours)
    for share, colour in zip((0.05, 0.3, 0.9), (dark, middle, light), strict=True):
        assert np.allclose(colour_at(data, sheets[0], axes, (bars[0].shares[0] * share, 0.15)), colour, atol=0.02)


def test_intervals_lie_where_they_must(sheets):
    (bar,) = bars_of(1)
    pck_picture([bar], [], "toy", SCALE, STYLE)
    spans = [line.get_xdata() for line in sheets[0].panels[0].lines]
    assert np.allclose(spans[0], bar.interval)
    assert [sum(np.allclose(span, end) for span in spans) for end in bar.interval] == [1, 1]
    assert "bootstrap" in words_of(sheets[0])
    pck_picture([PckBar("bird", 3, (0.1, 0.1, 0.1))], [], "toy", SCALE, STYLE)
    assert "bootstrap" not in words_of(sheets[1])


def test_what_was_not_computed_is_said_and_is_no_bar(sheets):
    pck_picture([PckBar("bus", 0, (None, None, None)), PckBar("car", 1, (0.0, 0.0, None))], [], "toy", SCALE, STYLE)
    words = words_of(sheets[0])
    assert "not computed" in words
    assert "0.0 | 0.0 | –" in words
    assert len(sheets[0].panels[0].patches) == 2


def test_names_pairs_and_numbers_are_written(sheets):
    pck_picture(bars_of(18), OVERALL, "SPair-71k test, large", SCALE, STYLE)
    words = words_of(sheets[0]).split(" | ")
    assert [name for name in (*NAMES, "all keypoints", "mean of the categories") if name not in words] == []
    assert [said for said in ("600 pairs", "18 categories", "60.0", "40.0", "10.0") if said not in words] == []
    assert "Keypoints found: SPair-71k test, large" in words


@pytest.mark.parametrize("count", [0, 1, 18])
def test_everything_lies_on_the_paper_and_comes_out_the_same_again(count, sheets):
    bars = [*bars_of(count), PckBar("n" * 99, 1, (1.0, 1.0, 1.0), (1.0, 1.0))][: max(count, 0) + (count > 0)]
    data = pck_picture(bars, [], "toy", SCALE, STYLE)
    assert beyond_the_sheet(sheets[0]) == []
    assert data == pck_picture(bars, [], "toy", SCALE, STYLE)
    assert ("no pair was judged" in words_of(sheets[0])) == (count == 0)


def test_rows_do_not_lie_on_one_another(sheets):
    pck_picture(bars_of(18), OVERALL, "toy", SCALE, STYLE)
    figure = sheets[0].figure
    boxes = [text.get_window_extent(figure.canvas.get_renderer()) for text in sheets[0].panels[0].texts]
    left = sorted((box for box in boxes if box.x1 < sheets[0].panels[0].bbox.x0), key=lambda box: -box.y1)
    assert len(left) == 40
    assert all(below.y1 <= above.y0 + 1.5 for above, below in zip(left, left[1:], strict=False))


@pytest.mark.parametrize("alphas", [(0.3,), (0.3, 0.15), (0.2, 0.15, 0.1, 0.05, 0.01), (10.0, 0.123456789)])
def test_each_alpha_has_a_bar_a_column_and_a_legend_and_more_is_lighter(alphas, sheets):
    scale, shares = PckScale(alphas, alphas[0]), tuple(0.9 - 0.1 * i for i in range(len(alphas)))
    pck_picture([PckBar("bird", 3, shares, (0.8, 0.95))], [], "toy", scale, STYLE)
    words = words_of(sheets[0])
    assert f"within {in_digits(alphas[0])} of the longer side" in words
    assert f"95 % interval of {in_digits(alphas[0])}, by bootstrap" in words
    numbers = [text for text in sheets[0].panels[0].texts if text.get_text() in {f"{100 * s:.1f}" for s in shares}]
    heads = [text for text in sheets[0].panels[0].texts if text.get_text() in map(in_digits, alphas)]
    assert len(numbers) == len(heads) == len(alphas)
    assert [text.get_position()[0] for text in numbers] == [text.get_position()[0] for text in heads]
    assert beyond_the_sheet(sheets[0]) == []
    light = [sum(to_rgb(colour)) for colour in scale.colours]
    assert light == sorted(light, reverse=True)
    assert len(set(light)) == len(alphas)


def test_shares_of_the_box_have_as_many_decimals_as_they_need():
    assert [in_digits(each) for each in (0.1, 0.05, 0.125, 10.0)] == ["0.10", "0.05", "0.125", "10.00"]
