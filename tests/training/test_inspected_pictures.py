"""Every picture is looked at once: which are broken, plain or small, and what their files are."""

import hashlib
from functools import partial

import numpy as np
import pytest
from PIL import Image
from small_training import draw

from dinosar.errors import InputError
from dinosar.images import load_photo
from dinosar.training.inspection import Files, inspected


def looked_at(folder, least=0.0):
    paths = {path.name: path for path in sorted(folder.iterdir())}
    return inspected({name: Files({name: path}, partial(load_photo, path)) for name, path in paths.items()}, least)


def plain(path, size=(300, 200), noise=0):
    levels = 120 + np.random.default_rng(0).integers(-noise, noise + 1, (size[1], size[0], 3))
    Image.fromarray(levels.astype(np.uint8)).save(path)


@pytest.fixture
def mixed(tmp_path):
    """Two good photographs, a torn one, one of nothing but noise, and a small one."""
    folder = draw(tmp_path / "mixed", range(2))
    (folder / "torn.png").write_bytes((folder / "photo 0.png").read_bytes()[:3000])
    plain(folder / "sky.png", noise=2)
    Image.open(folder / "photo 1.png").resize((90, 70)).save(folder / "stamp.png")
    return folder


def test_each_kind_is_found_and_files_are_known_by_their_hash(mixed):
    found = looked_at(mixed, least=100)
    assert (found.pictures, list(found.broken), found.plain, found.small) == (5, ["torn.png"], ["sky.png"], [
        "stamp.png"])  # fmt: skip
    assert "torn.png" in found.broken["torn.png"]
    assert found.digests == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in mixed.iterdir()
    }  # fmt: skip


def test_each_kind_is_told_once_in_words(mixed, caplog):
    looked_at(mixed, least=100).tell()
    assert [record.message for record in caplog.records] == [
        "1 of 5 photographs cannot be read and is left out ('torn.png'); errors.csv tells why",
        "1 of 4 photographs is plain, with nothing on it to learn from ('sky.png'); take such photographs out",
        "1 of 4 photographs is so small that views of it are blurred ('stamp.png'); larger photographs teach more",
    ]


def test_good_photographs_are_nothing_to_tell_of(tmp_path, caplog):
    found = looked_at(draw(tmp_path / "good"), least=100)
    found.tell()
    assert not caplog.records
    assert (found.broken, found.plain, found.small) == ({}, [], [])


def test_where_none_can_be_read_the_first_reason_is_told(tmp_path):
    for number in range(2):
        (tmp_path / f"{number}.jpg").write_bytes(b"no picture")
    with pytest.raises(InputError, match=r"not one of the 2 photographs can be read \(the first is '0\.jpg'"):
        looked_at(tmp_path).tell()


def test_where_all_are_plain_there_is_nothing_to_learn_from(tmp_path):
    for number in range(3):
        plain(tmp_path / f"{number}.png")
    with pytest.raises(InputError, match="all of the 3 photographs are plain"):
        looked_at(tmp_path).tell()


def test_a_picture_that_is_not_there_is_broken_and_has_no_hash(tmp_path):
    gone = tmp_path / "gone.png"
    found = inspected({"gone": Files({"gone": gone}, partial(load_photo, gone))})
    assert found.digests == {"gone": ""}
    assert list(found.broken) == ["gone"]
