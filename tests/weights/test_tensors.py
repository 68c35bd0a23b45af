"""Reading weights: nothing runs, and what is wrong is said in one line."""

import json
import pickle
import struct
import subprocess
import sys
import zipfile

import pytest
import torch
from random_weights import saved
from safetensors.torch import save_file

from dinosar import weights
from dinosar.errors import WeightsError
from dinosar.weights.formats import kind_of
from dinosar.weights.tensors import read, shapes

TABLE = {"a.weight": torch.arange(6.0).reshape(2, 3), "b": torch.ones(4)}


@pytest.mark.parametrize("name", ["t.pth", "t.safetensors", "t.bin", "no_ending"])
def test_tensors_come_back_by_name_whatever_the_file_is_called(tmp_path, name):
    if name == "no_ending":
        path = saved(tmp_path, TABLE, "t.safetensors").rename(tmp_path / name)
    else:
        path = saved(tmp_path, TABLE, name)
    assert shapes(path) == {"a.weight": [2, 3], "b": [4]}
    found = read(path)
    assert all(torch.equal(found[key], TABLE[key]) for key in TABLE)


@pytest.mark.parametrize(
    "wrapped", [{"model": TABLE}, {"teacher": TABLE, "epoch": 3}, {"state_dict": {"model": TABLE}}]
)
def test_what_training_scripts_put_around_weights_is_taken_off(tmp_path, wrapped):
    assert shapes(saved(tmp_path, wrapped)) == {"a.weight": [2, 3], "b": [4]}


def test_headers_of_any_length_are_headers(tmp_path):
    lengths = set()
    for more in range(0, 256, 8):
        path = tmp_path / f"{more}.safetensors"
        save_file(TABLE, path, metadata={"x": "y" * more})
        lengths.add(path.read_bytes()[0])
        assert kind_of(path) == "safetensors"
    assert 0x80 in lengths


def test_a_file_of_an_old_torch_is_read(tmp_path):
    torch.save(TABLE, tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    assert torch.equal(read(tmp_path / "old.pth")["b"], TABLE["b"])


class Canary:
    """Touches a file if it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def in_zip(path, content):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("archive/data.pkl", content)
        file.writestr("archive/version", "3\n")
        file.writestr("archive/byteorder", "little")
    return path


@pytest.mark.parametrize("zipped", [True, False])
def test_code_in_a_file_does_not_run(tmp_path, zipped):
    content = pickle.dumps({"a.weight": Canary(tmp_path / "canary")}, protocol=2)
    path = tmp_path / "evil.pth"
    in_zip(path, content) if zipped else path.write_bytes(content)
    with pytest.raises(WeightsError, match="evil.pth") as problem:
        read(path)
    assert not (tmp_path / "canary").exists()
    assert len(str(problem.value).splitlines()) == 1


WRONG = {
    "zeros.pth": (b"\0" * 4096, "a file of zeros"),
    "empty.pth": (b"", "an empty file"),
    "junk.pth": (bytes(range(7, 250)) * 40, "neither a .safetensors nor a .pth"),
    "pointer.pth": (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n", "git lfs pull"),
    "page.safetensors": (b"<!DOCTYPE html><html>login</html>" * 9, "a web page"),
    "text.pth": (b"see the readme\n" * 20, "neither"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_weights_is_named_for_what_it_is(tmp_path, name):
    content, told = WRONG[name]
    (tmp_path / name).write_bytes(content)
    for act in (shapes, read):
        with pytest.raises(WeightsError, match=told) as problem:
            act(tmp_path / name)
        assert name in str(problem.value)
        assert "\n" not in str(problem.value)


@pytest.mark.parametrize("name", ["t.pth", "t.safetensors"])
@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9, 0.999])
def test_a_file_that_was_cut_short_is_refused(tmp_path, name, keep):
    path = saved(tmp_path, {"a.weight": torch.randn(200, 300), "b": torch.ones(9)}, name)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
    for act in (shapes, read):
        with pytest.raises(WeightsError, match=f"{name}.*(damaged or cut short|neither)") as problem:
            act(path)
        assert "\n" not in str(problem.value)


def test_a_header_that_lies_is_refused(tmp_path):
    header = json.dumps({"a": {"dtype": "F32", "shape": [9, 9], "data_offsets": [0, 4]}}).encode()
    (tmp_path / "lie.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + b"\0\0\0\0")
    with pytest.raises(WeightsError, match="lie.safetensors"):
        read(tmp_path / "lie.safetensors")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ([1, 2], "no table of tensors"),
        ({"a": 3}, "no tensors: a"),
        ({"model": {}, "n": 1}, "model, n|no table|no tensors"),
    ],
)
def test_a_file_of_other_things_is_refused(tmp_path, content, told):
    with pytest.raises(WeightsError, match=told):
        read(saved(tmp_path, content))


def test_a_file_that_is_not_there_or_a_folder_is_told(tmp_path):
    with pytest.raises(WeightsError, match="No such file"):
        kind_of(tmp_path / "none.pth")
    with pytest.raises(WeightsError, match="a folder"):
        kind_of(tmp_path)


def test_shapes_are_read_without_torch_once_they_are_known(tmp_path):
    paths = [saved(tmp_path, TABLE, name) for name in ("t.pth", "t.safetensors")]
    shapes(paths[0])
    code = (
        "import sys; from pathlib import Path; from dinosar.weights import shapes, sha256\n"
        "for path in sys.argv[1:]: assert shapes(Path(path))['b'] == [4]; sha256(Path(path))\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, *map(str, paths)], check=True)


def test_what_is_remembered_of_a_file_is_forgotten_when_it_changes(tmp_path):
    path = saved(tmp_path, TABLE)
    before = weights.sha256(path), shapes(path)
    saved(tmp_path, {"c": torch.zeros(3)})
    assert weights.sha256(path) != before[0]
    assert shapes(path) == {"c": [3]}


@pytest.mark.parametrize("prefix", ["module.", "backbone."])
def test_what_training_puts_before_every_name_is_taken_off(tmp_path, prefix):
    assert shapes(saved(tmp_path, {prefix + key: value for key, value in TABLE.items()})) == {
        "a.weight": [2, 3],
        "b": [4],
    }
    both = {f"module.backbone.{key}": value for key, value in TABLE.items()}
    for name in ("both.pth", "both.safetensors"):
        assert shapes(saved(tmp_path, both, name)).keys() == read(tmp_path / name).keys() == TABLE.keys()
    mixed = {prefix + "a": TABLE["b"], "c": TABLE["b"]}
    assert set(shapes(saved(tmp_path, mixed, "mixed.pth"))) == set(mixed)


def test_names_that_are_no_text_are_names_all_the_same(tmp_path):
    assert shapes(saved(tmp_path, {0: TABLE["b"], "a": TABLE["b"]})) == {"0": [4], "a": [4]}


def test_memory_that_gives_out_is_not_taken_for_damage(tmp_path, monkeypatch):
    def no_room(*words, **more):
        raise RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory")

    path = saved(tmp_path, TABLE)
    monkeypatch.setattr(torch, "load", no_room)
    with pytest.raises(MemoryError):
        read(path)
