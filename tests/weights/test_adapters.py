"""Adapters are told by their names and shapes, whoever wrote them; what is not plain LoRA is refused by name."""

import pytest
import torch
from random_weights import ENDS, WRAPPERS, adapter_file, lora, random_weights, saved

from dinosar import weights
from dinosar.errors import WeightsError
from dinosar.weights.recognition import recognise
from dinosar.weights.tensors import contents

BASE = random_weights("vits14", depth=2)
LAYERS = ["blocks.0.attn.qkv", "blocks.1.attn.proj"]
HALVES = lora(BASE, LAYERS, rank=4)
STARTS = ["", "module.", "base_model.model.", "module.base.base_model.model.", "_orig_mod.backbone."]


@pytest.mark.parametrize("ends", ENDS)
@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("name", ["a.pth", "a.safetensors"])
def test_an_adapter_alone_is_known_by_every_convention(tmp_path, ends, start, name):
    path = saved(tmp_path, adapter_file(HALVES, ends, start, alpha=8), name)
    found = weights.adapter(path)
    assert {t.pair.layer: (t.pair.rank, t.pair.size, t.alpha, t.scale) for t in found.targets} == {
        "blocks.0.attn.qkv": (4, [1152, 384], 8, 2),
        "blocks.1.attn.proj": (4, [384, 384], 8, 2),
    }
    halves = found.tensors()
    for target in found.targets:
        for own, half in zip((target.pair.down, target.pair.up), HALVES[target.pair.layer], strict=True):
            assert torch.equal(halves[own], half)
    assert (found.alone, found.silent, weights.adapter_alone(path)) == (True, False, True)
    with pytest.raises(WeightsError, match="an adapter without the weights it belongs to"):
        weights.shapes(path)


@pytest.mark.parametrize("ends", ENDS)
@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_the_weights_beside_an_adapter_are_those_of_the_network(tmp_path, ends, wrapper):
    path = saved(tmp_path, {"model": adapter_file(HALVES, ends, "module.", base=BASE, wrapper=wrapper)})
    found = weights.adapter(path, alpha=4)
    assert (found.alone, [t.pair.layer for t in found.targets]) == (False, LAYERS)
    assert recognise(weights.shapes(path), "f").shape.name == "w384d2p14"
    read = weights.read(path)
    assert read.keys() == BASE.keys()
    assert all(torch.equal(read[name], BASE[name]) for name in BASE)


def test_a_file_without_an_adapter_has_none(tmp_path):
    path = saved(tmp_path, BASE)
    assert weights.adapter(path, rank=8, alpha=16) is None
    assert not weights.holds_adapter(path)
    assert contents(path).parts.base == {name: name for name in BASE}


def test_a_convolution_has_an_adapter_too(tmp_path):
    tensors = {
        "patch_embed.proj.lora_A.weight": torch.ones(2, 3, 14, 14),
        "patch_embed.proj.lora_B.weight": torch.ones(9, 2, 1, 1),
    }
    (target,) = weights.adapter(saved(tmp_path, tensors), alpha=2).targets
    assert target.pair.size == [9, 3, 14, 14]


