"""`dinosar retrieve register` of folders that are not the one that was dumped, and of a library of one image."""

import shutil

import pytest
from command_line import ROOT, everything_in, inside

TOYS = sorted((ROOT / "toy_data").glob("fulgora-*_p1.jpg"))
CLASSIC = ("--backbone", "classic", "--size", "112")


@pytest.fixture(scope="module")
def dumped(tmp_path_factory):
    """Two folders of photos below one, and their library; both have a photo of the same name."""
    desk = tmp_path_factory.mktemp("desk")
    for i, path in enumerate(TOYS[:4]):
        folder = desk / "sc" / ("S1" if i < 2 else "S2")
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder / ("same.jpg" if i % 2 else path.name))
    answer = inside("-q", "retrieve", "dump", "sc", "--store", "db", *CLASSIC, cwd=desk, cache=desk / "cache")
    assert answer.code == 0, answer.err
    return desk


@pytest.fixture
def desk(dumped, tmp_path):
    shutil.copytree(dumped / "db", tmp_path / "db")
    shutil.copytree(dumped / "sc", tmp_path / "sc")
    return tmp_path


@pytest.fixture
def asks(desk):
    return lambda *words: inside("retrieve", *words, cwd=desk, cache=desk / "cache")


def queries_of(run):
    return sorted({line.split()[0] for line in (run / "pairs.txt").read_text().splitlines()})


def test_a_folder_within_the_one_that_was_dumped_is_asked_about_by_the_names_of_the_library(asks, desk):
    answer = asks("register", "sc/S2", "--store", "db", "--out", "run", "--no-figures")
    assert answer.code == 0, answer.err
    assert queries_of(desk / "run") == sorted([f"S2/{TOYS[2].name}", "S2/same.jpg"])
    assert "2 of 2 photos have other names in the library" in answer.err
    again = inside("-q", "rerun", "run", cwd=desk, cache=desk / "cache")
    assert "DIFFERS" not in again.out


def test_what_is_missing_is_dumped_from_the_folder_that_was_dumped_before(asks, desk):
    shutil.copy(TOYS[5], desk / "sc" / "S2" / "new.jpg")
    answer = asks("register", "sc/S2", "--store", "db")
    assert answer.code == 3
    assert "1 of 3 photos of 'sc/S2' are not in store 'db' (as 'new.jpg')" in answer.err
    assert f"dinosar retrieve dump {desk / 'sc'} --store db" in answer.err
    assert asks("dump", desk / "sc", "--store", "db", *CLASSIC).code == 0
    assert asks("register", "sc/S2", "--store", "db", "--out", "run", "--no-figures").code == 0
    assert len(queries_of(desk / "run")) == 3


def test_a_folder_above_would_get_second_names(asks, desk):
    (desk / "all" / "sc").parent.mkdir()
    (desk / "sc").rename(desk / "all" / "sc")
    shutil.copy(TOYS[5], desk / "all" / "new.jpg")
    answer = asks("register", "all", "--store", "db")
    assert answer.code == 3
    assert "dump them all into another store, for here they would get second names" in answer.err


def test_a_library_of_one_image_has_nothing_to_hold_it_against(asks, desk):
    (desk / "one").mkdir()
    shutil.copy(TOYS[0], desk / "one")
    assert asks("dump", "one", "--store", "single", *CLASSIC).code == 0
    before = everything_in(desk)
    for words in ((), ("one",)):
        answer = asks("register", *words, "--store", "single", "--out", "run")
        assert answer.code == 3
        assert answer.complaint == (
            f"dinosar: error: store 'single' holds but one image, '{TOYS[0].name}', and nothing to hold it against; "
            "dump more photos into it"
        )
    assert everything_in(desk) == before


def test_overwriting_takes_no_folder_of_photographs(asks, desk):
    before = everything_in(desk / "sc")
    for words in ((), ("--overwrite",)):
        answer = asks("register", "--store", "db", "--out", "sc/S1", "--no-figures", *words)
        assert answer.code == 3
        assert "output 'sc/S1' is not empty, and holds no run" in answer.complaint
    assert everything_in(desk / "sc") == before
    assert asks("register", "--store", "db", "--out", "run", "--no-figures").code == 0
    assert asks("register", "--store", "db", "--out", "run", "--no-figures", "--overwrite").code == 0
