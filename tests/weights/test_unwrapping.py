"""What lies around weights is taken off, and what was left out is told."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from random_weights import saved

from dinosar import weights
from dinosar.errors import WeightsError
from dinosar.weights.unwrapping import CONTAINERS, PREFIXES, bare

TABLE = {"blocks.0.norm1.weight": torch.arange(6.0), "cls_token": torch.ones(4)}
NAMES = {"blocks.0.norm1.weight": [6], "cls_token": [4]}
OTHER = {"blocks.0.norm1.weight": torch.zeros(6), "cls_token": torch.zeros(4)}
HEAD = {"0.weight": torch.ones(2, 2)}


@pytest.mark.parametrize("key", CONTAINERS)
def test_every_container_is_opened_three_deep(tmp_path, key):
    for content in (
        {key: TABLE},
        {key: TABLE, "epoch": 3},
        {"state_dict": {key: TABLE}},
        {"a": 1, key: {key: {key: TABLE}}},
    ):
        path = saved(tmp_path, content)
        assert weights.shapes(path) == NAMES
        assert torch.equal(weights.read(path)["cls_token"], TABLE["cls_token"])
        assert weights.left_out(path) == []
    with pytest.raises(WeightsError, match=f"no tensors: {key}"):
        weights.shapes(saved(tmp_path, {key: {key: {key: {key: TABLE}}}}))


def test_of_several_containers_one_is_taken_in_a_fixed_order_and_the_others_are_told(tmp_path):
    for first, second in zip(CONTAINERS, CONTAINERS[1:], strict=False):
        for content in ({first: TABLE, second: OTHER}, {second: OTHER, first: TABLE}):
            path = saved(tmp_path, content)
            assert weights.read(path)["cls_token"].any()
            assert weights.left_out(path) == [f"its weights under '{first}' are used; left out: '{second}'"]
        flat = {f"{second}.{k}": v for k, v in OTHER.items()} | {f"{first}.{k}": v for k, v in TABLE.items()}
        path = saved(tmp_path, flat, "flat.safetensors")
        assert weights.read(path)["cls_token"].any()
        assert weights.left_out(path) == [f"its weights under '{first}' are used; left out: '{second}'"]


def test_what_holds_no_tensors_is_no_container_and_not_told(tmp_path):
    path = saved(tmp_path, {"model": {"name": "vit"}, "state_dict": TABLE, "config": {"a": [1]}, "epoch": 3})
    assert weights.shapes(path) == NAMES
    assert weights.left_out(path) == []
    path = saved(tmp_path, {"state_dict": TABLE, "optimizer": {"state": {0: {"m": torch.ones(2)}}}})
    assert weights.left_out(path) == ["its weights under 'state_dict' are used; left out: 'optimizer'"]


@pytest.mark.parametrize("start", ["", "module.", "module._orig_mod."])
def test_a_head_that_no_number_uses_is_left_out_and_told(tmp_path, start):
    nested = saved(tmp_path, {"base": TABLE, "embedding_head": HEAD})
    assert weights.shapes(nested) == NAMES
    assert weights.left_out(nested) == [
        "its weights under 'base' are used; left out: 'embedding_head' (no number uses it)"
    ]
    flat = {f"{start}base.{k}": v for k, v in TABLE.items()} | {f"{start}embedding_head.0.weight": HEAD["0.weight"]}
    for name in ("flat.pth", "flat.safetensors"):
        path = saved(tmp_path, flat, name)
        assert weights.shapes(path) == NAMES
        assert weights.left_out(path) == ["left out: 'embedding_head' (no number uses it)"]
    assert weights.shapes(saved(tmp_path, {"embedding_head.0.weight": HEAD["0.weight"]})) == {
        "embedding_head.0.weight": [2, 2]
    }


@given(st.lists(st.sampled_from(PREFIXES), max_size=5))
def test_prefixes_are_taken_off_as_often_as_they_stand_there(prefixes):
    start = "".join(prefixes)
    names = ["blocks.0.norm1.weight", "cls_token", "norm.bias"]
    assert bare([start + name for name in names]) == ({name: start + name for name in names}, [], [])


@given(st.sampled_from(PREFIXES))
def test_a_prefix_that_not_all_share_stays(prefix):
    names = [f"{prefix}layer.0.norm1.weight", "embeddings.cls_token"]
    assert list(bare(names)[0]) == names


def test_a_name_is_never_taken_off_whole():
    assert list(bare(["model."])[0]) == ["model."]
    assert bare([]) == ({}, [], [])


def test_an_adapter_in_a_table_of_its_own_is_not_passed_over(tmp_path):
    lora = {"blocks.0.attn.qkv.lora_A": torch.ones(2, 3), "blocks.0.attn.qkv.lora_B": torch.ones(3, 2)}
    with pytest.raises(
        WeightsError, match=r"adapter apart from the weights, under 'lora' \(blocks.0.attn.qkv.lora_A\)"
    ):
        weights.shapes(saved(tmp_path, {"model": TABLE, "lora": lora}))


def test_what_was_left_out_needs_no_torch_the_second_time(tmp_path, monkeypatch):
    path = saved(tmp_path, {"model": TABLE, "ema": OTHER})
    told = weights.left_out(path)
    monkeypatch.setattr(torch, "load", None)
    assert weights.left_out(path) == told != []
