"""Two files of landmarks held against each other: photos by name, coordinates made alike, faults told."""

from pathlib import Path

import numpy as np
import pytest

from dinosar.errors import InputError, UsageError
from dinosar.evaluation.landmarks import overall
from dinosar.evaluation.pairing import evaluated
from dinosar.landmarks.points import SEEN, Landmarks
from dinosar.landmarks.sheets import LandmarkFile, Sheet, landmarks_from
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


def bare(image, places=PLACES, **more):
    landmarks = landmarks_from(
        [str(i) for i in range(1, len(places) + 1)], np.array(places), np.full(len(places), SEEN, np.int8)
    )
    return Sheet(image, landmarks, **more)


@pytest.mark.parametrize("turned", [False, True])
def test_where_one_side_has_no_names_positions_count(turned, caplog):
    caplog.set_level("INFO", "dinosar")
    off = PLACES + [[0, 0], [10, 0], [0, 0]]
    pair = [file(sheet("x.jpg")), file(bare("x.jpg", off))]
    result = evaluated(*(pair[::-1] if turned else pair))
    ((image, extra),) = result.images
    assert (image.names, image.errors.tolist(), extra) == (("a", "b", "c"), [0, 10, 0], 0)
    assert [message for message in caplog.messages if "by their position" in message]


@pytest.mark.parametrize("turned", [False, True])
def test_positions_of_another_number_are_refused_with_what_to_do(turned):
    pair = [file(sheet("x.jpg")), file(bare("x.jpg", PLACES[:2], where="'k.tps', line 1"))]
    with pytest.raises(
        UsageError, match=r"line 1: 'x.jpg' has 2 landmarks without names, but 3 .* convert --names gives names"
    ):
        evaluated(*(pair[::-1] if turned else pair))


def test_two_sides_without_names_go_by_position_in_silence(caplog):
    caplog.set_level("INFO", "dinosar")
    assert overall(evaluated(file(bare("x.jpg")), file(bare("x.jpg"))).images).median_px == 0
    assert caplog.messages == []


def test_a_photo_that_is_only_listed_was_not_asked_for():
    found = evaluated(file(sheet("x.jpg"), sheet("y.jpg", listed_only=True)), file(sheet("x.jpg"), sheet("y.jpg")))
    assert (len(found.images), found.not_asked) == (1, ("y.jpg",))


def test_accents_may_be_spelled_either_way():
    assert len(evaluated(file(sheet("u\u0308.jpg")), file(sheet("\u00dc.tif"))).images) == 1
