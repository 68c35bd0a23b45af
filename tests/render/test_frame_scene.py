"""A sheet for two frames: equally high, in their own pixels, with a legend that fits and names that keep their ends."""

import numpy as np
import pytest
from drawn_frames import features_of, scene_of, without
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.patches import Patch

from dinosar.render.frame_scene import (
    HIGH,
    NARROW,
    WIDTH,
    in_lines,
    middle_cut,
    pair_of_frames,
    sheet_for,
    show_frame,
)
from dinosar.render.sheet import Style, width_in_points

SIZES = [((200, 120), (200, 120)), ((90, 200), (200, 90)), ((64, 48), (300, 20)), ((30, 300), (30, 300))]


def test_the_sides_are_the_reference_and_what_is_judged():
    scene = scene_of()
    assert (scene.a.letter, scene.a.name, scene.b.letter, scene.b.name) == ("A", "a.png", "B", "b.png")
    assert scene.a.matches is scene.found.there
    assert scene.b.matches is scene.found.back
    assert np.array_equal(scene.b.raw, scene.found.raw_b)
    assert np.array_equal(scene.a.shown, scene.found.map_a)


def test_a_side_knows_whether_it_is_flat_and_complete():
    a = features_of(1)
    same, other, holed = scene_of(a, a), scene_of(), scene_of(b=without(features_of(2), (0, 0)))
    assert (same.a.flat, other.a.flat) == (True, False)
    assert (holed.a.complete, holed.b.complete) == (True, False)


@pytest.mark.parametrize("sizes", SIZES)
def test_panels_are_equally_high_and_show_each_picture_in_its_own_pixels(sizes):
    scene = scene_of(*(features_of(i, size) for i, size in enumerate(sizes)))
    sheet = pair_of_frames(scene, "Two", "plain", ())
    boxes = [axes.get_position(original=True) for axes in sheet.panels]
    assert boxes[0].height == pytest.approx(boxes[1].height)
    assert boxes[0].height * sheet.height <= HIGH + 0.01
    assert NARROW <= sheet.width <= WIDTH
    for axes, (width, height) in zip(sheet.panels, sizes, strict=True):
        assert (axes.get_xlim(), axes.get_ylim(), axes.get_aspect()) == ((0, width), (height, 0), 1)
        assert axes.images[0].get_extent() == [0, width, height, 0]


def test_flat_panels_leave_room_for_the_words_of_a_colour_bar():
    sheets = [sheet_for("One", Style("png", 60, ""), [20.0] * 2, bar=bar) for bar in (True, False)]
    inches = [sheet.panels[0].get_position(original=True).height * sheet.height for sheet in sheets]
    assert inches == pytest.approx([2.2, 1.1])


def test_photos_lose_colour_and_contrast_as_asked():
    scene, drawn = scene_of(), {}
    for how in ("plain", "grey", "faint"):
        (axes,) = sheet_for("One", scene.style, [1.0]).panels
        show_frame(axes, scene.a, how, 60)
        drawn[how] = axes.images[0].get_array().astype(float)
    assert np.array_equal(drawn["plain"], scene.a_pixels)
    assert np.ptp(drawn["grey"], axis=2).max() == 0
    assert np.ptp(drawn["faint"], axis=2).max() == 0
    assert drawn["faint"].min() > 150
    assert np.corrcoef(drawn["faint"].ravel(), drawn["grey"].ravel())[0, 1] > 0.99


def test_pixels_are_shrunk_to_what_paper_shows_and_may_come_shrunk():
    scene = scene_of(features_of(1, (2000, 1200)), features_of(2, (2000, 1200)))
    (axes,) = sheet_for("One", scene.style, [1.0]).panels
    show_frame(axes, scene.a, "plain", 60)
    assert max(axes.images[0].get_array().shape) == 60 * HIGH
    assert axes.images[0].get_extent() == [0, 2000, 1200, 0]
    small = type(scene)(scene.a_pixels[::10, ::10], scene.b_pixels, "a", "b", scene.found, scene.look, scene.style)
    show_frame(axes, small.a, "plain", 60)
    assert axes.images[1].get_array().shape[:2] == (120, 200)
    assert axes.images[1].get_extent() == [0, 2000, 1200, 0]


@settings(max_examples=60, deadline=None)
@given(name=st.text(min_size=1, max_size=120), points=st.floats(30, 300))
def test_a_name_is_cut_in_the_middle_and_fits(name, points):
    words = middle_cut(name, points, 10)
    assert width_in_points(words, 10) <= points or len(words) <= 2
    if "…" not in words:
        assert width_in_points(words, 10) > 0 or not name.strip()


def test_a_long_name_keeps_its_first_and_even_more_of_its_last_letters():
    words = middle_cut("sequence_" + "x" * 100 + "_000123.png", 150, 10)
    assert words.startswith("sequ")
    assert words.endswith("_000123.png")
    assert "…" in words
    assert [middle_cut(name, 150, 10) for name in ("", "a", "frame_1.png")] == ["", "a", "frame_1.png"]


def test_a_legend_takes_as_many_lines_as_it_needs_in_order():
    entries = [Patch(label=f"{'word ' * 6}{i}") for i in range(5)]
    lines = in_lines(entries, 400)
    assert [entry for line in lines for entry in line] == entries
    assert len(lines) == 3
    for line in lines:
        assert sum(width_in_points(entry.get_label(), 8) + 36 for entry in line) <= 400
    assert in_lines([], 400) == []
    assert in_lines(entries[:1], 10) == [entries[:1]]


def test_more_lines_of_legend_make_the_sheet_higher_not_the_panels_lower():
    style = Style("png", 60, "")
    heights = []
    for count in (0, 1, 9):
        sheet = sheet_for("One", style, [1.5], key=[Patch(label="word " * 8) for _ in range(count)])
        heights.append((sheet.height, sheet.panels[0].get_position(original=True).height * sheet.height))
    assert heights[0][0] < heights[1][0] < heights[2][0]
    assert np.ptp([panel for _, panel in heights]) < 1e-9
