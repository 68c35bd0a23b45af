"""Adapters merged into networks, against PEFT itself, which adds them while the network runs."""

import json

import numpy as np
import peft
import pytest
import timm
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_weights import ENDS, WRAPPERS, adapter_file, lora, random_weights, saved

from dinosar.backbones.adapting import in_words
from dinosar.backbones.dino.loading import load
from dinosar.backbones.dino.network import MEAN, STD
from dinosar.backbones.dinov2 import DINOv2
from dinosar.backbones.dinov3 import DINOv3
from dinosar.backbones.timm import Timm
from dinosar.errors import UsageError, WeightsError
from dinosar.notices import collected
from dinosar.weights import sha256

SMALL = {"num_classes": 0, "dynamic_img_size": True, "embed_dim": 128, "num_heads": 2, "depth": 4}
BACKBONES = {
    "vit_small_patch14_reg4_dinov2": (DINOv2, 14, r"blocks\.[23]\.(attn\.(qkv|proj)|mlp\.fc[12])"),
    "vit_giant_patch14_reg4_dinov2": (DINOv2, 14, ["qkv", "fc1", "fc2"]),
    "vit_small_patch16_dinov3": (DINOv3, 16, ["qkv", "proj"]),  # the layer of the patches is a `proj`, too
    # With biases of their own timm passes by whatever was put around `qkv`, so PEFT changes nothing there.
    "vit_small_patch16_dinov3_qkvb": (DINOv3, 16, ["attn.proj", "fc1"]),
    "vit_small_plus_patch16_dinov3_qkvb": (DINOv3, 16, r"blocks\.1\.mlp\.(fc1_g|fc1_x|fc2)"),
}
TINY = "vit_tiny_patch16_224"
LAST = r"patch_embed\.proj|blocks\.(9|10|11)\.(attn\.(qkv|proj)|mlp\.fc1)"


def drawn(network, seed=0):
    """A network whose every part takes part: gammas and norms as after training."""
    torch.manual_seed(seed)
    with torch.no_grad():
        for key, value in network.named_parameters():
            if "gamma" in key:
                value.uniform_(0.2, 0.6)
            elif value.ndim < 2:
                value.add_(0.1 * torch.randn_like(value))
            else:
                value.copy_(torch.randn_like(value) * value[0].numel() ** -0.5)
    return network.eval()


def trained(network, folder, **config):
    """The network with an adapter of PEFT whose halves are no zeros, saved as PEFT saves it."""
    torch.manual_seed(1)
    found = peft.get_peft_model(
        network, peft.LoraConfig(**{"r": 4, "lora_alpha": 8, "init_lora_weights": False} | config)
    )
    found.save_pretrained(folder)
    # Read again, for the file keeps patterns in another order, and of several that match the first one counts.
    return peft.PeftModel.from_pretrained(found.unload(), folder).eval()


def image(patch, rows=3, columns=4):
    return np.random.default_rng(0).integers(0, 255, (rows * patch, columns * patch, 3), dtype=np.uint8)


def features(network, pixels, mean=MEAN, std=STD):
    """Tokens of the last block after the norm, by timm, and the summary."""
    mean, std = (torch.tensor(v)[:, None, None] for v in (mean, std))
    x = ((torch.from_numpy(pixels).permute(2, 0, 1).float() / 255 - mean) / std)[None]
    with torch.inference_mode():
        ((tokens, prefix),) = network.forward_intermediates(
            x, indices=[-1], return_prefix_tokens=True, norm=True, output_fmt="NLC", intermediates_only=True
        )
    return tokens[0].numpy(), prefix[0, 0].numpy()


def close(word, found):
    """Whether tokens are the same up to rounding."""
    tokens, summary = found
    error = np.abs(word.tokens.reshape(tokens.shape) - tokens).max() / np.abs(tokens).max()
    return max(error, np.abs(word.summary - summary).max() / np.abs(summary).max()) < 1e-5


def built(backbone, checkpoint, **options):
    given = {"checkpoint": str(checkpoint), "dtype": "float32", "device": "cpu"} | options
    return backbone(backbone.Options(**given))


