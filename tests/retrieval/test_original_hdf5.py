"""The original's dump of features: read as it writes it, written as it reads it."""

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from dinosar.cameras import Camera, pose_of_quaternion
from dinosar.data import Encoding
from dinosar.errors import InputError, UsageError
from dinosar.features import rounded
from dinosar.grid import Grid, fit_grid
from dinosar.notices import collected
from dinosar.retrieval.blocks import block_of
from dinosar.retrieval.original_hdf5 import Dumped, read_dump, write_dump

SIDE, PATCH, DEPTH = 224, 14, 1024
POSE = pose_of_quaternion(np.array([0.8, 0.6, 0, 0]), np.array([1.0, -2, 3]))
MATRIX = np.array([[500.0, 0, 320], [0, 510, 200], [0, 0, 1]])


def original(file, name, size, **more):
    """What the original's dumper writes of a photograph of that size; returns its tokens (16, 16, depth)."""
    rng = np.random.default_rng(len(name))
    scale = SIDE / max(size)
    tokens = (rng.normal(size=(16, 16, DEPTH)) * rng.uniform(1, 60, (16, 16, 1))).astype(np.float32)
    y, x = np.mgrid[:16, :16]
    group = file.create_group(name)
    group["keypoints"] = np.stack([x * 14 + 7.5, y * 14 + 7.5], -1).reshape(256, 2).astype(np.float32)
    group["descriptors"] = tokens.reshape(256, DEPTH)
    group["global_descriptor"] = (46 * rng.normal(size=DEPTH) / 32).astype(np.float32)
    group["image_size"] = [round(side * scale) for side in size]
    for key, value in more.items():
        group[key] = value
    return tokens


def megadepth(size):
    """What is added for MegaDepth."""
    scale = SIDE / max(size)
    return {
        "original_image_size": np.array(size), "original_K": MATRIX, "scales": np.array([scale, scale]),
        "K": (np.diag([scale, scale, 1]) @ MATRIX).astype(np.float32), "T_w2cam": POSE.astype(np.float32),
        "depth": np.ones((SIDE, SIDE), np.float32),
    }  # fmt: skip


def test_a_dump_of_the_original_is_read(tmp_path):
    with h5py.File(tmp_path / "overlap_feats.h5", "w") as file:
        tokens = {name: original(file, name, size, **megadepth(size))
                  for name, size in (("S/images/b.jpg", (640, 400)), ("S/images/a b.jpg", (300, 600)))}  # fmt: skip
    with collected() as warnings:
        found = {each.name: each for each in read_dump(tmp_path / "overlap_feats.h5")}
    assert warnings == []
    assert list(found) == ["S/images/a b.jpg", "S/images/b.jpg"]
    wide, tall = found["S/images/b.jpg"], found["S/images/a b.jpg"]
    assert wide.grid == Grid((640, 400), (0, 0, 640, 400), (SIDE, SIDE), (0, 0, 224, 140), PATCH)
    assert tall.grid.content == (0, 0, 112, 224)
    assert wide.camera == Camera("PINHOLE", 640, 400, (500.0, 510.0, 320.0, 200.0))
    np.testing.assert_allclose(wide.pose, POSE, atol=1e-6)
    assert wide.role == "both"
    for name, each in found.items():
        raw = each.encoding.tokens * each.encoding.lengths[..., None]
        np.testing.assert_allclose(raw, tokens[name], atol=2**-11 * each.encoding.lengths.max())
        np.testing.assert_allclose(np.linalg.norm(each.encoding.tokens, axis=-1), 1, atol=1e-3)
        kept = rounded(Encoding(tokens[name]))
        np.testing.assert_array_equal(each.encoding.tokens, kept.tokens)  # as if it had been dumped here
    assert len(block_of("b", wide.encoding, wide.grid)) == 10 * 16  # the rest is black
    np.testing.assert_allclose(wide.grid.centres_in_photo()[0], [20, 20])


def test_sizes_come_from_intrinsics_or_photographs_or_are_told_missing(tmp_path):
    size = (640, 400)
    each_axis = np.diag([SIDE / size[0], SIDE / size[1], 1])
    with h5py.File(tmp_path / "a.h5", "w") as file:
        original(file, "known.jpg", size, original_K=MATRIX, K=each_axis @ MATRIX)
        original(file, "unknown.jpg", size)
        original(file, "strange.jpg", size, original_K=MATRIX, K=MATRIX)
    with collected() as warnings:
        found = {each.name: each for each in read_dump(tmp_path / "a.h5")}
    assert found["known.jpg"].grid.photo == size
    assert found["known.jpg"].camera.width == 640
    assert found["unknown.jpg"].grid.photo == (224, 140)
    assert found["strange.jpg"].camera is None
    assert "does not tell the sizes of 2 photographs ('strange.jpg')" in warnings[0]
    exif = Image.Exif()
    exif[0x0112] = 6  # the original turned it, too
    Image.new("RGB", (400, 640)).save(tmp_path / "unknown.jpg", exif=exif)
    (tmp_path / "strange.jpg").write_bytes((tmp_path / "unknown.jpg").read_bytes())
    with collected() as warnings:
        found = {each.name: each for each in read_dump(tmp_path / "a.h5", tmp_path)}
    assert warnings == []
    assert found["unknown.jpg"].grid.photo == size


