"""What each kind of file means, however untidily it is written, and which of its photos is meant."""

import json

import numpy as np
import pytest
from landmark_sheets import COCO, CSV, MORPHOJ, SLICER, TPS, changed, del_, sheet

from dinosar.errors import InputError, UsageError
from dinosar.landmarks.reading import landmarks_of, read_landmarks, sheet_for
from dinosar.landmarks.sheets import LandmarkFile, upright
from dinosar.notices import collected


@pytest.fixture
def read(tmp_path):
    """Reads a text as a file of that name."""

    def reader(name, text):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_landmarks(path)

    return reader


def test_coco_places_names_and_visibility(read):
    file = read("a.json", json.dumps(COCO))
    assert (file.kind, file.names, file.skeleton) == (
        "coco", ("eye", "wing base", "wing apex"), (("eye", "wing base"), ("wing base", "wing apex"))
    )  # fmt: skip
    first = file.sheets[0]
    assert (first.image, first.size, first.id, first.from_bottom) == ("a.jpg", (200, 100), "1", False)
    assert np.array_equal(first.landmarks.places, [[10, 20], [30.5, 40], [np.nan, np.nan]], equal_nan=True)
    assert first.landmarks.visibility.tolist() == [2, 1, 0]
    assert first.landmarks.missing == ("wing apex",)


UNTIDY = {
    "string ids": changed(COCO, ("annotations", 0, "image_id"), "1"),
    "ids with decimals": changed(COCO, ("images", 0, "id"), 1.0),
    "no num_keypoints": changed(COCO, ("annotations", 0, "num_keypoints"), del_),
    "no annotation ids": changed(COCO, ("annotations", 0, "id"), del_),
    "one category, not said": changed(COCO, ("annotations", 0, "category_id"), None),
    "extra keys": changed(COCO, ("info",), {"by": "me"}),
    "missing with nonsense": changed(COCO, ("annotations", 0, "keypoints"), [10, 20, 2, 30.5, 40, 1, "?", -9e9, 0]),
    "decimal visibility": changed(COCO, ("annotations", 0, "keypoints"), [10, 20, 2.0, 30.5, 40, 1, 0, 0, 0.0]),
    "a mask besides": changed(COCO, ("annotations",), [*COCO["annotations"], {"image_id": 1, "segmentation": []}]),
    "another category": changed(COCO, ("categories",), [*COCO["categories"], {"id": 2, "name": "label"}]),
    "a mark at the start": "\ufeff" + json.dumps(COCO),
}


@pytest.mark.parametrize("text", UNTIDY.values(), ids=UNTIDY)
def test_untidy_coco_means_the_same(read, text):
    with collected() as warnings:
        first = read("a.json", text).sheets[0]
    assert np.array_equal(first.landmarks.places, [[10, 20], [30.5, 40], [np.nan, np.nan]], equal_nan=True)
    assert first.landmarks.names == ("eye", "wing base", "wing apex")
    assert warnings == []


def test_a_file_of_the_ancestor_is_taken_by_position_with_one_warning(read):
    images = [{"id": stem, "file_name": f"{stem}.jpg", "height": 333, "width": 500} for stem in ("p", "q")]
    annotations = [
        {"id": 1731, "image_id": stem, "category_id": 1, "keypoints": [1.5, 2.5, 2, 3, 4, 2], "num_keypoints": 2,
         "segmentation": [], "bbox": [], "area": 0, "iscrowd": 0} for stem in ("p", "q")
    ]  # fmt: skip
    with collected() as warnings:
        file = read("a.json", json.dumps({"images": images, "annotations": annotations, "categories": []}))
    assert len(warnings) == 1
    assert "names no landmarks, so they are taken by their position" in warnings[0]
    assert [each.landmarks.names for each in file.sheets] == [("1", "2")] * 2
    assert not file.sheets[0].landmarks.named


def test_a_photo_without_annotation_has_no_landmarks(read):
    file = read("a.json", changed(COCO, ("annotations",), COCO["annotations"][:1]))
    assert file.sheets[1].landmarks.missing == ("eye", "wing base", "wing apex")
    empty = read("b.json", changed(COCO, ("annotations", 1, "keypoints"), []))
    assert empty.sheets[1].landmarks.missing == ("eye", "wing base", "wing apex")


def test_the_very_edge_of_a_photo_and_half_a_pixel_more_are_inside(read):
    file = read("a.json", changed(COCO, ("annotations", 0, "keypoints"), [200, 100, 2, -0.5, 100.5, 2, 0, 0, 2]))
    assert file.sheets[0].landmarks.places.tolist() == [[200, 100], [-0.5, 100.5], [0, 0]]


def test_categories_name_the_landmarks_of_their_own_annotations(read):
    content = {
        **COCO,
        "annotations": [COCO["annotations"][0], {"image_id": 2, "category_id": "b", "keypoints": [1, 2, 2]}],
        "categories": [*COCO["categories"], {"id": "b", "name": "wing", "keypoints": ["apex"]}],
    }
    assert [each.landmarks.names for each in read("a.json", json.dumps(content)).sheets] == [
        ("eye", "wing base", "wing apex"), ("apex",),
    ]  # fmt: skip


