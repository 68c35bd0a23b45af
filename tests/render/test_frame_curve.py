"""The curve of a sequence: every frame in its place, gaps where there is no number, names that can be read."""

import numpy as np
import pytest
from drawn_frames import FOOTER, beyond_the_sheet, words_of
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_rgba

from dinosar.render.frame_curve import FrameSeries, frame_curve, told_apart
from dinosar.render.frame_scene import ALARM
from dinosar.render.sheet import Style

STYLE = Style("png", 60, FOOTER)


def series_of(count, worst=(), missing=(), name="frame_{:04d}.png", **more):
    values = 0.05 + 0.01 * np.random.default_rng(count).random(count)
    values[list(worst)] += 0.2
    values[list(missing)] = np.nan
    marks = np.zeros(count, bool)
    marks[list(worst)] = True
    return FrameSeries(tuple(name.format(i) for i in range(count)), values, marks, **more)


def curve_of(axes):
    return next(line for line in axes.lines if line.get_linestyle() == "-" and len(line.get_xdata()) > 0)


def named(axes):
    return [text.get_text() for text in axes.texts]


def overlapping(texts):
    """Pairs of texts that lie on one another."""
    boxes = [text.get_window_extent() for text in texts if text.get_text()]
    return [(i, j) for i in range(len(boxes)) for j in range(i) if boxes[i].overlaps(boxes[j])]


def test_every_frame_has_its_value_in_its_place_and_gaps_stay_gaps(sheets):
    series = series_of(30, worst=(4,), missing=(7, 8, 20))
    frame_curve(series, STYLE)
    line = curve_of(sheets[0].panels[0])
    assert np.array_equal(line.get_xdata(), np.arange(30))
    assert np.array_equal(line.get_ydata(), series.values, equal_nan=True)


def test_frames_without_a_number_are_bands_and_are_counted(sheets):
    frame_curve(series_of(30, missing=(7, 8, 20, 29)), STYLE)
    axes = sheets[0].panels[0]
    (bands,) = [each for each in axes.collections if len(each.get_paths()) == 3]
    spans = [(path.vertices[:, 0].min(), path.vertices[:, 0].max()) for path in bands.get_paths()]
    assert spans == [(6.5, 8.5), (19.5, 20.5), (28.5, 29.5)]
    assert "not computed: 4" in words_of(sheets[0])
    frame_curve(series_of(30), STYLE)
    assert "not computed" not in words_of(sheets[1])


def test_a_frame_alone_between_gaps_is_a_dot_however_many_there_are(sheets):
    frame_curve(series_of(500, missing=(99, 101)), STYLE)
    (dots,) = [line for line in sheets[0].panels[0].lines if line.get_marker() == "o" and len(line.get_xdata()) == 1]
    assert dots.get_xdata().tolist() == [100]


def test_the_worst_frames_are_marked_and_named(sheets):
    series = series_of(60, worst=(3, 30, 59))
    frame_curve(series, STYLE)
    axes = sheets[0].panels[0]
    (dots,) = [line for line in axes.lines if line.get_color() == ALARM]
    assert dots.get_xdata().tolist() == [3, 30, 59]
    assert np.array_equal(dots.get_ydata(), series.values[[3, 30, 59]])
    assert sorted(named(axes)) == ["0003", "0030", "0059"]
    assert {text.xy[0] for text in axes.texts} == {3, 30, 59}
    assert "worst frames: 3" in words_of(sheets[0])


@settings(max_examples=15, deadline=None)
@given(count=st.integers(2, 400), seed=st.integers(0, 99), share=st.floats(0.01, 0.5))
def test_names_of_worst_frames_cover_one_another_never_and_the_worst_has_one(count, seed, share):
    from dinosar.render.sheet import Sheet

    kept, render = [], Sheet.render
    random = np.random.default_rng(seed)
    worst = np.flatnonzero(random.random(count) < share)
    series = series_of(count, worst=worst)
    series.values[worst] += random.random(len(worst))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sheet, "render", lambda self: kept.append(self) or render(self))
        frame_curve(series, STYLE)
    axes = kept[0].panels[0]
    assert overlapping(axes.texts) == []
    if len(worst):
        top = series.names[worst[np.argmax(series.values[worst])]].removeprefix("frame_").removesuffix(".png")
        assert top in named(axes)


def test_the_threshold_is_one_line_or_one_value_for_every_frame(sheets):
    frame_curve(series_of(20, threshold=0.123), STYLE)
    frame_curve(series_of(20, threshold=np.linspace(0.1, 0.3, 20)), STYLE)
    frame_curve(series_of(20), STYLE)
    lines = [[line for line in sheet.panels[0].lines if line.get_linestyle() == "--"] for sheet in sheets]
    assert set(lines[0][0].get_ydata()) == {0.123}
    assert np.allclose(lines[1][0].get_ydata()[1:-1], np.linspace(0.1, 0.3, 20))
    assert lines[2] == []
    assert "median + k robust sigmas = 0.123" in words_of(sheets[0])
    assert "sigmas" not in words_of(sheets[2])
    assert sheets[1].panels[0].get_ylim()[1] > 0.3


