"""`dinosar evaluate spair` on a drawn collection, from folder and archives; what a kill leaves is gone on with."""

import csv
import importlib.util
import json
import os
import signal
import sys
import time
import zipfile

import numpy as np
import pytest
from command_line import POSIX, ROOT, inside, outputs_of, outside, started

from dinosar.yaml_files import read_yaml

PROTOCOLS = ("sd_dino", "dift", "probe3d")
PIXELS = "dinosar_pixels:Pixels"
UNTRAINED = ("random-test", "--set", "backbone.model=vit_tiny_patch16_224")
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


def _load():
    spec = importlib.util.spec_from_file_location("toy_data_spair", ROOT / "toy_data" / "spair.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """Three categories and 48 pairs, as a zip: names with ':' can lie in one on any system."""
    spair = _load()
    path = tmp_path_factory.mktemp("drawn") / "drawn.zip"
    spair.to_zip(spair.collection(0, 48, ("test",)), path)
    return path


@pytest.fixture(scope="module")
def pixels(monkeypatch_module):
    monkeypatch_module.syspath_prepend(str(ROOT / "plugins" / "dinosar-pixels"))


@pytest.fixture(scope="module")
def monkeypatch_module():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def full(drawn, tmp_path_factory):
    """One evaluation with everything."""
    desk = tmp_path_factory.mktemp("full")
    words = ("--backbone", "classic", "--image-size", "256", "--dpi", "60", "--worst", "2")
    answer = inside("evaluate", "spair", drawn, *words, "--out", "E", cwd=desk, cache=desk / "cache")
    assert answer.code == 0, answer.err
    return desk / "E", answer


def found_in(folder):
    return json.loads((folder / "pck.json").read_text(encoding="utf-8"))


def pck(folder):
    return found_in(folder)["overall"]["pck"]["box"]["0.1"]["per_point"]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_classic_beats_raw_pixels_and_an_untrained_network_under_each_protocol(
    drawn, pixels, desk, own_cache, protocol
):
    shares = []
    for words in (("classic",), (PIXELS,), UNTRAINED):
        out = f"{len(shares)}"
        answer = inside("evaluate", "spair", drawn, "--backbone", *words, "--protocol", protocol, "--image-size", "336",
                        "--no-figures", "--out", out, cwd=desk, cache=own_cache)  # fmt: skip
        assert answer.code == 0, answer.err
        shares.append(pck(desk / out))
    assert shares[0] - max(shares[1:]) >= 0.2, shares


def test_every_file_and_every_number_that_is_promised_is_there(full):
    folder, answer = full
    assert {name for name in outputs_of(folder) if not name.startswith(".")} == {
        "pck.csv", "pck.json", "pck.png", "keypoints.csv", "pairs.csv", "answers.csv", "worst_01.png", "worst_02.png",
    }  # fmt: skip
    found = found_in(folder)
    assert found["pairs"] == 48
    assert set(found["categories"]) == {"planthopper", "beetle", "teapot"}
    assert set(found["flags"]) >= {"viewpoint", "scale", "truncation", "occlusion"}
    assert list(found["overall"]["pck"]["box"]) == ["0.01", "0.05", "0.1", "0.15", "0.2"]
    for kind in ("per_image", "per_point"):
        low, high = found["overall"]["pck"]["box"]["0.1"][f"{kind}_interval"]
        assert low < found["overall"]["pck"]["box"]["0.1"][kind] < high
    assert found["overall"]["pck"]["image"]["0.1"]["per_point"] >= found["overall"]["pck"]["box"]["0.1"]["per_point"]
    assert "mean of categories" in answer.out
    assert read_yaml(folder / "run.yaml").value["record"]["parts"]["backbone"]["use"] == "classic"


def test_the_table_is_what_the_pairs_say(full):
    """PCK by point and by pair, computed from pairs.csv anew."""
    folder, _ = full
    with (folder / "pairs.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    counts = np.array([int(row["keypoints"]) for row in rows])
    shares = np.array([float(row["pck_box_0.1"]) for row in rows])
    found = found_in(folder)["overall"]
    assert found["keypoints"] == counts.sum()
    assert found["pck"]["box"]["0.1"]["per_image"] == pytest.approx(shares.mean())
    assert found["pck"]["box"]["0.1"]["per_point"] == pytest.approx((shares * counts).sum() / counts.sum())


@pytest.mark.parametrize("kind", ["folder", "tar", "tgz"])
@pytest.mark.skipif(not POSIX, reason="names with ':' cannot lie in a folder there")
def test_a_folder_and_a_tar_give_the_numbers_of_the_zip(full, drawn, here, desk, kind):
    import tarfile

    folder = desk / "unpacked"
    with zipfile.ZipFile(drawn) as archive:
        archive.extractall(folder)
    root = folder
    if kind != "folder":
        root = desk / f"packed.{kind}"
        with tarfile.open(root, "w:gz" if kind == "tgz" else "w") as archive:
            archive.add(folder / "SPair-71k", "SPair-71k")
    words = ("--backbone", "classic", "--image-size", "256", "--no-figures", "--out", "E")
    answer = here("evaluate", "spair", root, *words)
    assert answer.code == 0, answer.err
    assert (desk / "E" / "pck.csv").read_bytes() == (full[0] / "pck.csv").read_bytes()


@pytest.fixture
def counted(tmp_path, desk):
    """Runs with a backbone that counts, in a process of its own."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "counted_backbone.py").write_text(COUNTED)
    home, lines = tmp_path / "house", tmp_path / "lines"
    home.mkdir()
    given = {"PYTHONPATH": str(tmp_path / "site"), "COUNTED": str(lines)}

    def run(*words, begin=False):
        every = ("evaluate", "spair", *words, "--backbone", "counted_backbone:Counted", "--no-store", "--image-size",
                 "256", "--no-figures")  # fmt: skip
        return (started if begin else outside)(*every, cwd=desk, home=home, **given)

    run.asked = lambda: len(lines.read_text().splitlines()) if lines.exists() else 0
    run.forget = lambda: lines.unlink(missing_ok=True)
    return run


def test_each_picture_is_encoded_once(counted, drawn, desk):
    answer = counted(drawn, "--out", "E", "--category", "beetle")
    assert answer.code == 0, answer.err
    with (desk / "E" / "pairs.csv").open(encoding="utf-8") as file:
        names = {part for row in csv.DictReader(file) for part in row["id"].split(":")[0].split("-")[1:]}
    assert counted.asked() == len(names)


@pytest.mark.skipif(not POSIX, reason="signals as here are POSIX's")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_killed_half_way_and_resumed_the_table_is_identical(counted, drawn, desk, number):
    assert counted(drawn, "--out", "whole").code == 0
    process = counted(drawn, "--out", "E", begin=True)
    journal = desk / "E" / ".done.jsonl"
    while process.poll() is None and not (journal.exists() and journal.read_text().count("\n\n") >= 12):
        time.sleep(0.005)
    os.kill(process.pid, number)
    process.communicate(timeout=60)
    assert not (desk / "E" / "run.yaml").exists()
    answer = counted(drawn, "--out", "E")
    assert answer.code == 0, answer.err
    taken = read_yaml(desk / "E" / "run.yaml").value["record"]["taken_over"]
    assert 12 <= taken < 48
    for name in ("pck.csv", "pck.json", "pairs.csv", "keypoints.csv", "answers.csv"):
        assert (desk / "E" / name).read_bytes() == (desk / "whole" / name).read_bytes()
    counted.forget()
    assert counted(drawn, "--out", "E").code == 0
    assert counted.asked() == 0


def test_a_pair_that_cannot_be_read_stops_none(drawn, here, desk):
    torn = desk / "torn.zip"
    with zipfile.ZipFile(drawn) as source, zipfile.ZipFile(torn, "w") as target:
        bad = next(name for name in source.namelist() if "PairAnnotation/test" in name and name.endswith(".json"))
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name), b"{" if name == bad else source.read(name))
    answer = here(
        "evaluate", "spair", torn, "--backbone", "classic", "--image-size", "256", "--no-figures", "--out", "E"
    )
    assert answer.code == 4
    assert found_in(desk / "E")["failed"] == 1
    assert found_in(desk / "E")["pairs"] == 47
    with (desk / "E" / "errors.csv").open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == 1
    assert read_yaml(desk / "E" / "run.yaml").value["status"] == "partial"


