"""How strongly an adapter is added: from whoever says it, and never guessed."""

import json
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from random_weights import saved
from safetensors.torch import save_file

from dinosar import weights
from dinosar.errors import WeightsError
from dinosar.weights.adapter_scales import Statements, weighed
from dinosar.weights.adapters import Pair

A, B = torch.ones(4, 6), torch.ones(8, 4)
PAIR = {"base_model.model.blocks.1.attn.qkv.lora_A.weight": A, "base_model.model.blocks.1.attn.qkv.lora_B.weight": B}
OTHER = {"base_model.model.blocks.2.attn.proj.lora_A.weight": A, "base_model.model.blocks.2.attn.proj.lora_B.weight": B}


def scales(path, **more):
    return {target.pair.layer: target.scale for target in weights.adapter(path, **more).targets}


def folder(place, tensors=PAIR, name="adapter_model.safetensors", **config):
    """A folder as PEFT saves it."""
    place.mkdir(exist_ok=True)
    whole = {"peft_type": "LORA", "r": 4, "lora_alpha": 16, "bias": "none", "init_lora_weights": True} | config
    (place / "adapter_config.json").write_text(json.dumps(whole))
    return saved(place, tensors, name)


SAID = {
    "top": {"state_dict": PAIR, "lora_alpha": 8},
    "beside the tensors": {**PAIR, "lora_alpha": 8},
    "a tensor": {**PAIR, "lora_alpha": torch.tensor(8.0)},
    "config": {"state_dict": PAIR, "config": {"lora_alpha": 8, "lr": 0.1}},
    "args": {"model": PAIR, "args": {"alpha": 8, "rank": 4}},
    "one number": {**PAIR, "lora_alpha": torch.tensor([8.0])},
    "beside a rank": {"state_dict": PAIR, "alpha": 8, "r": 4},
    "mixup": {"state_dict": PAIR, "lora_alpha": 8, "args": {"alpha": 0.4}},
    "inside": {"ema": {"model": PAIR, "lora_alpha": 8.0}},
    "lora_config": {"state_dict": PAIR, "lora_config": {"r": 4, "alpha": 8}},
    "hyper_parameters": {"state_dict": PAIR, "hyper_parameters": {"config": {"lora_alpha": 8}}},
    "another alpha": {"state_dict": PAIR, "args": {"alpha": 0.5, "lora_alpha": 8}},
    "twice the same": {"state_dict": PAIR, "lora_alpha": 8, "args": {"lora_alpha": 8}},
}


@pytest.mark.parametrize("case", SAID)
def test_alpha_is_taken_from_wherever_a_script_keeps_it(tmp_path, case):
    path = saved(tmp_path, SAID[case])
    assert scales(path) == scales(path, rank=4, alpha=8) == {"blocks.1.attn.qkv": 2}
    with pytest.raises(
        WeightsError, match=r"alpha of the adapter.*is 8 according to the file, 9 according to --lora-alpha"
    ):
        scales(path, alpha=9)
    with pytest.raises(WeightsError, match="adapter of rank 4, but --lora-r says 8"):
        scales(path, rank=8)


@pytest.mark.parametrize(
    "said", [{"lora_alpha": "8"}, {"alpha": "8", "r": "4"}, {"lora_config": '{"r": 4, "lora_alpha": 8}'}]
)
def test_alpha_is_taken_from_the_header(tmp_path, said):
    save_file(PAIR, tmp_path / "a.safetensors", metadata=said)
    assert scales(tmp_path / "a.safetensors") == {"blocks.1.attn.qkv": 2}


def test_alphas_of_single_layers_are_taken(tmp_path):
    tensors = {
        **PAIR,
        **OTHER,
        "base_model.model.blocks.1.attn.qkv.alpha": torch.tensor(8),
        "base_model.model.blocks.2.attn.proj.alpha": torch.tensor([2.0]),
    }
    path = saved(tmp_path, tensors, "a.safetensors")
    assert scales(path) == {"blocks.1.attn.qkv": 2, "blocks.2.attn.proj": 0.5}
    with pytest.raises(WeightsError, match="8 according to --lora-alpha, 2 according to .*blocks.2.attn.proj.alpha"):
        scales(path, alpha=8)
    del tensors["base_model.model.blocks.2.attn.proj.alpha"]
    with pytest.raises(WeightsError, match="does not say its alpha"):
        scales(saved(tmp_path, tensors))
    assert scales(saved(tmp_path, tensors), alpha=8) == {"blocks.1.attn.qkv": 2, "blocks.2.attn.proj": 2}