CONFIGS = {
    "plain": {}, "rslora": {"use_rslora": True}, "gaussian": {"r": 1, "lora_alpha": 3},
    "alpha_pattern": {"alpha_pattern": {"blocks.3.attn.qkv": 32, "fc1": 2, r"blocks\.1\.mlp\..*": 24}},
    "rank_pattern": {"rank_pattern": {"qkv": 2, r"blocks\.\d\.mlp\.fc2": 7}},
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:The following .*_pattern keys did not match")
@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("name", BACKBONES)
def test_a_merged_adapter_gives_what_peft_gives(tmp_path, name, config):
    backbone, patch, targets = BACKBONES[name]
    network = drawn(timm.create_model(name, pretrained=False, **SMALL))
    base = saved(tmp_path, network.state_dict(), "base.safetensors")
    before = features(network, image(patch))
    found = trained(network, tmp_path / "lora", target_modules=targets, **CONFIGS[config])
    after = features(found.base_model.model, image(patch))
    word = built(backbone, tmp_path / "lora" / "adapter_model.safetensors", base_path=str(base)).encode(image(patch))
    assert close(word, after)
    assert not close(word, before)  # the adapter does something
    whole = saved(tmp_path, found.state_dict(), "whole.pth")  # PEFT's own names, with the weights among them
    general = CONFIGS[config].get("lora_alpha", 8)
    if config in ("plain", "gaussian"):
        assert close(built(backbone, whole, lora_alpha=general).encode(image(patch)), after)
    merged = saved(tmp_path, found.merge_and_unload().state_dict(), "merged.safetensors")
    assert close(built(backbone, merged).encode(image(patch)), after)


@pytest.mark.filterwarnings("ignore:The following .*_pattern keys did not match")
@pytest.mark.parametrize("config", CONFIGS)
def test_so_it_does_in_any_network_of_timm(tmp_path, config):
    network = drawn(timm.create_model(TINY, pretrained=False, dynamic_img_size=True))
    base = saved(tmp_path, network.state_dict(), "base.safetensors")
    half = (0.5,) * 3
    found = trained(network, tmp_path / "lora", target_modules=LAST, **CONFIGS[config])
    after = features(found.base_model.model, image(16), half, half)
    adapter = tmp_path / "lora" / "adapter_model.safetensors"
    one = built(Timm, adapter, model=TINY, base_path=str(base))
    assert close(one.encode(image(16)), after)
    assert one.facts()["id"] == f"timm-{TINY} (adapter_model.safetensors)"
    assert one.facts()["adapter_targets"] == "blocks 9-11: attn.proj, attn.qkv, mlp.fc1; patch_embed.proj"
    assert not close(built(Timm, base, model=TINY).encode(image(16)), after)
    whole = saved(tmp_path, found.state_dict(), "whole.pth")
    if config == "plain":
        assert close(built(Timm, whole, model=TINY, lora_alpha=8).encode(image(16)), after)


OF_TRANSFORMERS = r".*\.attention\..*(query|value|q_proj|v_proj|o_proj|dense)|.*(up_proj|gate_proj|weights_in)"


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("gated", [False, True])
def test_so_it_does_in_networks_of_transformers(tmp_path, gated):
    """Both what its networks are called in memory and what they are called in files."""
    from transformers import Dinov2Config, Dinov2Model, DINOv3ViTConfig, DINOv3ViTModel

    size = {"hidden_size": 128, "num_attention_heads": 2, "num_hidden_layers": 3}
    old = Dinov2Config(**size, use_swiglu_ffn=gated, image_size=518)
    new = DINOv3ViTConfig(
        **size,
        use_gated_mlp=gated,
        hidden_act="silu" if gated else "gelu",
        intermediate_size=256,
        num_register_tokens=4,
    )
    for backbone, network in ((DINOv2, Dinov2Model(old)), (DINOv3, DINOv3ViTModel(new))):
        side = 518 if backbone is DINOv2 else 64
        pixels = np.random.default_rng(2).integers(0, 255, (side, side, 3), dtype=np.uint8)
        mean, std = (torch.tensor(v)[:, None, None] for v in (MEAN, STD))
        x = ((torch.from_numpy(pixels).permute(2, 0, 1).float() / 255 - mean) / std)[None]
        drawn(network).save_pretrained(tmp_path / "base")
        bases = [tmp_path / "base" / "model.safetensors", saved(tmp_path, network.state_dict(), f"{side}.pth")]
        found = trained(network, tmp_path / "lora", target_modules=OF_TRANSFORMERS)
        with torch.inference_mode():
            whole = found(pixel_values=x).last_hidden_state[0].numpy()
        after = whole[1 + (backbone is DINOv3) * 4 :], whole[0]
        for base in bases:
            word = built(backbone, tmp_path / "lora" / "adapter_model.safetensors", base_path=str(base)).encode(pixels)
            assert close(word, after)


BASE = random_weights("vits14", depth=3)
LAYERS = ["blocks.1.attn.qkv", "blocks.2.attn.qkv", "blocks.2.attn.proj", "blocks.2.mlp.fc1", "blocks.2.mlp.fc2"]
HALVES = lora(BASE, LAYERS)
EXPECTED = BASE | {f"{layer}.weight": BASE[f"{layer}.weight"] + 8 / 4 * b @ a for layer, (a, b) in HALVES.items()}


def state(backbone):
    """The tensors that a backbone computes with."""
    return backbone.merge(load(backbone._file, backbone._known))


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return saved(tmp_path_factory.mktemp("base"), BASE, "base.pth")


@pytest.mark.parametrize("ends", ENDS)
@pytest.mark.parametrize("alpha", ["in the file", "given"])
def test_every_convention_gives_the_same_network(tmp_path, base, ends, alpha):
    own, given = (8, {}) if alpha == "in the file" else (None, {"lora_alpha": 8, "lora_r": 4})
    found = [state(built(DINOv2, saved(tmp_path, adapter_file(HALVES, ends, alpha=own)), base_path=str(base), **given))]
    for wrapper in WRAPPERS:
        whole = adapter_file(HALVES, ends, "module.", alpha=own, base=BASE, wrapper=wrapper)
        found.append(state(built(DINOv2, saved(tmp_path, {"state_dict": whole}, f"whole{wrapper}.pth"), **given)))
    for each in found:
        for name in each:
            assert torch.equal(each[name], found[0][name])
            assert torch.allclose(each[name], EXPECTED[name], atol=1e-6), name
        changed = {name for name in each if not torch.equal(each[name], BASE[name])}
        assert changed == {f"{layer}.weight" for layer in LAYERS}


def test_queries_keys_and_values_of_transformers_are_rows_of_one_tensor(tmp_path, base):
    (down, up), width = lora(BASE, ["blocks.2.attn.proj"])["blocks.2.attn.proj"], 384
    qkv = BASE["blocks.2.attn.qkv.weight"]
    names = {"attention.attention.query": 0, "attention.attention.key": 1, "attention.attention.value": 2,
             "attention.q_proj": 0, "attention.k_proj": 1, "attention.v_proj": 2}  # fmt: skip
    for name, third in names.items():
        for start in ("", "encoder.", "base_model.model.encoder.", "base_model.model.base.encoder."):
            file = saved(tmp_path, adapter_file({f"layer.2.{name}": (down, up)}, "peft", start))
            found = state(built(DINOv2, file, base_path=str(base), lora_alpha=4))["blocks.2.attn.qkv.weight"]
            rows = slice(third * width, (third + 1) * width)
            assert torch.allclose(found[rows], qkv[rows] + up @ down, atol=1e-6)
            found[rows] = qkv[rows]
            assert torch.equal(found, qkv)


def test_gates_that_are_two_layers_elsewhere_are_rows_of_one_tensor(tmp_path):
    tensors = random_weights("vitsplus16", depth=2)
    base = saved(tmp_path, tensors, "base.pth")
    sides = {"w1": ("fc1_g", "gate_proj"), "w2": ("fc1_x", "up_proj"), "w3": ("fc2", "down_proj")}
    for own, others in sides.items():
        (down, up) = lora(tensors, [f"blocks.1.mlp.{own}"])[f"blocks.1.mlp.{own}"]
        found = []
        for block, other in (("blocks", own), ("blocks", others[0]), ("layer", others[1]), ("model.layer", others[1])):
            file = saved(tmp_path, adapter_file({f"{block}.1.mlp.{other}": (down, up)}))
            found.append(state(built(DINOv3, file, base_path=str(base), lora_alpha=4)))
        w1, w2, w3 = (tensors[f"blocks.1.mlp.{w}.weight"] + (up @ down if w == own else 0) for w in ("w1", "w2", "w3"))
        for each in found:
            assert torch.allclose(each["blocks.1.mlp.w12.weight"], torch.cat([w1, w2]), atol=1e-6)
            assert torch.allclose(each["blocks.1.mlp.w3.weight"], w3, atol=1e-6)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(1, 9), st.integers(0, 99), st.floats(0.5, 64))
