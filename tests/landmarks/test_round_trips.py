"""What is written in a format is what is read from it."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from landmark_sheets import same, sheets

from dinosar.landmarks.reading import read_landmarks
from dinosar.landmarks.sheets import upright
from dinosar.landmarks.writing import write_landmarks

QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read_again(folder, data, ending):
    path = folder / f"file{ending}"
    path.write_bytes(data)
    return read_landmarks(path)


@QUICK
@given(sheets())
def test_coco(tmp_path, given_sheets):
    names = given_sheets[0].landmarks.names
    skeleton = tuple(zip(names, names[1:], strict=False))
    again = read_again(tmp_path, write_landmarks(given_sheets, "coco", skeleton=skeleton), ".json")
    assert again.skeleton == skeleton
    for before, after in zip(given_sheets, again.sheets, strict=True):
        assert same(before, after, tolerance=0)
        assert (before.image, before.size) == (after.image, after.size)


@QUICK
@given(sheets(uncertain=False))
def test_tps_but_for_names(tmp_path, given_sheets):
    again = read_again(tmp_path, write_landmarks(given_sheets, "tps"), ".tps")
    for before, after in zip(given_sheets, again.sheets, strict=True):
        assert before.image == after.image
        assert after.from_bottom
        turned = upright(after, (640, 480))
        assert np.allclose(before.landmarks.places, turned.landmarks.places, atol=1e-8, equal_nan=True)
        assert np.array_equal(before.landmarks.visibility, turned.landmarks.visibility)
        assert turned.landmarks.names == tuple(str(i + 1) for i in range(len(before.landmarks)))


@QUICK
@given(sheets(uncertain=False))
def test_morphoj(tmp_path, given_sheets):
    again = read_again(tmp_path, write_landmarks(given_sheets, "morphoj"), ".txt")
    for before, after in zip(given_sheets, again.sheets, strict=True):
        assert before.image == after.image
        assert same(before, upright(after, (640, 480)), tolerance=1e-8)


@QUICK
@given(sheets())
def test_tidy_tables_with_any_delimiter(tmp_path, given_sheets):
    for ending, delimiter in ((".csv", ","), (".csv", ";"), (".tsv", "\t")):
        again = read_again(tmp_path, write_landmarks(given_sheets, "csv", delimiter=delimiter), ending)
        for before, after in zip(given_sheets, again.sheets, strict=True):
            assert before.image == after.image
            assert same(before, after, tolerance=1e-8)


@QUICK
@given(sheets(uncertain=False))
def test_slicer(tmp_path_factory, given_sheets):
    folder = tmp_path_factory.mktemp("slicer")
    files = write_landmarks(given_sheets, "slicer")
    for name, data in files.items():
        (folder / name).write_bytes(data)
    again = {sheet.image: sheet for sheet in read_landmarks(folder).sheets}
    for before in given_sheets:
        assert same(before, again[before.image.removesuffix(".jpg")], tolerance=1e-9)


def test_what_only_one_kind_knows_is_written_back(tmp_path):
    tps = (
        "LM=2\n1 2\n3 4\nCURVES=2\nPOINTS=2\n5 6\n7 8\nPOINTS=1\n9 10\nIMAGE=a.jpg\nID=x 1\n"
        "COMMENT=first\nCOMMENT=second, with = sign\nVARIABLES=SEX=M\nSCALE=0.025\n"
    )
    again = read_again(tmp_path, tps.encode(), ".tps")
    assert write_landmarks(again.sheets, "tps").decode() == tps
    (found,) = again.sheets
    turned = upright(found, (50, 20))
    assert [curve.tolist() for curve in turned.curves] == [[[5, 14], [7, 12]], [[9, 10]]]
    assert turned.landmarks.places.tolist() == [[1, 18], [3, 16]]
    assert write_landmarks([turned], "tps").decode() == tps


def test_coco_keeps_ids_and_the_other_keys_of_an_annotation(tmp_path):
    import json

    content = {
        "images": [{"id": "x 1", "file_name": "a.jpg"}, {"id": 12, "file_name": "b.jpg"}],
        "annotations": [{"id": 5, "image_id": "x 1", "category_id": 3, "keypoints": [1, 2, 2], "bbox": [0, 1, 2, 3]}],
        "categories": [{"id": 3, "name": "beetle", "keypoints": ["eye"]}],
    }
    again = read_again(tmp_path, json.dumps(content).encode(), ".json")
    written = json.loads(write_landmarks(again.sheets, "coco"))
    assert [image["id"] for image in written["images"]] == ["x 1", 12]
    assert written["annotations"][0]["bbox"] == [0, 1, 2, 3]
    assert written["annotations"][0]["image_id"] == "x 1"
    assert written["categories"][0]["name"] == "beetle"
    assert [each["keypoints"] for each in written["annotations"]] == [[1.0, 2.0, 2]]
