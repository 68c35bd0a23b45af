"""Two methods stand one above the other, each with its own ties, above their numbers."""

import pytest
from drawn_frames import beyond_the_sheet, words_of
from drawn_matches import matched_of, pairs_of, scene_of, specimen_of
from matplotlib.patches import ConnectionPatch

from dinosar.render.match_methods import COLUMNS, cells, methods_picture

A, B = specimen_of(1), specimen_of(2)


def test_each_method_has_its_row_of_photos_and_its_ties(sheets):
    methods_picture(scene_of(matched_of(A, B, 24, sift=11)))
    axes = sheets[0].figure.axes
    assert len(axes) == 4
    ties = [each for each in sheets[0].figure.artists if isinstance(each, ConnectionPatch)]
    assert [sum(each.axesA is left for each in ties) for left in axes[::2]] == [24, 11]
    heights = [each.get_position().y0 for each in axes]
    assert heights[0] == heights[1] > heights[2] == heights[3]
    assert axes[0].get_position().height == pytest.approx(axes[2].get_position().height)


def test_the_table_holds_the_numbers():
    assert cells(pairs_of(A, B, 24, flat=True)) == (
        "Features", "24", "18 (by chance 2.4)", "18 (by chance 1.5)", "44%", "not known", "1.25",
    )  # fmt: skip
    assert cells(pairs_of(A, B, 3, "sift"))[:4] == ("SIFT", "3", "none found", "none found")
    assert cells(pairs_of(A, B, 0, "sift"))[1:4] == ("0", "no match", "no match")


def test_the_key_names_each_kind_of_tie_once(sheets):
    methods_picture(scene_of(matched_of(A, B, 24, sift=3)))
    words = words_of(sheets[0])
    assert words.count("fits one epipolar geometry") == 1
    assert words.count("does not fit it") == 1
    assert words.count("not judged, for no geometry was found") == 1
    assert "SIFT: all 3 matches" in words


def test_the_words_of_a_row_lie_between_it_and_the_row_above(sheets):
    methods_picture(scene_of(matched_of(A, B, 24, sift=11)))
    figure = sheets[0].figure
    renderer = figure.canvas.get_renderer()
    upper, _, lower, _ = figure.axes
    heading = next(text for text in figure.texts if text.get_text().startswith("SIFT: all 11")).get_window_extent(
        renderer
    )
    name = lower._left_title.get_window_extent(renderer)
    assert upper.get_window_extent(renderer).y0 > heading.y1 > heading.y0 > name.y1 - 1
    assert name.y0 > lower.get_window_extent(renderer).y1


@pytest.mark.parametrize("sizes", [((240, 160), (240, 160)), ((60, 240), (50, 240)), ((240, 40), (64, 48))])
def test_words_are_whole_and_on_the_paper_whatever_the_photos(sizes, sheets):
    pair = [specimen_of(i, size, "n" * 80, patch=4) for i, size in enumerate(sizes)]
    matched = matched_of(*pair, 150, sift=101)
    methods_picture(scene_of(matched, 20))
    assert beyond_the_sheet(sheets[0]) == []
    words = words_of(sheets[0]).split(" | ")
    expected = (*COLUMNS, *cells(matched.features), *cells(matched.sift))
    assert [each for each in expected if each and each not in words] == []