def test_an_adapter_of_zeros_leaves_every_bit_and_says_so(tmp_path, rank, seed, alpha):
    halves = {layer: (a, 0 * b) for layer, (a, b) in lora(BASE, LAYERS, rank, seed).items()}
    before = BASE | {f"{layer}.weight": BASE[f"{layer}.weight"].clone() for layer in LAYERS}
    before[f"{LAYERS[0]}.weight"][0, :9] = -0.0
    file = saved(tmp_path, adapter_file(halves, base=before))
    with collected() as told:
        found = state(built(DINOv2, file, lora_alpha=alpha))
    assert all(found[name].numpy().tobytes() == before[name].numpy().tobytes() for name in found)
    assert [line for line in told if "changes nothing" in line]


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.floats(0.5, 64), st.floats(0.1, 8))
def test_the_change_grows_with_alpha(tmp_path, base, alpha, factor):
    file = saved(tmp_path, adapter_file(HALVES))
    one, more = (state(built(DINOv2, file, base_path=str(base), lora_alpha=a)) for a in (alpha, factor * alpha))
    for layer in LAYERS:
        before = BASE[f"{layer}.weight"].double()
        changes = [each[f"{layer}.weight"].double() - before for each in (one, more)]
        assert torch.allclose(changes[1], factor * changes[0], rtol=1e-4, atol=1e-6 * (1 + factor))


