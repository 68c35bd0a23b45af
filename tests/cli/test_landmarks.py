"""`dinosar landmarks`: look files over, convert them, draw them; every mistake is one line and leaves nothing."""

import json
import re
import shutil

import numpy as np
import pytest
from command_line import ROOT, everything_in
from PIL import Image

TOY = ROOT / "toy_data"
LANDMARKS = TOY / "landmarks" / "landmarks.json"
TPS = "LM=3\n10 20\n30.5 40\n-1 -1\nIMAGE=a.jpg\nID=7\n"


@pytest.fixture
def set_up(desk):
    """Two small photos and a COCO file of them on the desk."""
    for name in "ab":
        Image.fromarray(np.full((100, 200, 3), 200, np.uint8)).save(desk / f"{name}.jpg")
    content = {
        "images": [{"id": i, "file_name": f"{name}.jpg", "width": 200, "height": 100} for i, name in enumerate("ab")],
        "annotations": [
            {"id": 1, "image_id": 0, "category_id": 1, "keypoints": [10, 20, 2, 30, 40, 1, 150, 60, 2]},
            {"id": 2, "image_id": 1, "category_id": 1, "keypoints": [12, 20, 2, 0, 0, 0, 150, 62, 2]},
        ],
        "categories": [{"id": 1, "name": "x", "keypoints": ["eye", "wing base", "tip"], "skeleton": [[1, 2]]}],
    }
    (desk / "k.json").write_text(json.dumps(content))
    return content


@pytest.fixture
def refused(here, desk):
    """Runs a command that must fail with one line and leave the desk as it is; returns the line."""

    def refuse(code, *words):
        before = everything_in(desk)
        answer = here("landmarks", *words)
        assert (answer.code, answer.out) == (code, ""), (answer.out, answer.err)
        assert everything_in(desk) == before
        line = answer.complaint
        assert line.startswith("dinosar: error: ")
        assert line.isprintable()
        return line

    return refuse


def test_a_clean_file_is_shown_as_a_table(here):
    answer = here("landmarks", "check", LANDMARKS)
    assert (answer.code, answer.err) == (0, "")
    head, first, *_ = answer.out.splitlines()
    assert head.split() == ["photo", "landmarks", "size", "missing"]
    assert re.split(r"\s{2,}", first) == ["fulgora-alba_i1_p1.jpg", "16 of 16", "854 x 628", "-"]
    assert len(answer.out.splitlines()) == 13


def test_findings_are_lines_and_exit_code_7(here, desk):
    content = json.loads(LANDMARKS.read_text())
    points = content["annotations"][2]["keypoints"]
    points[9:12], points[27:30] = points[27:30], points[9:12]
    points[3:6] = 0, 0, 0
    (desk / "k.json").write_text(json.dumps(content))
    answer = here("landmarks", "check", "k.json", "--images", TOY)
    assert answer.code == 7
    assert answer.complaint.startswith("dinosar: error: 1 finding in 'k.json'; ")
    assert "15 of 16   828 x 611  eye centre" in answer.out
    assert answer.out.splitlines()[-1].startswith(
        "fulgora-alba_i2_p1.jpg: 'pronotum front' and 'wing apex' look exchanged ("
    )
    facts = json.loads(here("landmarks", "check", "k.json", "--images", TOY, "--json").out)
    assert facts["findings"][0]["kind"] == "exchanged"
    assert facts["findings"][0]["landmarks"] == ["pronotum front", "wing apex"]
    assert facts["photos"][2] == {
        "image": "fulgora-alba_i2_p1.jpg", "there": 15, "of": 16, "missing": ["eye centre"], "size": [828, 611],
        "found": True,
    }  # fmt: skip


def test_a_photo_turned_by_its_exif_is_recognised(here, desk, set_up):
    photo = Image.open(desk / "a.jpg")
    exif = photo.getexif()
    exif[0x0112] = 6
    photo.save(desk / "a.jpg", exif=exif)
    answer = here("landmarks", "check", "k.json")
    assert answer.code == 7
    assert "a.jpg: " in answer.out
    assert "said to be 200 x 100 px, but the photo has 100 x 200 px" in answer.out
    assert "EXIF orientation" in answer.out


def test_a_photo_that_cannot_be_read_is_a_finding(here, desk, set_up):
    (desk / "b.jpg").write_bytes((desk / "b.jpg").read_bytes()[:300])
    answer = here("landmarks", "check", "k.json", "--images", ".")
    assert answer.code == 7
    assert [line for line in answer.out.splitlines() if line.startswith("b.jpg: '") and "cut short" in line]


def test_photos_that_are_not_there_are_said(here, desk, set_up):
    (desk / "b.jpg").unlink()
    answer = here("landmarks", "check", "k.json")
    assert answer.code == 7
    assert [re.split(r"\s{2,}", line)[2] for line in answer.out.splitlines()[1:3]] == [
        "200 x 100", "not found, said 200 x 100",
    ]  # fmt: skip
    assert answer.out.splitlines()[-1] == "b.jpg: the photo was not found; give its folder with --images"
    (desk / "a.jpg").unlink()
    answer = here("landmarks", "check", "k.json")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines()[-1] == "photos not found: 2 of 2 (a.jpg, b.jpg); give their folder with --images"
    assert here("landmarks", "check", "k.json", "--images", ".").code == 7


