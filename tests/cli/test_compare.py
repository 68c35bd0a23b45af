"""What a person gets from `dinosar compare`: one warning at most, a short table, a folder with everything in it."""

import hashlib
import json
import re
import shutil

import numpy as np
import pytest
from command_line import POSIX, ROOT, inside, make_photos, names_in, outputs_of, outside
from PIL import Image

from dinosar.yaml_files import read_yaml

NO_SOCKETS = """
import socket
def refused(*args, **kwargs):
    raise AssertionError("this run asked for a socket")
socket.socket = socket.create_connection = socket.getaddrinfo = refused
"""
NUMBERS = ("--masker", "whole", "--size", "96", "--no-figures", "--backbone", "classic")


class Full:
    """One full run, offline, with an empty home, as a person's first command is."""

    def __init__(self, folder):
        self.photos = make_photos(folder)
        self.home, self.desk = folder / "home", folder / "desk"
        self.home.mkdir()
        self.desk.mkdir()
        self.answer = outside("compare", *self.photos, "--out", "X", cwd=self.desk, home=self.home, prelude=NO_SOCKETS)
        self.run = self.desk / "X"
        self.cache = next(self.home.rglob("features-v2")).parent

    @property
    def scores(self):
        return json.loads((self.run / "scores.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    return Full(tmp_path_factory.mktemp("full"))


def strict(text):
    """JSON without NaN and infinities, which JSON has not."""

    def refuse(word):
        raise AssertionError(f"{word} is no JSON")

    return json.loads(text, parse_constant=refuse)


def test_offline_and_with_an_empty_home_a_first_run_works_and_warns_once_of_the_backbone(full):
    assert full.answer.code == 0
    told = full.answer.err.splitlines()
    assert [line for line in told if "warning" in line] == told[-1:]
    assert told[-1].startswith("dinosar: warning: backbone 'auto' became 'classic'")
    assert [line.split(" (")[0] for line in told[:-1]] == ["dinosar: note: masker 'auto' became 'grabcut'"]


@pytest.mark.parametrize("words", [["-q", "compare"], ["compare", "--quiet"]])
def test_the_warning_is_said_to_the_quiet_too(words, here, photos):
    answer = here(*words, *photos, "--masker", "whole", "--no-figures")
    assert answer.code == 0
    assert "warning: backbone" in answer.complaint


def test_who_names_the_backbone_is_not_warned(here, photos):
    assert here("compare", *photos, *NUMBERS).err == ""


def test_a_folder_holds_what_its_record_lists_and_nothing_else(full):
    listed = read_yaml(full.run / "run.yaml").value["record"]["outputs"]
    assert {name: hashlib.sha256(data).hexdigest() for name, data in outputs_of(full.run).items()} == listed
    assert {"scores.json", "patches.csv", "matches.csv", "histogram.csv", "maps.npz"} < set(listed)
    assert sum(name.endswith(".png") for name in listed) == 7


def test_a_run_writes_to_its_folder_and_to_the_cache_and_nowhere_else(full):
    assert names_in(full.desk) == ["X"]
    written = [path for path in full.home.rglob("*") if path.is_file() and "matplotlib" not in path.parts]
    assert written
    assert all(full.cache in path.parents for path in written)


def test_every_output_is_told_of_on_the_page_about_runs(full):
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").split("## What a run leaves behind")[1]
    for name in names_in(full.run):
        assert f"`{name.removesuffix('.png')}`" in page


def test_the_answer_is_a_short_table_and_the_absolute_path(full):
    lines = full.answer.out.splitlines()
    assert len(lines) < 20
    assert max(map(len, lines[:-1])) < 100
    assert lines[-1] == f"pictures and tables: {full.run.resolve()}"
    scores = full.scores
    for name, score in scores["scores"].items():
        (line,) = [line for line in lines if line.strip("* ").startswith(name)]
        assert f" {score['distance']:.4f} " in line
        assert line.startswith("*") == (name == scores["distance_is"])


def test_without_a_folder_each_run_makes_a_new_one_named_after_photos_and_options(here, desk, photos):
    first = made(here, desk, *photos)
    assert re.fullmatch(r"a_vs_b_[0-9a-f]{8}", first)
    assert made(here, desk, *photos) == f"{first}-2"
    assert made(here, desk, *photos) == f"{first}-3"
    other = made(here, desk, *photos, "--seed", "1")
    assert re.fullmatch(r"a_vs_b_[0-9a-f]{8}", other)
    assert other != first


def made(here, desk, *words):
    """The name of the folder that a run makes."""
    before = set((desk / "runs").glob("*"))
    answer = here("compare", *words, *NUMBERS)
    (new,) = set((desk / "runs").iterdir()) - before
    assert answer.out.endswith(f": {new}\n")
    return new.name


def test_json_is_one_object_that_says_what_the_file_says_and_nothing_else(run, desk, photos):
    answer = run("compare", *photos, *NUMBERS, "--json", "--out", "X")
    assert (answer.code, answer.err) == (0, "")
    found = strict(answer.out)
    assert found.pop("folder") == str(desk / "X")
    assert found["distance"] == found["scores"][found["distance_is"]]["distance"]
    assert found == strict((desk / "X" / "scores.json").read_text(encoding="utf-8"))


def test_a_warm_store_gives_every_byte_that_a_cold_one_gave(full, here, desk):
    before = {path: path.stat().st_mtime_ns for path in full.cache.rglob("*.npy")}
    assert len(before) == 2
    words = ("compare", *full.photos, "--backbone", "classic", "--out", "warm")
    assert inside(*words, cwd=desk, cache=full.cache).code == 0
    assert {path: path.stat().st_mtime_ns for path in full.cache.rglob("*.npy")} == before
    assert outputs_of(desk / "warm") == outputs_of(full.run)


def test_no_store_gives_every_byte_that_a_cold_one_gave(full, here, desk, own_cache):
    assert here("compare", *full.photos, "--out", "none", "--backbone", "classic", "--no-store").code == 0
    assert not list(own_cache.iterdir())
    assert outputs_of(desk / "none") == outputs_of(full.run)


def test_a_record_serves_as_a_config_for_other_photos(here, desk, photos):
    assert here("compare", *photos, *NUMBERS, "--seed", "5", "--size", "128", "--out", "X").code == 0
    assert here("compare", *photos[::-1], "--config", "X/run.yaml", "--out", "Y").code == 0
    first, second = (read_yaml(desk / name / "run.yaml").value for name in "XY")
    assert [first["inputs"]["a"], first["inputs"]["b"]] == [second["inputs"]["b"], second["inputs"]["a"]]
    for record in (first, second):
        del record["inputs"], record["record"]
    assert first == second


def distances(here, *words):
    answer = here("compare", *words, "--json", "--no-figures", "--backbone", "classic", "--size", "160")
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)
    return {name: score["distance"] for name, score in found["scores"].items()} | {"pair": found["distance"]}


@pytest.mark.parametrize("words", [[], ["--masker", "whole", "--score-mode", "topk_mean"]], ids=str)
def test_swapping_the_photos_changes_no_distance_by_a_bit(words, here, photos):
    assert distances(here, *photos, *words) == distances(here, *photos[::-1], *words)


def test_the_same_pixels_under_another_name_are_at_distance_exactly_0(here, photos, desk):
    Image.open(photos[0]).convert("RGB").save(desk / "another.png")
    found = distances(here, photos[0], desk / "another.png")
    assert found.pop("topk_mean") > 0
    assert set(found.values()) == {0.0}


ODD = ["blank in name", "(1)", "$HOME", "標本 甲", "-x", "ü.ä", "a'b", "%s{0}", "run.yaml", "_" * 200]
ODD += ["two\nlines", 'quo"te', "back\\slash", "*?", "\x1b[31m", " "] if POSIX else []


@pytest.mark.parametrize("stem", ODD, ids=ascii)
def test_a_photo_may_be_called_anything(stem, here, desk, photos):
    shutil.copy(photos[0], desk / f"{stem}.jpg")
    answer = here("compare", f"./{stem}.jpg", photos[1], *NUMBERS)
    assert (answer.code, answer.err) == (0, "")
    (run,) = (desk / "runs").iterdir()
    assert re.fullmatch(r"[A-Za-z0-9._-]+", run.name)
    record = read_yaml(run / "run.yaml").value
    assert (run / record["inputs"]["a"]).resolve() == (desk / f"{stem}.jpg").resolve()
    assert record["record"]["result"]["a"] == stem


def test_a_picture_can_be_drawn_of_a_photo_with_an_odd_name(here, desk, photos):
    shutil.copy(photos[0], desk / "$x^{_\\ 標本.jpg" if POSIX else desk / "$x^{_ 標本.jpg")
    (odd,) = desk.glob("*.jpg")
    answer = here("compare", odd, photos[1], "--masker", "whole", "--size", "96", "--dpi", "50", "--out", "X")
    assert answer.code == 0
    assert len(list((desk / "X").glob("*.png"))) == 7


def test_a_dash_may_lead_a_name_after_two_dashes(here, desk, photos):
    shutil.copy(photos[0], desk / "-x.jpg")
    assert here("compare", *NUMBERS, "--", "-x.jpg", photos[1]).code == 0
    assert here("compare", *NUMBERS, "-x.jpg", photos[1]).code == 2


def test_both_ways_of_matching_give_what_can_be_computed_and_say_what_cannot(here, photos):
    answer = here("compare", *photos, *NUMBERS, "--matching-mode", "both", "--min-kpts", "300", "--json", "--quiet")
    assert answer.code == 4
    reason = re.fullmatch(r"dinosar: error: homology was (.*); everything else is .*", answer.complaint)[1]
    assert "at least 300 are needed" in reason
    found = json.loads(answer.out)
    assert found["homology"] == reason
    assert found["scores"]["homology"]["not_computed"] == found["homology"].removeprefix("not computed: ")
    assert found["distance"] == found["scores"]["foreground"]["distance"]


def test_pictures_are_in_the_format_asked_for(here, desk, photos):
    words = ("--masker", "whole", "--size", "96", "--dpi", "50")
    assert here("compare", *photos, *words, "--figures", "svg", "--out", "X").code == 0
    assert len(list((desk / "X").glob("*.svg"))) == 7
    assert not list((desk / "X").glob("*.png"))


def test_without_figures_there_are_numbers_only(here, desk, photos):
    assert here("compare", *photos, *NUMBERS, "--out", "X").code == 0
    assert {path.suffix for path in (desk / "X").iterdir()} == {".csv", ".json", ".npz", ".yaml"}


@pytest.mark.skipif(not POSIX, reason="a home is found by other means")
def test_a_home_that_cannot_be_written_to_costs_time_not_results(photos, desk, tmp_path):
    (tmp_path / "home").touch()
    words = ("compare", *photos, "--masker", "grabcut", "--out", "X", "--dpi", "50")
    answer = outside(*words, cwd=desk, home=tmp_path / "home")
    assert answer.code == 0
    assert (desk / "X" / "run.yaml").is_file()
    assert all(line.startswith("dinosar: warning: ") for line in answer.err.splitlines()), answer.err
    assert len(set(answer.err.splitlines())) == len(answer.err.splitlines())


@pytest.mark.parametrize("size", [(400, 40), (3, 2), (1, 1)], ids=str)
def test_a_photo_may_have_any_shape(size, here, desk, photos):
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (*size, 3), np.uint8)).save(desk / "odd.png")
    assert here("compare", "odd.png", photos[0], *NUMBERS).code == 0