def test_tps_counts_y_from_the_bottom_and_scale_in_units_a_pixel(read):
    first, second = read("a.tps", TPS).sheets
    assert (first.image, first.id, first.units_per_px, first.from_bottom) == ("a.jpg", "7", 0.05, True)
    assert np.array_equal(first.landmarks.places, [[10, 20], [30.5, 40], [np.nan] * 2], equal_nan=True)
    assert np.array_equal(
        upright(first, (200, 100)).landmarks.places, [[10, 80], [30.5, 60], [np.nan] * 2], equal_nan=True
    )
    assert (second.units_per_px, second.landmarks.missing, second.landmarks.named) == (None, (), False)


UNTIDY_TPS = {
    "CRLF": TPS.replace("\n", "\r\n").encode(),
    "blank lines": TPS.replace("\n", "\n\n  \n").encode(),
    "lower case": TPS.replace("LM", "lm").replace("IMAGE", "Image").encode(),
    "tabs": TPS.replace(" ", "\t").encode(),
    "NA": TPS.replace("-1 -1", "NA NA").encode(),
    "NaN": TPS.replace("-1 -1", "NaN nan").encode(),
    "one of them negative": TPS.replace("-1 -1", "4 -3").encode(),
    "empty scale": TPS.replace("ID=8\n", "ID=8\nSCALE=\n").encode(),
    "spaces at signs": TPS.replace("=", " = ").encode(),
    "exponents": TPS.replace("10 20", "1.0E1 +20.").encode(),
    "a mark at the start": b"\xef\xbb\xbf" + TPS.encode(),
    "no line at the end": TPS.strip().encode(),
    "UTF-16": TPS.encode("utf-16"),
}


@pytest.mark.parametrize("data", UNTIDY_TPS.values(), ids=UNTIDY_TPS)
def test_untidy_tps_means_the_same(read, data):
    first, second = read("a.TPS", data).sheets
    assert np.array_equal(first.landmarks.places, [[10, 20], [30.5, 40], [np.nan] * 2], equal_nan=True)
    assert (first.image, second.image, second.units_per_px) == ("a.jpg", "b.jpg", None)


def test_names_in_latin_1_are_understood(read):
    assert read("a.tps", TPS.replace("a.jpg", "Käfer.jpg").encode("latin-1")).sheets[0].image == "Käfer.jpg"


def test_tps_without_image_goes_by_id_or_place(read, caplog):
    caplog.set_level("INFO", "dinosar")
    file = read("a.tps", TPS.replace("IMAGE=a.jpg\n", "").replace("IMAGE=b.jpg\nID=8\n", ""))
    assert [each.image for each in file.sheets] == ["7", "2"]
    assert [record.message for record in caplog.records if "2 of 2 specimens have no IMAGE=" in record.message]


def test_a_tps_file_called_txt_is_known_by_its_content(read):
    assert read("a.txt", TPS).kind == "tps"
    assert read("b.txt", CSV).kind == "csv"
    assert read("c.txt", MORPHOJ).kind == "morphoj"


def test_morphoj_between_tabs_or_commas(read):
    for text in (MORPHOJ, MORPHOJ.replace("\t", ","), MORPHOJ.replace("NA\tNA", "\t"), MORPHOJ.replace("\n", "\r\n")):
        first, second = read("a.txt", text).sheets
        assert (first.image, first.from_bottom) == ("a", True)
        assert first.landmarks.places.tolist() == [[10, 20], [30.5, 40]]
        assert (second.landmarks.missing, second.landmarks.named) == (("2",), False)


def test_slicer_counts_from_the_centre_of_the_first_pixel_whichever_way_round(read):
    ras = json.loads(json.dumps(SLICER))
    for point in ras["markups"][0]["controlPoints"]:
        point["position"][:2] = [-each for each in point["position"][:2]]
    for text, systems in ((SLICER, ("LPS", 1, "1")), (ras, ("RAS", 0, "0"))):
        for system in systems:
            (found,) = read("spec.2.mrk.json", changed(text, ("markups", 0, "coordinateSystem"), system)).sheets
            assert np.array_equal(found.landmarks.places, [[10, 20], [30.5, 40], [np.nan] * 2], equal_nan=True)
            assert (found.image, found.landmarks.missing) == ("spec.2", ("wing apex",))


def test_tables_say_what_is_there_and_the_rest_is_missing(read):
    for text in (
        CSV,
        CSV.replace(",", ";"),
        CSV.replace(",", "\t"),
        "\ufeff" + CSV,
        CSV.upper().replace("A.JPG", "a.jpg"),
    ):
        first, second = read("a.csv", text).sheets
        assert first.landmarks.places.tolist() == [[10, 20], [30.5, 40]]
        assert first.landmarks.visibility.tolist() == [2, 1]
        assert second.landmarks.there.tolist() == [True, False]
    gaps = read("b.csv", "x,y,image,landmark,who\nNA,NA,a,eye,me\n,,a,tip,me\n1,2,a,base,me\n").sheets[0].landmarks
    assert gaps.missing == ("eye", "tip")
    hidden = read("c.csv", CSV.replace("10,20,2", "10,20,0")).sheets[0].landmarks
    assert hidden.missing == ("eye",)


