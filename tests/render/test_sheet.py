"""A sheet writes the same bytes every time, of the size and resolution asked for, whatever the words on it."""

import io
import itertools

import matplotlib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.lines import Line2D
from PIL import Image

from dinosar.render.sheet import BESIDE_BAR, SETTINGS, Margins, Sheet, Style, picture, readable, width_in_points

MAGIC = {"png": b"\x89PNG\r\n\x1a\n", "svg": b"<?xml", "pdf": b"%PDF-"}


def sheet_of(style, title="A title", size=(6.0, 3.0)):
    sheet = Sheet(title, style, size, (1.0, 2.0), Margins(0.6, 0.4, 0.3))
    sheet.panels[0].plot([0, 1], [1, 0])
    sheet.panels[1].imshow(np.arange(12).reshape(3, 4))
    return sheet


@picture
def drawn(*given):
    """A sheet's bytes, drawn as every picture is: under our own settings."""
    return sheet_of(*given).render()


@pytest.mark.parametrize("kind", MAGIC)
def test_a_picture_has_its_kind_and_the_same_bytes_twice(kind):
    first, second = (drawn(Style(kind, 80, "a footer")) for _ in range(2))
    assert first.startswith(MAGIC[kind])
    assert first == second


@pytest.mark.parametrize("dpi", [50, 72, 150, 300])
def test_a_png_has_the_size_and_the_resolution_asked_for(dpi):
    picture = Image.open(io.BytesIO(drawn(Style("png", dpi))))
    assert picture.size == (6 * dpi, 3 * dpi)
    assert picture.info["dpi"] == pytest.approx((dpi, dpi), abs=0.02)
    assert picture.mode == "RGB"


@pytest.mark.parametrize("kind", ["svg", "pdf"])
def test_vector_pictures_hold_no_date_and_no_version(kind):
    data = drawn(Style(kind, 80, "a footer"))
    for word in (b"Date", b"Producer", b"Creator", matplotlib.__version__.encode()):
        assert word not in data


def test_text_in_svg_stays_text():
    data = drawn(Style("svg", 80, "made by this and that"), "Legs and wings")
    assert b"Legs and wings" in data
    assert b"made by this and that" in data


def test_title_and_footer_stand_above_and_below_the_panels():
    sheet = sheet_of(Style(footer="what was used"))
    title, footer = sheet.figure.texts
    assert (title.get_text(), footer.get_text()) == ("A title", "what was used")
    renderer = sheet.figure.canvas.get_renderer()
    boxes = [panel.get_window_extent(renderer) for panel in sheet.panels]
    assert title.get_window_extent(renderer).y0 > max(box.y1 for box in boxes)
    assert footer.get_window_extent(renderer).y1 < min(box.y0 for box in boxes)
    sheet.render()


@pytest.mark.parametrize("lines", [4, 6])
def test_a_longer_footer_makes_the_sheet_higher_and_leaves_the_panels_as_they_are(lines):
    short, long = (sheet_of(Style(footer="\n".join("said" for _ in range(n)))) for n in (3, lines))
    for one, two in zip(short.panels, long.panels, strict=True):
        assert one.get_position().size * (6, short.height) == pytest.approx(two.get_position().size * (6, long.height))
    renderer = long.figure.canvas.get_renderer()
    footer = long.figure.texts[1].get_window_extent(renderer)
    assert 0 <= footer.y0 < footer.y1 < long.panels[0].get_window_extent(renderer).y0


def test_a_line_too_long_for_the_sheet_is_broken_between_its_parts():
    line = "   ".join(f"part {i} of the line beneath" for i in range(12))
    sheet = sheet_of(Style(footer=f"short\n{line}"))
    footer = sheet.figure.texts[1]
    lines = footer.get_text().split("\n")
    assert lines[0] == "short"
    assert "   ".join(lines[1:]) == line
    assert len(lines) > 3
    box = footer.get_window_extent(sheet.figure.canvas.get_renderer())
    assert box.y0 >= 0
    assert box.x1 <= sheet.figure.bbox.width
    assert sheet.height == pytest.approx(sheet_of(Style(footer="\n".join(lines))).height)


