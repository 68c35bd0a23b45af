"""The network against the outputs of the official code, and against timm's own."""

from pathlib import Path

import numpy as np
import pytest
import timm
import torch
from random_weights import random_weights, saved

from dinosar import weights
from dinosar.backbones.attention_rows import AttentionRows
from dinosar.backbones.dino.loading import load, placed
from dinosar.backbones.dino.network import MEAN, STD, run
from dinosar.weights.recognition import recognise

PARITY = Path(__file__).resolve().parents[2] / "parity"
OFFICIAL = ("dinov2_tiny", "dinov2_reg_tiny", "dinov3_tiny")
CLOSE = 1e-5


def network(path):
    known = recognise(weights.shapes(path), path.name)
    return load(path, known), known.shape


def passed(state, shape, image, layers, looks=()):
    with torch.inference_mode():
        return run(state, shape, image, layers, looks)


def photo(seed, height, width):
    return torch.rand(3, height, width, generator=torch.Generator().manual_seed(seed))


def cases():
    for name in OFFICIAL:
        with np.load(PARITY / f"{name}_expected.npz") as expected:
            yield from ((name, key.split("/")[0]) for key in expected if key.endswith("/image"))


@pytest.mark.parametrize(("name", "size"), list(cases()))
def test_every_layer_and_the_attention_are_those_of_the_official_code(name, size):
    state, shape = network(PARITY / f"{name}_official.pth")
    compared = 0
    with np.load(PARITY / f"{name}_expected.npz") as expected:
        image = torch.from_numpy(expected[f"{size}/image"]).permute(2, 0, 1).float() / 255
        out = passed(state, shape, image, range(shape.depth), [shape.depth - 1])
        last = {f"{size}/patches": out.tokens[2], f"{size}/cls": out.summary[2],
                f"{size}/cls_attention_last": out.attention[2]}  # fmt: skip
        layers = {f"{size}/layer{i}/{kind}": found[i] for i in range(3)
                  for kind, found in (("patches", out.tokens), ("cls", out.summary))}  # fmt: skip
        for key, found in (last | layers).items():
            if key in expected:
                compared += 1
                assert np.abs(expected[key][0] - found.numpy()).max() <= CLOSE, key
    assert compared >= 3


TIMM = {
    "vit_small_patch16_dinov3_qkvb": (160, 256), "vit_small_patch16_dinov3": (256, 160),
    "vit_small_plus_patch16_dinov3_qkvb": (160, 160), "vit_small_patch14_reg4_dinov2": (154, 280),
    "vit_small_patch14_dinov2": (518, 518),
}  # fmt: skip
"""timm resamples the positions of DINOv2 without registers in another way than the official code; not at 518 x 518."""


@pytest.mark.parametrize("name", TIMM)
def test_timm_s_networks_in_timm_s_files_are_the_same_networks(name, tmp_path):
    torch.manual_seed(1)
    theirs = timm.create_model(name, pretrained=False, num_classes=0, dynamic_img_size=True).eval()
    with torch.no_grad():
        for key, value in theirs.named_parameters():
            if "gamma" in key:
                value.uniform_(0.05, 0.5)
            elif value.ndim < 2:
                value.add_(0.1 * torch.randn_like(value))
    state, shape = network(saved(tmp_path, theirs.state_dict(), "model.safetensors"))
    image = photo(0, *TIMM[name])
    out = passed(state, shape, image, [4, 11], [4, 11])
    mean, std = (torch.tensor(v)[:, None, None] for v in (MEAN, STD))
    with torch.inference_mode(), AttentionRows(theirs.blocks, [4, 11]) as rows:
        found = theirs.forward_intermediates(
            ((image - mean) / std)[None], indices=[4, 11], return_prefix_tokens=True, norm=True, output_fmt="NLC",
            intermediates_only=True,
        )  # fmt: skip
    for layer, (tokens, prefix) in zip([4, 11], found, strict=True):
        assert (out.tokens[layer] - tokens[0]).abs().max() <= CLOSE
        assert (out.summary[layer] - prefix[0, 0]).abs().max() <= CLOSE
        assert (out.attention[layer] - rows.rows[layer][:, 1 + shape.registers :]).abs().max() <= CLOSE


