"""`dinosar retrieve`: photos dumped, asked about, registered; mistakes; kills; a rerun."""

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import yaml
from command_line import POSIX, ROOT, inside, names_in, outside, started

from dinosar.retrieval.library import Library
from dinosar.retrieval.tiles import VIEWS

TOYS = sorted((ROOT / "toy_data").glob("fulgora-*_p1.jpg"))
CLASSIC = ("--backbone", "classic")
SLOW = '''
import os, time
from dinosar.backbones.classic import Classic

class Slow(Classic):
    """The built-in descriptor; each picture it is asked about leaves a line, and takes a while."""

    def encode(self, image):
        with open(os.environ["COUNTED"], "a") as file:
            file.write("asked\\n")
        time.sleep(0.2)
        return super().encode(image)
'''


@pytest.fixture(scope="module")
def dumped(tmp_path_factory):
    """A folder with six photos and their library."""
    desk = tmp_path_factory.mktemp("desk")
    (desk / "photos" / "below").mkdir(parents=True)
    for i, path in enumerate(TOYS):
        shutil.copy(path, desk / "photos" / ("below" if i % 2 else "") / path.name)
    answer = inside("-q", "retrieve", "dump", "photos", "--store", "db", *CLASSIC, cwd=desk, cache=desk / "cache")
    assert answer.code == 0, answer.err
    return desk


@pytest.fixture
def desk(dumped, tmp_path):
    """A desk of one's own with that library."""
    shutil.copytree(dumped / "db", tmp_path / "db")
    shutil.copytree(dumped / "photos", tmp_path / "photos")
    return tmp_path


@pytest.fixture
def asks(desk):
    return lambda *words: inside("-q", "retrieve", *words, cwd=desk, cache=desk / "cache")


def rows_of(file):
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_a_query_ranks_its_own_photo_first_and_says_what_it_did(asks, desk):
    shutil.copy(TOYS[2], desk / "q.jpg")
    answer = asks("query", "q.jpg", "--store", "db", "-k", "3", "--out", "run", "--json")
    assert (answer.code, answer.err) == (0, "")
    told = json.loads(answer.out)
    first = told["answers"]["q.jpg"][0]
    assert first["image"].endswith(TOYS[2].name)
    assert first["score"] == pytest.approx(1, abs=1e-3)
    assert first["overlap"] == 1
    assert names_in(desk / "run") == [
        "pairs.txt",
        "patches_1.png",
        "ranking.csv",
        "ranking.png",
        "run.yaml",
        "scores.csv",
        "scores.png",
        "votes_1.png",
    ]
    rows = rows_of(desk / "run" / "ranking.csv")
    assert len(rows) == 6
    assert [row["rank"] for row in rows] == ["1", "2", "3", "4", "5", "6"]
    pairs = (desk / "run" / "pairs.txt").read_text().splitlines()
    assert pairs == [f"q.jpg {row['image']}" for row in rows[:3]]


def test_a_library_knows_its_backbone_and_a_query_needs_none_named(asks, desk):
    shutil.copy(TOYS[0], desk / "q.jpg")
    answer = asks("query", "q.jpg", "--store", "db", "--json", "--no-figures")
    assert json.loads(answer.out)["backbone"] == "classic-v1"


def test_every_photo_of_a_folder_is_asked_about(asks, desk):
    answer = asks("query", "photos", "--store", "db", "-k", "1", "--out", "run", "--no-figures")
    assert answer.code == 0
    pairs = [line.split() for line in (desk / "run" / "pairs.txt").read_text().splitlines()]
    assert len(pairs) == 6
    assert all(query == image for query, image in pairs)


def test_registering_asks_every_image_about_the_rest(asks, desk):
    answer = asks("register", "photos", "--store", "db", "-k", "5", "--out", "run", "--no-figures", "--json")
    assert answer.code == 0, answer.err
    pairs = [line.split() for line in (desk / "run" / "pairs.txt").read_text().splitlines()]
    names = Library.open(desk / "db").names
    assert {query: sorted(image for asked, image in pairs if asked == query) for query in names} == {
        query: sorted(set(names) - {query}) for query in names
    }


