"""What torch says of this machine is asked once, and asked again when the machine is another."""

import json
import subprocess
import sys

import pytest
import torch

from dinosar import hardware
from dinosar.errors import UsageError

TWO = {"cpu": {"title": "cpu", "bfloat16": False}, "cuda": {"title": "cuda: a card", "bfloat16": True}}


@pytest.fixture
def asked(monkeypatch):
    """Counts how often torch is asked, and answers for it."""
    times = []

    def ask():
        times.append(1)
        return TWO

    monkeypatch.setattr(hardware, "_ask_torch", ask)
    return times


def test_this_machine_has_a_processor():
    assert hardware.device("cpu") == "cpu"
    assert hardware.device() in ("cpu", "cuda", "mps")
    assert hardware.bfloat16("cpu") in (True, False)
    assert len(hardware.accelerators()) == int(torch.cuda.is_available()) + int(torch.backends.mps.is_available())


def test_auto_takes_the_card_and_its_precision(asked):
    assert hardware.device("auto") == "cuda"
    assert hardware.precision("auto", "cuda") == "bfloat16"
    assert hardware.precision("auto", "cpu") == "float32"
    assert hardware.precision("float32", "cuda") == "float32"
    assert hardware.accelerators() == ["cuda: a card"]


def test_a_device_that_is_not_there_is_told(asked):
    with pytest.raises(UsageError, match="'mps' is not on this machine; there is: cpu, cuda"):
        hardware.device("mps")


def test_torch_is_asked_once(asked):
    for _ in range(3):
        hardware.device("auto")
    assert len(asked) == 1


@pytest.mark.parametrize("change", [{"CUDA_VISIBLE_DEVICES": "1"}, {"HIP_VISIBLE_DEVICES": "0"}])
def test_torch_is_asked_again_when_other_cards_are_to_be_seen(asked, monkeypatch, change):
    hardware.device("auto")
    for name, value in change.items():
        monkeypatch.setenv(name, value)
    hardware.device("auto")
    assert len(asked) == 2


def test_torch_is_asked_again_when_it_is_another_version(asked, monkeypatch):
    hardware.device("auto")
    monkeypatch.setattr(hardware, "version", lambda name: "99.0")
    hardware.device("auto")
    assert len(asked) == 2


@pytest.mark.parametrize("broken", [b"", b"{", b"[]", b'{"machine": 3}'])
def test_a_broken_memory_is_no_memory(asked, own_cache, broken):
    (own_cache / "hardware-v1.json").write_bytes(broken)
    assert hardware.device("auto") == "cuda"
    assert json.loads((own_cache / "hardware-v1.json").read_bytes())["devices"] == TWO


def test_a_cache_that_cannot_be_written_costs_time_only(asked, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("DINOSAR_CACHE", str(tmp_path / "file" / "below"))
    assert hardware.device("auto") == "cuda"


def test_for_the_processor_in_a_named_precision_torch_is_not_needed():
    code = (
        "import sys; from dinosar import hardware\n"
        "assert hardware.precision('float32', hardware.device('cpu')) == 'float32'\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    "words", ["CUDA out of memory. Tried", "DefaultCPUAllocator: not enough memory", "could not create a primitive"]
)
def test_whatever_torch_calls_it_memory_that_gave_out_is_called_so(words):
    with pytest.raises(MemoryError), hardware.memory_watched():
        raise RuntimeError(words)
    with pytest.raises(RuntimeError, match="shapes"), hardware.memory_watched():
        raise RuntimeError("shapes cannot be multiplied")