def test_weights_in_half_precision_are_summed_in_full(tmp_path):
    whole = adapter_file(HALVES, base={name: value.bfloat16() for name, value in BASE.items()}, alpha=8)
    found = state(built(DINOv2, saved(tmp_path, whole)))
    for layer, (a, b) in HALVES.items():
        expected = BASE[f"{layer}.weight"].bfloat16().float() + 2 * b @ a
        assert torch.allclose(found[f"{layer}.weight"], expected, atol=1e-6)


def test_so_are_those_that_timm_gets(tmp_path):
    network = drawn(timm.create_model(TINY, pretrained=False))
    tensors = {name: value.bfloat16() for name, value in network.state_dict().items()}
    (down, up) = lora(tensors, ["blocks.3.mlp.fc1"])["blocks.3.mlp.fc1"]
    file = saved(tmp_path, adapter_file({"blocks.3.mlp.fc1": (down, up)}, alpha=4, base=tensors))
    found = built(Timm, file, model=TINY)._loaded(file).blocks[3].mlp.fc1.weight
    assert torch.allclose(found, tensors["blocks.3.mlp.fc1.weight"].float() + up @ down, atol=1e-6)


def test_the_record_says_which_adapter_was_added_and_how_strongly(tmp_path, base):
    file = saved(tmp_path, adapter_file(HALVES, alpha=8), "mine.safetensors")
    facts = built(DINOv2, file, base_path=str(base)).facts()
    assert (facts["id"], facts["weights"], facts["weights_sha256"]) == (
        "dinov2-w384d3p14 (mine.safetensors)", "base.pth", sha256(base),
    )  # fmt: skip
    assert {name: facts[name] for name in facts if name.startswith("adapter")} == {
        "adapter": "mine.safetensors",
        "adapter_sha256": sha256(file),
        "adapter_rank": "4",
        "adapter_alpha": "8",
        "adapter_scale": "2",
        "adapter_targets": "block 1: attn.qkv; block 2: attn.qkv, attn.proj, mlp.fc1, mlp.fc2",
    }
    whole = saved(tmp_path, adapter_file(HALVES, alpha=8, base=BASE), "whole.pth")
    facts = built(DINOv2, whole).facts()
    assert facts["adapter_sha256"] == facts["weights_sha256"] == sha256(whole)
    assert "adapter" not in built(DINOv2, base).facts()