def test_registering_a_folder_whose_photos_were_not_dumped_says_what_to_do(asks, desk):
    shutil.copy(TOYS[0], desk / "photos" / "new.jpg")
    answer = asks("register", "photos", "--store", "db", "--out", "run")
    assert answer.code == 3
    assert "1 of 7 photos" in answer.complaint
    assert "dinosar retrieve dump photos --store db" in answer.complaint


def test_a_way_of_search_by_the_names_of_the_original(asks, desk):
    words = (
        "-ds",
        "plain",
        "-k",
        "2",
        "-v",
        "3",
        "-r",
        "0.2",
        "-pre",
        "4",
        "--no-figures",
        "--out",
        "run",
        "--overwrite",
    )
    answer = asks("register", "--store", "db", *words, "--json")
    assert answer.code == 0, answer.err
    told = json.loads(answer.out)
    assert (told["rule"], told["min_cosine"]) == ("vop.3", pytest.approx(0.8))
    assert told["shortlist"]["size"] == 4
    answer = asks(
        "register", "--store", "db", "--weighted", "--no-cls", "-r", "-1", "--no-figures", "--json", "--out", "r2"
    )
    told = json.loads(answer.out)
    assert (told["rule"], told["shortlist"]) == ("vop.tfidf", None)
    assert told["min_cosine_is"].startswith("auto")
    answer = asks("dump", "photos", "--store", "db2", "-ds", "plain", "--num_workers", "0", "-im", "112", *CLASSIC)
    assert answer.code == 0, answer.err
    assert Library.open(desk / "db2").image.size == 112


@pytest.fixture(scope="module")
def zooms(tmp_path_factory):
    """Drawn scenes, ten whole ones beside others, and zooms to 1/2 and 1/4 of the whole; with their library."""
    desk = tmp_path_factory.mktemp("zooms")
    words = ("--out", desk / "scenes", "--tier", "zooms", "--families", "5", "--members", "2", "--views", "2")
    subprocess.run([sys.executable, ROOT / "toy_data" / "overlap_scenes.py", *map(str, words)], check=True, timeout=300)
    for words in (("db",), ("tiles", "--tiles")):
        answer = inside("-q", "retrieve", "dump", "scenes", "--store", *words, *CLASSIC, cwd=desk, cache=desk / "cache")
        assert answer.code == 0, answer.err
    return desk


@pytest.mark.parametrize(("store", "quarter"), [("db", 2), ("tiles", 7)])
def test_a_zoomed_query_ranks_the_full_view_first(zooms, store, quarter):
    run = f"run-{store}"
    answer = inside("-q", "retrieve", "query", "--store", store, "-k", "1", "--out", run, "--no-figures", cwd=zooms,
                    cache=zooms / "cache")  # fmt: skip
    assert answer.code == 0, answer.err
    pairs = [line.split() for line in (zooms / run / "pairs.txt").read_text().splitlines()]
    right = {2: 0, 4: 0}
    for query, image in pairs:
        world, zoom = re.fullmatch(r"query/(f\d+_m\d)_zoom([24])\.png", query).groups()
        right[int(zoom)] += image == f"database/{world}_whole.png"
    assert right[2] >= 9
    assert right[4] >= quarter  # without a trained head; by chance it were none


def test_a_ranking_by_tiles_says_which_part_answers_and_runs_again(zooms):
    words = ("query", "scenes/query/f000_m0_zoom4.png", "--store", "tiles", "-k", "2", "--out", "seen")
    answer = inside("-q", "retrieve", *words, cwd=zooms, cache=zooms / "cache")
    assert answer.code == 0, answer.err
    table = zooms / "seen" / "ranking.csv"
    row = next(csv.DictReader(table.read_text().splitlines()))
    assert row["view"] in VIEWS
    assert row["view"] in answer.out.splitlines()[1]
    assert float(row["score"]) >= float(row["maxsim"])
    record = yaml.safe_load((zooms / "seen" / "run.yaml").read_text())
    assert record["record"]["result"]["tiles"] is True
    assert (zooms / "seen" / "votes_1.png").is_file()
    answer = inside("rerun", "seen/run.yaml", "--out", "again", cwd=zooms, cache=zooms / "cache")
    assert answer.code == 0, answer.err
    assert (zooms / "again" / "ranking.csv").read_bytes() == table.read_bytes()
    judged = ("evaluate", "retrieval", "run-tiles", "--truth", "scenes/overlaps.csv", "--out", "judged-tiles")
    answer = inside("-q", *judged, "--json", cwd=zooms, cache=zooms / "cache")
    assert "rho_score" in json.loads(answer.out)["means"]


