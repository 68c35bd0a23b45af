"""Photos are found where people keep them, and never outside the folders that were meant."""

import os

import pytest
from landmark_sheets import sheet

from dinosar.errors import InputError, UsageError
from dinosar.landmarks.photo_places import at_home, find_photo, folders_of
from dinosar.landmarks.sheets import LandmarkFile


@pytest.fixture
def folder(tmp_path):
    home = tmp_path / "photos"
    (home / "left").mkdir(parents=True)
    for name in ("a.jpg", "left/a.jpg", "B.TIF", "spec.12.png", "c.jpg", "c.png", "notes.txt"):
        (home / name).write_bytes(b"x")
    return home


def test_by_name_then_without_its_ending(folder):
    for name, meant in {
        "a.jpg": "a.jpg", "left/a.jpg": "left/a.jpg", "left\\a.jpg": "left/a.jpg", "b.jpg": "B.TIF", "b": "B.TIF",
        "spec.12": "spec.12.png", "c.png": "c.png", "x.jpg": None, "right/a.jpg": None, "notes": None,
    }.items():  # fmt: skip
        assert find_photo(sheet(name, []), [folder]) == (folder / meant if meant else None), name


def test_two_that_could_be_meant_are_named(folder):
    with pytest.raises(UsageError, match=r"line 3: 'c.jpg' and 'c.png' .* could both be the photo 'c.gif'"):
        find_photo(sheet("c.gif", [], where="line 3"), [folder])


def test_beside_the_file_above_it_and_where_told(folder, tmp_path):
    (folder / "landmarks").mkdir()
    file = LandmarkFile("csv", folder / "landmarks" / "k.csv", ())
    assert folders_of(file, None) == [folder / "landmarks", folder]
    assert folders_of(file, tmp_path)[0] == tmp_path
    assert find_photo(sheet("a.jpg", []), folders_of(file, None)) == folder / "a.jpg"
    assert folders_of(LandmarkFile("slicer", folder / "left", ()), None) == [folder / "left", folder]
    with pytest.raises(InputError, match="is not a folder"):
        folders_of(file, folder / "a.jpg")


@pytest.mark.skipif(os.name != "posix", reason="needs links")
def test_a_link_that_leads_out_is_not_followed(folder, tmp_path):
    (tmp_path / "secret.jpg").write_bytes(b"x")
    (folder / "d.jpg").symlink_to(tmp_path / "secret.jpg")
    (folder / "e.jpg").symlink_to(folder / "a.jpg")
    assert find_photo(sheet("d.jpg", []), [folder]) is None
    assert find_photo(sheet("d.png", []), [folder]) is None
    assert find_photo(sheet("e.jpg", []), [folder]) == folder / "e.jpg"


def test_accents_may_be_spelled_either_way_on_the_disk(folder):
    (folder / "ko\u0308rper").mkdir()
    for name in ("ko\u0308rper/flu\u0308gel.jpg", "ko\u0308rper/flu\u0308gel.png"):
        (folder / name).write_bytes(b"x")
    for name, meant in {
        "k\u00f6rper/fl\u00fcgel.jpg": "ko\u0308rper/flu\u0308gel.jpg",
        "k\u00f6rper/FL\u00dcGEL.PNG": "ko\u0308rper/flu\u0308gel.png",
    }.items():
        assert find_photo(sheet(name, []), [folder]) == folder / meant


@pytest.mark.parametrize(
    ("file", "name", "photo", "meant"),
    [
        ("k.json", "u.jpg", "u.jpg", True),
        ("landmarks/k.json", "u.jpg", "u.jpg", True),
        ("landmarks/k.json", "a.jpg", "a.jpg", True),
        ("left/k.json", "a.jpg", "a.jpg", False),  # it has one of its own
        ("left/k.json", "a.jpg", "left/a.jpg", True),
        ("k.json", "a.jpg", "left/a.jpg", False),
        ("k.json", "left/a.jpg", "left/a.jpg", True),
        ("right/k.json", "a.jpg", "left/a.jpg", False),
    ],
)
def test_a_photo_that_the_file_itself_would_find(file, name, photo, meant, folder):
    assert at_home(folder / file, name, folder / photo) is meant
