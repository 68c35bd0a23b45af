"""Every picture of two matched photos is drawn, of its size and kind, the same twice, and legible."""

import io
from itertools import pairwise

import numpy as np
import pytest
from drawn_frames import beyond_the_sheet, words_of
from drawn_matches import FOOTER, GROUND, look_of, matched_of, specimen_of
from PIL import Image

from dinosar.render.match_pictures import match_pictures
from dinosar.render.sheet import width_in_points
from dinosar.sparse.matched import Ground

STEMS = ["matches_features", "fg_A", "fg_B", "pca_joint", "masks_local", "norms"]
BOTH = ["matches_features", "matches_sift", "methods", *STEMS[1:]]
MAGIC = {"png": b"\x89PNG\r\n\x1a\n", "svg": b"<?xml", "pdf": b"%PDF-"}
SIZES = [((240, 160), (240, 160), 1), ((60, 240), (50, 240), 24), ((240, 30), (64, 48), 24), ((48, 48), (160, 240), 0)]
LONG = Ground("grabcut", 0.2, (f"masker pca cannot tell: {'the component is no axis of an object, ' * 9}",), {})


@pytest.mark.parametrize("sift", [None, 12])
def test_every_picture_there_is_is_drawn_the_same_twice(sift):
    matched = matched_of(sift=sift)
    drawn = list(match_pictures(matched, look_of()))
    assert [name for name, _ in drawn] == [f"{stem}.png" for stem in (STEMS if sift is None else BOTH)]
    assert drawn == list(match_pictures(matched, look_of()))


@pytest.mark.parametrize("kind", ["svg", "pdf"])
def test_pictures_are_of_the_kind_asked_for(kind):
    drawn = dict(match_pictures(matched_of(sift=12), look_of(format=kind)))
    assert list(drawn) == [f"{stem}.{kind}" for stem in BOTH]
    assert all(data.startswith(MAGIC[kind]) for data in drawn.values())


@pytest.mark.parametrize("dpi", [50, 90])
def test_every_png_has_the_resolution_and_the_size_of_its_sheet(dpi, sheets):
    for _, data in match_pictures(matched_of(sift=12), look_of(dpi=dpi)):
        picture = Image.open(io.BytesIO(data))
        assert picture.info["dpi"] == pytest.approx((dpi, dpi), abs=0.02)
        assert picture.size == pytest.approx((sheets[-1].width * dpi, sheets[-1].height * dpi), abs=1)
        assert FOOTER in words_of(sheets[-1])


@pytest.mark.parametrize(("a", "b", "count"), SIZES)
def test_everything_lies_on_the_paper_whatever_the_photos(a, b, count, sheets):
    pair = specimen_of(1, a, "甲虫.png"), specimen_of(2, b, "n" * 99)
    matched = matched_of(*pair, count, sift=count, grounds=(GROUND, LONG))
    names = [name for name, _ in match_pictures(matched, look_of())]
    assert {name: out for name, sheet in zip(names, sheets, strict=True) if (out := beyond_the_sheet(sheet))} == {}


def test_a_title_with_large_numbers_fits_the_narrowest_sheet(sheets):
    pair = [specimen_of(i, (50, 240), patch=4) for i in (1, 2)]
    matched = matched_of(*pair, 200, sift=200)
    for _ in match_pictures(matched, look_of(shown=50)):
        title = sheets[-1].figure.texts[0].get_text()
        assert 1.14 * width_in_points(title, 11) <= (sheets[-1].width - 0.5) * 72, title


def test_no_words_lie_on_others(sheets):
    """Captions, legends and the footer stand one above the other."""
    for _ in match_pictures(matched_of(sift=12, grounds=(GROUND, LONG)), look_of()):
        figure = sheets[-1].figure
        renderer = figure.canvas.get_renderer()
        lines = [each.get_window_extent(renderer) for each in (*figure.texts, *figure.legends)]
        columns = [box for box in lines if box.x0 < 0.5 * figure.dpi]
        columns.sort(key=lambda box: -box.y1)
        assert all(below.y1 <= above.y0 + 2 for above, below in pairwise(columns))
        panels = [axes.get_window_extent(renderer).y0 for axes in sheets[-1].figure.axes]
        assert np.isfinite(panels).all()
