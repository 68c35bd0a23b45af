"""What a file says of several photos that are looked at together: an entry means one of them, and says so."""

from pathlib import Path

import numpy as np
import pytest
from landmark_sheets import sheet

from dinosar.errors import UsageError
from dinosar.landmarks.reading import landmarks_of, landmarks_of_all, sheet_for, sheets_for
from dinosar.landmarks.sheets import LandmarkFile

ROW = [(1, 2), (3, 4), None]


@pytest.fixture
def photos(tmp_path):
    """Two specimens whose photos have one name, in two folders."""
    found = [tmp_path / "d1" / "x.jpg", tmp_path / "d2" / "x.jpg"]
    for i, photo in enumerate(found):
        photo.parent.mkdir()
        photo.write_bytes(b"x" * (i + 1))
    return found


def file_at(path: Path, *images):
    return LandmarkFile("coco", path, tuple(sheet(image, ROW, where=f"entry {i}") for i, image in enumerate(images)))


@pytest.mark.parametrize("place", ["d1/k.json", "d1/landmarks/k.json"])
def test_a_bare_name_means_the_photo_at_home(place, photos, tmp_path):
    (tmp_path / "d1" / "landmarks").mkdir()
    file = file_at(tmp_path / place, "x.jpg")
    assert sheets_for(file, photos) == [file.sheets[0], None]
    assert sheets_for(file, photos[::-1]) == [None, file.sheets[0]]
    a, b = landmarks_of_all(file, [(photo, (30, 20)) for photo in photos])
    assert np.array_equal(a.places, [[1, 2], [3, 4], [np.nan] * 2], equal_nan=True)
    assert b is None


def test_alone_a_bare_name_fits_by_itself(photos, tmp_path):
    file = file_at(tmp_path / "d1" / "k.json", "x.jpg")
    assert sheet_for(file, photos[1]) is file.sheets[0]
    assert landmarks_of(file, photos[1], (30, 20)) is not None


@pytest.mark.parametrize("place", ["k.json", "elsewhere/deep/k.json"])
def test_where_neither_is_at_home_nobody_can_tell(place, photos, tmp_path):
    with pytest.raises(UsageError, match=r"entry 0: 'x.jpg' fits both '.*d1.*' and '.*d2.*', .* an entry of its own"):
        sheets_for(file_at(tmp_path / place, "x.jpg"), photos)


def test_two_of_one_folder_that_one_entry_fits_are_refused(photos, tmp_path):
    (tmp_path / "d1" / "x.tif").write_bytes(b"y")
    with pytest.raises(UsageError, match=r"'x' fits both '.*x.jpg' and '.*x.tif'"):
        sheets_for(file_at(tmp_path / "d1" / "k.txt", "x"), [photos[0], tmp_path / "d1" / "x.tif"])


def test_entries_with_folders_are_told_apart(photos, tmp_path):
    file = file_at(tmp_path / "k.json", "d2/x.jpg", "d1/x.jpg")
    assert sheets_for(file, photos) == [file.sheets[1], file.sheets[0]]


def test_a_folder_in_the_name_that_two_photos_lie_in(tmp_path):
    photos = [tmp_path / top / "d" / "x.jpg" for top in ("p", "q")]
    for i, photo in enumerate(photos):
        photo.parent.mkdir(parents=True)
        photo.write_bytes(b"x" * (i + 1))
    file = file_at(tmp_path / "q" / "k.json", "d/x.jpg")
    assert sheets_for(file, photos) == [None, file.sheets[0]]


def test_one_photo_by_two_paths_is_one_photo(photos, tmp_path):
    (tmp_path / "d3").mkdir()
    link = tmp_path / "d3" / "x.jpg"
    link.symlink_to(photos[1])
    file = file_at(tmp_path / "k.json", "x.jpg")
    assert sheets_for(file, [photos[1], link, photos[1]]) == [file.sheets[0]] * 3


def test_only_the_photo_that_is_meant_is_told_of(photos, tmp_path, caplog):
    caplog.set_level("INFO", "dinosar")
    sheets_for(file_at(tmp_path / "d1" / "k.json", "x.tif"), photos)
    assert [message for message in caplog.messages if "is taken for" in message] == [
        "entry 0: 'x.tif' is taken for 'x.jpg', whose name differs"
    ]


@pytest.mark.parametrize(("said", "there"), [("fl\u00fcgel", "flu\u0308gel"), ("flu\u0308gel", "fl\u00fcgel")])
@pytest.mark.parametrize("spelled", ["{}.jpg", "{}", "{}.tif", "{}/a.jpg"])
def test_accents_may_be_spelled_either_way(spelled, said, there, tmp_path, caplog):
    caplog.set_level("INFO", "dinosar")
    photo = tmp_path / spelled.replace(".tif", ".jpg").format(there)
    file = file_at(tmp_path / "k.json", spelled.format(said))
    assert sheet_for(file, photo.with_suffix(".jpg")) is file.sheets[0]
    assert len(caplog.messages) == (spelled == "{}.tif")


def test_the_very_spelling_comes_first(tmp_path):
    file = file_at(tmp_path / "k.json", "u\u0308.jpg", "\u00fc.jpg")
    assert sheets_for(file, [tmp_path / "\u00fc.jpg", tmp_path / "u\u0308.jpg"]) == [file.sheets[1], file.sheets[0]]