@pytest.mark.parametrize("name", ["vits16", "vitg14_reg", "vit7b16"])
def test_one_pass_gives_what_one_pass_for_each_layer_gives(name, tmp_path, monkeypatch):
    if name != "vits16":  # the wide ones, cut to the width of a few heads
        monkeypatch.setitem(
            random_weights.__globals__["SIZES"], name.removesuffix("_reg"), (256, 3, 14 if "14" in name else 16)
        )
        monkeypatch.setitem(random_weights.__globals__["GATED"], name.removesuffix("_reg"), 128)
    state, shape = network(saved(tmp_path, random_weights(name, depth=3)))
    side = 5 * shape.patch
    together = passed(state, shape, photo(2, side, 2 * side), [0, 1, 2], [0, 2])
    for layer in (0, 1, 2):
        alone = passed(state, shape, photo(2, side, 2 * side), [layer])
        assert torch.equal(alone.tokens[layer], together.tokens[layer])
        assert not alone.attention
    assert set(together.attention) == {0, 2}


def test_attention_is_a_share_of_all_attention_and_knows_where_things_are(tmp_path):
    state, shape = network(saved(tmp_path, random_weights("vits16", depth=2)))
    rows = passed(state, shape, photo(3, 96, 128), [1], [0, 1]).attention
    for row in rows.values():
        assert row.shape == (6, 6 * 8)
        assert (row >= 0).all()
        assert (row.sum(dim=1) < 1).all()  # the rest goes to the summary token itself and to the registers
    turned = state | {"periods": state["periods"] * 1e9}  # no rotation: the positions are gone
    assert (passed(turned, shape, photo(3, 96, 128), [1], [1]).attention[1] - rows[1]).abs().max() > 1e-4


def test_nothing_is_computed_beyond_the_last_layer_wanted(tmp_path):
    state, shape = network(saved(tmp_path, random_weights("vits16", depth=3)))
    del state["blocks.2.mlp.fc2.weight"]
    assert set(passed(state, shape, photo(4, 64, 64), [0, 1]).tokens) == {0, 1}
    with pytest.raises(KeyError):
        passed(state, shape, photo(4, 64, 64), [1], [2])


def test_a_bias_of_keys_that_the_file_masks_plays_no_part(tmp_path):
    tensors = random_weights("vits16", depth=2)
    loud = dict(tensors)
    loud["blocks.1.attn.qkv.bias"] = tensors["blocks.1.attn.qkv.bias"] + 50 * (
        1 - tensors["blocks.1.attn.qkv.bias_mask"]
    )
    loud["blocks.0.attn.qkv.bias"] = torch.where(
        tensors["blocks.0.attn.qkv.bias_mask"] == 0, 1e9, tensors["blocks.0.attn.qkv.bias"]
    )
    quiet, shape = network(saved(tmp_path, tensors))
    also, _ = network(saved(tmp_path, loud, "loud.pth"))
    a, b = (passed(s, shape, photo(5, 64, 64), [1]) for s in (quiet, also))
    assert torch.equal(a.tokens[1], b.tokens[1])


@pytest.mark.parametrize("name", ["vits16", "vits14_reg"])
def test_bfloat16_leaves_tokens_and_matches_as_they_are(name, tmp_path):
    path = saved(tmp_path, random_weights(name, seed=3))
    state, shape = network(path)
    tokens = {}
    for half in (False, True):
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
            for seed in (1, 2):
                image = torch.nn.functional.interpolate(
                    photo(seed, 24, 24)[None], size=(28 * shape.patch,) * 2, mode="bicubic"
                )[0]
                image = (image + 0.3 * photo(7, 28 * shape.patch, 28 * shape.patch)).clamp(0, 1)
                out = run(placed(state, "cpu", half), shape, image, [shape.depth - 1], [])
                tokens[half, seed] = torch.nn.functional.normalize(out.tokens[shape.depth - 1].double(), dim=-1)
    error = 1 - (tokens[False, 1] * tokens[True, 1]).sum(dim=-1)
    assert error.mean() < 2e-4
    pairs = []
    for half in (False, True):
        similarity = tokens[half, 1] @ tokens[half, 2].T
        there, back = similarity.argmax(dim=1), similarity.argmax(dim=0)
        pairs.append({(i, int(j)) for i, j in enumerate(there) if back[j] == i})
    assert len(pairs[0]) > 50
    assert len(pairs[0] & pairs[1]) / len(pairs[0] | pairs[1]) > 0.97