def test_a_photo_that_nobody_marked_has_none_of_them(here, desk, set_up):
    (desk / "k.json").write_text(json.dumps({**set_up, "annotations": set_up["annotations"][:1]}))
    answer = here("landmarks", "check", "k.json")
    assert answer.code == 7
    assert "b.jpg  0 of 3     200 x 100" in answer.out
    assert "b.jpg: has no landmarks at all" in answer.out


def test_every_landmark_outside_is_listed_whatever_the_kind(here, desk, set_up):
    points = set_up["annotations"][0]["keypoints"]
    points[0], points[4] = 201, -7
    (desk / "k.json").write_text(json.dumps(set_up))
    (desk / "k.csv").write_text("image,landmark,x,y\na.jpg,eye,201,20\na.jpg,wing base,30,-7\na.jpg,tip,150,60\n")
    for name in ("k.json", "k.csv"):
        answer = here("landmarks", "check", name)
        assert answer.code == 7
        assert answer.complaint.startswith(f"dinosar: error: 2 findings in '{name}'")
        assert "a.jpg: 'eye' lies at x=201, y=20, outside the photo of 200 x 100 px; set it again" in answer.out
        assert "a.jpg: 'wing base' lies at x=30, y=-7, outside" in answer.out
    assert here("landmarks", "show", "k.json", "-o", "out.png").code == 2


def test_carried_landmarks_stay_carried(here, desk, set_up):
    info = {"dinosar": "landmarks carried by features"}
    (desk / "T.json").write_text(json.dumps({**set_up, "info": info}))
    assert here("landmarks", "convert", "T.json", "again.json").code == 0
    assert json.loads((desk / "again.json").read_text())["info"] == info
    assert "cannot say that landmarks were carried" in here("landmarks", "convert", "T.json", "T.csv").err


def test_all_the_way_round(here, desk, set_up):
    for source, target in (("k.json", "k.tps"), ("k.tps", "k.txt"), ("k.txt", "k.csv"), ("k.csv", "slicer/"),
                           ("slicer", "k.tsv")):  # fmt: skip
        answer = here("landmarks", "convert", source, target)
        assert answer.code == 0, answer.err
        assert answer.out == f"{desk / target}\n"
    (desk / "names.txt").write_text("eye\nwing base\ntip\n")
    assert here("landmarks", "convert", "k.tsv", "l.json", "--names", "names.txt").code == 0
    again = json.loads((desk / "l.json").read_text())
    assert again["categories"][0]["keypoints"] == ["eye", "wing base", "tip"]
    assert [each["width"] for each in again["images"]] == [200, 200]
    points = [each["keypoints"] for each in again["annotations"]]
    assert points == [[10, 20, 2, 30, 40, 2, 150, 60, 2], [12, 20, 2, 0, 0, 0, 150, 62, 2]]
    assert sorted(path.name for path in (desk / "slicer").iterdir()) == ["a.mrk.json", "b.mrk.json"]


def test_what_is_lost_is_told_once_each(here, set_up):
    answer = here("landmarks", "convert", "k.json", "k.tps")
    lines = answer.err.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("dinosar: warning: 'k.tps': TPS ") for line in lines)
    assert [word for word in ("no names", "uncertain", "skeleton") if any(word in line for line in lines)] == [
        "no names", "uncertain", "skeleton",
    ]  # fmt: skip


def test_scale_is_written_in_units_a_pixel(here, desk, set_up):
    assert here("landmarks", "convert", "k.json", "k.tps", "--scale", "40").code == 0
    assert (desk / "k.tps").read_text().count("SCALE=0.025\n") == 2


def test_one_photo_is_one_file_of_slicer(here, desk, set_up):
    (desk / "one.csv").write_text("image,landmark,x,y\na.jpg,eye,1,2\n")
    answer = here("landmarks", "convert", "one.csv", "a.mrk.json")
    assert (answer.code, answer.err) == (0, "")
    point = json.loads((desk / "a.mrk.json").read_text())["markups"][0]["controlPoints"][0]
    assert (point["label"], point["position"]) == ("eye", [0.5, 1.5, 0])
    assert "will name the photo" in here("landmarks", "convert", "one.csv", "c.mrk.json").complaint