def test_a_change_of_strength_alone_is_another_backbone(tmp_path, base):
    """The store tells parts apart by their facts, and the config lies outside the file that is hashed."""
    found = []
    for more in ({}, {"use_rslora": True}, {"alpha_pattern": {"blocks.2.mlp.fc1": 16}}):
        config = {"r": 4, "lora_alpha": 8} | more
        (tmp_path / "adapter_config.json").write_text(json.dumps(config))
        file = saved(tmp_path, adapter_file(HALVES), "adapter_model.safetensors")
        found.append(built(DINOv2, file, base_path=str(base)).facts())
    assert [facts["adapter_scale"] for facts in found] == [
        "2", "4", "2 (block 1: attn.qkv; block 2: attn.qkv, attn.proj, mlp.fc2); 4 (block 2: mlp.fc1)"
    ]  # fmt: skip
    assert found[0] != found[1] != found[2]


def test_a_calibration_that_the_checkpoint_declares_is_recorded(tmp_path, base):
    whole = saved(
        tmp_path, {"base": BASE, "calibration": {"id": "vfi-1"}, "embedding_head": {"0.weight": torch.ones(3)}}
    )
    assert built(DINOv2, whole).facts()["calibration"] == "vfi-1"
    assert "calibration" not in built(DINOv2, base).facts()
    adapter = saved(tmp_path, adapter_file(HALVES, alpha=8), "adapter.pth")
    assert "calibration" not in built(DINOv2, adapter, base_path=str(whole)).facts()  # it was that of other weights


def test_what_is_left_out_is_said(tmp_path, caplog):
    caplog.set_level("INFO", logger="dinosar")
    built(DINOv2, saved(tmp_path, {"base": BASE, "embedding_head": {"0.weight": torch.ones(3)}}))
    assert "its weights under 'base' are used; left out: 'embedding_head' (no number uses it)" in caplog.text