def test_lists_say_who_asks(tmp_path):
    names = ["query/iphone7/q.JPG", "database/cutouts/DUC1/000/d.jpg", "both.jpg", "neither.jpg"]
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for name in names:
            original(file, name, (640, 400))
        text = h5py.string_dtype(encoding="utf-8")
        file.create_dataset("indices/query", data=[names[0], names[2]], dtype=text)
        file.create_dataset("indices/db", data=[names[1], names[2]], dtype=text)
    found = {each.name: each.role for each in read_dump(tmp_path / "a.h5")}
    assert found == dict(zip(names, ("query", "database", "both", "both"), strict=True))


def test_who_does_both_stands_in_both_lists(tmp_path):
    images = [some(f"{role}.jpg", (300, 200), role=role) for role in ("both", "database", "query")]
    write_dump(tmp_path / "a.h5", images)
    with h5py.File(tmp_path / "a.h5") as file:
        lists = {key: list(file[f"indices/{key}"].asstr()) for key in ("query", "db")}
    assert lists == {"query": ["both.jpg", "query.jpg"], "db": ["both.jpg", "database.jpg"]}
    write_dump(tmp_path / "a.h5", images[:1])
    with h5py.File(tmp_path / "a.h5") as file:
        assert "indices" not in file


def some(name, photo, patch=PATCH, depth=8, **more):
    rng = np.random.default_rng(len(name))
    grid = fit_grid(photo, patch, size=112)
    tokens = rng.normal(size=(grid.rows, grid.columns, depth)) * rng.uniform(1, 60, (grid.rows, grid.columns, 1))
    encoding = rounded(Encoding(tokens.astype(np.float32), rng.normal(size=depth).astype(np.float32) * 9))
    return Dumped(name, encoding, grid, **more)


@given(st.lists(st.tuples(st.integers(30, 900), st.integers(30, 900)), min_size=1, max_size=4), st.data())
@settings(max_examples=25, deadline=None)
def test_what_is_written_comes_back(tmp_path_factory, sizes, data):
    """Whatever the grid: tokens to half precision, places and cameras as they were."""
    path = tmp_path_factory.mktemp("dump") / "overlap_feats.h5"
    images = [some(f"s/{i} {'x' * i}.jpg", size, data.draw(st.sampled_from([8, 14, 16, 28])),
                   role=data.draw(st.sampled_from(["both", "query", "database"])), pose=POSE,
                   camera=Camera.of_matrix(MATRIX, *size)) for i, size in enumerate(sizes)]  # fmt: skip
    images = [each for each in images if min(each.grid.rows, each.grid.columns) > 1]
    if not images:
        return
    assert write_dump(path, images) == len(images)
    found = list(read_dump(path))
    assert [each.name for each in found] == [each.name for each in images]
    for was, now in zip(images, found, strict=True):
        assert now.grid == was.grid
        assert now.role == was.role
        assert now.camera == was.camera
        np.testing.assert_allclose(now.pose, POSE, atol=1e-6)
        np.testing.assert_allclose(now.encoding.tokens, was.encoding.tokens, atol=2**-11)
        np.testing.assert_allclose(now.encoding.lengths, was.encoding.lengths, rtol=1e-3)
        np.testing.assert_allclose(now.encoding.summary, was.encoding.summary, atol=2**-11)
        np.testing.assert_allclose(now.encoding.summary_length, was.encoding.summary_length, rtol=1e-3)