MISTAKES = {
    "no file": (3, ["check", "no.json"], "'no.json' is not there; did you mean 'k.json'?"),
    "malformed": (2, ["check", "bad.json"], "'bad.json', annotations[0].keypoints: expected the 3 landmarks"),
    "not JSON": (2, ["check", "cut.json"], "'cut.json', line 1, column"),
    "a picture": (2, ["check", "a.jpg"], "found the ending '.jpg'"),
    "images no folder": (3, ["check", "k.json", "--images", "a.jpg"], "--images 'a.jpg' is not a folder"),
    "taken": (3, ["convert", "k.json", "a.tps"], "'a.tps' is there already; choose another name"),
    "onto itself": (2, ["convert", "k.json", "k.json", "--overwrite"], "is what is being converted"),
    "kind unknown": (2, ["convert", "k.json", "k.doc"], "tells no kind of landmark file"),
    "several in one": (2, ["convert", "k.json", "k.mrk.json"], ".mrk.json holds one photo, not 2"),
    "no height": (2, ["convert", "a.tps", "x.json", "--images", "empty"], "counted from the bottom"),
    "names too few": (2, ["convert", "a.tps", "x.txt", "--names", "a,b"], "has 3 landmarks, but --names gives 2"),
    "names twice": (2, ["convert", "a.tps", "x.txt", "--names", "a,b,a"], "--names: 'a' stands twice"),
    "names no file": (3, ["convert", "a.tps", "x.txt", "--names", "names"], "'names' is not there"),
    "scale for COCO": (2, ["convert", "k.json", "x.json", "--scale", "3"], "--scale 3: COCO keypoints has no scale"),
    "scale zero": (2, ["convert", "k.json", "x.tps", "--scale", "0"], "--scale 0: a scale is above 0"),
    "picture kind": (2, ["show", "k.json", "--out", "x.jpg"], "end it in .png, .svg or .pdf"),
    "picture taken": (3, ["show", "k.json", "--out", "x.png"], "'x.png' is there already"),
    "nothing such": (2, ["show", "k.json", "--out", "y.png", "--only", "eyes"], "'eyes'; did you mean 'eye'?"),
    "outside": (2, ["show", "out.csv", "--out", "y.png"], "landmark 'eye' of 'a.jpg' lies at x=500, y=2, outside"),
    "climbing": (2, ["show", "climb.csv", "--out", "y.png"], "'../a.jpg' leads out of the photos' folder"),
}


@pytest.mark.parametrize(("code", "words", "says"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes(refused, desk, set_up, code, words, says):
    (desk / "a.tps").write_text(TPS.replace("a.jpg", "zz.jpg"))
    (desk / "bad.json").write_text(json.dumps(set_up).replace("10, 20, 2, ", ""))
    (desk / "cut.json").write_text(json.dumps(set_up)[:100])
    (desk / "out.csv").write_text("image,landmark,x,y\na.jpg,eye,500,2\n")
    (desk / "climb.csv").write_text("image,landmark,x,y\n../a.jpg,eye,5,2\n")
    (desk / "x.png").write_bytes(b"mine")
    (desk / "empty").mkdir()
    assert says in refused(code, *words)


def test_a_picture_of_all_photos(here, desk, set_up):
    answer = here("landmarks", "show", "k.json", "-o", "out.png", "--dpi", "80")
    assert (answer.code, answer.err, answer.out) == (0, "", f"{desk / 'out.png'}\n")
    with Image.open(desk / "out.png") as picture:
        assert picture.width == 840
    first = (desk / "out.png").read_bytes()
    assert here("landmarks", "show", "k.json", "-o", "out.png", "--dpi", "80", "--overwrite").code == 0
    assert (desk / "out.png").read_bytes() == first
    shutil.copy(desk / "a.jpg", desk / "c.jpg")


def test_only_some_are_drawn_as_words(here, desk, set_up):
    words = ["landmarks", "show", "k.json", "-o", "out.svg", "--only", "b", "--only", "wing base", "--only", "eye"]
    assert here(*words).code == 0
    drawn = (desk / "out.svg").read_text()
    assert ">eye<" in drawn
    assert "1 of 2; missing: wing base" in drawn
    assert ">tip<" not in drawn
    assert "a.jpg" not in drawn


def test_a_photo_that_is_not_there_is_told_and_the_others_are_drawn(here, desk, set_up):
    (desk / "b.jpg").unlink()
    answer = here("landmarks", "show", "k.json", "-o", "out.svg")
    assert answer.code == 0
    assert "photo 'b.jpg' is not in " in answer.complaint
    assert "1 of 2 photos" in (desk / "out.svg").read_text()
    (desk / "a.jpg").unlink()
    assert here("landmarks", "show", "k.json", "-o", "out2.svg").code == 3


def test_more_than_a_sheet_holds_goes_on_to_the_next(here, desk):
    rows = [f"p{i}.png,{name},{5 + i},{9 * k + 4}" for i in range(25) for k, name in enumerate(("eye", "tip"))]
    (desk / "many.csv").write_text("\n".join(["image,landmark,x,y", *rows]))
    for i in range(25):
        Image.fromarray(np.full((20, 40, 3), 9 * i, np.uint8)).save(desk / f"p{i}.png")
    answer = here("landmarks", "show", "many.csv", "-o", "out.png", "--dpi", "50")
    assert answer.out.splitlines() == [str(desk / "out.png"), str(desk / "out-2.png")]
    assert here("landmarks", "show", "many.csv", "-o", "out.png").code == 3