def test_sift_is_a_matcher_by_name_and_no_network_is_asked(drawn, here, desk):
    answer = here("evaluate", "spair", drawn, "--matcher", "sift", "--backbone", "classic", "--category", "teapot",
                  "--image-size", "256", "--no-figures", "--out", "E")  # fmt: skip
    assert answer.code == 0, answer.err
    assert "--backbone: no effect beside --matcher sift" in answer.err
    assert found_in(desk / "E")["backbone"].startswith("sift")


@pytest.mark.parametrize("matcher", ["mutual", "soft-argmax"])
def test_other_matchers_answer_otherwise(drawn, here, desk, full, matcher):
    words = ("--backbone", "classic", "--image-size", "256", "--no-figures", "--matcher", matcher)
    answer = here("evaluate", "spair", drawn, *words, "--out", "E")
    assert answer.code == 0, answer.err
    found = found_in(desk / "E")
    assert found["matcher"] == matcher
    assert (found["overall"]["answered"] < 1) == (matcher == "mutual")
    assert found["overall"]["pck"] != found_in(full[0])["overall"]["pck"]


def test_pairs_of_each_category_are_drawn_by_a_seed(drawn, here, desk):
    words = ("--backbone", "classic", "--image-size", "64", "--no-figures", "--pairs-per-category", "3")
    for out, seed in (("one", 1), ("again", 1), ("other", 2)):
        assert here("evaluate", "spair", drawn, *words, "--seed", seed, "--out", out).code == 0
    ids = {out: [row.split(",")[0] for row in (desk / out / "pairs.csv").read_text().splitlines()[1:]]
           for out in ("one", "again", "other")}  # fmt: skip
    assert len(ids["one"]) == 9
    assert ids["one"] == ids["again"] != ids["other"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--category", "beatle"), "did you mean 'beetle'"),
        (("--alpha", "0"), "above 0"),
        (("--image-size", "3"), "greater than or equal to 16"),
        (("--split", "trn"), "trn"),
    ],
)
def test_mistakes_are_told_in_one_line_and_nothing_is_written(drawn, here, desk, words, told):
    answer = here("evaluate", "spair", drawn, "--backbone", "classic", *words, "--out", "E")
    assert answer.code in (2, 3)
    assert told in answer.complaint
    assert not (desk / "E").exists()


