"""A file is known for what it is, whoever wrote it, and nothing in it is missing or too much."""

from dataclasses import replace

import pytest
import timm
import torch
from random_weights import random_weights, toy_weights

from dinosar.errors import WeightsError
from dinosar.weights.architecture import SIZES, expected
from dinosar.weights.recognition import recognise

NAMES = [*toy_weights.SIZES, "vits14_reg", "vitb14_reg", "vitl14_reg", "vitg14_reg"]
ONE_OF_EACH = ("vits14", "vits14_reg", "vits16", "vitsplus16")


def shapes(tensors):
    return {name: list(tensor.shape) for name, tensor in tensors.items()}


def on_paper(name, **more):
    """Shapes of a network of any size without its gigabytes."""

    class Paper(toy_weights.Drawn):
        def __call__(self, *shape, scale=0.02):
            return torch.empty(shape, device="meta")

        def uniform(self, width):
            return torch.empty(width, device="meta")

    original, toy_weights.Drawn = toy_weights.Drawn, Paper
    try:
        return shapes(random_weights(name, **more))
    finally:
        toy_weights.Drawn = original


def transformers_names(tensors, family):  # noqa: C901
    """The same tensors as the transformers library keeps them: names written out here, not taken from the package."""
    found, old = {}, family == "dinov2"
    block = "encoder.layer.{}." if old else "layer.{}."
    qkv = (
        [f"attention.attention.{x}" for x in ("query", "key", "value")]
        if old
        else [f"attention.{x}_proj" for x in "qkv"]
    )
    inside = {
        "attn.proj": "attention.output.dense" if old else "attention.o_proj", "norm1": "norm1", "norm2": "norm2",
        "mlp.fc1": "mlp.fc1" if old else "mlp.up_proj", "mlp.fc2": "mlp.fc2" if old else "mlp.down_proj",
        "mlp.w1": "mlp.gate_proj", "mlp.w2": "mlp.up_proj", "mlp.w12": "mlp.weights_in",
        "mlp.w3": "mlp.weights_out" if old else "mlp.down_proj",
    }  # fmt: skip
    outside = {
        "cls_token": "embeddings.cls_token", "mask_token": "embeddings.mask_token",
        "pos_embed": "embeddings.position_embeddings", "register_tokens": "embeddings.register_tokens",
        "storage_tokens": "embeddings.register_tokens", "norm.weight": "layernorm.weight" if old else "norm.weight",
        "norm.bias": "layernorm.bias" if old else "norm.bias",
    }  # fmt: skip
    patches = "embeddings.patch_embeddings" + (".projection" if old else "")
    for name, tensor in tensors.items():
        stem, _, end = name.rpartition(".")
        if name.endswith(("bias_mask", "periods")):
            continue
        if name in outside:
            found[outside[name]] = tensor
        elif stem == "patch_embed.proj":
            found[f"{patches}.{end}"] = tensor
        elif ".attn.qkv" in name:
            for own, third in zip(qkv, tensor.chunk(3), strict=True):
                if old or "k_proj" not in own or end == "weight":
                    found[block.format(name.split(".")[1]) + f"{own}.{end}"] = third
        elif end == "gamma":
            found[block.format(name.split(".")[1]) + f"layer_scale{stem[-1]}.lambda1"] = tensor
        else:
            _, number, rest = stem.split(".", 2)
            found[block.format(number) + f"{inside[rest]}.{end}"] = tensor
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_published_size_is_known_by_its_tensors(name):
    found = recognise(on_paper(name), "a.pth")
    assert found.shape.name == name
    assert found.layout.title == f"official {'DINOv2' if '14' in name else 'DINOv3'}"
    assert found.shape.heads * found.shape.head == found.shape.width
    assert found.shape.head == (128 if name == "vit7b16" else 64)


@pytest.mark.parametrize(
    ("name", "timm_name"),
    [("vits14", "vit_small_patch14_dinov2"), ("vitb14_reg", "vit_base_patch14_reg4_dinov2"),
     ("vitg14", "vit_giant_patch14_dinov2"), ("vitg14_reg", "vit_giant_patch14_reg4_dinov2"),
     ("vits16", "vit_small_patch16_dinov3_qkvb"), ("vitsplus16", "vit_small_plus_patch16_dinov3_qkvb"),
     ("vitb16", "vit_base_patch16_dinov3_qkvb"), ("vitl16", "vit_large_patch16_dinov3_qkvb"),
     ("vith16plus", "vit_huge_plus_patch16_dinov3_qkvb"), ("vit7b16", "vit_7b_patch16_dinov3")],
)  # fmt: skip
def test_timm_s_files_are_known(name, timm_name):
    with torch.device("meta"):
        network = timm.create_model(timm_name, pretrained=False, num_classes=0)
    found = recognise(shapes(network.state_dict()), "model.safetensors")
    assert (found.shape.name, found.layout.title.split()[0]) == (name, "timm")
    assert recognise(on_paper(name), "a.pth").shape == found.shape


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_files_of_transformers_are_known(name):
    found = recognise(
        shapes(transformers_names(random_weights(name, depth=2), "dinov2" if "14" in name else "dinov3")), "a"
    )
    assert found.layout.title.startswith("transformers")
    assert found.shape == recognise(shapes(random_weights(name, depth=2)), "a").shape


