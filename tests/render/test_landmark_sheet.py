"""Every landmark is drawn where it is, with its name or number; what is missing is listed."""

import re

import numpy as np
import pytest

from dinosar.landmarks.points import Landmarks
from dinosar.render import landmark_sheet as module
from dinosar.render.landmark_sheet import (
    A_SHEET,
    LandmarkPanel,
    landmark_sheets,
    sheets_needed,
    shrunk_panel,
    side_of,
)
from dinosar.render.sheet import Style

SVG = Style("svg", footer="k.json")
GREY = np.full((60, 100, 3), 128, np.uint8)


def landmarks(places, names=None, visibility=None):
    names = names or tuple(str(i + 1) for i in range(len(places)))
    seen = np.full(len(places), 2, np.int8) if visibility is None else np.array(visibility, np.int8)
    return Landmarks(tuple(names), np.array(places, dtype=float), seen, named=names[0] != "1")


def words(svg):
    """Texts of a drawing, in order."""
    return re.findall(r">([^<>\n]+)</text>", svg.decode())


def spread(count):
    return [(1000 * (i % 10 + 0.5) / 10, 600 * (i // 10 + 0.5) / 10) for i in range(count)]


def test_few_names_are_written_at_their_landmarks():
    found = landmarks([(200, 300), (700, 300), (1, 1)], ("eye", "wing & tip", "leg"), (2, 1, 0))
    (page,) = landmark_sheets([LandmarkPanel("a.jpg", GREY, (1000, 600), found)], "Landmarks", SVG)
    texts = words(page)
    assert {"eye", "wing &amp; tip", "a.jpg", "2 of 3; missing: leg", "seen", "uncertain", "k.json"} <= set(texts)
    assert "1" not in texts


def test_many_names_become_numbers_with_a_list():
    names = [f"a rather long name {i}" for i in range(60)]
    found = landmarks(spread(60), names, [0, *[2] * 59])
    (page,) = landmark_sheets([LandmarkPanel("a.jpg", GREY, (1000, 600), found)], "Landmarks", SVG)
    texts = words(page)
    assert set(names) <= set(texts)
    assert "59 of 60; missing: 1" in texts
    assert texts.count("60") == 2  # at its landmark, and in the list
    assert texts.count("1") == 1
    assert "uncertain" not in texts


def test_landmarks_without_names_go_by_their_numbers_without_a_list():
    panels = [LandmarkPanel(f"{i}.jpg", GREY, (1000, 600), landmarks(spread(30))) for i in range(3)]
    (page,) = landmark_sheets(panels, "Landmarks", SVG)
    assert words(page).count("30") == 3


def test_a_number_means_the_same_on_every_sheet(monkeypatch):
    monkeypatch.setattr(module, "A_SHEET", 3)
    panels = [
        LandmarkPanel(f"{i}.jpg", GREY, (1000, 600), landmarks([(200, 300)], ("tip",) if i > 3 else ("eye",)))
        for i in range(6)
    ]
    first, second = landmark_sheets(panels, "Landmarks", SVG)
    assert "Landmarks, sheet 1 of 2" in words(first)
    for page in (first, second):
        listed = words(page)
        assert listed[listed.index("eye") - 1] == "1"
        assert listed[listed.index("tip") - 1] == "2"
    assert sheets_needed(6) == 2


@pytest.mark.parametrize("count", [1, 2, 6, 12, A_SHEET])
def test_photos_keep_their_shape_and_landmarks_their_place(count, monkeypatch):
    drawn = []
    monkeypatch.setattr(module, "_caption", lambda sheet, axes, panel, labels: drawn.append((sheet, axes, panel)))
    sizes = [(1000, 600), (400, 1200), (800, 800)]
    panels = [LandmarkPanel("a", GREY, sizes[i % 3], landmarks([(10, 20), (300, 500)])) for i in range(count)]
    landmark_sheets(panels, "x", Style("png", 50))
    boxes = []
    for sheet, axes, panel in drawn:
        place = axes.get_position()
        width, height = place.width * sheet.width, place.height * sheet.height
        assert width / height == pytest.approx(panel.size[0] / panel.size[1])
        assert (axes.get_xlim(), axes.get_ylim()) == ((0, panel.size[0]), (panel.size[1], 0))
        marks = [line.get_xydata()[0].tolist() for line in axes.lines if line.get_marker() == "o"]
        assert marks == [[10, 20], [300, 500]]
        assert 0 < place.x0 < place.x1 < 1
        assert 0 < place.y0 < place.y1 < 1
        boxes.append(place)
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_the_same_bytes_every_time_whatever_was_drawn_before():
    panels = [LandmarkPanel("a.jpg", GREY, (1000, 600), landmarks(spread(20)))]
    assert landmark_sheets(panels, "x", Style("png", 60)) == landmark_sheets(panels, "x", Style("png", 60))


def test_photos_are_shrunk_to_what_is_drawn():
    panel = shrunk_panel("a", np.zeros((400, 1000, 3), np.uint8), landmarks([(1, 2)]), 100)
    assert (panel.pixels.shape, panel.size) == ((40, 100, 3), (1000, 400))
    assert shrunk_panel("a", GREY, landmarks([(1, 2)]), 100).pixels.shape == GREY.shape
    assert side_of(1, 100) == 1050 > side_of(7, 100) > side_of(200, 100)


def test_a_photo_without_landmarks_is_drawn_all_the_same():
    empty = Landmarks((), np.zeros((0, 2)), np.zeros(0, np.int8))
    (page,) = landmark_sheets([LandmarkPanel("a.jpg", GREY, (1000, 600), empty)], "x", SVG)
    assert "0 of 0 landmarks" in words(page)