def test_flicker_stands_beneath_between_its_frames(sheets):
    flicker = np.array([0.01, -0.02, np.nan, np.nan, 0.03])
    frame_curve(series_of(6, missing=(3,), flicker=flicker), STYLE)
    upper, lower = sheets[0].figure.axes
    drawn = [path.vertices for each in lower.collections for path in each.get_paths() if len(path.vertices) == 2]
    found = {tuple(vertices[1]) for vertices in drawn if np.isfinite(vertices).all()}
    assert found == {(0.5, 0.01), (1.5, -0.02), (4.5, 0.03)}
    spans = [(path.vertices[:, 0].min(), path.vertices[:, 0].max()) for each in lower.collections
             for path in each.get_paths() if len(path.vertices) == 5]  # fmt: skip
    assert spans == [(2.0, 4.0)]
    assert upper.get_xlim() == lower.get_xlim()
    assert "flicker" in lower.get_ylabel()


@pytest.mark.parametrize("more", [{}, {"flicker": np.zeros(0)}])
def test_without_steps_there_is_no_second_panel(more, sheets):
    frame_curve(series_of(1, **more), STYLE)
    assert len(sheets[0].figure.axes) == 1


def test_nothing_but_gaps_is_said_in_words(sheets):
    frame_curve(series_of(5, missing=range(5), flicker=np.full(4, np.nan)), STYLE)
    assert "no frame could be computed" in words_of(sheets[0])


@pytest.mark.parametrize("count", [1, 2, 3, 16, 17, 100, 999, 5000])
@pytest.mark.parametrize(
    "name", ["frame_{:04d}.png", "{}", "甲虫_{:d}.png", "{0} a very long name of a frame {0}.png", "{0}.jpg" * 9]
)
def test_names_along_the_axis_can_be_read_from_one_frame_to_thousands(count, name, sheets):
    series = series_of(count, worst=(count // 2,), name=name, flicker=np.zeros(count - 1), threshold=0.2)
    frame_curve(series, STYLE)
    lowest = sheets[0].figure.axes[-1]
    labels = [text for text in lowest.get_xticklabels() if text.get_text()]
    assert labels[0].get_position()[0] == 0
    assert min(count, 5) <= len(labels) <= 60 or "long" in name or "jpg" in name
    assert overlapping(labels) == []
    assert beyond_the_sheet(sheets[0]) == []
    short, _ = told_apart(series.names)
    for text in labels:
        place = round(text.get_position()[0])
        whole = short[place].encode("ascii", "backslashreplace").decode()
        assert text.get_text() == whole or "…" in text.get_text()


@pytest.mark.parametrize(("names", "short", "pattern"), [
    (["frame_000.png", "frame_001.png"], ["000", "001"], "frame_*.png"),
    (["10.png", "20.png"], ["10", "20"], "*.png"),
    (["a1_5.png", "a2_5.png"], ["1", "2"], "a*_5.png"),
    (["ant", "bee"], ["ant", "bee"], ""),
    (["a", "a"], ["a", "a"], ""),
    (["one.png"], ["one.png"], ""),
    (["frame.png", "frame_2.png"], ["frame.png", "frame_2.png"], ""),
    (["x1.png", "x1.jpg"], ["png", "jpg"], "x1.*"),
    (["aa", "aaa"], ["aa", "aaa"], ""),
])  # fmt: skip
def test_names_are_told_apart_by_what_differs_and_numbers_stay_whole(names, short, pattern):
    assert told_apart(names) == (short, pattern)


@settings(max_examples=200, deadline=None)
@given(names=st.lists(st.text("ab01_.", min_size=1, max_size=8), min_size=1, max_size=6, unique=True))
def test_what_tells_names_apart_gives_them_back(names):
    short, pattern = told_apart(names)
    assert len(set(short)) == len(names)
    assert all(short)
    front, _, back = pattern.partition("*")
    assert [f"{front}{each}{back}" for each in short] == names


def test_a_series_that_does_not_fit_together_is_refused():
    for wrong in ({"values": np.zeros(2)}, {"worst": np.zeros(2, bool)}, {"flicker": np.zeros(3)}, {"names": ()}):
        given_ = {"names": tuple("abc"), "values": np.zeros(3), "worst": np.zeros(3, bool)} | wrong
        with pytest.raises(ValueError, match="names"):
            FrameSeries(**given_)


def test_the_same_series_gives_the_same_bytes_with_its_footer(sheets):
    series = series_of(40, worst=(3,), missing=(9,), flicker=np.zeros(39), threshold=0.2)
    assert frame_curve(series, STYLE) == frame_curve(series, STYLE)
    assert "backbone toy-v1" in words_of(sheets[0])
    assert to_rgba(ALARM) != to_rgba(curve_of(sheets[0].figure.axes[0]).get_color())