def test_alpha_that_nobody_says_is_asked_for(tmp_path):
    unsaid = ({"lora_alpha": "sixteen"}, {"lora_alpha": 10**400}, {"alpha": 0.4}, {"alpha": 0.4, "r": None})
    tables = [{"model": PAIR, key: table} for key in ("config", "args", "hyper_parameters") for table in unsaid]
    for content in (PAIR, {"state_dict": PAIR, "lora_r": 4}, {"model": PAIR, "alpha": 0.4}, *tables):
        path = saved(tmp_path, content)
        with pytest.raises(WeightsError, match=r"rank 4\) that does not say its alpha.*_config.json.*--lora-alpha"):
            weights.adapter(path)
        assert scales(path, alpha=2) == {"blocks.1.attn.qkv": 0.5}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            {"model": PAIR, "lora_alpha": 8, "args": {"lora_alpha": 16}},
            "is 8 according to the file, 16 according to the same",
        ),
        ({"model": PAIR, "lora_alpha": 8, "lora_r": 8}, "say that their adapter has rank 8, but it has 4"),
        ({"model": PAIR, "lora_alpha": 0}, "give 0 as alpha"),
        ({"model": PAIR, "lora_alpha": -8}, "give -8 as alpha"),
        ({"model": PAIR, "lora_alpha": 8, "config": {"use_dora": True}}, "of DoRA"),
    ],
)
def test_what_contradicts_itself_is_refused(tmp_path, content, told):
    with pytest.raises(WeightsError, match=f"weights.pth.*{told}|{told}"):
        weights.adapter(saved(tmp_path, content))


def test_a_script_may_say_that_the_root_of_the_rank_counts(tmp_path):
    assert scales(saved(tmp_path, {"model": PAIR, "config": {"lora_alpha": 8, "use_rslora": True}})) == {
        "blocks.1.attn.qkv": 4
    }


@pytest.mark.parametrize(("said", "scale"), [(1, 4), ("true", 4), ("True", 4), (0, 2), ("false", 2), (None, 2)])
def test_a_switch_is_on_or_off_however_it_was_written(tmp_path, said, scale):
    tables = [{"model": PAIR, "lora_alpha": 8, "args": {"use_rslora": said}}]
    assert [scales(saved(tmp_path, table)) for table in tables] == [{"blocks.1.attn.qkv": scale}]
    assert scales(folder(tmp_path, lora_alpha=8, use_rslora=said, use_dora=0)) == {"blocks.1.attn.qkv": scale}


@pytest.mark.parametrize("said", ["perhaps", 2, [True], {}])
def test_a_switch_that_is_neither_is_refused(tmp_path, said):
    for name in ("use_rslora", "use_dora"):
        path = saved(tmp_path, {"model": PAIR, "lora_alpha": 8, "config": {name: said}})
        with pytest.raises(WeightsError, match=f"say {name} .*, which is neither on nor off"):
            weights.adapter(path)
        with pytest.raises(WeightsError, match=f"adapter_config.json' .*{name}"):
            weights.adapter(folder(tmp_path, **{name: said}))


@given(st.integers(1, 64), st.floats(0.01, 1000))
def test_the_scale_is_alpha_by_rank(rank, alpha):
    pair = Pair("x", "x", "x.A", "x.B", "", rank, 8, (6,))
    (plain,) = weighed((pair,), Statements("f", {}, {}, None, None, alpha))
    (double,) = weighed((pair,), Statements("f", {}, {}, None, None, 2 * alpha))
    (root,) = weighed((pair,), Statements("f", {"use_rslora": True}, {}, None, None, alpha))
    assert plain.scale == alpha / rank
    assert double.scale == 2 * plain.scale
    assert root.scale == pytest.approx(plain.scale * math.sqrt(rank))


