"""What a file says of itself beside its tensors."""

import subprocess
import sys

import pytest
import torch
from random_weights import saved
from safetensors.torch import save_file

from dinosar import weights
from dinosar.weights.declarations import identity, number, stated

TABLE = {"a": torch.ones(3)}


@pytest.mark.parametrize("said", ["vfi-2025", {"id": "vfi-2025", "bands": [0.05]}])
def test_a_calibration_is_declared(tmp_path, said):
    assert weights.declared(saved(tmp_path, {"base": TABLE, "calibration": said})) == {"calibration": "vfi-2025"}
    assert weights.declared(saved(tmp_path, {**TABLE, "calibration": said})) == {"calibration": "vfi-2025"}


@pytest.mark.parametrize("said", ["vfi-2025", '{"id": "vfi-2025"}'])
def test_a_calibration_is_declared_in_a_header(tmp_path, said):
    save_file(TABLE, tmp_path / "a.safetensors", metadata={"calibration": said, "format": "pt"})
    assert weights.declared(tmp_path / "a.safetensors") == {"calibration": "vfi-2025"}


@pytest.mark.parametrize("said", [{"temperature": 1.5}, {"id": None}, "", None, True])
def test_a_calibration_without_an_id_is_none_and_told(tmp_path, said):
    path = saved(tmp_path, {"base": TABLE, "calibration": said})
    assert weights.declared(path) == {}
    assert weights.left_out(path) == ["it has a 'calibration' without an id, which says nothing"]


def test_most_files_declare_nothing(tmp_path):
    for name in ("a.pth", "a.safetensors"):
        assert weights.declared(saved(tmp_path, TABLE, name)) == {}
        assert weights.left_out(tmp_path / name) == []


def test_what_is_declared_needs_no_torch_once_it_is_known(tmp_path):
    pair = {"x.lora_A": torch.ones(2, 3), "x.lora_B": torch.ones(3, 2), "x.alpha": torch.tensor(4.0)}
    paths = [
        saved(tmp_path, {"base": pair, "lora_alpha": 4, "calibration": "c"}),
        saved(tmp_path, pair, "a.safetensors"),
    ]
    before = [(weights.declared(path), weights.adapter(path)) for path in paths]
    assert before[0][0] == {"calibration": "c", "lora_alpha": "4"}
    code = (
        "import sys; from pathlib import Path; from dinosar import weights\n"
        "for path in map(Path, sys.argv[1:]): print(weights.declared(path), weights.adapter(path).targets[0].scale)\n"
        "assert 'torch' not in sys.modules"
    )
    answer = subprocess.run([sys.executable, "-c", code, *map(str, paths)], check=True, capture_output=True, text=True)
    assert answer.stdout.splitlines() == [f"{said} {adapter.targets[0].scale}" for said, adapter in before]


def test_numbers_are_numbers_however_they_are_written():
    assert [number(value) for value in (8, 8.0, "8", torch.tensor(8), torch.tensor([[8]]))] == [8.0] * 5
    assert [number(value) for value in (True, None, "x", [8], torch.ones(2), float("nan"), 10**400)] == [None] * 7


def test_ids_are_texts_or_numbers():
    assert [identity(value) for value in ("a", 7, {"id": 7}, '{"id": "a"}', "{a")] == ["a", "7", "7", "a", "{a"]
    assert [identity(value) for value in (None, True, {"id": {}}, [])] == [""] * 4


def test_what_is_said_outside_a_network_s_table_of_settings_counts_once():
    assert stated({"lora_alpha": 8, "args": {"lora_alpha": 8, "r": 3}, "r": 3}) == {"lora_alpha": [8.0]}
    assert stated({"lora_config": {"r": 3}}) == {"lora_r": [3.0]}
    assert stated([1, 2], {"alpha": [1.0]}) == {"alpha": [1.0]}
