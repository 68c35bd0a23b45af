"""Checkpoints that can be used but should not be without a word, and those that look as if they could."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest
import timm
import torch
from random_weights import adapter_file, lora, random_weights, saved

from dinosar import weights
from dinosar.backbones.dino.loading import load
from dinosar.backbones.dinov2 import DINOv2
from dinosar.backbones.dinov3 import DINOv3
from dinosar.backbones.timm import Timm
from dinosar.errors import WeightsError
from dinosar.notices import collected

TINY = "vit_tiny_patch16_224"
BASE = random_weights("vits14", depth=3)
LAYERS = ["blocks.1.attn.qkv", "blocks.2.attn.proj", "blocks.2.mlp.fc1"]
HALVES = {layer: (3 * a, 3 * b) for layer, (a, b) in lora(BASE, LAYERS).items()}
MERGED = BASE | {f"{layer}.weight": BASE[f"{layer}.weight"] + 2 * b @ a for layer, (a, b) in HALVES.items()}
CUT = "hold 3 of the 12 blocks of vits14; is the file cut short?"


def built(backbone, checkpoint, **options):
    """(backbone, what was warned of while it was made)."""
    with collected() as told:
        found = backbone(backbone.Options(checkpoint=str(checkpoint), dtype="float32", device="cpu", **options))
    return found, [line for line in told if CUT not in line]


def state(backbone):
    """(tensors that a backbone computes with, what was warned of while they were loaded)."""
    with collected() as told:
        found = backbone.merge(load(backbone._file, backbone._known))
    return found, told


@pytest.fixture
def base(tmp_path):
    return saved(tmp_path, BASE, "base.pth")


@pytest.fixture(scope="module")
def tiny():
    torch.manual_seed(0)
    return timm.create_model(TINY, pretrained=False).state_dict()


def peft_folder(place, tensors=None, **said):
    """A folder as PEFT saves it."""
    config = {"peft_type": "LORA", "r": 4, "lora_alpha": 8, "target_modules": ["qkv", "attn.proj", "fc1"], **said}
    (place / "adapter_config.json").write_text(json.dumps(config))
    return saved(place, tensors or adapter_file(HALVES, start="base_model.model."), "adapter_model.safetensors")


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), None])
def test_timm_is_given_no_damaged_weights(tmp_path, tiny, bad):
    name = "blocks.3.mlp.fc1.weight"
    tensor = torch.zeros_like(tiny[name]) if bad is None else tiny[name].clone().index_fill(0, torch.tensor([2]), bad)
    with pytest.raises(WeightsError, match=f"{name} holds (NaN or infinity|nothing but zeros)"):
        built(Timm, saved(tmp_path, tiny | {name: tensor}), model=TINY)
    with pytest.raises(WeightsError, match="cls_token holds numbers of type int8"):
        built(Timm, saved(tmp_path, {key: value.to(torch.int8) for key, value in tiny.items()}), model=TINY)


def test_a_head_that_was_never_trained_is_no_damage(tmp_path, tiny):
    assert built(Timm, saved(tmp_path, tiny | {"head.weight": 0 * tiny["head.weight"]}), model=TINY)[1] == []


def test_an_adapter_of_the_head_alone_changes_no_token_and_that_is_said(tmp_path, tiny):
    for layers, told in ((["head"], 1), (["head", "blocks.3.attn.qkv"], 0)):
        file = saved(tmp_path, adapter_file(lora(tiny, layers), alpha=8, base=tiny))
        warned = [line for line in built(Timm, file, model=TINY)[1] if "changes the head alone" in line]
        assert len(warned) == told


@pytest.mark.parametrize("alpha", [1e20, 1e30, 1e300])
def test_an_alpha_that_makes_numbers_nobody_can_compute_with_is_refused(tmp_path, base, tiny, alpha):
    found, _ = built(DINOv2, saved(tmp_path, adapter_file(HALVES)), base_path=str(base), lora_alpha=alpha)
    with pytest.raises(WeightsError, match=re.escape(f"with alpha {alpha:g} makes numbers in blocks.1.attn.qkv that")):
        state(found)
    file = saved(tmp_path, adapter_file(lora(tiny, ["blocks.3.attn.qkv"]), base=tiny))
    with pytest.raises(WeightsError, match="makes numbers in blocks.3.attn.qkv"):
        built(Timm, file, model=TINY, lora_alpha=alpha)


def test_a_strong_alpha_is_no_mistake_as_long_as_tokens_come_out(tmp_path, base):
    found, _ = built(DINOv2, saved(tmp_path, adapter_file(HALVES)), base_path=str(base), lora_alpha=1e5)
    assert np.isfinite(found.encode(np.full((42, 42, 3), 9, np.uint8)).tokens).all()


@pytest.mark.parametrize("where", ["beside", "base"])
def test_an_adapter_that_the_weights_hold_already_is_told(tmp_path, where):
    for under, twice in ((BASE, False), (MERGED, True)):
        tensors = adapter_file(HALVES, alpha=8, base=under if where == "beside" else None)
        file = saved(tmp_path, tensors, f"{where}{twice}.pth")
        more = {} if where == "beside" else {"base_path": str(saved(tmp_path, under, f"under{twice}.pth"))}
        found, first = built(DINOv2, file, **more)
        merged, told = state(found)
        again, warm = built(DINOv2, file, **more)
        assert [any("seem to hold it already" in line for line in each) for each in (first, told, warm)] == [
            False, twice, twice,
        ]  # fmt: skip
        layer = LAYERS[0]
        expected = under[f"{layer}.weight"] + 2 * HALVES[layer][1] @ HALVES[layer][0]
        assert torch.allclose(merged[f"{layer}.weight"], expected, atol=1e-5)  # warned of, and done all the same
    weaker, told = built(DINOv2, saved(tmp_path, adapter_file(HALVES, base=MERGED)), lora_alpha=2)
    assert [*told, *state(weaker)[1]] == []


@pytest.mark.parametrize(("name", "backbone"), [("vits14_reg", DINOv2), ("vits16", DINOv3)])
def test_a_network_without_its_last_blocks_is_told(tmp_path, name, backbone):
    with collected() as told:
        backbone(backbone.Options(checkpoint=str(saved(tmp_path, random_weights(name, depth=2)))))
    assert [line.partition("hold ")[2] for line in told] == [f"2 of the 12 blocks of {name}; is the file cut short?"]
    with collected() as told:
        backbone(backbone.Options(checkpoint=str(saved(tmp_path, random_weights(name)))))
    assert told == []


def test_what_was_warned_of_is_warned_of_without_torch_the_second_time(tmp_path):
    content = {"model": adapter_file(HALVES, alpha=8, base=MERGED), "ema": BASE}
    file = saved(tmp_path, content)
    found, told = built(DINOv2, file)
    told += state(found)[1]
    code = (
        "import sys; from dinosar.backbones.dinov2 import DINOv2; from dinosar.notices import collected\n"
        "from dinosar import hardware; hardware.device = hardware.precision = lambda *_: 'cpu'\n"
        "with collected() as told: DINOv2(DINOv2.Options(checkpoint=sys.argv[1]))\n"
        "assert 'torch' not in sys.modules\n"
        "print(*told, sep='\\n')"
    )
    answer = subprocess.run([sys.executable, "-c", code, str(file)], check=True, capture_output=True, text=True)
    lines = answer.stdout.splitlines()
    assert set(told) < set(lines)
    assert len([line for line in lines if CUT in line]) == len(lines) - len(told) == 1


def test_networks_that_are_left_out_are_warned_of_and_recorded(tmp_path):
    for key in ("ema", "teacher"):
        found, told = built(DINOv2, saved(tmp_path, {"model": BASE, key: MERGED, "optimizer": {"x": torch.ones(3)}}))
        assert len(told) == 1
        assert f"left out: '{key}', 'optimizer'; '{key}' could be meant, too" in told[0]
        assert found.facts()["left_out"] == key
    adapter = saved(tmp_path, adapter_file(HALVES, alpha=8), "adapter.pth")
    found, told = built(DINOv2, adapter, base_path=str(saved(tmp_path, {"model": BASE, "ema": MERGED})))
    assert [line.partition(" ")[0] for line in told] == ["base_path"]
    assert found.facts()["left_out"] == "ema"
    found, told = built(DINOv2, saved(tmp_path, {"model": BASE, "optimizer": {"x": torch.ones(3)}}))
    assert told == []
    assert "left_out" not in found.facts()


SAID = {
    "dinov2_vits14": [], "facebook/dinov2-small": [], "": [], "mine": [],
    "facebook/dinov2-base": ["of size 'small', not of size 'base'"],
    "dinov3-vits16": ["of dinov2, not of dinov3; with patches of 14 px, not with patches of 16 px"],
    "vit_small_patch14_reg4_dinov2.lvd142m": ["without registers, not with registers"],
}  # fmt: skip


@pytest.mark.parametrize("name", SAID)
def test_an_adapter_of_another_network_is_told_by_what_its_config_names(tmp_path, base, name):
    found, told = built(DINOv2, peft_folder(tmp_path, base_model_name_or_path=name), base_path=str(base))
    assert [line.partition("over a network ")[2] for line in told] == SAID[name]
    assert found.facts().get("adapter_base", "") == name
    assert found.facts()["adapter_config_sha256"] == weights.sha256(tmp_path / "adapter_config.json")


def test_so_it_is_by_the_name_that_timm_has(tmp_path, tiny):
    base = saved(tmp_path, tiny, "base.pth")
    tensors = adapter_file(lora(tiny, ["blocks.3.attn.qkv"]))
    for name, told in (("timm/vit_tiny_patch16_224.augreg", 0), ("timm/vit_small_patch16_224.augreg", 1)):
        file = peft_folder(tmp_path, tensors, base_model_name_or_path=name, target_modules=["qkv"])
        assert len(built(Timm, file, model=TINY, base_path=str(base))[1]) == told


@pytest.mark.parametrize(
    ("said", "told"),
    [({}, ""), ({"target_modules": "all-linear"}, ""), ({"target_modules": ["qkv", "fc2"]}, "fc2"),
     ({"layers_to_transform": [1, 2]}, ""), ({"layers_to_transform": [0, 2, 7]}, "layer 0, layer 7")],
)  # fmt: skip
def test_layers_that_the_config_lists_and_the_file_lacks_are_told(tmp_path, base, said, told):
    _, found = built(DINOv2, peft_folder(tmp_path, **said), base_path=str(base))
    assert [line.partition("lists ")[2].partition(", for which")[0] for line in found] == ([told] if told else [])


def test_an_adapter_runs_again_without_its_config_where_one_alpha_says_it_all(tmp_path, base):
    file = peft_folder(tmp_path)
    found, _ = built(DINOv2, file, base_path=str(base))
    assert found.pinned()["lora_alpha"] == 8
    with_both, told = built(DINOv2, file, base_path=str(base), lora_alpha=8)
    assert told == []
    (tmp_path / "adapter_config.json").unlink()
    alone, _ = built(DINOv2, file, base_path=str(base), lora_alpha=found.pinned()["lora_alpha"])
    states = [state(each)[0] for each in (found, with_both, alone)]
    assert all(torch.equal(each[name], states[0][name]) for each in states for name in states[0])
    for said in ({"use_rslora": True}, {"alpha_pattern": {"qkv": 16}}):
        found, _ = built(DINOv2, peft_folder(tmp_path, **said), base_path=str(base))
        assert "lora_alpha" not in found.pinned()
        (tmp_path / "adapter_config.json").unlink()
        with pytest.raises(WeightsError, match="lay the adapter_config.json that it was saved with beside it"):
            built(DINOv2, file, base_path=str(base))
    assert "lora_alpha" not in built(DINOv2, base)[0].pinned()
