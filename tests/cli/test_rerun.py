"""A record run again says what is identical, what differs, and what has changed before it starts."""

import json
import shutil

import pytest
from command_line import everything_in, inside, make_photos, outputs_of
from PIL import Image

from dinosar.testing import toy_photo
from dinosar.yaml_files import read_yaml, write_yaml

FAST = ("--masker", "whole", "--size", "96", "--no-figures", "--backbone", "classic")


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    """A desk with photos, a finished run of a comparison and a file of features."""
    desk = tmp_path_factory.mktemp("origin")
    make_photos(desk)
    cache = tmp_path_factory.mktemp("cache")
    assert inside("compare", "a.jpg", "b.jpg", *FAST, "--out", "X", cwd=desk, cache=cache).code == 0
    features = ("features", "a.jpg", "--size", "96", "--backbone", "classic")
    assert inside(*features, "--out", "f.npz", cwd=desk, cache=cache).code == 0
    assert inside(*features, "--raw", "--out", "raw.npz", cwd=desk, cache=cache).code == 0
    return desk


@pytest.fixture
def work(origin, desk):
    """A desk like it: its record names its own photos first."""
    shutil.copytree(origin, desk, dirs_exist_ok=True)
    return desk


def edited(path, change):
    """Write a record anew after a change to it."""
    document = read_yaml(path).value
    change(document)
    path.write_text(write_yaml(document), encoding="utf-8")


@pytest.mark.parametrize("given", ["X/run.yaml", "X"])
def test_a_run_comes_out_identical(given, here, work):
    answer = here("rerun", given)
    assert (answer.code, answer.err) == (0, "")
    assert outputs_of(work / "X-rerun") == outputs_of(work / "X")
    lines = answer.out.splitlines()
    assert lines[-1] == f"new run: {work / 'X-rerun'}"
    assert not any(word in answer.out for word in ("DIFFERS", "MISSING", "NEW"))
    for name in outputs_of(work / "X"):
        assert f"identical  {name}" in lines


def test_what_is_counted_identical_is_everything_the_record_holds(here, work):
    found = json.loads(here("rerun", "X", "--json").out)
    record = read_yaml(work / "X" / "run.yaml").value["record"]
    assert (found["differs"], found["changed"], found["folder"]) == (0, [], str(work / "X-rerun"))
    assert {file["name"]: file["before"] for file in found["files"]} == record["outputs"]
    values = {value["name"]: value["after"] for value in found["scores"]}
    assert values["distance"] == record["result"]["distance"]
    assert values["scores.foreground.a_to_b.n"] == record["result"]["scores"]["foreground"]["a_to_b"]["n"]
    assert all(each["identical"] for each in (*found["files"], *found["scores"]))


def test_each_rerun_goes_to_a_place_of_its_own_or_the_one_named(here, work):
    assert [here("rerun", "X").code for _ in range(2)] == [0, 0]
    assert here("rerun", "X", "--out", "there").code == 0
    assert here("rerun", "X-rerun").code == 0
    runs = {path.name for path in work.iterdir() if path.is_dir()}
    assert runs == {"X", "X-rerun", "X-rerun-2", "there", "X-rerun-rerun"}
    assert all(outputs_of(work / name) == outputs_of(work / "X") for name in runs)


def test_the_pictures_come_out_identical_too(here, work):
    assert here("compare", "a.jpg", "b.jpg", *FAST[:4], "--backbone", "classic", "--dpi", "50", "--out", "P").code == 0
    assert here("rerun", "P").code == 0
    assert outputs_of(work / "P-rerun") == outputs_of(work / "P")
    assert any(name.endswith(".png") for name in outputs_of(work / "P"))


@pytest.mark.parametrize("name", ["f", "raw"])
def test_a_file_of_features_comes_out_identical(name, here, work):
    answer = here("rerun", f"{name}.run.yaml")
    assert (answer.code, answer.err) == (0, "")
    assert (work / f"{name}-rerun.npz").read_bytes() == (work / f"{name}.npz").read_bytes()
    assert here("rerun", f"{name}-rerun.run.yaml", "--out", "third.npz").code == 0
    assert (work / "third.npz").read_bytes() == (work / f"{name}.npz").read_bytes()


