"""Photographs come in the pixels that are stored, and masks by the number of the category."""

import hashlib
import io

import numpy as np
import pytest
from PIL import Image
from tiny_collection import FIRST, SIZES, as_folder, as_tar, as_zip, files, picture

from dinosar.errors import InputError
from dinosar.spair import Collection
from dinosar.spair.members import Folder
from dinosar.spair.pictures import CATEGORIES, object_mask

PHOTO = "JPEGImages/cat/2001_a.jpg"
MASK = "Segmentation/cat/2001_a.png"


def pair(at, **changed):
    return Collection.open(as_folder(at, files() | changed)).pair("test", FIRST)


def test_a_photograph_of_a_folder(tmp_path):
    source = pair(tmp_path).source
    photo = source.load()
    with Image.open(io.BytesIO(picture("2001_a"))) as image:
        assert np.array_equal(photo.pixels, np.asarray(image))
    assert (photo.name, photo.path, photo.notes) == ("2001_a", tmp_path / "SPair-71k" / PHOTO, ())
    assert photo.sha256 == source.digest() == hashlib.sha256(picture("2001_a")).hexdigest()


@pytest.mark.parametrize("make", [as_zip, as_tar])
def test_a_photograph_of_an_archive_has_no_path_that_leads_nowhere(tmp_path, make):
    source = Collection.open(make(tmp_path / "archive", files())).pair("test", FIRST).source
    photo = source.load()
    assert photo.path is None
    assert photo.sha256 == source.digest() == hashlib.sha256(picture("2001_a")).hexdigest()
    assert photo.size == SIZES["2001_a"]


@pytest.mark.parametrize("orientation", [3, 6])
def test_what_exif_says_of_turning_is_left_alone_and_noted(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = pair(tmp_path, **{PHOTO: picture("2001_a", exif=exif)}).source.load()
    with Image.open(io.BytesIO(picture("2001_a"))) as plain:
        assert np.array_equal(photo.pixels, np.asarray(plain))
    assert photo.notes == (f"EXIF orientation {orientation} left alone: keypoints are set on stored pixels",)


def test_a_photograph_of_another_size_is_refused(tmp_path):
    source = pair(tmp_path, **{PHOTO: picture("2001_b")}).source
    with pytest.raises(
        InputError, match=r"2001_a\.jpg' is 36 x 50 pixels large, but its keypoints were set on 40 x 30"
    ):
        source.load()


def encoded(array, kind="PNG"):
    out = io.BytesIO()
    Image.fromarray(array).save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (picture("2001_a")[:500], "2001_a.jpg' is"),
        (b"no picture at all", "is not a picture that can be read"),
        (encoded(np.zeros((30, 40, 4), np.uint8)), "transparent pixels"),
        (encoded(np.full((30, 40), 300, np.uint16)), "deep pixels"),
    ],
)
def test_a_photograph_that_cannot_be_used_is_refused(tmp_path, data, told):
    with pytest.raises(InputError, match=told):
        pair(tmp_path, **{PHOTO: data}).source.load()


def test_a_mask_is_what_has_the_number_of_the_category(tmp_path):
    collection = Collection.open(as_folder(tmp_path, files()))
    found = collection.pair("test", FIRST)
    mask = collection.object_mask(found, found.source)
    expected = np.zeros((30, 40), bool)
    expected[9:19, 7:17] = True  # neither the rim nor the dog
    assert np.array_equal(mask, expected)
    assert collection.object_mask(found, found.target).shape == (50, 36)


def test_a_category_that_voc_does_not_have_is_whatever_is_marked(tmp_path):
    content = {name.replace("/cat/", "/teapot/"): data for name, data in files().items()}
    members = Folder(as_folder(tmp_path, content) / "SPair-71k")
    expected = np.zeros((30, 40), bool)
    expected[9:19, 7:17] = expected[:3, :3] = True
    assert np.array_equal(object_mask(members, "teapot", "2001_a.jpg", (40, 30)), expected)


def test_the_numbers_of_the_categories_are_those_of_voc():
    known = {
        "aeroplane": 1, "cow": 10, "dog": 12, "horse": 13, "person": 15, "pottedplant": 16, "sheep": 17, "train": 19,
        "tvmonitor": 20,
    }  # fmt: skip
    assert {name: 1 + CATEGORIES.index(name) for name in known} == known


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (encoded(np.zeros((30, 40, 3), np.uint8)), "holds colours, not the numbers of categories"),
        (encoded(np.zeros((30, 41), np.uint8)), "is 41 x 30 pixels large, but its photograph 40 x 30"),
        (b"\x89PNG\r\n\x1a\nbroken", "is no mask that can be read"),
        (encoded(np.zeros((30, 40), np.uint8), "GIF"), "is no mask that can be read"),
    ],
)
def test_a_mask_that_cannot_be_used_is_refused(tmp_path, data, told):
    collection = Collection.open(as_folder(tmp_path, files() | {MASK: data}))
    found = collection.pair("test", FIRST)
    with pytest.raises(InputError, match=told):
        collection.object_mask(found, found.source)