@pytest.mark.parametrize("name", ["adapter_model.safetensors", "adapter_model.bin", "renamed.safetensors"])
def test_the_config_that_peft_lays_beside_an_adapter_is_read(tmp_path, name):
    assert scales(folder(tmp_path, name=name)) == {"blocks.1.attn.qkv": 4}
    assert scales(folder(tmp_path, name=name, use_rslora=True), rank=4, alpha=16) == {"blocks.1.attn.qkv": 8}
    with pytest.raises(WeightsError, match=r"16 according to adapter_config.json, 8 according to --lora-alpha"):
        scales(folder(tmp_path, name=name), alpha=8)


def test_a_config_of_another_file_is_let_be(tmp_path):
    folder(tmp_path)
    other = saved(tmp_path, {"model": PAIR, "lora_alpha": 8}, "mine.pth")
    assert scales(other) == {"blocks.1.attn.qkv": 2}
    plain = saved(tmp_path, {"a": A}, "plain.pth")
    assert weights.declared(plain) == {}


PATTERNS = [
    ({"blocks.1.attn.qkv": 8}, {}), ({"qkv": 8}, {}), ({"^blocks.1.attn.qkv": 8}, {}),
    ({r"blocks\.\d\.attn\.qkv": 8}, {}), ({"kv": 8}, "no match"), ({"attn": 8}, "no match"),
    ({"nothing": 1, "attn.qkv": 8, "qkv": 32}, {}),
]  # fmt: skip


@pytest.mark.parametrize(("patterns", "other"), PATTERNS)
def test_patterns_match_as_those_of_peft(tmp_path, patterns, other):
    from peft.utils.other import get_pattern_key

    expected = patterns.get(get_pattern_key(list(patterns), "blocks.1.attn.qkv"), 16)
    assert expected == (16 if other else 8)
    path = folder(tmp_path, PAIR | OTHER, alpha_pattern=patterns)
    assert scales(path) == {"blocks.1.attn.qkv": expected / 4, "blocks.2.attn.proj": 4}


def test_ranks_of_single_layers_are_checked(tmp_path):
    wide = OTHER | {
        "base_model.model.blocks.2.attn.proj.lora_A.weight": torch.ones(2, 6),
        "base_model.model.blocks.2.attn.proj.lora_B.weight": torch.ones(8, 2),
    }
    path = folder(tmp_path, PAIR | wide, rank_pattern={"proj": 2})
    assert scales(path) == scales(path, rank=4) == {"blocks.1.attn.qkv": 4, "blocks.2.attn.proj": 8}
    with pytest.raises(WeightsError, match=r"several ranks \(2, 4\), but --lora-r says 2"):
        scales(path, rank=2)
    for config in ({"r": 8}, {"rank_pattern": {"qkv": 2}}):
        with pytest.raises(
            WeightsError, match="have rank 4 in .*blocks.1.attn.qkv.lora_A.weight, but adapter_config.json says"
        ):
            scales(folder(tmp_path, **config))


FOREIGN = {
    "use_dora": True, "bias": "lora_only", "lora_bias": True, "fan_in_fan_out": True, "use_qalora": True,
    "peft_type": "LOHA", "modules_to_save": ["norm"], "layer_replication": [[0, 2]],
    "init_lora_weights": "pissa_niter_4",
    "target_parameters": ["w"], "trainable_token_indices": [1],
}  # fmt: skip


@pytest.mark.parametrize("setting", FOREIGN)
def test_what_is_no_plain_lora_is_refused_by_its_setting(tmp_path, setting):
    path = folder(tmp_path, **{setting: FOREIGN[setting]})
    with pytest.raises(WeightsError, match=f"adapter_config.json' says .*{setting}.*, which is not read") as problem:
        weights.adapter(path)
    assert "\n" not in str(problem.value)


def test_a_head_that_no_number_uses_may_be_saved_with_it(tmp_path):
    tensors = PAIR | {"base_model.model.embedding_head.0.weight": A}
    path = folder(tmp_path, tensors, modules_to_save=["embedding_head"])
    assert scales(path) == {"blocks.1.attn.qkv": 4}
    assert weights.left_out(path) == ["left out: 'embedding_head' (no number uses it)"]


