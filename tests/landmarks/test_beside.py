"""The landmarks that lie beside the photos are found, if one file names all of them."""

import json

import pytest
from landmark_sheets import COCO, SLICER, changed

from dinosar.errors import UsageError
from dinosar.landmarks import beside as module
from dinosar.landmarks.beside import beside
from dinosar.landmarks.coco import CARRIED


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
    photos = [tmp_path / "x" / "a.jpg", tmp_path / "y" / "b.jpg"]
    lay(tmp_path / "y", "k.json", COCO)
    assert beside(photos) is None
    path = lay(tmp_path / "y", "k.json", changed(COCO, ("images", 0, "file_name"), "x/a.jpg"))
    assert beside(photos) == path


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
    lay(tmp_path / "landmarks", "two.json", changed(COCO, ("annotations", 0, "keypoints", 0), 10.5))
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


def test_two_that_say_the_same_are_one(photos, tmp_path):
    lay(tmp_path, "T.json", COCO)
    first = lay(tmp_path, "T-again.json", {**COCO, "info": {"made": "again"}})
    assert beside(photos) == first
    lay(tmp_path, "T-again.json", changed(COCO, ("annotations", 1, "keypoints", 2), 1))
    with pytest.raises(UsageError, match="say which with --keypoints"):
        beside(photos)


def test_carried_landmarks_give_way_to_those_that_somebody_set(photos, tmp_path, caplog):
    caplog.set_level("INFO", "dinosar")
    moved = json.loads(changed(COCO, ("annotations", 0, "keypoints", 0), 12))
    carried = lay(tmp_path, "a.json", {**moved, "info": {"dinosar": CARRIED}})
    assert beside(photos) == carried
    own = lay(tmp_path, "z.json", COCO)
    assert beside(photos) == own
    assert "a.json' gives way to '" in caplog.text


def test_a_photo_that_is_only_listed_is_not_named(photos, tmp_path, caplog):
    caplog.set_level("INFO", "dinosar")
    lay(tmp_path, "k.json", changed(COCO, ("annotations",), COCO["annotations"][:1]))
    assert beside(photos) is None
    (record,) = caplog.records
    assert "k.json' is not used: it has no landmarks of '" in record.message
    assert record.message.endswith("b.jpg' (it lists the photo without any)")
    path = lay(tmp_path, "k.json", changed(COCO, ("annotations", 1, "keypoints"), [0] * 9))
    assert beside(photos) == path


NEARLY = {
    "one of two": (("a.jpg", "c.jpg"), "b.jpg'"),
    "other signs": (("a.jpg", "B .jpg"), "b.jpg' (but names 'B .jpg')"),
    "neither, but nearly": (("a_.jpg", "_b.jpg"), "a.jpg' (but names 'a_.jpg')"),
}


@pytest.mark.parametrize(("names", "says"), NEARLY.values(), ids=NEARLY)
def test_a_file_that_nearly_names_them_is_noted_once(photos, tmp_path, names, says, caplog):
    caplog.set_level("INFO", "dinosar")
    text = changed(
        json.loads(changed(COCO, ("images", 0, "file_name"), names[0])), ("images", 1, "file_name"), names[1]
    )
    lay(tmp_path, "k.json", text)
    lay(tmp_path, "l.json", text)
    assert beside(photos) is None
    (record,) = caplog.records
    assert record.message.endswith(says)
    assert "k.json" in record.message


def test_a_file_of_other_photos_is_none_of_our_business(tmp_path, caplog):
    caplog.set_level("INFO", "dinosar")
    lay(tmp_path, "k.json", COCO)
    assert beside([tmp_path / "u.jpg", tmp_path / "漢.jpg"]) is None
    assert caplog.records == []


def test_a_bare_name_is_not_a_photo_of_another_folder(tmp_path, caplog):
    caplog.set_level("INFO", "dinosar")
    lay(tmp_path / "d1", "k.json", COCO)
    assert beside([tmp_path / "d1" / "a.jpg", tmp_path / "d2" / "a.jpg"]) is None
    assert caplog.messages[0].endswith("a.jpg' (its 'a.jpg' is one in its own folder, or one folder up)")


def test_the_same_photo_twice_is_named_by_one_entry(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"1")
    (tmp_path / "link.jpg").symlink_to(tmp_path / "a.jpg")
    path = lay(tmp_path, "k.json", COCO)
    assert beside([tmp_path / "a.jpg", tmp_path / "link.jpg"]) == path
    (tmp_path / "a.png").write_bytes(b"1")
    assert beside([tmp_path / "a.jpg", tmp_path / "a.png"]) is None


def test_accents_may_be_spelled_either_way(tmp_path):
    path = lay(tmp_path, "k.json", changed(COCO, ("images", 0, "file_name"), "fl\u00fcgel.jpg"))
    assert beside([tmp_path / "flu\u0308gel.jpg", tmp_path / "b.jpg"]) == path
