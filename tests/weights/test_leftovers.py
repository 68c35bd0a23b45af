"""What lies beside the weights that are taken: no adapter is lost, no second network passed over in silence."""

import pytest
import torch
from random_weights import ENDS, adapter_file, lora, random_weights, saved

from dinosar import weights
from dinosar.errors import WeightsError

BASE = random_weights("vits14", depth=1)
OTHER = random_weights("vits14", depth=1, seed=9)
HALVES = lora(BASE, ["blocks.0.attn.qkv"])
LORA = adapter_file(HALVES, "raw")
BOTH = BASE | LORA


def flat(content):
    """The same with all names on one level."""
    return {f"{key}.{name}": tensor for key, table in content.items() for name, tensor in table.items()}


def files(folder, content):
    """A nested file and a flat one with the same tables."""
    return saved(folder, content), saved(folder, flat(content), "flat.safetensors")


@pytest.mark.parametrize("ends", ENDS)
@pytest.mark.parametrize("key", ["ema", "teacher", "frozen", "extra"])
def test_an_adapter_that_is_left_out_is_refused_whatever_it_is_called(tmp_path, ends, key):
    for beside in (adapter_file(HALVES, ends), adapter_file(HALVES, ends, base=OTHER)):
        with pytest.raises(WeightsError, match=f"adapter apart from the weights, under '{key}'"):
            weights.shapes(saved(tmp_path, {"model": BASE, key: beside}))
        if key in ("ema", "teacher"):
            with pytest.raises(WeightsError, match=f"flat.safetensors' hold an adapter apart.*'{key}'"):
                weights.shapes(files(tmp_path, {"model": BASE, key: beside})[1])


@pytest.mark.parametrize("beside", [{"0.qkv": [torch.ones(4, 3)]}, [torch.ones(4, 3)], torch.ones(3)])
@pytest.mark.parametrize("key", ["lora_layers", "adapter", "my_LoRA", "Adapters"])
def test_what_calls_itself_an_adapter_is_refused(tmp_path, key, beside):
    with pytest.raises(WeightsError, match=f"adapter apart from the weights, under '{key}'"):
        weights.shapes(saved(tmp_path, {"model": BASE, key: beside}))


def test_what_is_said_of_an_adapter_and_what_trained_it_are_none(tmp_path):
    trained = {"state": {"blocks.0.attn.qkv.lora_A": {"exp_avg": LORA["blocks.0.attn.qkv.lora_A"]}}}
    content = {
        "model": BOTH,
        "lora_alpha": torch.tensor(8.0),
        "optimizer": trained,
        "embedding_head": adapter_file(HALVES),
    }
    path = saved(tmp_path, content)
    assert weights.adapter(path).alpha_for_all() == 8
    assert weights.networks_left_out(path) == []


@pytest.mark.parametrize("starts", [("", ""), ("module.", "base_model.model."), ("backbone.", "")])
@pytest.mark.parametrize("keys", [("state_dict", "base"), ("model", "state_dict"), ("model", "ema")])
def test_an_adapter_and_the_weights_beside_it_are_joined(tmp_path, keys, starts):
    content = {
        keys[0]: {starts[0] + k: v for k, v in LORA.items()},
        keys[1]: {starts[1] + k: v for k, v in BASE.items()},
    }
    for path in files(tmp_path, content):
        found = weights.adapter(path, alpha=8)
        assert (found.alone, [target.pair.layer for target in found.targets]) == (False, ["blocks.0.attn.qkv"])
        read = weights.read(path)
        assert read.keys() == BASE.keys()
        assert all(torch.equal(read[name], BASE[name]) for name in BASE)
        assert weights.left_out(path) == [f"its adapter under '{keys[0]}' is laid over its weights under '{keys[1]}'"]
        assert weights.networks_left_out(path) == []
    content |= {"lora_alpha": 8, "epoch": 3, "optimizer": {"x": torch.ones(2)}}
    content[keys[0]] = {**content[keys[0]], "use_rslora": True}
    path = saved(tmp_path, content)
    assert weights.adapter(path).targets[0].scale == 4  # what both levels say counts
    assert weights.left_out(path)[0].endswith("; left out: 'optimizer'")


@pytest.mark.parametrize("content", [
    {"model": LORA, "base": BASE, "ema": OTHER}, {"model": LORA, "frozen": BASE},
    {"model": LORA, "base": BASE, "x": OTHER},
])  # fmt: skip
def test_an_adapter_whose_weights_cannot_be_told_is_refused(tmp_path, content):
    with pytest.raises(WeightsError, match="adapter under 'model' and weights under .*, and which of these"):
        weights.shapes(saved(tmp_path, content))
    if content.keys() <= {"model", "base", "ema"}:
        with pytest.raises(WeightsError, match="adapter under 'model' and weights under 'base' and 'ema'"):
            weights.shapes(saved(tmp_path, flat(content), "flat.safetensors"))


@pytest.mark.parametrize("other", ["student", "net", "model_ema"])
@pytest.mark.parametrize("taken", ["teacher", "ema"])
def test_of_two_networks_that_differ_in_name_none_is_taken(tmp_path, taken, other):
    with pytest.raises(WeightsError, match=f"several networks, under '{taken}' and '{other}'.*save one of them"):
        weights.shapes(saved(tmp_path, {other: BASE, taken: OTHER, "epoch": 3}))


@pytest.mark.parametrize("table", [BASE, BOTH, LORA], ids=["plain", "both", "adapter"])
@pytest.mark.parametrize("keys", [("model", "ema"), ("base", "teacher"), ("model", "model_ema"), ("teacher", "ema")])
def test_a_second_network_beside_the_one_that_is_used_is_told(tmp_path, keys, table):
    second = {name: tensor + 1 for name, tensor in table.items()}
    content = {keys[0]: table, keys[1]: {f"module.{k}": v for k, v in second.items()}}
    for path in files(tmp_path, content)[: 1 if keys[1] == "model_ema" else 2]:
        assert weights.networks_left_out(path) == [keys[1]]
        assert weights.left_out(path) == [f"its weights under '{keys[0]}' are used; left out: '{keys[1]}'"]
    path = saved(
        tmp_path, {"model": table, "optimizer": {"exp_avg": second}, "embedding_head": {"0.weight": torch.ones(2)}}
    )
    assert weights.networks_left_out(path) == []


def test_what_lies_beside_is_remembered_without_torch(tmp_path, monkeypatch):
    path = saved(tmp_path, {"model": BASE, "ema": OTHER})
    assert weights.networks_left_out(path) == ["ema"]
    monkeypatch.setattr(torch, "load", None)
    assert weights.networks_left_out(path) == ["ema"]
