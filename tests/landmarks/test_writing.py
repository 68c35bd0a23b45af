"""What another kind of file cannot hold is told, and what cannot be written is refused."""

import pytest
from landmark_sheets import sheet

from dinosar.errors import UsageError
from dinosar.landmarks.sheets import LandmarkFile
from dinosar.landmarks.writing import fitted_to, kind_of_output, renamed, write_landmarks

ROW = [(1, 2), (3, 4, 1), None]


def of(*sheets, kind="coco", **more):
    return LandmarkFile(kind, "x", tuple(sheets), **more)


def losses(file, kind):
    return [each.split(":")[0].split(" ", 1)[1] for each in fitted_to(file, kind)[1]]


def test_each_loss_is_one_sentence():
    curve = sheet("", [(1, 2)]).landmarks.places
    full = sheet("a.jpg", ROW, ["eye", "tip", "base"], kept={"bbox": [1]}, units_per_px=0.1, curves=(curve,))
    file = of(full, skeleton=(("eye", "tip"),))
    assert losses(file, "coco") == ["keypoints has no curves", "keypoints has no scale"]
    assert len(losses(file, "tps")) == 4
    assert len(losses(file, "csv")) == 4
    assert len(losses(file, "morphoj")) == 5
    plain = of(sheet("a.jpg", [(1, 2), None]))
    assert [losses(plain, kind) for kind in ("coco", "tps", "csv", "morphoj", "slicer")] == [[]] * 5
    (kept,) = fitted_to(file, "csv")[0].sheets
    assert (kept.kept, kept.curves) == ({}, ())


def test_a_place_below_the_edge_does_not_become_missing_in_tps():
    over = of(sheet("a.jpg", [(-0.4, 20.3), (3, 4)], size=(30, 20)))
    assert "means missing by a number below 0" in fitted_to(over, "tps")[1][0]
    assert write_landmarks(over.sheets, "tps").decode().startswith("LM=2\n0 0\n3 16\n")
    with pytest.raises(UsageError, match="outside the photo"):
        write_landmarks([sheet("a.jpg", [(-3, 4)], size=(30, 20))], "tps")


def test_files_without_names_get_one_order_and_gaps_where_a_photo_lacks_a_landmark():
    several = [
        sheet("a.jpg", [(1, 2), (3, 4)], ["eye", "tip"], size=(9, 10)),
        sheet("b.jpg", [], size=(9, 10)),
        sheet("c.jpg", [(5, 6), (7, 8)], ["base", "eye"], size=(9, 10)),
        sheet("d.jpg", []),
    ]
    rows = write_landmarks(several, "morphoj").decode().splitlines()
    assert rows[0].split("\t")[1::2] == ["eye_x", "tip_x", "base_x"]
    assert rows[1:] == [
        "a.jpg\t1\t8\t3\t6\tNA\tNA", "b.jpg" + "\tNA" * 6, "c.jpg\t7\t2\tNA\tNA\t5\t4", "d.jpg" + "\tNA" * 6
    ]  # fmt: skip
    assert write_landmarks(several, "tps").decode().count("LM=3\n") == 4


def test_y_cannot_be_turned_over_without_the_height():
    with pytest.raises(UsageError, match=r"line 1: the height of 'a.jpg' is not known, .* --images"):
        write_landmarks([sheet("a.jpg", ROW, where="line 1")], "tps")
    for kind in ("coco", "csv", "slicer"):
        with pytest.raises(UsageError, match=r"line 1: y of 'a.jpg' is counted from the bottom .* --images"):
            write_landmarks([sheet("a.jpg", ROW, where="line 1", from_bottom=True)], kind)


def test_what_has_no_room_in_one_table_or_folder_is_refused():
    for kind in ("tps", "morphoj"):
        pair = [sheet("a.jpg", [(1, 2)], size=(9, 9)), sheet("b.jpg", [(1, 2), (3, 4)], size=(9, 9))]
        with pytest.raises(UsageError, match="'a.jpg' has other landmarks .1. than the rest .2 in all."):
            write_landmarks(pair, kind)
    with pytest.raises(UsageError, match=r"two photos would both become 'A.mrk.json'"):
        write_landmarks([sheet("x/a.jpg", ROW), sheet("y/A.tif", ROW)], "slicer")


def test_names_come_back_to_landmarks_known_by_order():
    file = renamed(of(sheet("a.jpg", ROW), sheet("b.jpg", [])), ["eye", "tip", "base"])
    assert (file.names, file.sheets[0].landmarks.named) == (("eye", "tip", "base"), True)
    with pytest.raises(UsageError, match="has 3 landmarks, but --names gives 2"):
        renamed(of(sheet("a.jpg", ROW)), ["eye", "tip"])


def test_the_ending_tells_the_kind(tmp_path):
    kinds = {
        "a.JSON": "coco",
        "a.tps": "tps",
        "a.txt": "morphoj",
        "a.tsv": "csv",
        "a.csv": "csv",
        "a.mrk.json": "slicer",
    }
    for name, kind in kinds.items():
        assert kind_of_output(tmp_path / name) == kind
    assert kind_of_output(tmp_path / "a", folder=True) == "slicer"
    with pytest.raises(UsageError, match="tells no kind of landmark file"):
        kind_of_output(tmp_path / "a.doc")


def test_the_writers_agree_with_the_formats_as_their_programs_know_them():
    pair = [sheet("a.jpg", ROW, ["eye", "tip", "base"], size=(30, 20), id="7", units_per_px=0.05)]
    assert write_landmarks(pair, "tps").decode() == "LM=3\n1 18\n3 16\n-1 -1\nIMAGE=a.jpg\nID=7\nSCALE=0.05\n"
    assert write_landmarks(pair, "morphoj").decode() == (
        "ID\teye_x\teye_y\ttip_x\ttip_y\tbase_x\tbase_y\na.jpg\t1\t18\t3\t16\tNA\tNA\n"
    )
    assert write_landmarks(pair, "csv").decode() == (
        "image,landmark,x,y,visibility\na.jpg,eye,1,2,2\na.jpg,tip,3,4,1\na.jpg,base,NA,NA,0\n"
    )