def test_matches_are_drawn_beside_the_truth(drawn, here, desk):
    answer = here("match", "--spair", drawn, "37", "--backbone", "classic", "--dpi", "50", "--out", "M")
    assert answer.code == 0, answer.err
    assert "truth.png" in outputs_of(desk / "M")
    truth = json.loads((desk / "M" / "summary.json").read_text(encoding="utf-8"))["truth"]
    assert truth["of"] == len(truth["keypoints"]) > 0
    assert truth["right"] == sum(each["right"] for each in truth["keypoints"])
    for each in truth["keypoints"]:
        if each["found"]:
            off = np.hypot(*np.subtract(each["found"], each["b"]))
            assert each["error_px"] == pytest.approx(off)
            assert each["right"] == (off <= 0.1 * truth["box_px"])
    assert f"keypoints of {truth['pair']} right within 0.1 of the box" in answer.out


def test_ones_own_pairs_with_landmarks(here, desk):
    toys = ROOT / "toy_data"
    named = (("alba_i1_p1", "alba_i2_p1", "same"), ("alba_i1_p1", "fusca_i1_p1", "other"))
    rows = [(toys / f"fulgora-{a}.jpg", toys / f"fulgora-{b}.jpg", label) for a, b, label in named]
    (desk / "pairs.csv").write_text("image_a,image_b,label\n" + "\n".join(",".join(map(str, row)) for row in rows))
    words = ("--backbone", "classic", "--image-size", "336", "--no-figures", "--out", "E")
    answer = here("evaluate", "pairs", "pairs.csv", "--landmarks", toys / "landmarks" / "landmarks.json", *words)
    assert answer.code == 0, answer.err
    assert found_in(desk / "E")["pairs"] == 2
    assert pck(desk / "E") > 0.8
    again = here("evaluate", "pairs", "pairs.csv", *words[:-1], "F")
    assert again.code == 0, again.err
    assert (desk / "F" / "pck.csv").read_bytes() == (desk / "E" / "pck.csv").read_bytes()
    assert read_yaml(desk / "F" / "run.yaml").value["inputs"]["landmarks"], "found beside the pictures, and named"
    assert here("rerun", "E", "--out", "G").code == 0
