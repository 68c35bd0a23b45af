"""Which landmarks fix a warp, and what is said of the others."""

import numpy as np
import pytest

from dinosar.shape.soundness import NARROW, unsound

NAMES = ["eye", "antenna", "claspers", "tip"]
SOUND = np.array([[10.0, 10.0], [90.0, 15.0], [50.0, 80.0], [20.0, 60.0]])


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4])
@pytest.mark.parametrize("count", [3, 4])
def test_landmarks_that_span_a_plane_are_sound(scale, count):
    assert unsound(SOUND[:count] * scale, NAMES) is None


@pytest.mark.parametrize("count", [0, 1, 2])
def test_three_are_needed(count):
    said = unsound(SOUND[:count], NAMES)
    assert said == f"{count} shared landmark{'s' if count != 1 else ''}, at least 3 are needed"


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4])
def test_twins_are_named(scale):
    points = SOUND.copy()
    points[3] = points[1] + 1e-5
    assert unsound(points * scale, NAMES) == "'antenna' and 'tip' lie on the same place"
    points[3] = points[1] + 0.1
    assert unsound(points * scale, NAMES) is None


def test_all_in_one_place_are_twins():
    assert unsound(np.ones((3, 2)), NAMES) == "'eye' and 'antenna' lie on the same place"


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4])
@pytest.mark.parametrize("angle", [0.0, 1.0])
def test_a_line_is_told_from_a_narrow_band(scale, angle):
    along = np.array([0.0, 1.0, 2.0, 4.0]) * scale
    for width, sound in ((0.0, False), (NARROW / 2, False), (NARROW * 10, True)):
        aside = np.array([1, -1, 1, -1]) * width * scale * 2
        points = np.column_stack([
            along * np.cos(angle) - aside * np.sin(angle), along * np.sin(angle) + aside * np.cos(angle)
        ])  # fmt: skip
        assert unsound(points, NAMES) == (None if sound else "all 4 lie on a line")


def test_a_missing_place_is_said():
    points = SOUND.copy()
    points[2, 0] = np.nan
    assert unsound(points, NAMES) == "not every shared landmark has a place"