def test_what_was_ranked_is_held_against_the_truth(zooms):
    words = ("query", "--store", "db", "-k", "1", "--out", "judged", "--no-figures", "--vote", "coverage")
    assert inside("-q", "retrieve", *words, cwd=zooms, cache=zooms / "cache").code == 0
    words = ("evaluate", "retrieval", "judged", "--truth", "scenes/overlaps.csv", "--out", "truth", "--json")
    answer = inside("-q", *words, cwd=zooms, cache=zooms / "cache")
    assert answer.code == 0, answer.err
    told = json.loads(answer.out)
    assert told["queries"] == told["with_an_answer"] == 20
    assert told["means"]["recall@5"]["mean"] >= told["means"]["recall@1"]["mean"] >= 0.5


def test_a_rerun_gives_the_same(asks, desk):
    shutil.copy(TOYS[2], desk / "q.jpg")
    assert asks("query", "q.jpg", "--store", "db", "-k", "2", "--out", "run").code == 0
    again = inside("-q", "rerun", "run", cwd=desk, cache=desk / "cache")
    assert again.code == 0, again.err
    assert "DIFFERS" not in again.out
    (record,) = (desk / "db" / "dumps").iterdir()
    again = inside("-q", "rerun", record, cwd=desk, cache=desk / "cache")
    assert again.code == 0, again.err
    assert "identical  images.csv" in again.out


def test_names_with_blanks_are_kept_in_the_table_and_refused_in_the_list_of_pairs(asks, desk):
    (desk / "photos" / TOYS[0].name).rename(desk / "photos" / "a name.jpg")
    shutil.rmtree(desk / "db")
    assert asks("dump", "photos", "--store", "db", *CLASSIC).code == 0
    answer = asks("register", "--store", "db", "--out", "run", "--no-figures")
    assert answer.code == 4
    assert "blanks" in answer.err
    assert "pairs.txt" not in names_in(desk / "run")
    assert "a name.jpg" in {row["query"] for row in rows_of(desk / "run" / "ranking.csv")}
    assert rows_of(desk / "run" / "errors.csv")[0]["name"] == "pairs.txt"


def test_another_backbone_is_refused_for_a_library_that_is_there(asks, desk):
    answer = asks("dump", "photos", "--store", "db", "--backbone", "sift")
    assert answer.code == 3
    assert "another backbone" in answer.complaint
    answer = asks("dump", "photos", "--store", "db", *CLASSIC, "--size", "256")
    assert answer.code == 3
    assert "image.size was 224, now 256" in answer.complaint