WRONG = {
    "no layer": ({"blocks.9.attn.qkv": "blocks.1.attn.qkv"}, r"blocks.9.attn.qkv.lora_A.weight\), which is no layer"),
    "no such layer": ({"vit.blocks.1.attn.qkv": "blocks.1.attn.qkv"}, "vit.blocks.1.attn.qkv.lora_A.weight.*no layer"),
    "shape": ({"blocks.1.attn.proj": "blocks.1.attn.qkv"}, "blocks.1.attn.proj.lora_A.weight, "
              "blocks.1.attn.proj.lora_B.weight are .* of 1152 x 384, but blocks.1.attn.proj is 384 x 384"),
    "norm": ({"norm": "blocks.1.attn.qkv"}, "norm.lora_A.weight"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_an_adapter_of_another_network_is_refused_with_its_key(tmp_path, base, case):
    names, told = WRONG[case]
    halves = {new: HALVES[old] for new, old in names.items()}
    file = saved(tmp_path, adapter_file(halves, alpha=8), "wrong.pth")
    with pytest.raises(WeightsError, match=f"wrong.pth.*{told}") as problem:
        built(DINOv2, file, base_path=str(base))
    assert "\n" not in str(problem.value)


def test_an_adapter_of_another_size_is_refused_by_timm(tmp_path):
    network = timm.create_model(TINY, pretrained=False)
    base = saved(tmp_path, network.state_dict(), "base.pth")
    for halves, told in (
        (HALVES, "does not fit this network"),
        ({"blocks.99.attn.qkv": HALVES[LAYERS[0]]}, "no layer"),
    ):
        with pytest.raises(WeightsError, match=told):
            built(Timm, saved(tmp_path, adapter_file(halves, alpha=8)), model=TINY, base_path=str(base))


def test_weights_named_twice_or_not_at_all_are_refused(tmp_path, base, monkeypatch):
    adapter = saved(tmp_path, adapter_file(HALVES, alpha=8), "adapter.pth")
    whole = saved(tmp_path, adapter_file(HALVES, alpha=8, base=BASE), "whole.pth")
    with pytest.raises(WeightsError, match="vit_small_patch14_reg4_dinov2.*dinosar models fetch vits14_reg"):
        built(DINOv2, adapter)
    with pytest.raises(WeightsError, match="dinosar models fetch vitb14"):
        built(DINOv2, adapter, model="vitb14")
    for checkpoint in (whole, base):
        with pytest.raises(WeightsError, match="no adapter alone; leave backbone.base_path out"):
            built(DINOv2, checkpoint, base_path=str(base))
    for other in (whole, adapter):
        with pytest.raises(WeightsError, match="hold an adapter; name that file with --checkpoint"):
            built(DINOv2, adapter, base_path=str(other))
    with pytest.raises(UsageError, match="base_path names the weights of an adapter"):
        DINOv2(DINOv2.Options(base_path=str(base)))
    with pytest.raises(WeightsError, match="none.pth' cannot be read"):
        built(DINOv2, adapter, base_path=str(tmp_path / "none.pth"))


@pytest.mark.parametrize("options", [{"lora_r": 4}, {"lora_alpha": 8}, {"lora_r": 4, "lora_alpha": 8}])
def test_strength_without_an_adapter_changes_nothing_and_that_is_said(base, caplog, options):
    caplog.set_level("INFO", logger="dinosar")
    plain, found = built(DINOv2, base), built(DINOv2, base, **options)
    assert all(torch.equal(value, state(plain)[name]) for name, value in state(found).items())
    assert f"nothing: '{base}' holds no LoRA adapter" in caplog.text
    assert all(f"backbone.{name}" in caplog.text for name in options)


def test_a_published_model_is_the_base_where_it_lies_on_this_machine(tmp_path, own_cache):
    whole = random_weights("vits14_reg")
    place = own_cache / "weights" / "dinov2" / "vits14_reg"
    place.mkdir(parents=True)
    saved(place, whole, "model.pth")
    halves = lora(whole, ["blocks.11.attn.qkv"])
    file = saved(tmp_path, adapter_file(halves, alpha=8))
    found = DINOv2(DINOv2.Options(checkpoint=str(file), device="cpu", dtype="float32"))
    facts = found.facts()
    assert (facts["id"], facts["weights"]) == ("dinov2-vits14_reg (weights.pth)", "model.pth")
    assert facts["model"] == "vit_small_patch14_reg4_dinov2.lvd142m"
    assert found.pinned() == {"dtype": "float32", "model": "vits14_reg", "lora_alpha": 8}
    a, b = halves["blocks.11.attn.qkv"]
    expected = whole["blocks.11.attn.qkv.weight"] + 2 * b @ a
    assert torch.allclose(state(found)["blocks.11.attn.qkv.weight"], expected, atol=1e-6)


@pytest.mark.parametrize(
    ("layers", "told"),
    [
        (["blocks.8.attn.qkv", "blocks.9.attn.qkv"], "blocks 8-9: attn.qkv"),
        (["blocks.8.a", "blocks.8.b", "blocks.10.a", "blocks.10.b"], "blocks 8, 10: a, b"),
        (["patch_embed.proj", "layer.3.attention.q_proj"], "block 3: attention.q_proj; patch_embed.proj"),
        ([f"blocks.{i}.x" for i in (0, 1, 2, 5, 6, 9)], "blocks 0-2, 5-6, 9: x"),
        (["blocks.0.x", "blocks.1.y", "blocks.2.x"], "block 0: x; block 1: y; block 2: x"),
    ],
)
def test_layers_are_told_in_few_words(layers, told):
    assert in_words(layers) == told
