"""Two files of landmarks held against each other: photos by name, coordinates made alike, faults told."""

from pathlib import Path

import numpy as np
import pytest

from dinosar.errors import InputError, UsageError
from dinosar.evaluation.landmarks import overall
from dinosar.evaluation.pairing import evaluated
from dinosar.landmarks.points import SEEN, Landmarks
from dinosar.landmarks.sheets import LandmarkFile, Sheet
from dinosar.notices import collected

PLACES = np.array([[0, 0], [100, 0], [0, 40.0]])


def sheet(image, places=PLACES, names="abc", **more):
    return Sheet(image, Landmarks(tuple(names), np.array(places), np.full(len(places), SEEN, np.int8)), **more)


def file(*sheets, name="f.json"):
    return LandmarkFile("coco", Path(name), sheets)


def test_photos_are_paired_by_name_whatever_folder_case_and_ending():
    found = evaluated(file(sheet("x.jpg"), sheet("y.jpg")), file(sheet("photos/Y.tif"), sheet("x.png"), sheet("z.jpg")))
    assert [image.image for image, _ in found.images] == ["x.jpg", "y.jpg"]
    assert (found.without_truth, found.not_asked) == ((), ("z.jpg",))
    assert overall(found.images).of_all(0.05) == 1


def test_a_photo_without_truth_is_named_and_does_not_count():
    found = evaluated(file(sheet("x.jpg"), sheet("y.jpg")), file(sheet("x.jpg"), sheet("y.jpg", PLACES[:0], "")))
    assert found.without_truth == ("y.jpg",)
    assert len(found.images) == 1


def test_a_file_that_counts_from_the_bottom_is_turned_over_by_the_size_the_other_tells():
    upside = PLACES * [1, -1] + [0, 50]
    found = evaluated(file(sheet("x.jpg", size=(120, 50))), file(sheet("x.jpg", upside, from_bottom=True)))
    assert overall(found.images).median_px == 0


def test_without_any_size_it_is_refused():
    with pytest.raises(UsageError, match="counted from the bottom"):
        evaluated(file(sheet("x.jpg")), file(sheet("x.jpg", from_bottom=True)))


def test_landmarks_of_two_versions_of_a_photo_are_refused():
    with pytest.raises(UsageError, match="120 x 50 px and 60 x 25 px"):
        evaluated(file(sheet("x.jpg", size=(120, 50))), file(sheet("x.jpg", size=(60, 25))))


def test_no_photo_in_common_is_refused():
    with pytest.raises(InputError, match="no photo with landmarks in common"):
        evaluated(file(sheet("x.jpg")), file(sheet("y.jpg")))


def test_no_name_in_common_is_refused_and_some_without_truth_are_warned_about():
    with pytest.raises(UsageError, match="no name of a landmark in common"):
        evaluated(file(sheet("x.jpg")), file(sheet("x.jpg", names="uvw")))
    with collected() as warnings:
        evaluated(file(sheet("x.jpg")), file(sheet("x.jpg", PLACES[:2], "ab")))
    assert "1 landmarks" in warnings[0]


def test_two_photos_of_one_name_are_refused():
    with pytest.raises(UsageError, match="one name but for folder and ending"):
        evaluated(file(sheet("x.jpg")), file(sheet("a/x.jpg"), sheet("b/x.jpg")))


def test_true_landmarks_in_one_place_are_refused():
    with pytest.raises(UsageError, match="gives no measure"):
        evaluated(file(sheet("x.jpg")), file(sheet("x.jpg", np.zeros((3, 2)))))