CHANGES = {
    "distance": lambda record: record["result"].update(distance=0.5),
    "scores.foreground.distance": lambda record: record["result"]["scores"]["foreground"].update(distance=1e-17),
    "maps.npz": lambda record: record["outputs"].update({"maps.npz": "0" * 64}),
    "gone.csv": lambda record: record["outputs"].update({"gone.csv": "0" * 64}),
    "histogram.csv": lambda record: record["outputs"].pop("histogram.csv"),
    "homology": lambda record: record["result"].update(homology="was computed"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_differs_is_named_and_exit_7(name, here, work):
    edited(work / "X" / "run.yaml", lambda document: CHANGES[name](document["record"]))
    answer = here("rerun", "X", "--json")
    assert answer.code == 7
    assert answer.complaint == "dinosar: error: the new run differs from the record in 1 places"
    found = json.loads(answer.out)
    assert [each["name"] for each in (*found["scores"], *found["files"]) if not each["identical"]] == [name]
    shown = here("rerun", "X").out
    assert {"gone.csv": "MISSING", "histogram.csv": "NEW"}.get(name, "DIFFERS") in shown
    assert name.removeprefix("scores.") in shown


def test_a_photo_that_changed_is_named_before_the_run_starts_and_the_run_differs(here, work):
    edited(work / "X" / "run.yaml", forget_absolute)
    Image.fromarray(toy_photo(7).pixels).save(work / "b.jpg")
    (work / "taken").touch()
    early = here("rerun", "X", "--out", "taken")
    assert early.code == 3
    warning, error = early.err.splitlines()
    assert warning.startswith("dinosar: warning: input b, ")
    assert "b.jpg', is not the file it was" in warning
    assert error.startswith("dinosar: error: ")
    answer = here("rerun", "X")
    assert answer.code == 7
    assert answer.err.splitlines()[0] == warning
    assert "DIFFERS    foreground" in answer.out


def test_other_versions_are_announced_before_the_run_starts(here, work):
    def change(document):
        document["record"]["environment"]["libraries"]["numpy"] = "0.1"
        document["record"]["parts"]["backbone"]["weights_sha256"] = "0" * 64

    edited(work / "X" / "run.yaml", change)
    answer = here("rerun", "X", "--json")
    assert answer.code == 0
    weights, numpy = answer.err.splitlines()
    assert weights.startswith("dinosar: warning: backbone 'classic': weights_sha256 was 0000")
    assert numpy.startswith("dinosar: warning: numpy was 0.1, now ")
    assert len(json.loads(answer.out)["changed"]) == 2


def test_a_folder_moved_with_its_photos_runs_again(here, work, origin):
    (work / "moved").mkdir()
    for name in ("X", "a.jpg", "b.jpg"):
        shutil.move(work / name, work / "moved" / name)
    edited(work / "moved" / "X" / "run.yaml", forget_absolute)
    answer = here("rerun", "moved/X")
    assert (answer.code, answer.err) == (0, "")
    assert outputs_of(work / "moved" / "X-rerun") == outputs_of(origin / "X")


def forget_absolute(document):
    """What another machine amounts to: where the photos lay then is nowhere now."""
    for photo in document["record"]["inputs"].values():
        photo["absolute"] = photo["given"] = "/nowhere/at/all.jpg"


def test_a_run_moved_alone_finds_its_photos_where_they_lay(here, work):
    (work / "deep" / "er").mkdir(parents=True)
    shutil.move(work / "X", work / "deep" / "er" / "X")
    answer = here("rerun", "deep/er/X")
    assert (answer.code, answer.err) == (0, "")


def test_a_photo_beside_the_record_that_is_another_gives_way_to_the_right_one(here, work, origin):
    Image.fromarray(toy_photo(7).pixels).save(work / "b.jpg")
    edited(work / "X" / "run.yaml", lambda d: d["record"]["inputs"]["b"].update(absolute=str(origin / "b.jpg")))
    answer = here("rerun", "X")
    assert (answer.code, answer.err) == (0, "")


def test_a_photo_that_is_gone_is_exit_3_and_named(here, work):
    edited(work / "X" / "run.yaml", forget_absolute)
    (work / "a.jpg").unlink()
    before = everything_in(work)
    answer = here("rerun", "X")
    assert (answer.code, answer.out) == (3, "")
    assert "input a of the record is gone" in answer.complaint
    assert everything_in(work) == before


def drop(*path):
    """Takes one thing out of a record."""

    def change(document):
        for step in path[:-1]:
            document = document[step]
        del document[path[-1]]

    return change


def put(value, *path):
    """Puts another thing into a record."""

    def change(document):
        for step in path[:-1]:
            document = document[step]
        document[path[-1]] = value

    return change


NO_RECORDS = {
    "no command": drop("command"), "no facts": drop("record"), "no inputs": drop("inputs"),
    "another command": put("store", "command"), "command of a list": put([1], "command"),
    "empty facts": put({}, "record"), "facts of a word": put("word", "record"),
    "inputs of a word": put("word", "inputs"), "no result": drop("record", "result"),
    "no outputs": drop("record", "outputs"), "outputs of a list": put(["maps.npz"], "record", "outputs"),
    "no facts of inputs": drop("record", "inputs"), "no sha256": drop("record", "inputs", "a", "sha256"),
    "given a number": put(5, "record", "inputs", "a", "given"), "no environment": drop("record", "environment"),
    "libraries of a word": put("word", "record", "environment", "libraries"),
    "parts of a word": put("word", "record", "parts"), "another input": put({}, "record", "inputs", "c"),
    "unknown option": put(5, "image", "fitt"), "a part that is not there": put("gone", "masker", "use"),
}  # fmt: skip


@pytest.mark.parametrize("case", NO_RECORDS)
def test_a_record_that_somebody_broke_is_exit_2(case, here, work):
    edited(work / "X" / "run.yaml", NO_RECORDS[case])
    before = everything_in(work)
    answer = here("rerun", "X")
    assert (answer.code, answer.out) == (2, ""), answer.err
    assert answer.complaint.startswith("dinosar: error: ")
    assert everything_in(work) == before


def test_what_is_no_record_is_exit_2(here, work):
    (work / "my.yaml").write_text("seed: 1\n")
    for name in ("my.yaml", "a.jpg"):
        answer = here("rerun", name)
        assert answer.code == 2
        assert answer.complaint


@pytest.mark.parametrize("name", ["nothing.yaml", "empty"])
def test_a_record_that_is_not_there_is_exit_3_and_named(name, here, work):
    (work / "empty").mkdir()
    answer = here("rerun", name)
    assert answer.code == 3
    assert name in answer.complaint


def test_an_output_that_is_taken_is_kept(here, work):
    before = everything_in(work)
    assert here("rerun", "X", "--out", "X").code == 3
    assert here("rerun", "f.run.yaml", "--out", "f.npz").code == 3
    assert everything_in(work) == before


def test_a_hostile_record_writes_and_removes_nothing_outside(here, work, tmp_path):
    (tmp_path / "victim.csv").write_text("mine")
    shutil.move(work / "X", work / "deep")

    def change(document):
        outputs = document["record"]["outputs"]
        outputs |= dict.fromkeys(("../../victim.csv", "../a.jpg", str(tmp_path / "victim.csv"), "..", ""), "0" * 64)

    edited(work / "deep" / "run.yaml", change)
    before = everything_in(tmp_path)
    answer = here("rerun", "deep", "--out", "new")
    assert answer.code in (2, 7)
    assert answer.complaint
    after = everything_in(tmp_path)
    assert {name: after.get(name) for name in before} == before
    assert all(name.startswith("desk/new") for name in set(after) - set(before))


@pytest.mark.parametrize(
    "name",
    ["../../f.npz", "/f.npz", "..", ".npz", "a\x00b.npz", pytest.param("x" * 300 + ".npz", id="too long")],
)
def test_a_hostile_record_of_features_writes_beside_itself_or_not_at_all(name, here, work, tmp_path):
    edited(work / "f.run.yaml", put({name: "0" * 64}, "record", "outputs"))
    before = everything_in(tmp_path)
    answer = here("rerun", "f.run.yaml")
    assert answer.code in (2, 3, 6, 7)
    assert answer.complaint
    after = everything_in(tmp_path)
    assert {key: after.get(key) for key in before} == before
    assert all(key.rpartition("/")[0] == "desk" for key in set(after) - set(before))


def test_a_record_of_features_without_outputs_is_none(here, work):
    edited(work / "f.run.yaml", put({}, "record", "outputs"))
    answer = here("rerun", "f.run.yaml")
    assert answer.code == 2
    assert answer.complaint


def test_a_pattern_with_a_blank_in_a_folder_runs_again(here, photos, desk):
    from PIL import Image

    for photo in photos:
        (desk / "masks" / photo.stem).mkdir(parents=True)
        with Image.open(photo) as picture:
            size = picture.size
        Image.new("L", size, 255).save(desk / "masks" / photo.stem / "mask.png")
    words = ("--backbone", "classic", "--masker", "file", "--set", "masker.path=masks/{name}/mask.png", "--no-figures")
    assert here("compare", *photos, *words, "--out", "run").code == 0
    answer = here("rerun", "run")
    assert answer.code == 0, answer.err
