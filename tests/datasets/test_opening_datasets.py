"""Collections by name: the built-in ones, somebody's own, where they lie, and the files they are made of."""

import io
import os
import pickle
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from dinosar.datasets.depth_maps import depth_of
from dinosar.datasets.hdf5_files import reading, writing
from dinosar.datasets.megadepth import MegaDepth
from dinosar.datasets.object_arrays import arrays_in
from dinosar.datasets.opening import open_dataset
from dinosar.datasets.places import dataset_dirs, folder_of
from dinosar.errors import InputError, PluginError, ResourceError, UsageError

OWN = """
from pathlib import Path
from dinosar.datasets.listed import Dataset, Listed

class Mine(Dataset):
    def photographs(self):
        return [Listed(name, self.root / name) for name in ("b.jpg", "a.jpg")]

class Twice(Dataset):
    def photographs(self):
        return [Listed("a.jpg", Path("a.jpg"))] * 2

class Strange(Dataset):
    def photographs(self):
        return ["a.jpg"]

class Failing(Dataset):
    def photographs(self):
        raise RuntimeError("no connection")

class Other:
    pass
"""


def test_names_lead_to_collections(tmp_path):
    assert isinstance(open_dataset("megadepth", tmp_path), MegaDepth)
    with pytest.raises(UsageError, match="no dataset named 'megadept'; did you mean 'megadepth'"):
        open_dataset("megadept", tmp_path)
    with pytest.raises(UsageError, match="of the form 'module:Class'"):
        open_dataset("my module:Class", tmp_path)


def test_ones_own_is_called_with_care(tmp_path, stranger):
    module = stranger.module(OWN)
    own = open_dataset(f"{module}:Mine", tmp_path)
    assert [photo.name for photo in own.photographs()] == ["a.jpg", "b.jpg"]
    assert own.overlaps() == {}
    for name, said in (("Twice", "two photographs are called 'a.jpg'"), ("Strange", "but gave str"),
                       ("Failing", "no connection")):  # fmt: skip
        with pytest.raises(PluginError, match=f"{module}:{name}' failed.*{said}"):
            open_dataset(f"{module}:{name}", tmp_path).photographs()
    with pytest.raises(PluginError, match=r"is not a dinosar\.datasets\.listed\.Dataset"):
        open_dataset(f"{module}:Other", tmp_path)
    with pytest.raises(UsageError, match="no module 'nowhere_at_all' can be imported"):
        open_dataset("nowhere_at_all:Mine", tmp_path)
    with pytest.raises(UsageError, match=f"there is no Mime in '{module}'; known: Failing, Mine"):
        open_dataset(f"{module}:Mime", tmp_path)
    broken = stranger.module("import nothing_of_this_name")
    with pytest.raises(PluginError, match="did not load.*nothing_of_this_name"):  # no misspelling
        open_dataset(f"{broken}:Mine", tmp_path)


def test_places_are_relative_to_their_file(tmp_path, monkeypatch):
    file = tmp_path / "lists" / "data_dirs.yaml"
    file.parent.mkdir()
    file.write_text("dataset_dirs:\n  inloc: /data/InLoc\n  eth3d: ../eth3d\n  own: '~/own'\n")
    assert folder_of("inloc", file) == Path("/data/InLoc")
    assert folder_of("eth3d", file) == file.parent / "../eth3d"
    assert folder_of("own", file) == Path.home() / "own"
    with pytest.raises(UsageError, match="names no folder for dataset 'inlok'; did you mean 'inloc'"):
        folder_of("inlok", file)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="no folder is given for dataset 'inloc', and there is no data_dirs.yaml here"):
        folder_of("inloc")
    monkeypatch.chdir(file.parent)
    assert folder_of("eth3d") == Path("../eth3d")


@pytest.mark.parametrize("text", ["inloc: /a\n", "dataset_dirs: /a\n", "dataset_dirs: {a: b}\nmore: 1\n", "- a\n", "",
                                  "dataset_dirs: [a"])  # fmt: skip
def test_a_file_of_places_that_is_none(tmp_path, text):
    (tmp_path / "places.yaml").write_text(text)
    with pytest.raises(UsageError, match="expected 'dataset_dirs:'"):
        dataset_dirs(tmp_path / "places.yaml")


def test_a_place_that_is_no_folder_names_its_line(tmp_path):
    (tmp_path / "places.yaml").write_text("dataset_dirs:\n  a: b\n  c: 7\n")
    with pytest.raises(UsageError, match="line 3: expected a folder for 'c', found 7"):
        dataset_dirs(tmp_path / "places.yaml")


