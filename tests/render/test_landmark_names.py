"""Landmarks are called by their names where these fit, else by numbers, and a key says what the numbers mean."""

import itertools

import numpy as np
import pytest
from matplotlib.figure import Figure

from dinosar.render.landmark_names import KEY_SIZE, name_points, names_of, write_key
from dinosar.render.sheet import Sheet, Style, width_in_points


@pytest.mark.parametrize("names", [["1", "2"], ["p1", "p24"] * 30, ["wing base", "eye"], ["n" * 14] * 10])
def test_names_that_are_short_or_few_stand_for_themselves(names):
    found = names_of(names, 10.5)
    assert found.labels == tuple(names)
    assert (found.key, found.room) == ((), 0.0)


def test_names_that_the_font_lacks_become_numbers_and_the_key_says_their_codes():
    found = names_of(["eye", "\u65e5\u672c"], 10.5)
    assert found.labels == ("1", "2")
    assert [line for column in found.key for line in column.split("\n")] == ["1  eye", "2  \\u65e5\\u672c"]


@pytest.mark.parametrize(
    "names", [["n" * 15], ["a long name"] * 11, [f"vein {i}, its end at the margin" for i in range(60)]]
)
def test_names_that_are_long_and_many_become_numbers_with_a_key(names):
    found = names_of(names, 10.5)
    assert found.labels == tuple(str(i) for i in range(1, len(names) + 1))
    lines = [line for column in found.key for line in column.split("\n")]
    assert [line.split("  ", 1)[0] for line in lines] == list(found.labels)
    assert all(line.split("  ", 1)[1].rstrip("…") in name for line, name in zip(lines, names, strict=True))
    assert found.room > 0


@pytest.mark.parametrize("letters", [20, 300])
@pytest.mark.parametrize("width", [8.6, 10.5])
def test_a_key_fits_between_the_edges_of_its_sheet(letters, width):
    names = names_of(["m" * letters + str(i) for i in range(40)], width)
    sheet = Sheet("Title", Style(footer="a\nb\nc\nd"), (width, 6.0))
    write_key(sheet, names)
    renderer = sheet.figure.canvas.get_renderer()
    boxes = [text.get_window_extent(renderer) for text in sheet.figure.texts[1:]]
    assert len(boxes) == 41
    assert all(box.x1 <= sheet.figure.bbox.width for box in boxes)
    assert not any(one.overlaps(two) for one, two in itertools.combinations(boxes, 2))
    assert max(box.y1 for box in boxes) <= (sheet.foot + names.room) * sheet.figure.dpi


def test_three_columns_of_the_longest_names_fit():
    names = names_of(["m" * 300] * 9, 8.6)
    widths = [max(width_in_points(line, KEY_SIZE) for line in column.split("\n")) for column in names.key]
    assert len(widths) >= 3
    assert sum(widths) < (8.6 - 0.7) * 72


def test_names_lie_within_the_panel_on_neither_names_nor_points_nor_what_is_to_be_left_free():
    figure = Figure(figsize=(5, 4), dpi=100)
    axes = figure.add_subplot(xlim=(0, 100), ylim=(80, 0), aspect="equal")
    random = np.random.default_rng(3)
    points, also = random.uniform((3, 3), (97, 77), (20, 2)), random.uniform((3, 3), (97, 77), (8, 2))
    name_points(axes, points, [f"p{i}" for i in range(20)], also=also)
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in axes.texts]
    frame = axes.get_window_extent()
    assert not any(one.overlaps(two) for one, two in itertools.combinations(boxes, 2))
    for box in boxes:
        assert frame.x0 <= box.x0 < box.x1 <= frame.x1
        assert frame.y0 <= box.y0 < box.y1 <= frame.y1
        for x, y in axes.transData.transform(np.concatenate([points, also])):
            assert not (box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1)
