"""`dinosar landmarks transfer`: a COCO file whose landmarks can be measured, and its record."""

import json

import numpy as np
import pytest
from command_line import ROOT, everything_in, names_in
from PIL import Image

from dinosar.config import TransferSection
from dinosar.landmarks.reading import read_landmarks
from dinosar.publishing import sha256_of
from dinosar.transfer.telling import hint
from dinosar.transfer_job import would_replace
from dinosar.yaml_files import read_yaml

TOY = ROOT / "toy_data"
TRUTH = TOY / "landmarks" / "landmarks.json"
SMALL = ("--backbone", "classic", "--masker", "file", "--set", f"masker.path={TOY}/masks/{{name}}.png", "--size", "256")
FIRST, SECOND, THIRD = (TOY / f"fulgora-{name}.jpg" for name in ("alba_i1_p1", "alba_i2_p1", "fusca_i1_p1"))


@pytest.fixture
def carried(here):
    """Runs `transfer` from the first photo, or from `references`; the answer."""

    def transfer(*words, targets=(SECOND,), references=(FIRST,), keypoints=(TRUTH,), out="T.json"):
        sources = [word for path in references for word in ("--from", path)]
        files = [word for path in keypoints for word in ("--keypoints", path)]
        return here("landmarks", "transfer", *sources, *files, *targets, *SMALL, "--out", out, *words)

    return transfer


def test_landmarks_arrive_where_they_belong(carried, here):
    answer = carried(targets=(SECOND, THIRD))
    assert (answer.code, answer.err) == (0, "")
    found = json.loads(here("evaluate", "landmarks", "T.json", "--truth", TRUTH, "--json").out)
    assert [each["name"] for each in found["images"]] == [SECOND.name, THIRD.name]
    assert found["overall"]["pck"]["0.1"]["of_all"] >= 0.9


def test_the_file_keeps_names_and_skeleton_and_says_how_sure_each_is(carried, desk):
    carried()
    true, found = json.loads(TRUTH.read_text()), json.loads((desk / "T.json").read_text())
    assert found["categories"] == true["categories"]
    assert found["info"] == {"dinosar": "landmarks carried by features"}
    (image,), (annotation,) = found["images"], found["annotations"]
    assert (image["file_name"], image["width"], image["height"]) == (SECOND.name, 828, 611)
    assert len(annotation["confidences"]) == 16
    assert all(0 < error < 60 for error in annotation["errors_expected"])
    for v, sure in zip(annotation["keypoints"][2::3], annotation["confidences"], strict=True):
        assert v == (2 if sure >= 0.9 else 1 if sure >= 0.3 else 0)
    assert read_landmarks(desk / "T.json").names == read_landmarks(TRUTH).names


def test_json_says_what_the_file_says(carried, desk):
    found = json.loads(carried("--json").out)
    (target,) = found["targets"]
    (annotation,) = json.loads((desk / "T.json").read_text())["annotations"]
    assert [point["confidence"] for point in target["landmarks"]] == annotation["confidences"]
    assert [point["error_expected"] for point in target["landmarks"]] == annotation["errors_expected"]
    assert [point["x"] for point in target["landmarks"]] == annotation["keypoints"][::3]
    assert target["certain"] + target["uncertain"] + target["lost"] == 16


def test_thresholds_make_landmarks_uncertain_and_lost_ones_have_no_place(carried, desk):
    answer = carried("--certain", "1", "--lost", "1")
    assert answer.code == 0
    assert "16 of 16 landmarks were lost" in answer.err
    (annotation,) = json.loads((desk / "T.json").read_text())["annotations"]
    assert annotation["keypoints"] == [0, 0, 0] * 16
    assert annotation["num_keypoints"] == 0
    assert all(0 < sure < 1 for sure in annotation["confidences"])
    assert "to be looked at" in answer.out


def test_a_target_is_carried_to_alike_whatever_stands_beside_it(carried, desk):
    carried(targets=(THIRD, SECOND), out="both.json")
    carried(out="one.json")
    both, one = (json.loads((desk / name).read_text())["annotations"] for name in ("both.json", "one.json"))
    assert both[1]["keypoints"] == one[0]["keypoints"]


def test_references_from_several_files_vote(carried, desk):
    content = json.loads(TRUTH.read_text())
    halves = []
    for number, name in ((1, "first"), (2, "second")):
        half = content | {"images": content["images"][number - 1 : number],
                          "annotations": content["annotations"][number - 1 : number]}  # fmt: skip
        (desk / f"{name}.json").write_text(json.dumps(half))
        halves.append(desk / f"{name}.json")
    other = TOY / "fulgora-alba_i1_p2.jpg"
    found = json.loads(carried("--json", references=(FIRST, other), keypoints=halves).out)
    assert found["references"] == [FIRST.stem, other.stem]
    assert len(found["targets"][0]["poses"]) == 2
    true = json.loads(TRUTH.read_text())["annotations"][2]["keypoints"]
    places = np.array([[point["x"], point["y"]] for point in found["targets"][0]["landmarks"]], float)
    miss = np.linalg.norm(places - np.array(true).reshape(-1, 3)[:, :2], axis=1)
    assert np.median(miss) < 15