def test_a_damaged_item_costs_its_image_and_nothing_else(asks, desk):
    library = Library.open(desk / "db")
    name = library.names[3]
    item = library.store.path(library.title, library.row(name).item)
    item.write_bytes(item.read_bytes()[:-100])
    shutil.copy(TOYS[0], desk / "q.jpg")
    answer = asks("query", "q.jpg", "--store", "db", "--out", "run", "--no-figures")
    assert answer.code == 4
    assert f"features of '{name}' are gone" in answer.err
    rows = rows_of(desk / "run" / "ranking.csv")
    assert [row["image"] for row in rows][-1] == name
    assert rows[-1]["score"] == "NA"
    assert name not in (desk / "run" / "pairs.txt").read_text()
    assert asks("dump", "photos", "--store", "db", *CLASSIC).code == 0
    assert asks("query", "q.jpg", "--store", "db", "--out", "again", "--no-figures").code == 0


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("query", "q.jpg", "--store", "none"), 3, "dinosar retrieve dump"),
        (("query", "gone.jpg", "--store", "db"), 3, "gone.jpg"),
        (("query", "--store", "db"), 2, "has no queries of its own"),
        (("query", "q.jpg", "--store", "db", "--vote", "maxsum"), 2, "did you mean 'maxsim'"),
        (("query", "q.jpg", "--store", "db", "-pre", "many"), 2, "shortlist.size"),
        (("query", "q.jpg", "--store", "db", "-pre", "0"), 2, "at least 1"),
        (("query", "q.jpg", "--store", "db", "--head", "gone.safetensors"), 5, "gone.safetensors"),
        (("query", "q.jpg", "--store", "db", "--dask", "bla"), 2, "no address of a Dask scheduler"),
        (("query", "q.jpg", "--store", "db", "-r", "3"), 2, "radius of 3"),
        (("query", "q.jpg", "--store", "db", "--dask", "tcp://127.0.0.1:1"), 6, "no Dask scheduler"),
        (("dump", "--store", "db"), 2, "name the folder"),
        (("dump", "--dataset", "inloc", "--store", "db"), 2, "data_dirs.yaml"),
        (("dump", "photos", "--dataset", "inlok", "--store", "db"), 2, "did you mean 'inloc'"),
        (("dump", "empty", "--store", "db"), 3, "empty"),
    ],
)
def test_mistakes_are_told_in_one_sentence(asks, desk, words, code, told, monkeypatch):
    from dinosar.retrieval import cluster

    monkeypatch.setattr(cluster, "PATIENCE", "1s")
    shutil.copy(TOYS[0], desk / "q.jpg")
    (desk / "empty").mkdir()
    answer = asks(*words)
    assert (answer.code, told in answer.complaint) == (code, True), answer.err
    assert not (desk / "runs").exists()


def test_a_photo_that_cannot_be_read_is_told_and_the_others_are_dumped(asks, desk):
    (desk / "photos" / "broken.jpg").write_bytes(TOYS[0].read_bytes()[:5000])
    shutil.rmtree(desk / "db")
    answer = asks("dump", "photos", "--store", "db", *CLASSIC)
    assert answer.code == 4
    assert "broken.jpg" in answer.err
    assert len(Library.open(desk / "db").names) == 6


