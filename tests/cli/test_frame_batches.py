"""Lists of pairs: each picture encoded once, one bad pair stops none, and a killed run goes on where it was."""

import csv
import json
import os
import shutil
import signal
import time

import pytest
import torch
from command_line import POSIX, outputs_of, outside, started
from PIL import Image

from dinosar.testing import toy_photo
from dinosar.yaml_files import read_yaml
from toy_data.weights import random_weights

COUNTED = '''
import os
from dinosar.backbones.classic import Classic

class Counted(Classic):
    """The built-in descriptor; each picture it is asked about leaves a line."""

    def encode(self, image):
        with open(os.environ["COUNTED"], "a") as file:
            file.write("asked\\n")
        return super().encode(image)
'''


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Twenty small pictures that no test may change."""
    folder = tmp_path_factory.mktemp("pictures")
    for i in range(20):
        Image.fromarray(toy_photo(seed=i, size=(80, 64)).pixels).save(folder / f"p{i:02}.png")
    return folder


@pytest.fixture
def counted(tmp_path, desk, monkeypatch):
    """Runs `distance` or `mismatch` with a backbone that counts; `counted.asked()` says how often it was asked."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "counted_backbone.py").write_text(COUNTED)
    home, lines = tmp_path / "house", tmp_path / "lines"
    home.mkdir()
    given = {"PYTHONPATH": str(tmp_path / "site"), "COUNTED": str(lines)}

    def words(command, *more):
        return (command, "--backbone", "counted_backbone:Counted", "--size", "64", "--no-store", *more)

    def run(command, *more):
        return outside(*words(command, *more), cwd=desk, home=home, **given)

    run.begin = lambda command, *more: started(*words(command, *more), cwd=desk, home=home, **given)
    run.asked = lambda: len(lines.read_text().splitlines()) if lines.exists() else 0
    run.forget = lambda: lines.unlink(missing_ok=True)
    return run


