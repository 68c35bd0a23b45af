"""The landmarks that lie beside the photos are found, if one file names all of them."""

import json

import pytest
from landmark_sheets import COCO, SLICER, changed

from dinosar.errors import UsageError
from dinosar.landmarks import beside as module
from dinosar.landmarks.beside import beside


@pytest.fixture
def photos(tmp_path):
    return [tmp_path / "a.jpg", tmp_path / "b.jpg"]


def lay(folder, name, text):
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text if isinstance(text, str) else json.dumps(text))
    return folder / name


def test_none_where_there_is_none(photos, tmp_path):
    assert beside(photos) is None
    assert beside([tmp_path / "nowhere" / "a.jpg"]) is None


@pytest.mark.parametrize("folder", ["", "landmarks"])
def test_beside_the_photos_or_in_their_landmarks_folder(photos, tmp_path, folder):
    path = lay(tmp_path / folder, "any.json", COCO)
    assert beside(photos) == path
    assert beside(photos[:1]) == path
    assert beside([*photos, tmp_path / "c.jpg"]) is None


def test_photos_of_two_folders(tmp_path):
    (tmp_path / "x").mkdir()
    path = lay(tmp_path / "y", "k.json", COCO)
    assert beside([tmp_path / "x" / "a.jpg", tmp_path / "y" / "b.jpg"]) == path


OTHERS = {
    "no JSON": "{{{{ \"images\" \"keypoints\"",
    "a list": '["images", "keypoints"]',
    "masks": changed(COCO, ("annotations",), [{"image_id": 1, "segmentation": []}]),
    "a run": {"scores": {"keypoints": 1, "images": 2}},
    "images of another kind": {"images": "keypoints", "annotations": []},
    "annotations of another kind": {"images": [], "annotations": {"keypoints": 3}},
    "Slicer": SLICER,
    "nested": "[" * 50_000 + '"keypoints" "images"',
}  # fmt: skip


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_other_json_is_passed_over_in_silence(photos, tmp_path, other, caplog):
    caplog.set_level("INFO", "dinosar")
    lay(tmp_path, "a.json", other)
    (tmp_path / "b.json").write_bytes(b"\xff\xfe\xff keypoints")
    (tmp_path / "c.json").mkdir()
    assert beside(photos) is None
    path = lay(tmp_path, "z.json", COCO)
    assert beside(photos) == path
    assert caplog.records == []


def test_two_that_name_them_all_are_both_named(photos, tmp_path):
    lay(tmp_path, "one.json", COCO)
    lay(tmp_path / "landmarks", "two.json", COCO)
    with pytest.raises(UsageError, match=r"one.json' and '.*two.json' both .* say which with --keypoints"):
        beside(photos)


def test_one_that_names_them_and_is_malformed_says_so(photos, tmp_path):
    lay(tmp_path, "one.json", changed(COCO, ("annotations", 0, "keypoints"), [1, 2]))
    with pytest.raises(UsageError, match=r"annotations\[0\].keypoints"):
        beside(photos)
    lay(tmp_path, "one.json", changed(COCO, ("annotations", 0, "keypoints", 0), float("nan")))
    with pytest.raises(UsageError, match="found NaN"):
        beside(photos)


def test_one_that_is_too_large_is_noted(photos, tmp_path, monkeypatch, caplog):
    caplog.set_level("INFO", "dinosar")
    lay(tmp_path, "one.json", COCO)
    monkeypatch.setattr(module, "LARGEST", 10)
    assert beside(photos) is None
    assert "one.json' is not looked into for landmarks" in caplog.text
