"""Files as they are while somebody still sets landmarks, and as programs leave them: read, and not made more of."""

import json
from pathlib import Path

import pytest
from landmark_sheets import COCO, MORPHOJ, TPS, changed, sheet

from dinosar.errors import UsageError
from dinosar.landmarks.coco import CARRIED, coco_bytes
from dinosar.landmarks.conversion import converted
from dinosar.landmarks.reading import landmarks_of, read_landmarks, sheet_for
from dinosar.landmarks.sheets import LandmarkFile
from dinosar.landmarks.writing import fitted_to, write_landmarks
from dinosar.notices import collected

LISTED = {**COCO, "annotations": COCO["annotations"][:1]}
BLANK = {"id": 9, "image_id": 2, "category_id": 1, "keypoints": [0] * 9, "num_keypoints": 0}


@pytest.fixture
def read(tmp_path):
    def reader(name, text, **how):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_landmarks(path, **how)

    return reader


def test_a_photo_without_an_annotation_is_listed_and_not_named(read, tmp_path):
    file = read("k.json", json.dumps(LISTED))
    assert [each.listed_only for each in file.sheets] == [False, True]
    assert (len(file.sheets[1].landmarks), file.sheets[1].landmarks.there.any()) == (3, False)
    assert sheet_for(file, tmp_path / "b.jpg") is None
    assert landmarks_of(file, tmp_path / "b.jpg", (200, 100)) is None
    assert landmarks_of(file, tmp_path / "a.jpg", (200, 100)) is not None


def test_it_is_listed_again_when_written_and_other_kinds_say_what_they_make_of_it(read):
    file = read("k.json", json.dumps(LISTED))
    written = json.loads(write_landmarks(file.sheets, "coco"))
    assert (len(written["images"]), len(written["annotations"])) == (2, 1)
    (none,) = json.loads(write_landmarks(file.sheets[1:], "coco"))["categories"]
    assert none["keypoints"] == list(COCO["categories"][0]["keypoints"])
    assert any("cannot list a photo without landmarks" in loss for loss in fitted_to(file, "csv")[1])
    assert not any("cannot list" in loss for loss in fitted_to(read("l.json", json.dumps(COCO)), "csv")[1])


def test_an_annotation_of_nothing_alone_means_that_all_are_missing(read, tmp_path):
    file = read("k.json", json.dumps({**COCO, "annotations": [COCO["annotations"][0], BLANK]}))
    assert landmarks_of(file, tmp_path / "b.jpg", (200, 100)).missing == ("eye", "wing base", "wing apex")


@pytest.mark.parametrize("order", [1, -1])
def test_an_annotation_of_nothing_beside_another_is_passed_over(read, order):
    whole = json.dumps({**COCO, "annotations": [COCO["annotations"][0], *[COCO["annotations"][1], BLANK][::order]]})
    assert read("k.json", whole).sheets[1].landmarks.places.tolist() == [[11, 21], [31, 41], [51, 61]]
    two = json.dumps({**COCO, "annotations": [*COCO["annotations"], COCO["annotations"][1], BLANK][::order]})
    with pytest.raises(UsageError, match="has its landmarks at"):
        read("k.json", two)


@pytest.mark.parametrize("bare", ["LM=0\nIMAGE=c.jpg\nID=9\n", "LM=0\nCURVES=1\nPOINTS=1\n3 4\nIMAGE=c.jpg\n"])
def test_a_specimen_of_tps_without_landmarks_misses_all(bare, read):
    for text in (bare + TPS, TPS + bare):
        file = read("k.tps", text)
        (found,) = [each for each in file.sheets if each.image == "c.jpg"]
        assert found.landmarks.missing == ("1", "2", "3")
        assert len(found.curves) == bare.count("POINTS")
        assert sum(each.landmarks.there.sum() for each in file.sheets) == 5
    with pytest.raises(UsageError, match="line 11: expected LM=3 as at line 4, found LM=2"):
        read(
            "k.tps",
            "LM=0\nIMAGE=c.jpg\nID=9\n" + TPS.replace("LM=3\n11 21\n", "LM=2\n"),
        )


def test_nothing_but_specimens_without_landmarks(read, tmp_path):
    file = read("k.tps", "LM=0\nIMAGE=a.jpg\nLM=0\nIMAGE=b.jpg\n")
    assert [len(each.landmarks) for each in file.sheets] == [0, 0]
    assert landmarks_of(file, tmp_path / "a.jpg", (200, 100)) is None


@pytest.mark.parametrize("end", [b"\x1a", b"\x1a\r\n", b"\r\n\x1a\x1a"])
def test_a_closing_ctrl_z_is_no_landmark(end, read):
    assert len(read("k.tps", TPS.encode() + end).sheets) == 2
    last = read("k.txt", MORPHOJ.replace("\tNA\tNA\n", "\t\t").encode() + end).sheets[1]
    assert last.landmarks.there.tolist() == [True, False]
    with pytest.raises(UsageError, match="line 3"):
        read("k.tps", TPS.replace("30.5 40", "30.5 \x1a40").encode() + end)


def test_a_scale_of_zero_is_none_and_is_told_once(read):
    with collected() as warnings:
        file = read("k.tps", TPS.replace("0.05", "0") + "SCALE=0.000\n")
    assert [each.units_per_px for each in file.sheets] == [None, None]
    (line,) = warnings
    assert line.endswith("k.tps', line 7 (and 1 more): SCALE=0 is no scale, and is taken as unknown")
    with collected() as warnings:
        read("k.tps", TPS + "SCALE=\n")
    assert warnings == []


@pytest.mark.parametrize("rows", ["\t\n", "\t\t\n"])
@pytest.mark.parametrize("text", [MORPHOJ, MORPHOJ.replace("NA\tNA", "\t")])
def test_morphoj_rows_may_end_in_tabs(text, rows, read):
    head, body = text.split("\n", 1)
    for file in (read("a.txt", f"{head}\n" + body.replace("\n", rows)), read("b.txt", text.replace("\n", rows))):
        first, second = file.sheets
        assert first.landmarks.places.tolist() == [[10, 20], [30.5, 40]]
        assert second.landmarks.missing == ("2",)
    with pytest.raises(UsageError, match="line 2: expected 5 cells"):
        read("c.txt", f"{head}\n" + body.replace("\n", "\t1\n"))


def test_out_of_bounds_is_an_error_unless_somebody_wants_to_look(read):
    text = changed(COCO, ("annotations", 0, "keypoints", 0), 300)
    with pytest.raises(UsageError, match="expected x from 0 to 200, found 300"):
        read("k.json", text)
    assert read("k.json", text, bounds=False).sheets[0].landmarks.places[0].tolist() == [300, 20]


def test_that_landmarks_were_carried_is_read_written_and_kept(read):
    for info, meant in (({"dinosar": CARRIED}, True), ({"dinosar": True}, False), (CARRIED, False), ({}, False)):
        file = read("k.json", json.dumps({**COCO, "info": info}))
        assert file.carried is meant
        again = read("l.json", converted(file, "l.json", lambda _: None, None, always=False)[0])
        assert again.carried is meant
        assert any("carried by features" in loss for loss in fitted_to(file, "tps")[1]) is meant
    sheets = [sheet("a.jpg", [(1, 2)], size=(30, 20))]
    assert json.loads(coco_bytes(sheets, carried=True))["info"] == {"dinosar": CARRIED}
    assert write_landmarks(sheets, "coco", carried=True) == coco_bytes(sheets, carried=True)
    assert "info" not in json.loads(coco_bytes(sheets))
    assert LandmarkFile("coco", Path("k.json"), tuple(sheets)).carried is False