def pairs_file(folder, pictures, count, **extra):
    """A list of pairs that name twenty pictures again and again."""
    numbers = [(i % 20, (7 * i + 1 + i // 20) % 20) for i in range(count)]
    pairs = [{"image_a": str(pictures / f"p{a:02}.png"), "image_b": str(pictures / f"p{b:02}.png")} for a, b in numbers]
    file = folder / "pairs.json"
    file.write_text(json.dumps(extra.get("more", []) + pairs))
    return file


def rows_of(folder):
    return json.loads((folder / "results.json").read_text())


def test_a_hundred_pairs_of_twenty_pictures_are_twenty_encodings(counted, pictures, desk):
    answer = counted("distance", "--pairs", pairs_file(desk, pictures, 100), "--out", "X")
    assert answer.code == 0, answer.err
    assert counted.asked() == 20
    rows = rows_of(desk / "X")
    assert len(rows) == 100
    assert {row["status"] for row in rows} == {"done"}
    assert {path.name for path in (desk / "X").iterdir() if not path.name.startswith(".")} == {
        "results.json", "results.csv", "run.yaml",
    }  # fmt: skip
    assert set(outputs_of(desk / "X")) == {"results.json", "results.csv", ".done.jsonl", ".running.yaml"}
    with (desk / "X" / "results.csv").open() as file:
        table = list(csv.DictReader(file))
    assert [float(row["cosine_distance"]) for row in table] == pytest.approx([r["cosine_distance"] for r in rows])


@pytest.mark.skipif(not POSIX, reason="signals as here are POSIX's")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_after_a_kill_only_what_is_missing_is_done(counted, pictures, desk, number):
    """Pairs that were drawn before the kill are neither judged nor drawn again; their pictures stay as they are."""
    file = pairs_file(desk, pictures, 10)
    words = ("distance", "--pairs", file, "--visualize", "--dpi", "50", "--out", "X")
    process = counted.begin(*words)
    journal = desk / "X" / ".done.jsonl"
    while process.poll() is None and not (journal.exists() and journal.read_text().count("\n\n") >= 2):
        time.sleep(0.01)
    os.kill(process.pid, number)
    process.communicate(timeout=60)
    assert not (desk / "X" / "run.yaml").exists()
    done = [json.loads(line)["found"]["label"] for line in journal.read_text().splitlines() if line.endswith("}}")]
    assert 2 <= len(done) < 10
    before = {label: (desk / "X" / label / "summary.json").stat().st_mtime_ns for label in done}
    counted.forget()
    answer = counted(*words)
    assert answer.code == 0, answer.err
    assert {label: (desk / "X" / label / "summary.json").stat().st_mtime_ns for label in done} == before
    missing = {row[side] for row in rows_of(desk / "X") if row["label"] not in done for side in ("path_a", "path_b")}
    assert counted.asked() == len(missing)
    record = read_yaml(desk / "X" / "run.yaml").value
    assert record["record"]["taken_over"] == len(done)
    assert set(record["record"]["outputs"]) == {
        path.relative_to(desk / "X").as_posix()
        for path in (desk / "X").rglob("*")
        if path.is_file() and not path.name.startswith(".")
    } - {"run.yaml"}
    assert len(rows_of(desk / "X")) == 10


def test_a_bad_pair_stops_no_other_and_is_tried_again(counted, pictures, desk):
    shutil.copy(pictures / "p03.png", desk / "late.png")
    broken = (desk / "late.png").read_bytes()
    (desk / "late.png").write_bytes(broken[:200])
    bad = [{"image_a": str(pictures / "p01.png"), "image_b": "late.png", "label": "late"},
           {"image_a": "nowhere.png", "image_b": str(pictures / "p01.png")}]  # fmt: skip
    file = pairs_file(desk, pictures, 4, more=bad)
    answer = counted("distance", "--pairs", file, "--out", "X")
    assert answer.code == 4
    assert "2 of 6 pairs failed: see errors.csv; the same command tries them again" in answer.err
    rows = rows_of(desk / "X")
    assert [row["status"] for row in rows] == ["failed", "failed", "done", "done", "done", "done"]
    assert [row["label"] for row in rows[:3]] == ["late", "pair_002", "pair_003"]
    assert "is cut short" in rows[0]["error"]
    assert "cosine_distance" not in rows[0]
    with (desk / "X" / "errors.csv").open() as errors:
        assert [row["label"] for row in csv.DictReader(errors)] == ["late", "pair_002"]
    assert read_yaml(desk / "X" / "run.yaml").value["status"] == "partial"

    (desk / "late.png").write_bytes(broken)
    counted.forget()
    answer = counted("distance", "--pairs", file, "--out", "X")
    assert answer.code == 4
    assert counted.asked() == 2, "the picture that was mended, and the one it is compared with"
    assert [row["status"] for row in rows_of(desk / "X")] == ["done", "failed", *["done"] * 4]

    (desk / "nowhere.png").write_bytes(broken)
    assert counted("distance", "--pairs", file, "--out", "X").code == 0
    assert not (desk / "X" / "errors.csv").exists()
    before = (desk / "X" / "results.json").read_bytes()
    counted.forget()
    answer = counted("distance", "--pairs", file, "--out", "X")
    assert (answer.code, counted.asked()) == (0, 0), "all of it was done"
    assert "6 of 6 pairs were done before" in answer.err
    assert (desk / "X" / "results.json").read_bytes() == before


def test_other_options_in_the_folder_of_a_run_that_may_go_on_are_a_conflict(counted, pictures, desk):
    file = pairs_file(desk, pictures, 2, more=[{"image_a": "nowhere.png", "image_b": "neither.png"}])
    assert counted("distance", "--pairs", file, "--out", "X").code == 4
    answer = counted("distance", "--pairs", file, "--out", "X", "--pooling", "all")
    assert answer.code == 3
    assert "was begun with other options (pooling)" in answer.err
    answer = counted("distance", "--pairs", file, "--out", "X", "--visualize", "--overwrite", "--dpi", "50")
    assert answer.code == 4
    assert (desk / "X" / "pair_002" / "vector_field.png").is_file()
    answer = counted("distance", "--pairs", file, "--out", "X", "--overwrite")
    assert {path.name for path in (desk / "X").iterdir() if not path.name.startswith(".")} == {
        "results.json", "results.csv", "errors.csv", "run.yaml",
    }  # fmt: skip


def test_a_changed_picture_is_judged_again(counted, pictures, desk):
    shutil.copytree(pictures, desk / "own")
    file = pairs_file(desk, desk / "own", 5, more=[{"image_a": "nowhere.png", "image_b": "neither.png"}])
    assert counted("distance", "--pairs", file, "--out", "X").code == 4
    before = rows_of(desk / "X")
    shutil.copy(pictures / "p19.png", desk / "own" / "p00.png")
    counted.forget()
    assert counted("distance", "--pairs", file, "--out", "X").code == 4
    after = rows_of(desk / "X")
    assert counted.asked() == 2
    assert [one == other for one, other in zip(before, after, strict=True)] == [True, False, True, True, True, True]


def test_mismatch_takes_lists_too(counted, pictures, desk):
    answer = counted("mismatch", "--pairs", pairs_file(desk, pictures, 3), "--out", "X", "--dpi", "50", "--json")
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)
    assert found["measure"] == "raw_mean"
    assert len(found["results"]) == 3
    assert {path.name for path in (desk / "X" / "pair_001").iterdir()} == {
        "mismatch_B_norm_overlay.png", "mismatch.json", "mismatch_maps.png", "histogram.png", "histogram.csv",
        "patches.csv",
    }  # fmt: skip
    with Image.open(desk / "X" / "pair_001" / "mismatch_B_norm_overlay.png") as overlay:
        assert overlay.size == (80, 64)


def test_above_a_limit_the_exit_code_is_7_and_everything_is_written(counted, pictures, desk):
    file = pairs_file(desk, pictures, 5)
    answer = counted("distance", "--pairs", file, "--out", "X", "--fail-above", "0.000001")
    assert answer.code == 7
    assert "of 5 distances above 1e-06, the largest" in answer.err
    assert (desk / "X" / "run.yaml").is_file()
    assert counted("distance", "--pairs", file, "--out", "Y", "--fail-above", "2").code == 0


def test_a_rerun_of_a_batch_gives_the_same_and_says_which_picture_changed(pictures, desk, run):
    shutil.copytree(pictures, desk / "own")
    words = ("--backbone", "classic", "--size", "64")
    assert run("distance", "--pairs", pairs_file(desk, desk / "own", 5), "--out", "X", *words).code == 0
    answer = run("rerun", "X")
    assert answer.code == 0, answer.out + answer.err
    assert "files: 2 of 2 identical" in answer.out
    shutil.copy(pictures / "p19.png", desk / "own" / "p00.png")
    answer = run("rerun", "X")
    assert answer.code == 7
    assert "p00.png', is not the file it was" in answer.err


def test_other_weights_under_the_same_name_are_judged_anew(run, pictures, desk):
    """What was done with the weights that lay there before is not taken over beside what is done with these."""
    pairs = [{"image_a": str(pictures / f"p0{i}.png"), "image_b": str(pictures / "p09.png")} for i in range(2)]
    late = {"image_a": "late.png", "image_b": str(pictures / "p09.png")}
    (desk / "pairs.json").write_text(json.dumps([*pairs, late]))
    words = ("distance", "--pairs", "pairs.json", "--checkpoint", "own.pth", "--size", "56", "--out")
    for seed in (1, 2):
        torch.save(random_weights("vits14", seed), desk / "own.pth")
        answer = run(*words, "X")
        assert answer.code == 4, answer.err
    assert read_yaml(desk / "X" / "run.yaml").value["record"]["taken_over"] == 0
    shutil.copy(pictures / "p05.png", desk / "late.png")
    assert run(*words, "X").code == 0
    assert read_yaml(desk / "X" / "run.yaml").value["record"]["taken_over"] == 2
    assert run(*words, "Y").code == 0
    assert rows_of(desk / "X") == rows_of(desk / "Y")


def test_an_item_that_is_no_pair_stops_no_other(counted, pictures, desk):
    file = pairs_file(desk, pictures, 2, more=[{"image_a": str(pictures / "p01.png"), "label": "half"}, 5])
    answer = counted("distance", "--pairs", file, "--out", "X")
    assert answer.code == 4
    rows = rows_of(desk / "X")
    assert [row["status"] for row in rows] == ["failed", "failed", "done", "done"]
    assert "item 1: expected image_b or dist_img, found only 'image_a', 'label'" in rows[0]["error"]
    assert rows[0]["label"] == "half"


def test_a_list_goes_on_from_another_folder_and_with_more_pairs(counted, pictures, desk):
    file = pairs_file(desk, pictures, 5)
    assert counted("distance", "--pairs", file, "--out", "X").code == 0
    counted.forget()
    pairs_file(desk, pictures, 8)
    answer = counted("distance", "--pairs", "../desk/pairs.json", "--out", "X", "--fail-above", "2")
    assert answer.code == 0, answer.err
    assert "5 of 8 pairs were done before" in answer.err
    assert 0 < counted.asked() <= 6


def test_what_was_done_to_pixels_is_in_every_row(counted, desk):
    picture = Image.fromarray(toy_photo(seed=1, size=(80, 64)).pixels)
    picture.save(desk / "a.png")
    picture.putalpha(128)
    picture.save(desk / "b.png")
    (desk / "pairs.json").write_text(json.dumps([{"image_a": "a.png", "image_b": "b.png"}]))
    answer = counted("distance", "--pairs", "pairs.json", "--out", "X")
    assert "'b': transparent pixels put on white" in answer.err
    (row,) = rows_of(desk / "X")
    assert (row["notes_a"], row["notes_b"]) == ([], ["transparent pixels put on white"])


def test_a_label_is_kept_as_it_was_given(counted, pictures, desk):
    pair = {"image_a": str(pictures / "p01.png"), "image_b": str(pictures / "p02.png")}
    (desk / "pairs.json").write_text(json.dumps([pair | {"label": "日本"}, pair | {"label": "results.json"}]))
    assert counted("distance", "--pairs", "pairs.json", "--out", "X").code == 0
    assert [(row["label"], row["label_given"]) for row in rows_of(desk / "X")] == [
        ("pair_001", "日本"), ("results_json", "results.json"),
    ]  # fmt: skip


def test_relative_pictures_are_the_same_however_their_list_is_reached(counted, pictures, desk):
    shutil.copytree(pictures, desk / "own")
    pairs = [{"image_a": f"own/p0{i}.png", "image_b": f"own/p0{i + 1}.png"} for i in range(3)]
    (desk / "pairs.json").write_text(json.dumps(pairs))
    assert counted("distance", "--pairs", "pairs.json", "--out", "X").code == 0
    answer = counted("distance", "--pairs", "../desk/pairs.json", "--out", "X")
    assert "3 of 3 pairs were done before" in answer.err
