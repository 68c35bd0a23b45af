"""Photographs that moved, vanished or whose features were damaged since they were dumped."""

import shutil

import numpy as np
import pytest
from command_line import inside
from small_library import filled, painted

from dinosar.backbones.sift import Sift
from dinosar.datasets.listed import Listed

NAMES = ["a.png", "b.png", "sub/c.png"]


@pytest.fixture
def folder(tmp_path):
    painted(tmp_path / "photos", NAMES)
    return tmp_path / "photos"


def listed(folder):
    return [Listed(path.relative_to(folder).as_posix(), path) for path in sorted(folder.rglob("*.png"))]


def test_a_photo_that_moved_below_the_folder_has_its_new_name_and_no_other(tmp_path, folder, monkeypatch):
    library, _ = filled(tmp_path / "db", listed(folder))
    before = library.block("b.png").tokens
    (folder / "new").mkdir()
    shutil.move(folder / "b.png", folder / "new" / "b.png")
    monkeypatch.setattr(Sift, "encode", lambda self, image: pytest.fail("it met the network again"))
    library, done = filled(tmp_path / "db", listed(folder))
    assert all(each.again for each in done)
    assert library.names == ["a.png", "new/b.png", "sub/c.png"]
    assert library.index.row("b.png") is None
    assert np.array_equal(library.block("new/b.png").tokens, before)
    assert library.row("new/b.png").path.endswith("/photos/new/b.png")
    shutil.move(folder / "new" / "b.png", folder / "b.png")
    library, _ = filled(tmp_path / "db", listed(folder))
    assert library.names == NAMES


def test_a_copy_is_another_photo_and_so_is_one_from_elsewhere(tmp_path, folder):
    filled(tmp_path / "db", listed(folder))
    shutil.copy(folder / "a.png", folder / "copy.png")
    library, _ = filled(tmp_path / "db", listed(folder))
    assert library.names == ["a.png", "b.png", "copy.png", "sub/c.png"]
    (tmp_path / "other").mkdir()
    shutil.move(folder / "b.png", tmp_path / "other" / "z.png")
    library, _ = filled(tmp_path / "db", listed(tmp_path / "other"))
    assert {"b.png", "z.png"} <= set(library.names)


def test_a_dump_mends_what_was_damaged(tmp_path, folder):
    library, _ = filled(tmp_path / "db", listed(folder))
    file = library.store.path(library.title, library.row("a.png").item)
    whole = file.read_bytes()
    for left in (whole[:-7], b"12345678"):
        file.write_bytes(left)
        _, done = filled(tmp_path / "db", listed(folder))
        assert [each.name for each in done if not each.again] == ["a.png"]
        assert file.read_bytes() == whole


def test_merging_leaves_out_what_is_damaged_and_takes_the_rest(tmp_path, folder):
    library, _ = filled(tmp_path / "db", listed(folder))
    library.store.path(library.title, library.row("b.png").item).unlink()
    answer = inside("retrieve", "merge", "db", "--store", "all", cwd=tmp_path, cache=tmp_path / "cache")
    assert answer.code == 4
    assert answer.out == "2 images taken from db\n"
    assert "failed: the features of 'b.png' are gone" in answer.err
    assert "1 images were not taken" in answer.err


def test_images_whose_files_are_gone_are_told(tmp_path, folder):
    words = ("retrieve", "dump", "photos", "--store", "db", "--backbone", "classic", "--size", "64")
    assert inside("-q", *words, cwd=tmp_path, cache=tmp_path / "cache").code == 0
    (folder / "b.png").unlink()
    answer = inside(*words, cwd=tmp_path, cache=tmp_path / "cache")
    assert answer.code == 0
    assert "1 images whose files are gone stay in the library (the first is 'b.png')" in answer.err