A, B = torch.ones(4, 6), torch.ones(8, 4)
PAIR = {"x.lora_A.weight": A, "x.lora_B.weight": B}
REFUSED = {
    "only A": ({"x.lora_A.weight": A}, "halves of an adapter without the other half: x.lora_A.weight;"),
    "only B": ({**PAIR, "y.B": B}, "without the other half: y.B;"),
    "only up": ({**PAIR, "module.lora_up.weight": B}, "other half: module.lora_up.weight;"),
    "ranks": ({"x.A": A, "x.B": torch.ones(8, 5)}, "x.A is 4 x 6, x.B is 8 x 5"),
    "turned": ({"x.A": torch.ones(6, 4), "x.B": torch.ones(4, 8)}, "halves do not fit each other.*both are transposed"),
    "vector": ({"x.A": torch.ones(4), "x.B": B}, "halves do not fit each other: x.A is 4"),
    "no rank": ({"x.A": torch.ones(0, 6), "x.B": torch.ones(8, 0)}, "do not fit each other"),
    "several": ({**PAIR, "x.lora_A.old.weight": A, "x.lora_B.old.weight": B, "x.lora_A.new.weight": A,
                 "x.lora_B.new.weight": B}, "several adapters \\(\\(no name\\), new, old\\)"),
    "twice": ({**PAIR, "x.A": A}, "one half of an adapter twice"),
    "dora": ({**PAIR, "x.lora_magnitude_vector": B[0]}, "DoRA, which is not read: x.lora_magnitude_vector"),
    "kohya dora": ({**PAIR, "x.dora_scale": B[0]}, "DoRA"),
    "embedding": ({**PAIR, "e.lora_embedding_A": A}, "LoRA of an embedding.*e.lora_embedding_A"),
    "whole layers": ({**PAIR, "norm.modules_to_save.default.weight": A}, "modules_to_save"),
    "own bias": ({**PAIR, "x.lora_B.bias": B[:, 0]}, "biases of its own.*x.lora_B.bias"),
    "trained biases": ({**PAIR, "x.base_layer.bias": B[:, 0]}, "biases trained beside it.*x.base_layer.bias"),
    "other layers": ({**PAIR, "norm.weight": B[0]}, "tensors trained beside it.*norm.weight"),
    "lokr": ({"x.lokr_w1": A}, "another kind than plain LoRA.*x.lokr_w1"),
    "adalora": ({**PAIR, "x.lora_E": A}, "another kind"),
    "new dialect": ({**PAIR, "x.lora_gate": A}, "whose names are not understood: x.lora_gate"),
    "fused dialect": ({"blocks.0.attn.qkv_lora_A": A}, "whose names are not understood"),
    "two alphas": ({**PAIR, "x.alpha": torch.ones(3)}, "alpha that is no single number: x.alpha"),
    "two weights": ({**PAIR, "x.weight": A, "x.base_layer.weight": A}, "x.weight twice"),
}  # fmt: skip


@pytest.mark.parametrize("name", ["a.pth", "a.safetensors"])
@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_plain_adapter_is_refused_by_name(tmp_path, case, name):
    tensors, told = REFUSED[case]
    path = saved(tmp_path, tensors, name)
    for act in (weights.shapes, weights.read, weights.adapter, weights.left_out):
        with pytest.raises(WeightsError, match=f"{name}.*{told}") as problem:
            act(path)
        assert "\n" not in str(problem.value)


def test_a_tensor_called_alpha_that_belongs_to_no_pair_is_no_alpha(tmp_path):
    path = saved(tmp_path, {**BASE, "blocks.0.alpha": torch.ones(1)})
    with pytest.raises(WeightsError, match="unexpected: blocks.0.alpha"):
        recognise(weights.shapes(path), "f")


def test_numbers_that_are_none_are_refused(tmp_path):
    bad = {**PAIR, "x.lora_B.weight": torch.full((8, 4), torch.nan)}
    with pytest.raises(WeightsError, match="x.lora_B.weight holds NaN or infinity"):
        weights.adapter(saved(tmp_path, bad), alpha=1).tensors()


@pytest.mark.parametrize("zero", ["x.lora_A.weight", "x.lora_B.weight"])
def test_an_adapter_that_changes_nothing_is_known_to(tmp_path, zero):
    path = saved(tmp_path, {**PAIR, zero: 0 * PAIR[zero]})
    assert weights.adapter(path, alpha=1).silent
    two = {**PAIR, zero: 0 * PAIR[zero], "y.A": A, "y.B": B}
    assert not weights.adapter(saved(tmp_path, two), alpha=1).silent


def test_an_adapter_is_no_published_model(tmp_path):
    from dinosar.weights.importing import import_file

    whole = random_weights("vits14")
    for tensors in (adapter_file(HALVES), adapter_file(lora(whole, LAYERS), base=whole)):
        for name in (None, "vits14", "vit_small_patch16_224.augreg_in21k"):
            with pytest.raises(WeightsError, match="hold an adapter .LoRA.; name that file with --checkpoint"):
                import_file(saved(tmp_path, tensors), name)