def test_numbers_as_names_are_positions_in_their_order(read):
    found = read("a.csv", "image,landmark,x,y\na,2,3,4\na,1,1,2\n").sheets[0].landmarks
    assert (found.names, found.named, found.places.tolist()) == (("1", "2"), False, [[1, 2], [3, 4]])


def test_what_is_no_landmark_file_is_said_to_be_none(read, tmp_path):
    with pytest.raises(UsageError, match=r"expected a landmark file, .*found the ending '.xml'"):
        read("a.xml", "<x/>")
    with pytest.raises(UsageError, match=r"3D Slicer markups, whose file must be called PHOTO.mrk.json"):
        read("a.json", json.dumps(SLICER))
    with pytest.raises(InputError, match=r"'.*b.tps' is not there"):
        read_landmarks(tmp_path / "b.tps")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="holds no .mrk.json file"):
        read_landmarks(tmp_path / "empty")


def file_of(*images, **more):
    found = [sheet(image, [(1, 2), (3, 4), None], where=f"line {i}", **more) for i, image in enumerate(images)]
    return LandmarkFile("csv", "x.csv", tuple(found))


@pytest.mark.parametrize(
    ("images", "photo", "meant"),
    [
        (["a.jpg", "b.jpg"], "b.jpg", 1),
        (["a.JPG", "a.jpg"], "a.jpg", 1),
        (["A.JPG"], "a.jpg", 0),
        (["left/a.jpg", "right/a.jpg"], "right/a.jpg", 1),
        (["right\\a.jpg"], "right/a.jpg", 0),
        (["./a.jpg"], "a.jpg", 0),
        (["a.tif"], "a.jpg", 0),
        (["a"], "a.jpg", 0),
        (["spec.12"], "spec.12.jpg", 0),
        (["left/a.jpg"], "right/a.jpg", None),
        (["left/a.tif"], "right/a.jpg", None),
        (["ba.jpg"], "a.jpg", None),
        (["spec.1"], "spec.2.jpg", None),
    ],
)
def test_which_photo_is_meant(images, photo, meant, tmp_path):
    file = file_of(*images)
    found = sheet_for(file, tmp_path / photo)
    assert found is (None if meant is None else file.sheets[meant])


@pytest.mark.parametrize("images", [["a.jpg", "x/a.jpg"], ["a.tif", "a.png"], ["a.jpg", "a.jpg"]])
def test_two_that_fit_are_both_named(images, tmp_path):
    with pytest.raises(UsageError) as caught:
        sheet_for(file_of(*images), tmp_path / "x" / "a.jpg")
    assert all(f"'{image}'" in str(caught.value) for image in images)
    assert "line 0" in str(caught.value)
    assert "line 1" in str(caught.value)


def test_a_photo_of_another_kind_is_taken_with_a_note(tmp_path, caplog):
    caplog.set_level("INFO", "dinosar")
    sheet_for(file_of("a.tif"), tmp_path / "a.jpg")
    sheet_for(file_of("a"), tmp_path / "a.jpg")
    assert ["'a.tif' is taken for 'a.jpg'" in record.message for record in caplog.records] == [True]


def test_landmarks_of_a_photo_are_upright_and_inside(tmp_path):
    photo = tmp_path / "a.jpg"
    found = landmarks_of(file_of("a.jpg", from_bottom=True), photo, (30, 20))
    assert np.array_equal(found.places, [[1, 18], [3, 16], [np.nan] * 2], equal_nan=True)
    assert landmarks_of(file_of("a.jpg", size=(30, 20)), photo, (30, 20)).places[0].tolist() == [1, 2]
    assert landmarks_of(file_of("b.jpg"), photo, (30, 20)) is None
    assert landmarks_of(LandmarkFile("csv", "x", (sheet("a.jpg", []),)), photo, (30, 20)) is None


def test_a_photo_of_another_size_is_told_with_what_may_have_turned_it(tmp_path):
    with pytest.raises(UsageError, match=r"said to be 20 x 30 px, but the photo has 30 x 20 px: .* EXIF orientation"):
        landmarks_of(file_of("a.jpg", size=(20, 30)), tmp_path / "a.jpg", (30, 20))
    with pytest.raises(UsageError, match=r"said to be 60 x 40 px, but the photo has 30 x 20 px: .* another version"):
        landmarks_of(file_of("a.jpg", size=(60, 40)), tmp_path / "a.jpg", (30, 20))


def test_a_landmark_outside_the_photo_is_named(tmp_path):
    with pytest.raises(
        UsageError, match=r"line 0: landmark '2' of 'a.jpg' lies at x=3, y=4, outside the photo of 30 x 3"
    ):
        landmarks_of(file_of("a.jpg"), tmp_path / "a.jpg", (30, 3))
    assert landmarks_of(file_of("a.jpg"), tmp_path / "a.jpg", (3, 4)) is not None
