"""`dinosar evaluate landmarks`: the table, JSON and files agree with each other."""

import csv
import json

import pytest
from command_line import names_in


def coco(path, images, names=("a", "b", "c")):
    """A COCO file: places by photo, None for a missing landmark."""
    content = {"images": [], "annotations": [], "categories": [{"id": 1, "name": "s", "keypoints": list(names)}]}
    for i, (name, places) in enumerate(images.items(), 1):
        flat = [n for place in places for n in ((*place, 2) if place else (0, 0, 0))]
        content["images"].append({"id": i, "file_name": name, "width": 200, "height": 100})
        content["annotations"].append({"id": i, "image_id": i, "category_id": 1, "keypoints": flat})
    path.write_text(json.dumps(content))


@pytest.fixture
def files(desk):
    """Truth of two photos; found are 10 px off, one 30 px, one not at all."""
    true = [(0, 0), (100, 0), (0, 40)]
    coco(desk / "F.json", {"x.jpg": true, "y.jpg": true, "z.jpg": true})
    coco(desk / "T.json", {"x.jpg": [(10, 0), (110, 0), (0, 50)], "y.jpg": [(0, 0), (130, 0), None]})
    return ("evaluate", "landmarks", "T.json", "--truth", "F.json")


def test_json_holds_both_conventions_and_nothing_made_up(here, files):
    answer = here(*files, "--json")
    assert (answer.code, answer.err) == (0, "")
    found = json.loads(answer.out)
    whole = found["overall"]
    assert (whole["true"], whole["found"], whole["not_found"]) == (6, 5, 1)
    assert whole["pck"]["0.1"] == {"correct": 4, "of_all": 4 / 6, "of_found": 4 / 5}
    assert whole["pck"]["0.05"]["correct"] == 1
    assert whole["median_px"] == 10
    assert whole["median_share"] == 0.1
    assert [each["name"] for each in found["images"]] == ["x.jpg", "y.jpg"]
    assert [each["name"] for each in found["landmarks"]] == ["a", "b", "c"]
    assert found["images_not_asked_for"] == ["z.jpg"]


def test_the_table_names_every_photo_and_landmark(here, files):
    out = here(*files).out
    lines = {line.split("  ")[0]: line.split() for line in out.splitlines() if line}
    assert lines["all"][1:6] == ["6", "5", "0.167", "0.667", "0.667"]
    assert lines["image y.jpg"][2:5] == ["3", "2", "0.333"]
    assert {"a", "b", "c"} <= set(lines)
    assert "not asked for: 1" in out


def test_files_hold_what_json_says(here, files, desk):
    found = json.loads(here(*files, "--json", "--out", "pck").out)
    assert json.loads((desk / "pck" / "pck.json").read_text()) == found
    rows = list(csv.DictReader((desk / "pck" / "pck.csv").read_text().splitlines()))
    assert [(row["of"], row["name"]) for row in rows] == [
        ("overall", "all"), ("image", "x.jpg"), ("image", "y.jpg"),
        *(("landmark", name) for name in "abc"),
    ]  # fmt: skip
    assert float(rows[0]["pck_0.1_of_found"]) == 0.8


def test_files_are_replaced_only_when_asked(here, files):
    assert here(*files, "--out", "pck").code == 0
    again = here(*files, "--out", "pck")
    assert again.code == 3
    assert "--overwrite" in again.complaint
    assert here(*files, "--out", "pck", "--overwrite").code == 0


def test_other_alphas(here, files):
    found = json.loads(here(*files, "--alpha", "0.3", "--alpha", "0.1", "--json").out)
    assert found["alphas"] == [0.1, 0.3]
    assert found["overall"]["pck"]["0.3"]["correct"] == 5


@pytest.mark.parametrize("alpha", ["0", "-1", "nan", "99"])
def test_an_alpha_that_is_no_share_is_exit_2(alpha, here, files, desk):
    answer = here(*files, f"--alpha={alpha}", "--out", "pck")
    assert (answer.code, answer.out) == (2, "")
    assert "--alpha" in answer.complaint
    assert "pck" not in names_in(desk)


def test_files_without_a_common_photo_are_exit_3(here, files, desk):
    coco(desk / "F.json", {"other.jpg": [(0, 0), (100, 0), (0, 40)]})
    answer = here(*files)
    assert answer.code == 3
    assert "no photo with landmarks in common" in answer.complaint


def test_truth_without_names_is_taken_by_position(here, files, desk):
    named = json.loads(here(*files, "--json").out)
    assert here("landmarks", "convert", "F.json", "F.csv").code == 0
    rows = (desk / "F.csv").read_text()
    for i, name in enumerate("abc", 1):
        rows = rows.replace(f",{name},", f",{i},")
    (desk / "F.csv").write_text(rows)
    answer = here("evaluate", "landmarks", "T.json", "--truth", "F.csv", "--json")
    assert json.loads(answer.out) == named
    (desk / "F.csv").write_text("image,landmark,x,y\nx.jpg,1,1,2\nx.jpg,2,5,6\n")
    answer = here("evaluate", "landmarks", "T.json", "--truth", "F.csv")
    assert answer.code == 2
    assert "dinosar landmarks convert --names gives names" in answer.complaint
