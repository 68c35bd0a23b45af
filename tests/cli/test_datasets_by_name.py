"""`--dataset NAME` on the command line: where it lies, what is there instead, and names that are none."""

import shutil

import pytest
from command_line import ROOT, inside

TOYS = sorted((ROOT / "toy_data").glob("fulgora-*_p1.jpg"))
QUICK = ("--backbone", "classic", "--size", "112")


@pytest.fixture
def desk(tmp_path):
    """InLoc as it is published, and the file that says where it lies."""
    for name, path in (("query/iphone7/q.jpg", TOYS[0]), ("database/cutouts/DUC1/000/a.jpg", TOYS[1]),
                       ("database/cutouts/DUC2/001/b.jpg", TOYS[2])):  # fmt: skip
        (tmp_path / "InLoc" / name).parent.mkdir(parents=True)
        shutil.copy(path, tmp_path / "InLoc" / name)
    (tmp_path / "empty").mkdir()
    (tmp_path / "data_dirs.yaml").write_text("dataset_dirs: {inloc: InLoc, eth3d: gone, megadepth: empty}\n")
    return tmp_path


@pytest.fixture
def asks(desk):
    return lambda *words: inside("-q", *words, cwd=desk, cache=desk / "cache")


def test_a_name_is_enough(asks, desk):
    answer = asks("retrieve", "dump", "-ds", "inloc", "--store", "db", *QUICK)
    assert (answer.code, "3 images in db" in answer.out) == (0, True), answer.err
    words = ("--store", "db", "--min-cosine", "0.5", "--no-figures", "--out")
    assert asks("retrieve", "query", "-ds", "inloc", *words, "asked").code == 0
    pairs = [line.split() for line in (desk / "asked" / "pairs.txt").read_text().splitlines()]
    assert {query for query, _ in pairs} == {"query/iphone7/q.jpg"}
    assert len(pairs) == 2
    assert asks("retrieve", "register", "InLoc", "-ds", "inloc", *words, "all").code == 0


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("dump", "-ds", "aachen"), 2, "no dataset named 'aachen'; known: colmap"),
        (("dump", "-ds", "InLoc"), 2, "no dataset named 'InLoc'; did you mean 'inloc'?"),
        (("dump", "-ds", "colmap"), 2, "data_dirs.yaml names no folder for dataset 'colmap'; known: eth3d"),
        (("dump", "-ds", "eth3d"), 3, "data_dirs.yaml says that dataset 'eth3d' lies in 'gone', which is not there"),
        (("dump", "-ds", "megadepth"), 3, "'empty' is no MegaDepth collection: expected scene_info/<scene>.npz in it, "
                                          "found nothing"),
        (("dump", ".", "-ds", "inloc"), 3, "'.' is no InLoc collection: expected query/iphone7/ and database/cutouts/"),
        (("dump", "InLoc/query", "-ds", "inloc"), 3, "found 'iphone7'; name the folder that holds them"),
        (("dump", "data_dirs.yaml", "-ds", "inloc"), 3, "is a file; name the folder it lies in"),
    ],
)  # fmt: skip
def test_where_there_is_none_is_told_in_one_sentence(asks, desk, words, code, told):
    answer = asks("retrieve", *words, "--store", "new", *QUICK)
    assert (answer.code, told in answer.complaint) == (code, True), answer.err
    assert not (desk / "new").exists()


@pytest.mark.parametrize("command", ["query", "register"])
def test_a_name_that_is_none_is_told_though_no_folder_is_named(asks, desk, command):
    assert asks("retrieve", "dump", "-ds", "inloc", "--store", "db", *QUICK).code == 0
    answer = asks("retrieve", command, "--store", "db", "-ds", "inlok", "--out", "run")
    assert (answer.code, "did you mean 'inloc'" in answer.complaint) == (2, True)
    assert not (desk / "run").exists()


def test_a_folder_of_another_kind_is_told_before_anything_is_worked_out(asks, desk):
    assert asks("retrieve", "dump", "-ds", "inloc", "--store", "db", *QUICK).code == 0
    answer = asks("retrieve", "query", "InLoc", "--store", "db", "-ds", "eth3d", "--out", "run")
    assert (answer.code, "is no ETH3D collection" in answer.complaint) == (3, True)


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ((), 2, "--truth FILE, or --dataset NAME"),
        (("-ds", "eth3d"), 3, "which is not there"),
        (("-ds", "megadepth"), 3, "'empty' is no MegaDepth collection"),
    ],
)
def test_true_overlaps_lie_where_the_file_of_places_says(asks, desk, words, code, told):
    (desk / "ranking.csv").write_text("query,rank,image\nq,1,a\n")
    answer = asks("evaluate", "retrieval", "ranking.csv", *words)
    assert (answer.code, told in answer.complaint) == (code, True), answer.err