@pytest.mark.parametrize("name", ["vits16", "vitb16", "vits14_reg", "vitb14"])
@pytest.mark.parametrize("key", ["blocks.7.ls1.gamma", "blocks.0.attn.qkv.bias", "norm.weight", "patch_embed.proj.bias",
                                 "cls_token", "mask_token"])  # fmt: skip
def test_a_tensor_that_is_missing_renamed_or_too_much_is_named(name, key):
    whole = shapes(random_weights(name)) if name.startswith("vits") else on_paper(name)
    missing = {k: v for k, v in whole.items() if k != key}
    if (name, key) in [("vitb14", "mask_token")]:  # what is left is what timm keeps: the token is for training
        assert recognise(missing, "f.pth").layout.title == "timm DINOv2"
    else:
        with pytest.raises(WeightsError, match=f"'f.pth'.*1 missing: {key}$"):
            recognise(missing, "f.pth")
    with pytest.raises(WeightsError, match=rf"unexpected: {key}x$"):
        recognise({**missing, f"{key}x": whole[key]}, "f.pth")
    with pytest.raises(WeightsError, match="1 unexpected: head.weight$"):
        recognise({**whole, "head.weight": [1000, 384]}, "f.pth")


def test_every_official_tensor_counts():
    whole = shapes(random_weights("vits16", depth=2))
    for key in whole:
        with pytest.raises(WeightsError, match=f"missing: {key}"):
            recognise({k: v for k, v in whole.items() if k != key}, "f.pth")


def test_a_tensor_of_another_shape_is_named_with_both():
    whole = shapes(random_weights("vits16", depth=2)) | {"blocks.1.mlp.fc2.weight": [384, 1500]}
    with pytest.raises(WeightsError, match=r"blocks.1.mlp.fc2.weight \(384 x 1500 instead of 384 x 1536\)"):
        recognise(whole, "f.pth")


def test_many_that_are_missing_are_counted():
    whole = {k: v for k, v in shapes(random_weights("vits16", depth=12)).items() if "gamma" not in k}
    with pytest.raises(
        WeightsError, match="24 missing: blocks.0.ls1.gamma, .* and 18 more; if .* --backbone timm --model ID$"
    ):
        recognise(whole, "f.pth")


@pytest.mark.parametrize("strange", [{}, {"a": [1]}, {"layer1.0.conv1.weight": [64, 64, 1, 1], "fc.bias": [1000]}])
def test_what_is_no_such_network_is_said_to_be_none(strange):
    with pytest.raises(WeightsError, match="'f.pth' are not those of a DINOv2 or DINOv3"):
        recognise(strange, "f.pth")


def test_a_supervised_vit_is_refused():
    with torch.device("meta"):
        network = timm.create_model("vit_small_patch16_224", pretrained=False)
    with pytest.raises(WeightsError, match="'f.pth' do not fit .*--backbone timm --model ID$"):
        recognise(shapes(network.state_dict()), "f.pth")


@pytest.mark.parametrize(("name", "depth", "longer"), [
    ("vits16", 11, ("vits16", 12)), ("vits16", 12, None), ("vits14_reg", 3, ("vits14_reg", 12)),
    ("vits14", 3, ("vits14", 12)), ("vitsplus16", 1, ("vitsplus16", 12)), ("vitg14_reg", 39, ("vitg14_reg", 40)),
    ("vitl16", 23, ("vitl16", 24)), ("vitl16", 25, None),
])  # fmt: skip
def test_a_network_that_lost_its_last_blocks_is_known_for_what_it_was(name, depth, longer):
    assert recognise(on_paper(name, depth=depth), "a").shape.longer() == longer


@pytest.mark.parametrize("change", [{"width": 128}, {"patch": 8}, {"registers": 3}, {"head": 32}, {"gated": True}])
def test_a_network_of_another_kind_has_lost_nothing(change):
    shape = replace(recognise(on_paper("vits14", depth=5), "a").shape, **change)
    assert shape.longer() is None


def test_a_network_of_its_own_measures_is_named_after_them():
    assert recognise(on_paper("vits16", depth=5), "a").shape.name == "w384d5p16"
    assert recognise(on_paper("vits14_reg", depth=5), "a").shape.name == "w384d5p14_reg"


def test_the_tensors_of_a_shape_are_as_many_as_the_published_parameters():
    """Counts as published: 21, 29, 86, 300, 840 and 6716 million for DINOv3."""
    millions = {"vits16": 21, "vitsplus16": 29, "vitb16": 86, "vitl16": 300, "vith16plus": 840, "vit7b16": 6716}
    for name, count in millions.items():
        shape = recognise(on_paper(name), "a").shape
        total = sum(torch.Size(size).numel() for size in expected(shape).values())
        assert total / 1e6 == pytest.approx(count, rel=0.03), name
    assert set(millions) < set(SIZES.values())