def test_keys_and_types_are_those_of_the_original(tmp_path):
    """A dump of the original, read and written, is the same file but for rounding."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        original(file, "b.jpg", (640, 400), **megadepth((640, 400)))
        text = h5py.string_dtype(encoding="utf-8")
        file.create_dataset("indices/query", data=["b.jpg"], dtype=text)
        file.create_dataset("indices/db", data=np.array([], dtype=object), dtype=text)
    with collected() as warnings:
        write_dump(tmp_path / "b.h5", read_dump(tmp_path / "a.h5"))
    assert warnings == []
    with h5py.File(tmp_path / "a.h5") as before, h5py.File(tmp_path / "b.h5") as after:
        assert set(after["b.jpg"]) == set(before["b.jpg"]) - {"depth"}
        for key in after["b.jpg"]:
            was, now = before["b.jpg"][key], after["b.jpg"][key]
            assert (now.shape, now.dtype) == (was.shape, was.dtype), key
            np.testing.assert_allclose(now[()], was[()], rtol=1e-3, atol=0.05, err_msg=key)
        assert before["indices/query"].dtype == after["indices/query"].dtype
        assert list(after["indices/query"].asstr()) == ["b.jpg"]
        assert after["indices/db"].shape == (0,)


def test_other_grids_and_missing_summaries_are_told(tmp_path, caplog):
    bare = some("a.jpg", (300, 200))
    bare = Dumped("a.jpg", Encoding(bare.encoding.tokens), bare.grid)
    with collected() as warnings, caplog.at_level("INFO", "dinosar"):
        write_dump(tmp_path / "a.h5", [bare])
    assert len(warnings) == 1
    assert "no summary token" in warnings[0]
    assert "1 of 1 images have other grids than the original's 16 x 16 patches ('a.jpg')" in caplog.text
    (found,) = read_dump(tmp_path / "a.h5")
    assert found.encoding.summary is None
    with h5py.File(tmp_path / "a.h5") as file:
        assert list(file["a.jpg/image_size"]) == list(found.grid.content[2:])


def test_what_a_dump_cannot_hold_is_refused_and_nothing_is_left(tmp_path):
    whole = some("a.jpg", (300, 200))
    part = Dumped("b.jpg", whole.encoding, fit_grid((600, 400), PATCH, size=112, crop=(9, 9, 300, 200)))
    with pytest.raises(InputError, match="was seen in part"):
        write_dump(tmp_path / "a.h5", [whole, part])
    with pytest.raises(InputError, match=r"two images are called 'a.jpg'"):
        write_dump(tmp_path / "a.h5", [whole, whole])
    assert list(tmp_path.iterdir()) == []
    bent = Dumped("c.jpg", whole.encoding, whole.grid, Camera("SIMPLE_RADIAL", 300, 200, (300.0, 150.0, 100.0, 0.1)))
    with collected() as warnings:
        write_dump(tmp_path / "a.h5", [bent])
    assert "how lenses bend lines is left out" in warnings[0]


def shifted(group):
    group["keypoints"][3] += 5


def unfinished(group):
    del group["image_size"]


def infinite(group):
    group["descriptors"][7, 7] = np.inf


def outside(group):
    group["image_size"][:] = [900, 900]


def fewer(group):
    keypoints = group["keypoints"][:255]
    del group["keypoints"]
    group["keypoints"] = keypoints


def no_rotation(group):
    group["T_w2cam"][:] = np.ones((4, 4))


@pytest.mark.parametrize("damage", [shifted, unfinished, infinite, outside, fewer, no_rotation])
def test_a_damaged_image_is_named(tmp_path, damage):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        original(file, "s/a.jpg", (640, 400), **megadepth((640, 400)))
        damage(file["s/a.jpg"])
    with pytest.raises(InputError) as told:
        list(read_dump(tmp_path / "a.h5"))
    assert "s/a.jpg" in str(told.value)
    assert "a.h5" in str(told.value)
    assert "\n" not in str(told.value)


def test_files_that_are_no_dump_are_told(tmp_path):
    with pytest.raises(InputError, match="is not there"):
        list(read_dump(tmp_path / "a.h5"))
    (tmp_path / "a.h5").write_text("no HDF5")
    with pytest.raises(InputError, match="no HDF5 file that is whole"):
        list(read_dump(tmp_path / "a.h5"))
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file["deep/numbers"] = [1, 2]
    with pytest.raises(InputError, match="holds no features of any image"):
        list(read_dump(tmp_path / "b.h5"))
    with h5py.File(tmp_path / "c.h5", "w") as file:
        original(file, "a.jpg", (640, 400))
    data = (tmp_path / "c.h5").read_bytes()
    (tmp_path / "c.h5").write_bytes(data[: len(data) // 2])
    with pytest.raises(InputError, match="no HDF5 file that is whole"):
        list(read_dump(tmp_path / "c.h5"))


def test_without_h5py_one_sentence_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "h5py", None)
    for call in (lambda: list(read_dump(tmp_path / "a.h5")), lambda: write_dump(tmp_path / "a.h5", [])):
        with pytest.raises(UsageError, match=r"pip install 'dinosar\[hdf5\]'"):
            call()