def test_the_record_names_every_input_and_runs_again(carried, here, desk):
    carried(targets=(SECOND, THIRD))
    document = read_yaml(desk / "T.run.yaml").value
    assert {key: value["sha256"] for key, value in document["record"]["inputs"].items()} == {
        "references.0": sha256_of(FIRST), "targets.0": sha256_of(SECOND), "targets.1": sha256_of(THIRD),
        "keypoints.0": sha256_of(TRUTH),
    }  # fmt: skip
    assert document["record"]["outputs"] == {"T.json": sha256_of(desk / "T.json")}
    again = here("rerun", "T.run.yaml", "--out", "again.json")
    assert again.code == 0, again.err
    assert (desk / "again.json").read_bytes() == (desk / "T.json").read_bytes()


def test_every_flag_reaches_the_record(carried, desk):
    words = ("--turn", "20", "--mirror", "--detail", "1.5", "--certain", "0.8", "--lost", "0.1")
    answer = carried(*words, "--set", "image.crop=false")
    assert answer.code == 0
    assert "image.crop has no effect" in answer.err
    assert read_yaml(desk / "T.run.yaml").value["transfer"] == {
        "turn": 20.0, "mirror": True, "detail": 1.5, "certain": 0.8, "lost": 0.1,
    }  # fmt: skip


@pytest.mark.parametrize("out", ["T", "T.csv", ".json", "folder/"])
def test_a_name_that_is_no_json_file_is_exit_2(out, carried, desk):
    answer = carried(out=out)
    assert (answer.code, answer.out) == (2, "")
    assert ".json" in answer.complaint
    assert not names_in(desk)


def test_a_reference_without_landmarks_is_told_with_the_file(carried, desk):
    content = json.loads(TRUTH.read_text())
    content |= {"images": content["images"][5:6], "annotations": content["annotations"][5:6]}
    (desk / "none.json").write_text(json.dumps(content))
    answer = carried(keypoints=(desk / "none.json",))
    assert (answer.code, answer.out) == (2, "")
    assert f"'{FIRST}' has no landmarks in" in answer.complaint
    assert names_in(desk) == ["none.json"]


def test_two_targets_of_one_name_are_refused(carried, desk):
    copy = desk / SECOND.name
    copy.write_bytes(SECOND.read_bytes())
    answer = carried(targets=(SECOND, copy))
    assert answer.code == 2
    assert "have one name" in answer.complaint


def test_lost_must_not_be_above_certain(carried, desk):
    answer = carried("--certain", "0.2", "--lost", "0.8")
    assert answer.code == 2
    assert "must not be above certain" in answer.complaint


def test_what_is_there_is_kept_unless_it_is_to_be_overwritten(carried, desk):
    (desk / "T.json").write_text("mine")
    assert carried().code == 3
    assert everything_in(desk) == {"T.json": b"mine"}
    assert carried("--overwrite").code == 0
    assert (desk / "T.json").read_text() != "mine"


@pytest.mark.parametrize("what", ["keypoints", "link", "reference", "target", "folder"])
def test_what_is_read_is_never_replaced(what, carried, desk):
    """Also not by another name, nor by --overwrite, and it is told before anything is read."""
    folder = desk / "lm"
    folder.mkdir()
    mine = folder / "one.json"
    mine.write_text("not even landmarks")
    words = {"keypoints": (mine,), "out": "lm/../lm/one.json"}
    if what == "link":
        (desk / "other.json").symlink_to(mine)
        words = {"keypoints": (mine,), "out": "other.json"}
    elif what == "folder":
        words = {"keypoints": (folder,), "out": "lm/two.mrk.json"}
    elif what in ("reference", "target"):
        words = {f"{what}s": (mine,), "out": mine}
    before = everything_in(desk)
    answer = carried("--overwrite", **words)
    assert (answer.code, answer.out) == (2, "")
    assert "which is read; name another file" in answer.complaint
    assert everything_in(desk) == before


def test_another_file_of_that_name_may_be_replaced(desk):
    (desk / "lm").mkdir()
    for name in ("T.json", "lm/T.json"):
        (desk / name).write_text("")
    assert not would_replace(desk / "T.json", desk / "lm" / "T.json")
    assert not would_replace(desk / "T.json", desk / "gone.json")
    assert not would_replace(desk / "gone.json", desk / "gone.json")
    assert not would_replace(desk / "lm" / "T.json", desk / "lm")


@pytest.fixture
def blank(desk):
    """A photo of which there is no mask."""
    path = desk / "blank.png"
    Image.new("RGB", (300, 200), "white").save(path)
    return path


