"""Files that are damaged, in pieces or no files at all are told apart, each in one sentence."""

import argparse
import os
import random
import re
import struct

import pytest
import torch
from random_weights import saved

from dinosar import weights
from dinosar.errors import WeightsError
from dinosar.weights.tensors import read, shapes

PLAIN = {"a.weight": torch.randn(8, 6), "b": torch.ones(4), "c": torch.arange(3.0)}


def test_a_file_of_an_old_torch_that_was_damaged_is_a_damaged_file(tmp_path):
    """Byte by byte, for what torch raises over such files has no end."""
    path = tmp_path / "old.pth"
    torch.save({"model": PLAIN, "config": {"lora_alpha": 4}}, path, _use_new_zipfile_serialization=False)
    whole, draw = path.read_bytes(), random.Random(3)
    for number in range(400):
        damaged = bytearray(whole)
        for _ in range(draw.choice([1, 2, 8])):
            damaged[draw.randrange(min(len(damaged), 1200))] = draw.randrange(256)
        path.write_bytes(damaged if number % 4 else damaged[: draw.randrange(len(damaged))])
        try:
            shapes(path), weights.left_out(path), weights.declared(path)
        except WeightsError as problem:
            assert "\n" not in str(problem)  # noqa: PT017


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.pth")
    with pytest.raises(WeightsError, match="pipe.pth' are a pipe or a device; give a file"):
        shapes(tmp_path / "pipe.pth")


@pytest.mark.parametrize("inside", ["adapter_model.safetensors", "model.safetensors"])
def test_of_a_folder_the_file_in_it_is_named(tmp_path, inside):
    saved(tmp_path, PLAIN, inside)
    with pytest.raises(WeightsError, match=f"are a folder; give the file in it: '.*{inside}'"):
        shapes(tmp_path)


@pytest.mark.parametrize(
    ("name", "told"),
    [("model.safetensors.index.json", "a list of several files"),
     ("model-00001-of-00003.safetensors", "one of 3 files that hold a network")],
)  # fmt: skip
def test_a_network_in_several_files_is_said_to_be_one(tmp_path, name, told):
    saved(tmp_path, PLAIN, "whole.safetensors").rename(tmp_path / name)
    with pytest.raises(WeightsError, match=f"{told}.*save it as one file"):
        shapes(tmp_path / name)
    saved(tmp_path, PLAIN, "model-00001-of-00001.safetensors")
    assert shapes(tmp_path / "model-00001-of-00001.safetensors")


def test_what_could_run_is_named(tmp_path):
    path = saved(tmp_path, {"state_dict": PLAIN, "args": argparse.Namespace(lr=1)})
    with pytest.raises(WeightsError, match=r"more than tensors \(argparse.Namespace\)") as raised:
        read(path)
    advice = re.search(r"torch\.save\(.*\)$", str(raised.value))[0].replace('"weights.pth"', "copy")
    copy = tmp_path / "copy.pth"
    exec(advice, {"torch": torch, "ckpt": torch.load(path, weights_only=False), "copy": copy})
    assert set(read(copy)) == set(read(saved(tmp_path, {"state_dict": PLAIN}, "plain.pth")))


def test_a_file_without_tensors_is_said_to_hold_none(tmp_path):
    for name in ("empty.pth", "empty.safetensors"):
        with pytest.raises(WeightsError, match=f"{name}' hold no tensors; "):
            shapes(saved(tmp_path, {}, name))


@pytest.mark.parametrize("content", [
    "[" * 100_000, '{"a": ' * 50_000, '{"a": {"dtype": "F32", "shape": "ab", "data_offsets": [0, 4]}}',
    '{"a": {"dtype": "F32", "shape": [1.5], "data_offsets": [0, 4]}}', '{"a": {"dtype": "F32", "shape": [1]}}',
    '{"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}', '{"a": 3}',
    '{"a": {"data_offsets": 3, "shape": []}}',
])  # fmt: skip
def test_a_header_that_is_none_is_refused(tmp_path, content):
    path = tmp_path / "lie.safetensors"
    text = content.replace("[" * 100_000, '{"a":' + "[" * 100_000).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"\0" * 4)
    with pytest.raises(WeightsError, match="lie.safetensors' are damaged or cut short") as problem:
        shapes(path)
    assert "\n" not in str(problem.value)
