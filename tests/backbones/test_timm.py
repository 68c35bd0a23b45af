"""Any plain vision transformer of timm, with its own weights and nothing missing."""

import numpy as np
import pytest
import timm
import torch
from random_weights import saved

from dinosar.backbones.attention_rows import AttentionRows
from dinosar.backbones.timm import Timm
from dinosar.errors import UsageError, WeightsError

TINY = "vit_tiny_patch16_224"
EVA = "eva02_tiny_patch14_224"


def weights_of(name, folder, seed=0, drop=()):
    torch.manual_seed(seed)
    network = timm.create_model(name, pretrained=False)
    return saved(folder, {k: v for k, v in network.state_dict().items() if k not in drop}, "model.safetensors")


def built(name, path, **options):
    return Timm(Timm.Options(model=name, checkpoint=str(path), device="cpu", dtype="float32", **options))


def image(rows, columns, patch):
    return np.random.default_rng(0).integers(0, 255, (rows * patch, columns * patch, 3), dtype=np.uint8)


@pytest.mark.parametrize(("name", "patch", "size"), [(TINY, 16, (14, 14)), (TINY, 16, (3, 9)), (EVA, 14, (4, 6))])
def test_tokens_are_those_of_timm(name, patch, size, tmp_path):
    path = weights_of(name, tmp_path)
    backbone = built(name, path, layers=[-1])
    assert backbone.patch == patch
    pixels = image(*size, patch)
    word = backbone.encode(pixels)
    network = timm.create_model(name, pretrained=False, dynamic_img_size=True)
    from safetensors.torch import load_file

    network.load_state_dict(load_file(path))
    cfg = network.pretrained_cfg
    wide = (pixels / 255 - np.array(cfg["mean"])) / np.array(cfg["std"])
    with torch.inference_mode():
        found = network.eval().forward_features(torch.from_numpy(wide).permute(2, 0, 1)[None].float())[0].numpy()
    if name == TINY:  # of EVA's features the last norm belongs to the head
        assert np.abs(word.tokens.reshape(-1, found.shape[1]) - found[1:]).max() < 1e-4
        assert np.abs(word.summary - found[0]).max() < 1e-4
    assert word.tokens.shape[:2] == size


def test_attention_is_that_of_the_full_map(tmp_path):
    """Against timm's own attention written out, without the fused function that is listened to."""
    path = weights_of(TINY, tmp_path)
    backbone = built(TINY, path, attn_layers=[3, 11])
    word = backbone.encode(image(5, 7, 16))
    network = backbone._loaded(path)
    full = {}
    for layer in (3, 11):
        attention = network.blocks[layer].attn
        attention.fused_attn = False
        attention.attn_drop.register_forward_hook(lambda m, i, o, layer=layer: full.__setitem__(layer, o[0]))
    with torch.inference_mode():
        network.forward_features(backbone._pixels(image(5, 7, 16)))
    for found, layer in zip(word.attention, (3, 11), strict=True):
        expected = full[layer][:, 0, 1:].mean(dim=0).numpy().reshape(5, 7)
        assert np.abs(found - expected).max() < 1e-6


def test_a_network_without_summary_token_gives_no_attention_and_says_so(tmp_path):
    name = "vit_base_patch16_siglip_224"
    torch.manual_seed(0)
    with torch.device("meta"):
        network = timm.create_model(name, pretrained=False)
    tensors = {k: 0.02 * torch.randn(v.shape) for k, v in network.state_dict().items()}
    backbone = built(name, saved(tmp_path, tensors, "model.safetensors"))
    word = backbone.encode(image(2, 3, 16))
    assert word.attention is None
    assert word.summary is None
    assert "no summary token" in backbone.facts()["attention_of"]


@pytest.mark.parametrize("drop", ["norm.weight", "head.bias", "blocks.5.attn.qkv.weight"])
def test_a_tensor_that_is_missing_is_named(drop, tmp_path):
    with pytest.raises(WeightsError, match=f"do not fit {TINY}.*{drop}") as problem:
        built(TINY, weights_of(TINY, tmp_path, drop=(drop,)))
    assert "\n" not in str(problem.value)


@pytest.mark.parametrize("name", ["resnet18", "swin_tiny_patch4_window7_224", "no_such_network"])
def test_what_is_no_plain_transformer_is_refused(name, tmp_path):
    with pytest.raises(UsageError, match=name):
        built(name, weights_of(TINY, tmp_path))


def test_what_it_found_out_is_remembered(tmp_path, monkeypatch):
    path = weights_of(TINY, tmp_path)
    built(TINY, path)
    monkeypatch.setattr(timm, "create_model", None)
    assert built(TINY, path).patch == 16


class Attends(torch.nn.Module):
    """Calls the function of torch so many times."""

    def __init__(self, times):
        super().__init__()
        self.times = times

    def forward(self, q, k, v, **more):
        for _ in range(self.times):
            torch.nn.functional.scaled_dot_product_attention(q, k, v, **more)


def test_rows_of_attention_are_softmaxed_with_mask_and_scale():
    q, k, v = torch.randn(3, 1, 2, 5, 8).unbind(0)
    mask = torch.randn(1, 1, 5, 5)
    blocks = [Attends(1), Attends(1)]
    with AttentionRows(blocks, [1]) as seen:
        blocks[0](q, k, v)
        blocks[1](q, k, v, attn_mask=mask, scale=0.7)
        Attends(1)(q, k, v)
    assert set(seen.rows) == {1}
    expected = (q[0] @ k[0].transpose(1, 2) * 0.7 + mask[0]).softmax(dim=-1)[:, 0]
    assert torch.allclose(seen.rows[1], expected, atol=1e-6)


@pytest.mark.parametrize("times", [0, 2])
def test_a_block_with_no_attention_or_with_two_has_no_row(times):
    block = Attends(times)
    with AttentionRows([block], [0]) as seen:
        block(*torch.randn(3, 1, 2, 5, 8).unbind(0))
    assert seen.rows == {}


@pytest.mark.parametrize("name", ["vit_small_patch16_18x2_224"])
def test_a_network_whose_attention_cannot_be_told_apart_is_refused_unless_none_is_wanted(name, tmp_path):
    path = weights_of(name, tmp_path)
    with pytest.raises(UsageError, match="attention of 'vit_small_patch16_18x2_224' cannot be read"):
        built(name, path).encode(image(2, 2, 16))
    assert built(name, path, attn_layers=[]).encode(image(2, 2, 16)).attention is None


def test_registers_are_no_summary(tmp_path):
    name = "vit_wee_patch16_reg1_gap_256"
    word = built(name, weights_of(name, tmp_path)).encode(image(2, 3, 16))
    assert (word.summary, word.attention) == (None, None)
    assert word.tokens.shape[:2] == (2, 3)
