"""A picture meets the backbone once, under whatever names it comes."""

import shutil

import numpy as np
import pytest
from PIL import Image

from dinosar.config import FrameImage
from dinosar.frames.seeing import Viewer
from dinosar.images import load_photo
from dinosar.store import Store
from dinosar.testing import toy_photo


@pytest.fixture
def pictures(tmp_path):
    """Three pictures as files, the first of them twice."""
    for i in range(3):
        Image.fromarray(toy_photo(seed=i).pixels).save(tmp_path / f"{i}.png")
    shutil.copy(tmp_path / "0.png", tmp_path / "again.png")
    return tmp_path


@pytest.fixture
def viewer(counting):
    return Viewer(counting, FrameImage(size=64))


def test_a_picture_is_shown_once(viewer, counting, pictures):
    first = viewer.frame(pictures / "0.png")
    again = viewer.frame(str(pictures / "0.png"))
    assert counting.asked == 1
    assert again.features is first.features
    assert (first.name, first.path) == ("0", (pictures / "0.png").resolve())
    assert first.sha256 == load_photo(pictures / "0.png").sha256


def test_a_copy_is_not_shown_again_and_keeps_its_own_name(viewer, counting, pictures):
    first, copy = viewer.frame(pictures / "0.png"), viewer.frame(pictures / "again.png")
    assert counting.asked == 1
    assert copy.features is first.features
    assert (copy.name, copy.path) == ("again", (pictures / "again.png").resolve())


def test_a_file_that_changed_is_another_picture(viewer, counting, pictures):
    first = viewer.frame(pictures / "0.png")
    (pictures / "1.png").replace(pictures / "0.png")
    assert viewer.frame(pictures / "0.png").sha256 != first.sha256
    assert counting.asked == 2


def test_a_loaded_photo_is_believed_for_its_pixels_not_for_its_name(viewer, counting, pictures):
    from dataclasses import replace

    viewer.frame(pictures / "0.png")
    photo = load_photo(pictures / "0.png")
    other = viewer.frame(replace(photo, pixels=255 - photo.pixels))
    assert counting.asked == 2
    assert not np.array_equal(other.features.tokens, viewer.frame(pictures / "0.png").features.tokens)


def test_what_memory_does_not_hold_comes_from_the_store(counting, pictures, tmp_path):
    viewer = Viewer(counting, FrameImage(size=64), Store(tmp_path / "store"), room=1)
    first = viewer.frame(pictures / "0.png")
    viewer.frame(pictures / "1.png")
    again = viewer.frame(pictures / "0.png")
    assert counting.asked == 2
    assert again.features is not first.features
    assert np.array_equal(again.features.tokens, first.features.tokens)


def test_without_a_store_it_is_said_that_a_picture_is_shown_again(counting, pictures, caplog):
    viewer = Viewer(counting, FrameImage(size=64), room=1)
    with caplog.at_level("INFO", "dinosar"):
        for name in ("0.png", "1.png", "0.png"):
            viewer.frame(pictures / name)
    assert counting.asked == 3
    assert "'0' is shown to the backbone again: the store is off" in caplog.text


def test_a_frame_that_was_just_read_has_its_pixels_and_one_from_memory_has_not(viewer, pictures):
    assert viewer.frame(pictures / "0.png").photo.size == (160, 112)
    assert viewer.frame(pictures / "0.png").photo is None
    assert viewer.frame(pictures / "again.png").photo.name == "again"
