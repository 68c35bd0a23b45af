"""A library: appended to, read back, merged, and safe from what does not belong into it."""

import sqlite3
from dataclasses import replace

import numpy as np
import pytest
from small_library import backbone, filled, painted

from dinosar.backbones.sift import Sift
from dinosar.cameras import Camera
from dinosar.config import RetrievalImage
from dinosar.errors import ConflictError, InputError, ResourceError
from dinosar.retrieval.dumping import ahead
from dinosar.retrieval.index import INDEX, Index
from dinosar.retrieval.library import Library, told_of


@pytest.fixture
def listed(tmp_path):
    return painted(tmp_path / "photos", ["b.png", "a.png", "sub/c d.png"])


def test_images_are_known_by_name_in_order(tmp_path, listed):
    library, done = filled(tmp_path / "db", listed)
    assert [each.problem for each in done] == ["", "", ""]
    again = Library.open(tmp_path / "db")
    assert again.names == ["a.png", "b.png", "sub/c d.png"] == library.names
    block = again.block("sub/c d.png")
    assert np.allclose(np.linalg.norm(block.tokens, axis=1), 1, atol=1e-6)
    assert block.grid.photo == (60, 40)
    found, known = again.index.vectors("pooled", [again.items[name] for name in again.names])
    assert known.all()
    assert np.allclose(found[2], block.tokens.mean(axis=0) / np.linalg.norm(block.tokens.mean(axis=0)), atol=2e-3)


def test_what_is_there_is_not_seen_again(tmp_path, listed, monkeypatch):
    filled(tmp_path / "db", listed[:2])
    before = {file: file.read_bytes() for file in (tmp_path / "db").rglob("*.npy")}
    seen = []
    encode = Sift.encode
    monkeypatch.setattr(Sift, "encode", lambda self, image: seen.append(1) or encode(self, image))
    _, done = filled(tmp_path / "db", listed)
    assert [each.again for each in done].count(True) == 2
    assert len(seen) == 1
    assert all(file.read_bytes() == data for file, data in before.items())


def test_another_photo_of_the_same_name_takes_its_place(tmp_path, listed):
    library, _ = filled(tmp_path / "db", listed)
    before = library.block("a.png").tokens
    fresh = painted(tmp_path / "photos", ["a.png"], seed=9)
    library, done = filled(tmp_path / "db", fresh)
    assert not done[0].again
    assert len(library.names) == 3
    assert not np.array_equal(before, library.block("a.png").tokens)


def test_what_is_known_of_a_photo_may_come_later(tmp_path, listed):
    filled(tmp_path / "db", listed)
    camera, pose = Camera("PINHOLE", 60, 40, (50, 50, 30, 20)), np.eye(4)
    library, _ = filled(tmp_path / "db", [replace(listed[0], camera=camera, pose=pose, role="query", scene="s")])
    row = library.row("b.png")
    assert (row.camera, row.role, row.scene) == (camera, "query", "s")
    assert np.array_equal(row.pose, pose)
    assert library.of_role("query") == ["b.png"]
    assert library.of_role("database", "both") == ["a.png", "sub/c d.png"]


def test_the_sum_does_not_depend_on_the_order_in_which_photos_came(tmp_path, listed):
    one, _ = filled(tmp_path / "one", listed)
    other, _ = filled(tmp_path / "other", listed[::-1])
    assert one.index.sum() == other.index.sum()
    less, _ = filled(tmp_path / "less", listed[:2])
    assert less.index.sum() != one.index.sum()


def test_a_photo_that_cannot_be_read_leaves_the_others(tmp_path, listed):
    listed[1].path.write_bytes(b"not a picture")
    library, done = filled(tmp_path / "db", listed)
    assert [bool(each.problem) for each in sorted(done, key=lambda each: each.name)] == [True, False, False]
    assert library.names == ["b.png", "sub/c d.png"]


def test_another_backbone_is_refused(tmp_path, listed):
    filled(tmp_path / "db", listed)
    with pytest.raises(ConflictError, match="another backbone"):
        filled(tmp_path / "db", listed, step=8)