def test_depths_that_are_not_known_are_zero(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["depth"] = np.array([[1.5, -2, 0], [np.nan, np.inf, 3]], dtype=np.float64)
        file["deep/flat"] = np.zeros(4)
        file["names"] = ["a"]
    depth = depth_of(f"{tmp_path / 'a.h5'}:/depth")
    assert depth.dtype == np.float32
    np.testing.assert_array_equal(depth, [[1.5, 0, 0], [0, 0, 3]])
    for place, said in (("a.h5:/gone", "cannot be read"), ("a.h5:/deep/flat", "of shape"), ("b.h5:/depth", "not there"),
                        ("a.h5:/names", "numbers are wanted"), ("a.h5:/deep", "cannot be read")):  # fmt: skip
        with pytest.raises(InputError, match=said):
            depth_of(f"{tmp_path / place}")
    for place in ("a.h5", ":/depth", "a.h5:/"):
        with pytest.raises(InputError, match="write it as file.h5:/depth"):
            depth_of(place)


def test_hdf5_that_is_cut_short_is_told(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["depth"] = np.ones((50, 50))
    data = (tmp_path / "a.h5").read_bytes()
    (tmp_path / "a.h5").write_bytes(data[: len(data) // 2])
    with pytest.raises(InputError, match="no HDF5 file that is whole") as told:
        depth_of(f"{tmp_path / 'a.h5'}:/depth")
    assert "\n" not in str(told.value)


def test_an_hdf5_file_is_whole_or_not_there(tmp_path):
    path = tmp_path / "deep" / "a.h5"
    with writing(path) as file:
        file["x"] = [1, 2]
        assert not path.exists()
    with pytest.raises(ZeroDivisionError), writing(path) as file:
        file["x"] = [1 / 0]
    with reading(path) as file:
        assert list(file["x"]) == [1, 2]
    assert [each.name for each in path.parent.iterdir()] == ["a.h5"]
    with pytest.raises(ResourceError, match="cannot write"), writing(tmp_path / ("n" * 300 + ".h5")):
        pass


class Call:
    """What a pickle can hold: a call of anything."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (os.mkdir, (self.path,))


def test_an_npz_cannot_run_anything(tmp_path):
    held = np.array([Call(str(tmp_path / "made"))], dtype=object)
    np.savez(tmp_path / "a.npz", image_paths=held)
    with pytest.raises(InputError, match="which no array is made of"):
        arrays_in(tmp_path / "a.npz", ("image_paths",))
    assert not (tmp_path / "made").exists()
    np.load(tmp_path / "a.npz", allow_pickle=True)["image_paths"]
    assert (tmp_path / "made").exists()  # so the trap was one


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_arrays_of_objects_come_back(tmp_path, protocol):
    """Whatever version of Python wrote them."""
    mixed = np.empty((2, 2), dtype=object)
    mixed[:] = [["ä", None], [np.eye(3), np.float64(2.5)]]
    np.savez_compressed(tmp_path / "a.npz", plain=np.arange(6).reshape(2, 3))
    member = io.BytesIO()
    np.lib.format.write_array_header_1_0(member, np.lib.format.header_data_from_array_1_0(mixed))
    pickle.dump(mixed, member, protocol)
    with zipfile.ZipFile(tmp_path / "a.npz", "a") as archive:
        archive.writestr("mixed.npy", member.getvalue())
    found = arrays_in(tmp_path / "a.npz", ("plain", "mixed", "gone"))
    assert set(found) == {"plain", "mixed"}
    np.testing.assert_array_equal(found["plain"], np.arange(6).reshape(2, 3))
    assert found["mixed"].shape == (2, 2)
    assert list(found["mixed"][0]) == ["ä", None]
    np.testing.assert_array_equal(found["mixed"][1, 0], np.eye(3))
    assert found["mixed"][1, 1] == 2.5


def test_a_damaged_npz_is_one_sentence(tmp_path):
    np.savez(tmp_path / "a.npz", a=np.array([None, "b"], dtype=object), b=np.ones(100))
    data = (tmp_path / "a.npz").read_bytes()
    for cut in (10, len(data) // 2, len(data) - 5):
        (tmp_path / "a.npz").write_bytes(data[:cut])
        with pytest.raises(InputError, match="cannot be read as an NPZ of arrays"):
            arrays_in(tmp_path / "a.npz", ("a", "b"))
    with pytest.raises(InputError, match="is not there"):
        arrays_in(tmp_path / "b.npz", ("a",))