@pytest.mark.parametrize(
    ("text", "told"),
    [("{", "cannot be read"), ("[]", "is no table"), ('{"r": 4}', "gives None as lora_alpha"),
     ('{"r": "4", "lora_alpha": 8}', "gives 4 as r"), ('{"r": 4, "lora_alpha": -1}', "gives -1 as lora_alpha"),
     ('{"r": 4, "lora_alpha": true}', "gives True as lora_alpha"), ('{"r": 4, "lora_alpha": NaN}', "as lora_alpha"),
     ('{"r": 4, "lora_alpha": 8, "alpha_pattern": {"(": 3}}', "which is no pattern"),
     ('{"r": 4, "lora_alpha": 8, "rank_pattern": {"(?i)blocks": 3}}', "which is no pattern"),
     ('{"r": 4, "lora_alpha": 8, "rank_pattern": {"a{99999999999}": 3}}', "which is no pattern"),
     ('{"r": 4, "lora_alpha": 8, "modules_to_save": 3}', "says modules_to_save 3, which is not read"),
     ('{"r": 4, "lora_alpha": 8, "modules_to_save": "head"}', "says modules_to_save head, which is not read"),
     ('{"r": 4, "lora_alpha": 1' + "0" * 400 + "}", "as lora_alpha"), ("[" * 100_000, "cannot be read"),
     ('{"r": 4, "lora_alpha": 8, "rank_pattern": [3]}', "is no table"),
     ('{"r": 4, "lora_alpha": 8, "alpha_pattern": {"x": null}}', "gives None as alpha_pattern of 'x'")],
)  # fmt: skip
def test_a_broken_config_is_told(tmp_path, text, told):
    path = folder(tmp_path)
    (tmp_path / "adapter_config.json").write_text(text)
    with pytest.raises(WeightsError, match=f"adapter_config.json' .*{told}"):
        weights.adapter(path)


def test_what_was_trained_is_kept_to_be_compared(tmp_path):
    said = {"base_model_name_or_path": "facebook/dinov2-small", "target_modules": ["qkv"], "layers_to_transform": 1}
    config = weights.adapter(folder(tmp_path, **said)).config
    assert (config.base, config.modules, config.layers) == ("facebook/dinov2-small", ("qkv",), (1,))
    for said in ({"target_modules": "all-linear", "layers_to_transform": None}, {"target_modules": r".*\.qkv"}, {}):
        config = weights.adapter(folder(tmp_path, **said)).config
        assert (config.base, config.modules, config.layers) == ("", (), ())


@pytest.mark.parametrize("module", ["qkv", "attn.qkv", "blocks.1.attn.qkv", "kv", "ttn.qkv", "attn", "proj"])
def test_modules_are_found_as_peft_finds_them(tmp_path, module):
    from peft import LoraConfig
    from peft.tuners.tuners_utils import check_target_module_exists

    found = bool(check_target_module_exists(LoraConfig(target_modules=[module]), "blocks.1.attn.qkv"))
    config = weights.adapter(folder(tmp_path, target_modules=[module], layers_to_transform=[1, 3])).config
    assert config.without_pair(["blocks.1.attn.qkv"]) == [*([] if found else [module]), "layer 3"]


@pytest.mark.parametrize(
    ("config", "alpha"),
    [({}, 16), ({"rank_pattern": {"qkv": 4}}, 16), ({"use_rslora": True}, None),
     ({"alpha_pattern": {"qkv": 16}}, None), ({"alpha_pattern": {"x": 1}}, None)],
)  # fmt: skip
def test_one_alpha_says_it_all_unless_something_else_counts(tmp_path, config, alpha):
    path = folder(tmp_path, **config)
    assert weights.adapter(path).alpha_for_all() == alpha
    if alpha:
        (tmp_path / "adapter_config.json").unlink()
        assert scales(path, alpha=alpha) == {"blocks.1.attn.qkv": 4}


def test_alphas_that_differ_are_not_one(tmp_path):
    alphas = {"base_model.model.blocks.1.attn.qkv.alpha": 8.0, "base_model.model.blocks.2.attn.proj.alpha": 2.0}
    tensors = {**PAIR, **OTHER, **{name: torch.tensor(value) for name, value in alphas.items()}}
    assert weights.adapter(saved(tmp_path, tensors)).alpha_for_all() is None