def test_the_settings_of_the_program_around_are_left_as_they_were():
    before = dict(matplotlib.rcParams)
    drawn(Style("svg"))
    assert dict(matplotlib.rcParams) == before


def test_a_drawing_that_breaks_off_leaves_the_settings_as_they_were_too(monkeypatch):
    before = dict(matplotlib.rcParams)
    monkeypatch.setattr(Sheet, "_text", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError) as caught:
        sheet_of(Style("svg"))
    after = dict(matplotlib.rcParams)
    del caught  # kept until now, as a notebook keeps the last error and all that it holds
    assert after == before


def test_the_look_does_not_depend_on_the_settings_of_the_program_around():
    plain = drawn(Style("png", 60))
    with matplotlib.rc_context({"font.size": 30, "axes.titlesize": 40, "text.parse_math": True, "savefig.dpi": 33}):
        assert drawn(Style("png", 60)) == plain


STRANGE = ["a\nb", "cost $5, $x_1$", "甲虫 标本", "\t\x00\x07", "🪲", "x" * 5000, "", "\u202e to the left", "a\ud800b"]


@pytest.mark.parametrize("words", STRANGE, ids=lambda words: ascii(words[:20]))
def test_strange_words_are_drawn_without_a_crash_or_a_warning(words):
    assert drawn(Style("png", 50, words), words).startswith(MAGIC["png"])


@pytest.mark.parametrize("kind", ["svg", "pdf"])
def test_all_strange_words_together_can_be_written_as_vectors(kind):
    words = " ".join(words[:20] for words in STRANGE)
    assert drawn(Style(kind, 50, words), words).startswith(MAGIC[kind])


def test_words_that_the_font_lacks_are_written_as_their_code():
    assert readable("Käfer 甲 µm", 99) == "Käfer \\u7532 µm"
    assert readable("a\tb", 99) == "a\\tb"
    assert readable("two\nlines", 99) == "two\\nlines"


@given(text=st.text(max_size=60), limit=st.integers(1, 50))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_readable_words_are_never_longer_than_asked(text, limit):
    shown = readable(text, limit)
    assert len(shown) <= limit
    assert all(c == "\n" or c.isprintable() for c in shown)
    assert shown == readable(text, 10**6) or shown.endswith("…")


def test_a_colour_bar_stands_beside_the_panels_and_a_legend_in_the_line_of_the_title():
    sheet = Sheet("Title", Style("png", 60), (8.0, 4.0), (1.0,), BESIDE_BAR)
    sheet.colour_bar(sheet.panels[0].imshow(np.eye(3)), "unit")
    sheet.legend([Line2D([], [], label="one"), Line2D([], [], label="two")])
    renderer = sheet.figure.canvas.get_renderer()
    bar = sheet.figure.axes[1]
    boxes = [x.get_tightbbox(renderer) for x in (sheet.panels[0], bar, sheet.figure.legends[0])]
    assert bar.get_ylabel() == "unit"
    assert not any(x.overlaps(y) for x, y in itertools.combinations(boxes, 2))
    assert all(box.x1 <= 8 * sheet.figure.dpi and box.y1 <= 4 * sheet.figure.dpi for box in boxes)
    sheet.render()


@pytest.mark.parametrize("dpi", [50, 72, 80, 90, 150, 300])
def test_a_line_is_as_long_at_every_resolution_as_it_was_reckoned(dpi):
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    words = "Above each image: its rank, and its score by maxsim (mean of the largest cosine of each query patch)"
    with rc_context(SETTINGS):
        figure = Figure(figsize=(12, 2), dpi=dpi)
        drawn = figure.text(0, 0, words, fontsize=9).get_window_extent(FigureCanvasAgg(figure).get_renderer())
    assert drawn.width * 72 / dpi == pytest.approx(width_in_points(words, 9), rel=0.01)