def test_another_size_is_refused(tmp_path, listed):
    filled(tmp_path / "db", listed)
    part, built = backbone()
    with pytest.raises(ConflictError, match=r"image\.size was 64, now 128"):
        Library.made(tmp_path / "db", told_of(built, part), RetrievalImage(size=128))


def test_a_damaged_item_is_told_and_made_again(tmp_path, listed):
    library, _ = filled(tmp_path / "db", listed)
    item = library.store.path(library.title, library.row("a.png").item)
    whole = item.read_bytes()
    item.write_bytes(whole[:-40])
    with pytest.raises(InputError, match=r"features of 'a\.png' are gone"):
        library.block("a.png")
    _, done = filled(tmp_path / "db", listed)
    assert [each.again for each in sorted(done, key=lambda each: each.name)] == [False, True, True]
    assert item.read_bytes() == whole


def test_libraries_are_merged(tmp_path, listed):
    one, _ = filled(tmp_path / "one", listed[:2])
    other, _ = filled(tmp_path / "other", listed[1:])
    every, _ = filled(tmp_path / "every", listed)
    assert one.adopt(other) == (1, [])
    assert one.index.sum() == every.index.sum()
    assert one.adopt(other) == (0, [])
    items = {file.relative_to(tmp_path / "every"): file.read_bytes() for file in (tmp_path / "every").rglob("*.npy")}
    assert items == {
        file.relative_to(tmp_path / "one"): file.read_bytes() for file in (tmp_path / "one").rglob("*.npy")
    }


def test_merging_with_another_backbone_is_refused(tmp_path, listed):
    one, _ = filled(tmp_path / "one", listed[:2])
    other, _ = filled(tmp_path / "other", listed[1:], step=8)
    with pytest.raises(ConflictError, match="another backbone"):
        one.adopt(other)


def test_no_library_is_told_with_what_makes_one(tmp_path):
    with pytest.raises(InputError, match="dinosar retrieve dump"):
        Library.open(tmp_path)


def test_a_broken_index_is_told(tmp_path, listed):
    filled(tmp_path / "db", listed)
    (tmp_path / "db" / INDEX).write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    with pytest.raises(InputError, match="damaged"):
        Library.open(tmp_path / "db")


def test_an_index_of_something_else_is_told(tmp_path):
    base = sqlite3.connect(tmp_path / INDEX)
    base.execute("create table x (y)")
    base.commit()
    base.close()
    with pytest.raises(ResourceError, match="no index of this version"):
        Library.open(tmp_path)


def test_an_unknown_name_is_told_with_a_near_one(tmp_path, listed):
    library, _ = filled(tmp_path / "db", listed)
    with pytest.raises(InputError, match=r"did you mean 'a\.png'"):
        library.row("aa.png")


def test_intrinsics_of_another_shape_are_left_out(tmp_path, listed):
    turned = Camera("PINHOLE", 40, 60, (50, 50, 20, 30))
    larger = Camera("PINHOLE", 120, 80, (100, 100, 60, 40))
    library, _ = filled(tmp_path / "db", [replace(listed[0], camera=turned), replace(listed[1], camera=larger)])
    assert library.row("b.png").camera is None
    assert library.row("a.png").camera == Camera("PINHOLE", 60, 40, (50, 50, 30, 20))


def test_work_ahead_keeps_the_order():
    assert list(ahead(range(20), lambda n: n * n, 3)) == [(n, n * n) for n in range(20)]
    assert list(ahead(range(3), lambda n: -n, 0)) == [(0, 0), (1, -1), (2, -2)]


def test_an_index_takes_all_of_a_batch_or_nothing(tmp_path, listed):
    library, _ = filled(tmp_path / "db", listed[:1])
    row = library.row(listed[0].name)
    with pytest.raises(Exception, match="reshape|packed|float|scalar|could not"):
        library.index.add([replace(row, name="x"), replace(row, name="y", pose="no pose")])
    assert [each.name for each in Index(tmp_path / "db").rows()] == ["b.png"]
