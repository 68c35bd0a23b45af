"""Libraries that hold tiles, merged and written out."""

import shutil

import pytest
from command_line import ROOT, inside

from dinosar.retrieval.library import Library

TOYS = sorted((ROOT / "toy_data").glob("fulgora-*_p1.jpg"))
QUICK = ("--backbone", "classic", "--size", "112")


@pytest.fixture
def asks(tmp_path):
    for i, path in enumerate(TOYS[:3]):
        (tmp_path / f"photos{i % 2}").mkdir(exist_ok=True)
        shutil.copy(path, tmp_path / f"photos{i % 2}")

    def asked(*words):
        return inside("-q", "retrieve", *words, cwd=tmp_path, cache=tmp_path / "cache")

    for i in range(2):
        assert asked("dump", f"photos{i}", "--store", f"db{i}", "--tiles", *QUICK).code == 0
    return asked


def test_libraries_with_tiles_become_a_new_one_with_tiles(asks, tmp_path):
    answer = asks("merge", "db0", "db1", "--store", "new")
    assert answer.code == 0, answer.err
    library = Library.open(tmp_path / "new")
    assert library.tiled
    assert len(library.names) == 3
    assert all(len(library.row(name).tiles) == 5 for name in library.names)
    assert asks("query", "photos0", "--store", "new", "--out", "run", "--no-figures").code == 0


def test_a_file_that_has_no_place_for_tiles_says_so(asks):
    pytest.importorskip("h5py")
    for words in (("a.h5",), ("b.h5", "--layout", "hloc", "--by", "pooled")):
        answer = asks("export", *words, "--store", "db0")
        assert answer.code == 0
        assert "the tiles of 'db0' are left out" in answer.complaint