def test_a_target_without_a_specimen_is_told_and_the_others_are_written(carried, here, desk, blank):
    answer = carried("--json", targets=(blank, SECOND))
    assert answer.code == 4
    first, second = json.loads(answer.out)["targets"]
    assert "photo 'blank' has no mask" in first["problem"]
    assert (first["certain"], first["lost"], first["landmarks"]) == (None, None, [])
    assert (second["problem"], second["certain"]) == (None, 16)
    warning, complaint = answer.err.splitlines()
    assert "'blank' got no landmarks, and every landmark has v = 0: photo 'blank' has no mask" in warning
    assert "1 of 2 targets got no landmarks (blank)" in complaint
    file = json.loads((desk / "T.json").read_text())
    assert [image["file_name"] for image in file["images"]] == ["blank.png", SECOND.name]
    assert file["annotations"][0]["keypoints"] == [0, 0, 0] * 16
    assert file["annotations"][0]["confidences"] == file["annotations"][0]["errors_expected"] == [None] * 16
    carried(out="alone.json")
    alone = json.loads((desk / "alone.json").read_text())
    assert file["annotations"][1]["keypoints"] == alone["annotations"][0]["keypoints"]
    assert read_yaml(desk / "T.run.yaml").value["status"] == "partial"
    assert here("rerun", "T.run.yaml", "--out", "again.json").code == 0


@pytest.mark.parametrize("there", [True, False])
def test_a_target_that_cannot_be_read_is_left_out_and_named(there, carried, here, desk):
    broken = desk / "broken.jpg"
    if there:
        broken.write_bytes(SECOND.read_bytes()[:900])
    answer = carried(targets=(SECOND, broken))
    assert answer.code == 4
    assert "'broken' got no landmarks, and it is not in the file:" in answer.err
    assert "1 of 2 targets got no landmarks (broken)" in answer.err
    assert any(line.split()[:3] == ["broken", "-", "-"] for line in answer.out.splitlines())
    file = json.loads((desk / "T.json").read_text())
    assert [image["file_name"] for image in file["images"]] == [SECOND.name]
    document = read_yaml(desk / "T.run.yaml").value
    assert ("targets.1" in document["record"]["inputs"]) == there
    reason = document["record"]["result"]["targets"][1]["problem"]
    assert "'broken.jpg'" in reason
    assert str(desk) not in reason
    assert here("rerun", "T.run.yaml", "--out", "again.json").code == 0


def test_where_every_target_fails_nothing_is_written(carried, desk, blank):
    answer = carried(targets=(blank, desk / "gone.jpg"))
    assert (answer.code, answer.out) == (3, "")
    assert "none of the 2 targets can be used; the first: photo 'blank' has no mask" in answer.complaint
    assert "gone.jpg' is not there" in carried(targets=(desk / "gone.jpg",)).complaint
    assert names_in(desk) == ["blank.png"]


def test_a_bad_reference_stops_everything(carried, desk, blank):
    content = json.loads(TRUTH.read_text())
    content["images"][0] |= {"file_name": "blank.png", "width": 300, "height": 200}
    content["annotations"][0]["keypoints"] = [10, 10, 2] * 16
    (desk / "lm.json").write_text(json.dumps(content))
    answer = carried(references=(blank, FIRST), keypoints=(desk / "lm.json", TRUTH))
    assert (answer.code, answer.out) == (3, "")
    assert "photo 'blank' has no mask" in answer.complaint
    assert names_in(desk) == ["blank.png", "lm.json"]


def test_few_certain_landmarks_are_told_with_what_was_not_tried(carried):
    answer = carried("--certain", "1", "--lost", "0", "--mirror")
    assert answer.code == 0
    assert "only 0 of 16 landmarks are certain on 'fulgora-alba_i2_p1'" in answer.complaint
    assert answer.complaint.endswith("look at its mask, try --turn 180 or another reference")


def test_only_what_was_not_tried_is_offered():
    assert hint(TransferSection()).endswith("try --turn 180, --mirror or another reference")
    assert hint(TransferSection(turn=180)).endswith("try --mirror or another reference")
    assert hint(TransferSection(turn=180, mirror=True)).endswith("try another reference")


def test_a_doubtful_landmark_is_shown_with_the_digits_that_decided(carried):
    """A threshold just above a confidence: rounded to two digits it would look like enough."""
    highest = max(point["confidence"] for point in json.loads(carried("--json").out)["targets"][0]["landmarks"])
    answer = carried("--certain", f"{highest + 0.00005:.5f}", out="U.json")
    shown = [line.split() for line in answer.out.splitlines() if line.endswith("uncertain")]
    assert len(shown) == 16
    assert all(len(row[-3]) == 6 and float(row[-3]) < highest + 0.00005 for row in shown)
