"""Photographs of a folder are found in a library by where they lie and by what they hold, not by their names alone."""

import shutil
from dataclasses import replace

import pytest
from small_library import filled, painted

from dinosar.datasets.opening import open_dataset
from dinosar.retrieval.own_photos import recognised, root_of

NAMES = ["a.png", "S1/a.png", "S1/b.png", "S2/a.png"]


@pytest.fixture
def library(tmp_path):
    return filled(tmp_path / "db", painted(tmp_path / "sc", NAMES))[0]


def of(folder):
    return open_dataset("plain", folder).photographs()


def test_a_folder_within_the_one_that_was_dumped(library, tmp_path):
    found = recognised(of(tmp_path / "sc" / "S1"), library)
    assert (found.names, found.unknown) == (["S1/a.png", "S1/b.png"], [])
    assert found.renamed == {"a.png": "S1/a.png", "b.png": "S1/b.png"}  # though there is another a.png


def test_the_folder_itself_is_taken_by_name_and_no_file_is_read(library, tmp_path, monkeypatch):
    monkeypatch.setattr("dinosar.retrieval.own_photos.sha256_of", lambda path: pytest.fail("it was read"))
    found = recognised(of(tmp_path / "sc"), library)
    assert (found.names, found.renamed, found.unknown) == (sorted(NAMES), {}, [])


@pytest.mark.parametrize("part", ["", "S1"])
def test_what_has_moved_is_known_by_its_content(library, tmp_path, part):
    (tmp_path / "sc").rename(tmp_path / "moved")
    found = recognised(of(tmp_path / "moved" / part), library)
    assert found.names == sorted(name for name in NAMES if name.startswith(part))
    assert found.unknown == []


def test_another_photo_of_a_name_that_is_there_is_another_photo(library, tmp_path):
    fresh = painted(tmp_path / "other", ["a.png", "S1/b.png"], seed=5)
    found = recognised(fresh, library)
    assert (found.names, [each.name for each in found.unknown]) == ([], ["a.png", "S1/b.png"])


def test_copies_of_one_photo_are_one_image(library, tmp_path):
    folder = tmp_path / "copies"
    folder.mkdir()
    for name in ("one.png", "two.png"):
        shutil.copy(tmp_path / "sc" / "S2" / "a.png", folder / name)
    found = recognised(of(folder), library)
    assert found.names == ["S2/a.png"]
    assert set(found.renamed) == {"one.png", "two.png"}


@pytest.mark.parametrize("folder", ["sc", "moved"])
def test_a_copy_beside_a_photo_that_was_dumped_was_not(library, tmp_path, folder):
    if folder != "sc":
        (tmp_path / "sc").rename(tmp_path / folder)
    shutil.copy(tmp_path / folder / "a.png", tmp_path / folder / "copy.png")
    found = recognised(of(tmp_path / folder), library)
    assert (found.names, [each.name for each in found.unknown]) == (sorted(NAMES), ["copy.png"])


def test_of_images_alike_it_is_the_one_that_lay_there(tmp_path):
    listed = painted(tmp_path / "sc", ["a.png", "S1/a.png", "S1/b.png"])
    shutil.copy(listed[0].path, listed[1].path)
    library, _ = filled(tmp_path / "db", listed)
    assert recognised(of(tmp_path / "sc" / "S1"), library).names == ["S1/a.png", "S1/b.png"]


def test_of_images_alike_it_is_the_one_whose_name_is_most_alike(tmp_path):
    listed = painted(tmp_path / "sc", ["S0/x.png", "S1/b.png"])
    shutil.copy(listed[0].path, listed[1].path)
    library, _ = filled(tmp_path / "db", listed)
    shutil.copytree(tmp_path / "sc" / "S1", tmp_path / "away")
    assert recognised(of(tmp_path / "away"), library).names == ["S1/b.png"]


def test_of_what_was_imported_only_names_are_known(library, tmp_path):
    library.index.add([replace(row, sha256=None, path="") for row in library.index.rows()])
    fresh = painted(tmp_path / "other", ["a.png", "new.png"], seed=5)
    found = recognised(fresh, library)
    assert (found.names, [each.name for each in found.unknown]) == (["a.png"], ["new.png"])


def test_a_photo_that_cannot_be_read_is_not_known(library, tmp_path):
    (listed,) = painted(tmp_path / "other", ["new.png"])
    listed.path.unlink()
    assert recognised([listed], library).unknown == [listed]


def root(listed, library):
    return root_of(recognised(listed, library), library)


def test_the_root_is_the_folder_that_names_are_relative_to(library, tmp_path):
    new = painted(tmp_path / "sc" / "S1", ["new.png"], seed=5)
    assert root(new, library) == root(of(tmp_path / "sc" / "S1"), library) == tmp_path / "sc"
    away = painted(tmp_path / "elsewhere", ["new.png"], seed=6)
    assert root(away, library) is None
    assert root(new + away, library) is None


def test_the_root_of_what_has_moved_is_where_it_is_now(library, tmp_path):
    (tmp_path / "sc").rename(tmp_path / "moved")
    painted(tmp_path / "moved" / "S1", ["new.png"], seed=3)
    assert root(of(tmp_path / "moved" / "S1"), library) == tmp_path / "moved"
