"""What is wrong is found and named, and a clean file has no findings."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from command_line import ROOT
from landmark_sheets import sheet

from dinosar.landmarks.findings import findings
from dinosar.landmarks.reading import read_landmarks
from dinosar.landmarks.sheets import LandmarkFile, turned_over

CLEAN = read_landmarks(ROOT / "toy_data" / "landmarks" / "landmarks.json")
THIRD = CLEAN.sheets[2].image
SIZES = {i: sheet.size for i, sheet in enumerate(CLEAN.sheets)}


def with_third(change, file=CLEAN):
    """The clean file with the landmarks of its third photo changed."""
    sheets = list(file.sheets)
    places = change(sheets[2].landmarks.places.copy())
    sheets[2] = replace(sheets[2], landmarks=sheets[2].landmarks.moved_to(places))
    return replace(file, sheets=tuple(sheets))


def exchanged(places):
    places[[3, 9]] = places[[9, 3]]
    return places


def mirrored(places):
    return places * [-1, 1] + [828, 0]


def far(places):
    places[7] += [90, 40]
    return places


def doubled(places):
    places[5] = places[6] + 0.2
    return places


def on_a_line(places):
    return np.stack([np.arange(16) * 7.0, np.arange(16) * 3.0], axis=1)


def test_a_clean_file_has_none():
    assert findings(CLEAN, SIZES, photos_wanted=True) == []


@pytest.mark.parametrize(
    ("change", "kind", "which", "says"),
    [
        (exchanged, "exchanged", (3, 9), "'pronotum front' and 'wing apex' look exchanged"),
        (mirrored, "mirrored", (), "looks mirrored"),
        (lambda places: places[::-1], "reversed", (), "numbered from the wrong end"),
        (lambda places: np.roll(places, 1, axis=0), "shifted", None, "looks shifted"),
        (far, "outlier", (7,), "'cubital fork' lies "),
        (doubled, "same place", (5, 6), "'radial fork' and 'medial fork' lie on the same place"),
        (on_a_line, "on a line", None, "of its landmarks all 16 lie on a line"),
    ],
)
def test_what_a_person_does_wrong_is_named(change, kind, which, says):
    found = {each.kind: each for each in findings(with_third(change), {})}
    assert found[kind].image == THIRD
    assert says in found[kind].says
    if which is not None:
        assert set(found[kind].landmarks) == {CLEAN.names[k] for k in which}
    assert {each.image for each in found.values()} == {THIRD}


def test_an_outlier_is_measured_from_where_it_should_be():
    (found,) = findings(with_third(far), {})
    pixels = float(found.says.split(" lies ")[1].split(" px")[0])
    assert pixels == pytest.approx(np.hypot(90, 40), abs=15)
    x, y = CLEAN.sheets[2].landmarks.places[7]
    said = [float(word) for word in found.says.split("about x=")[1].split(")")[0].split(", y=")]
    assert np.hypot(said[0] - x, said[1] - y) < 15
    length = np.ptp(CLEAN.sheets[2].landmarks.places, axis=0).max()
    share = float(found.says.split("px, ")[1].split("%")[0]) / 100
    assert share == pytest.approx(pixels / length, rel=0.02)


def test_from_the_bottom_the_same_is_found():
    low = tuple(
        replace(each, landmarks=each.landmarks.moved_to(turned_over(each.landmarks.places, 700)), from_bottom=True)
        for each in CLEAN.sheets
    )
    file = replace(CLEAN, sheets=low)
    sizes = dict.fromkeys(SIZES, (900, 700))
    bare = [replace(each, size=None) for each in low]
    assert findings(replace(CLEAN, sheets=tuple(bare)), sizes) == []
    spoilt = findings(with_third(exchanged, file), {})
    assert [each.kind for each in spoilt] == ["photo not found", "exchanged"]


def test_of_two_specimens_either_may_be_wrong():
    pair = replace(CLEAN, sheets=with_third(exchanged).sheets[1:3])
    found = findings(pair, {})
    assert [each.kind for each in found] == ["exchanged", "exchanged"]
    assert all("of two nobody can tell" in each.says for each in found)


def test_photos_that_do_not_fit_are_told():
    file = LandmarkFile("csv", Path("x.csv"), (
        sheet("a.jpg", [(1, 2), (3, 40), (30, 4)], size=(40, 60), where="'x.csv', line 2"),
        sheet("b.jpg", [(1, 2), (300, 40), (30, 4)], where="'x.csv', line 5"),
        sheet("c.jpg", [None, None, None], where="'x.csv', line 8"),
        sheet("b.jpg", [(9, 2), (3, 44), (30, 4)], where="'x.csv', line 11"),
    ))  # fmt: skip
    found = findings(file, {0: (60, 40), 1: (60, 40)}, {3}, photos_wanted=True)
    assert [(each.kind, each.image) for each in found if each.kind not in ("exchanged", "outlier", "mirrored")] == [
        ("photo twice", "b.jpg"), ("photo not found", "c.jpg"), ("size differs", "a.jpg"), ("outside", "b.jpg"),
        ("none", "c.jpg"),
    ]  # fmt: skip
    says = {each.kind: each.says for each in found}
    assert says["photo twice"] == "stands in the file twice (line 5 and line 11); keep one"
    assert "said to be 40 x 60 px" in says["size differs"]
    assert "'2' lies at x=300, y=40, outside the photo of 60 x 40 px" in says["outside"]


def test_photos_are_missed_only_where_they_are_needed():
    several = tuple(replace(CLEAN.sheets[i], from_bottom=i < 2) for i in range(6))
    one_by_one = findings(replace(CLEAN, sheets=several), {})
    assert [each.image for each in one_by_one if each.kind == "photo not found"] == [each.image for each in several[:2]]
    (all_at_once,) = findings(CLEAN, {}, photos_wanted=True)
    assert all_at_once.says.startswith("12 of 12 photos were not found (fulgora-alba_i1_p1.jpg, ")


def test_where_some_photos_lie_the_others_are_missed():
    file = replace(CLEAN, sheets=CLEAN.sheets[:3])
    for sizes, unreadable in (({0: SIZES[0]}, ()), ({}, {0})):
        assert [each.image for each in findings(file, sizes, unreadable) if each.kind == "photo not found"] == [
            each.image for each in file.sheets[1:]
        ]
    assert findings(file, {}) == []


@pytest.mark.parametrize("sizes", [{}, {0: (40, 60)}, {0: (60, 40)}])
def test_every_landmark_outside_what_the_file_says_is_listed(sizes):
    file = LandmarkFile(
        "coco", Path("x.json"), (sheet("a.jpg", [(1, 2), (41, 40), (30, 70)], size=(40, 60), where="'x', a"),)
    )
    found = [each for each in findings(file, sizes) if each.kind == "outside"]
    assert [each.landmarks for each in found] == [("2",), ("3",)]
    assert "outside the photo of 40 x 60 px" in found[0].says
    upside = replace(file, sheets=(replace(file.sheets[0], size=None, from_bottom=True),))
    assert [each.landmarks for each in findings(upside, {0: (60, 65)}) if each.kind == "outside"] == [("3",)]


def test_a_photo_is_there_twice_however_its_accents_are_spelled():
    file = LandmarkFile(
        "csv", Path("x.csv"), (sheet("u\u0308.jpg", [(1, 2), (3, 4)]), sheet("\u00dc.jpg", [(1, 2), (3, 4)]))
    )
    assert [each.kind for each in findings(file, {})] == ["photo twice"]


def test_few_or_no_landmarks_accuse_nobody():
    file = LandmarkFile("csv", Path("x.csv"), (
        sheet("a.jpg", [(1, 2), (3, 4), None]), sheet("b.jpg", [(1, 2), None, (3, 4)]),
        sheet("c.jpg", [(5, 5), None, None]),
    ))  # fmt: skip
    assert findings(file, {}) == []
    assert findings(LandmarkFile("csv", Path("x.csv"), ()), {}) == []