@pytest.fixture
def slow(tmp_path, desk):
    """A dump with a backbone that counts and takes its time, in a process of its own."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "slow_backbone.py").write_text(SLOW)
    home, lines = tmp_path / "house", tmp_path / "lines"
    home.mkdir()

    def run(store, begin=False):
        words = ("retrieve", "dump", "photos", "--store", store, "--backbone", "slow_backbone:Slow")
        return (started if begin else outside)(*words, cwd=desk, home=home, PYTHONPATH=str(site), COUNTED=str(lines))

    run.asked = lambda: len(lines.read_text().splitlines()) if lines.exists() else 0
    return run


@pytest.mark.skipif(not POSIX, reason="signals as here are POSIX's")
def test_a_killed_dump_goes_on_and_ends_with_the_same_items(slow, desk):
    whole = slow("whole")
    assert whole.code == 0, whole.err
    before = slow.asked()
    process = slow("killed", begin=True)
    while slow.asked() < before + 3:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    answer = slow("killed")
    assert answer.code == 0, answer.err
    assert slow.asked() <= before + 6 + 1  # one may have been lost with the process
    one, other = (Library.open(desk / store) for store in ("whole", "killed"))
    assert one.index.sum() == other.index.sum()
    files = [{file.name: file.read_bytes() for file in (desk / store).rglob("*.npy")} for store in ("whole", "killed")]
    assert files[0] == files[1]


def test_a_library_goes_out_and_comes_back(asks, desk):
    pytest.importorskip("h5py")
    assert asks("export", "feats.h5", "--store", "db").code == 0
    answer = asks("import", "feats.h5", "--store", "back", "--photos", "photos", *CLASSIC)
    assert answer.code == 0, answer.err
    one, other = Library.open(desk / "db"), Library.open(desk / "back")
    assert one.names == other.names
    for name in one.names:
        assert np.abs(one.block(name).tokens - other.block(name).tokens).max() < 2e-3
    answer = asks("query", "photos", "--store", "back", "-k", "1", "--out", "run", "--no-figures")
    assert answer.code == 0, answer.err
    assert all(line.split()[0] == line.split()[1] for line in (desk / "run" / "pairs.txt").read_text().splitlines())
    assert asks("export", "feats.h5", "--store", "db").code == 3
    assert asks("export", "global.h5", "--store", "db", "--layout", "hloc", "--by", "pooled").code == 0


def test_features_of_nobody_knows_which_backbone_answer_only_each_other(asks, desk):
    pytest.importorskip("h5py")
    assert asks("export", "feats.h5", "--store", "db").code == 0
    assert asks("import", "feats.h5", "--store", "back").code == 0
    assert asks("register", "--store", "back", "--out", "run", "--no-figures").code == 0
    answer = asks("query", "photos", "--store", "back")
    assert answer.code == 3
    assert "imported" in answer.complaint


def test_libraries_are_merged(asks, desk):
    shutil.copytree(desk / "photos", desk / "more")
    (desk / "more" / TOYS[0].name).rename(desk / "more" / "new.jpg")
    assert asks("dump", "more", "--store", "other", *CLASSIC).code == 0
    answer = asks("merge", "other", "--store", "db")
    assert (answer.code, "1 images taken" in answer.out) == (0, True), answer.err
    assert "new.jpg" in Library.open(desk / "db").names


def test_another_photo_of_a_name_that_is_taken_is_refused_and_one_that_moved_is_found_again(asks, desk):
    (desk / "more").mkdir()
    shutil.copy(TOYS[1], desk / "more" / TOYS[0].name)
    answer = asks("dump", "more", "--store", "db", *CLASSIC)
    assert answer.code == 4
    assert "another photo of that name" in answer.err
    shutil.rmtree(desk / "more")
    (desk / "photos").rename(desk / "moved")
    assert asks("dump", "moved", "--store", "db", *CLASSIC).code == 0
    library = Library.open(desk / "db")
    assert len(library.names) == 6
    assert all("/moved/" in library.row(name).path for name in library.names)


def test_merging_leaves_what_is_there(asks, desk):
    shutil.copytree(desk / "photos", desk / "more")
    shutil.copy(TOYS[3], desk / "more" / TOYS[0].name)
    assert asks("dump", "more", "--store", "other", *CLASSIC).code == 0
    before = Library.open(desk / "db").row(TOYS[0].name).item
    answer = asks("merge", "other", "--store", "db")
    assert (answer.code, "0 images taken" in answer.out) == (0, True)
    assert "left as they are" in answer.err
    assert Library.open(desk / "db").row(TOYS[0].name).item == before
    assert asks("merge", "other", "db", "--store", "new").code == 0
    assert len(Library.open(desk / "new").names) == 6


def test_importing_leaves_what_is_there_and_nothing_behind_that_failed(asks, desk):
    h5py = pytest.importorskip("h5py")
    assert asks("export", "feats.h5", "--store", "db").code == 0
    answer = asks("import", "feats.h5", "--store", "db", *CLASSIC)
    assert (answer.code, "0 images taken" in answer.out, "names that are taken" in answer.err) == (0, True, True)
    assert all(Library.open(desk / "db").row(name).path for name in Library.open(desk / "db").names)
    with h5py.File(desk / "other.h5", "w") as file:
        file["a/global_descriptor"] = np.zeros(3)
    for name in ("other.h5", "gone.h5"):
        answer = asks("import", name, "--store", "none")
        assert answer.code == 3, answer.err
        assert not (desk / "none").exists()
    answer = asks("import", "feats.h5", "--store", "none", "--backbone", "random-test")
    assert (answer.code, "have 128 numbers" in answer.complaint) == (3, True)


def test_a_full_disk_ends_a_dump_with_no_row_that_has_no_item(asks, desk, monkeypatch):
    from dinosar import store as module
    from dinosar.errors import ResourceError

    publish, kept = module.publish, []

    def full(path, data):
        if len(kept) >= 2:
            raise ResourceError(f"cannot write '{path}': the disk is full; free some space")
        kept.append(path)
        return publish(path, data)

    monkeypatch.setattr(module, "publish", full)
    for words in (("dump", "photos", "--store", "small", *CLASSIC), ("merge", "db", "--store", "less")):
        kept.clear()
        answer = asks(*words)
        assert answer.code == 6
        assert "disk is full" in answer.complaint
        library = Library.open(desk / words[-1] if words[0] == "merge" else desk / "small")
        assert len(library.names) == 2
        assert all(library.store.path(library.title, item).is_file() for item in library.items.values())


def test_queries_of_a_list_ask_though_they_answer_as_well(asks, desk):
    names = Library.open(desk / "db").names
    (desk / "photos" / "query.txt").write_text("".join(f"{name}\n" for name in names[:2]))
    (desk / "photos" / "database.txt").write_text("".join(f"{name}\n" for name in (names[0], *names[2:])))
    assert asks("dump", "photos", "--store", "roles", *CLASSIC).code == 0
    assert asks("query", "--store", "roles", "-k", "9", "--out", "run", "--no-figures").code == 0
    pairs = [line.split() for line in (desk / "run" / "pairs.txt").read_text().splitlines()]
    assert {query for query, _ in pairs} == set(names[:2])
    assert {image for query, image in pairs if query == names[0]} == set(names[2:])
    assert {image for query, image in pairs if query == names[1]} == {names[0], *names[2:]}


def test_every_answer_is_in_the_table_unless_it_were_too_long(asks, desk, monkeypatch):
    from dinosar import ranking_job

    shutil.copy(TOYS[0], desk / "q.jpg")
    assert (
        asks("query", "q.jpg", "--store", "db", "--set", "rows=2", "-k", "4", "--out", "few", "--no-figures").code == 0
    )
    assert len(rows_of(desk / "few" / "ranking.csv")) == 4
    monkeypatch.setattr(ranking_job, "LONGEST", 5)
    answer = asks("query", "q.jpg", "--store", "db", "-k", "2", "--out", "long", "--no-figures")
    assert "best 5 of 6 images" in answer.err
    assert len(rows_of(desk / "long" / "ranking.csv")) == 5


@pytest.mark.skipif(not POSIX, reason="other systems have no such names")
def test_a_name_that_is_no_text_costs_its_photo_alone(asks, desk):
    shutil.copy(TOYS[0], os.fsencode(desk / "photos") + b"/bad\xff.jpg")
    answer = asks("dump", "photos", "--store", "odd", *CLASSIC)
    assert answer.code == 4
    assert "not UTF-8" in answer.err
    assert len(Library.open(desk / "odd").names) == 6


def test_a_picture_without_a_patch_that_votes_is_told(asks, desk):
    from PIL import Image

    Image.new("RGB", (1500, 8), "red").save(desk / "photos" / "long.png")
    answer = asks("dump", "photos", "--store", "narrow", *CLASSIC)
    assert (answer.code, "'long.png' has no patch that could vote" in answer.err) == (0, True)
    answer = asks("query", "photos/long.png", "--store", "db", "--out", "run")
    assert answer.code == 3
    assert "no patch of it can vote" in answer.err


def test_photos_of_a_scene_are_asked_of_that_scene(asks, desk):
    for scene, paths in (("hall", TOYS[:3]), ("yard", TOYS[3:])):
        (desk / "sites" / scene / "images").mkdir(parents=True)
        for path in paths:
            shutil.copy(path, desk / "sites" / scene / "images")
    assert asks("dump", "sites", "--store", "two", *CLASSIC).code == 0
    for words in (("query", "sites"), ("register", "sites")):
        assert asks(*words, "--store", "two", "-k", "9", "--out", words[0], "--no-figures").code == 0
        pairs = [line.split() for line in (desk / words[0] / "pairs.txt").read_text().splitlines()]
        assert all(query.split("/")[0] == image.split("/")[0] for query, image in pairs)
    assert (
        asks("query", "sites", "--store", "two", "-k", "9", "--within", "all", "--out", "all", "--no-figures").code == 0
    )
    assert len((desk / "all" / "pairs.txt").read_text().splitlines()) == 36
