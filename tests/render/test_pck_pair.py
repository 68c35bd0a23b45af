"""Answers beyond the photo are marked at its edge, on the straight way to them, and counted."""

import numpy as np
import pytest
from drawn_frames import words_of
from drawn_matches import FOOTER, keypoints_of

from dinosar.render.pck_pair import worst_picture
from dinosar.render.sheet import Style
from dinosar.testing import toy_photo

STYLE = Style("png", 100, FOOTER)
PIXELS = tuple(toy_photo(i, (240, 160)).pixels for i in (1, 2))
SIZE = np.array([240.0, 160.0])


def drawn(sheet, marker):
    lines = [line for line in sheet.panels[1].lines if line.get_marker() == marker]
    return [line.get_xydata()[0] for line in lines if line.get_markerfacecolor() != "none"]


@pytest.mark.parametrize("beyond", [(-500, 40), (900, 40), (60, -7), (60, 170), (-300, 700), (241, 161)])
def test_a_line_to_beyond_ends_at_the_edge_with_a_mark(beyond, sheets):
    pair = keypoints_of()
    found = pair.b.copy()
    found[2] = beyond
    worst_picture(pair, PIXELS, found, np.hypot(*(found - pair.b).T), STYLE)
    (mark,) = drawn(sheets[0], "D")
    assert (mark >= 0).all()
    assert (mark <= SIZE).all()
    assert np.isclose(mark, 0).any() or np.isclose(mark, SIZE).any()
    way, whole = mark - pair.b[2], np.array(beyond) - pair.b[2]
    assert way[0] * whole[1] - way[1] * whole[0] == pytest.approx(0, abs=1e-6)
    assert way @ whole > 0
    assert "1 answer beyond the photo" in words_of(sheets[0])
    ends = np.concatenate([line.get_xydata() for line in sheets[0].panels[1].lines])
    assert (ends >= 0).all()
    assert (ends <= SIZE).all()


def test_at_the_very_edge_is_not_beyond(sheets):
    pair = keypoints_of()
    found = np.tile(SIZE, (len(pair.b), 1))
    found[0] = 0, 0
    worst_picture(pair, PIXELS, found, np.hypot(*(found - pair.b).T), STYLE)
    assert drawn(sheets[0], "D") == []
    assert "beyond" not in words_of(sheets[0])


def test_sides_are_whole_pixels_or_have_one_decimal(sheets):
    for i, (right, said) in enumerate([(120.0, "is 100 px"), (616.8123, "is 596.8 px"), (123476.5, "is 123456.5 px")]):
        pair = keypoints_of()
        object.__setattr__(pair, "box", (20.0, 30.0, right, 90.0))
        worst_picture(pair, PIXELS, pair.b, np.zeros(len(pair.b)), STYLE)
        assert said in words_of(sheets[i]).replace(" | ", " ")
