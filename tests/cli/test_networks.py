"""What the networks promise, through the command line."""

import json
import pickle
import time
from pathlib import Path

import numpy as np
import pytest
from command_line import inside, outputs_of
from PIL import Image
from random_weights import adapter_file, lora, random_weights, saved

from dinosar.testing import toy_photo
from dinosar.yaml_files import read_yaml

PARITY = Path(__file__).resolve().parents[1] / "parity"
OFFICIAL = ("dinov2_tiny", "dinov2_reg_tiny", "dinov3_tiny")


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A short network in Meta's layout, and two photos."""
    folder = tmp_path_factory.mktemp("small")
    for seed, name in enumerate("ab"):
        Image.fromarray(toy_photo(seed).pixels).save(folder / f"{name}.png")
    return saved(folder, random_weights("vits16", depth=3)), folder / "a.png", folder / "b.png"


@pytest.mark.parametrize("name", OFFICIAL)
def test_features_are_those_of_the_official_code(name, here, desk):
    with np.load(PARITY / f"{name}_expected.npz") as expected:
        for size in {key.split("/")[0] for key in expected}:
            Image.fromarray(expected[f"{size}/image"]).save(desk / "img.png")
            answer = here(
                "features", "img.png", "--backbone", name.split("_")[0],
                "--set", f"backbone.checkpoint={PARITY / name}_official.pth", "--fit", "native", "--dtype", "float32",
                "--raw", "--out", "f.npz", "--overwrite",
            )  # fmt: skip
            assert answer.code == 0, answer.err
            with np.load(desk / "f.npz") as found:
                patches = found["tokens"].reshape(expected[f"{size}/patches"][0].shape)
                attention = expected[f"{size}/cls_attention_last"][0].mean(axis=0)
                assert np.abs(patches - expected[f"{size}/patches"][0]).max() <= 1e-5
                assert np.abs(found["summary"] - expected[f"{size}/cls"][0]).max() <= 1e-5
                assert np.abs(found["attention"].ravel() - attention).max() <= 1e-5


@pytest.mark.parametrize("name", ["vits16", "vitb16"])
def test_a_whole_network_loads_and_one_wrong_tensor_is_named(name, here, desk):
    Image.fromarray(toy_photo().pixels).save(desk / "img.png")
    tensors = random_weights(name)
    words = (
        "features",
        "img.png",
        "--backbone",
        "dinov3",
        "--size",
        "64",
        "--out",
        "f.npz",
        "--overwrite",
        "--checkpoint",
    )
    answer = here(*words, saved(desk, tensors))
    assert answer.code == 0, answer.err
    assert f"dinov3-{name}" in answer.out
    gamma = tensors.pop("blocks.11.ls2.gamma")
    for wrong, told in (
        ({}, "1 missing: blocks.11.ls2.gamma"),
        ({"blocks.11.ls2.gama": gamma}, "1 missing: blocks.11.ls2.gamma; 1 unexpected: blocks.11.ls2.gama"),
        ({"blocks.11.ls2.gamma": gamma, "head.weight": gamma}, "1 unexpected: head.weight"),
    ):
        answer = here(*words, saved(desk, tensors | wrong))
        assert answer.code == 5
        assert answer.complaint.endswith(told)


BLOCKED = "import sys; sys.modules['torch'] = sys.modules['onnxruntime'] = None"
"""Neither can be imported: a run that needed one would fail."""


def test_the_second_comparison_runs_no_network_and_imports_no_torch(small, run, desk):
    checkpoint, a, b = small
    words = (
        "compare",
        a,
        b,
        "--backbone",
        "dinov3",
        "--checkpoint",
        checkpoint,
        "--masker",
        "threshold",
        "--attn-layers",
        "0",
        "2",
    )
    first = run(*words, "--out", "cold")
    assert first.code == 0, first.err
    second = run(*words, "--out", "warm", prelude=BLOCKED)
    assert second.code == 0, second.err
    assert outputs_of(desk / "cold") == outputs_of(desk / "warm")
    libraries = [
        read_yaml(desk / name / "run.yaml").value["record"]["environment"]["libraries"] for name in ("cold", "warm")
    ]
    assert ["torch" in each for each in libraries] == [True, False]
    assert {"attention_layer00.png", "attention_layer02.png"} <= set(outputs_of(desk / "warm"))


def test_dino_that_is_required_and_not_there_is_one_line(run):
    start = time.monotonic()
    answer = run("compare", "a.png", "b.png", "--require-dino", HF_HUB_OFFLINE="1")
    assert time.monotonic() - start < 10
    assert answer.code == 5
    for part in ("vit_small_patch16_dinov3_qkvb.lvd1689m", "model.safetensors", "dinosar models fetch vits16"):
        assert part in answer.complaint


class Canary:
    """Touches a file if it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


@pytest.mark.parametrize("kind", ["zeros", "zeroed tensors", "junk", "pointer", "code", "cut short", "missing"])
def test_a_checkpoint_that_is_none_is_one_line(kind, small, here, desk):
    whole, a, b = small
    path = desk / "weights.pth"
    contents = {
        "zeros": b"\0" * 10_000,
        "junk": bytes(range(1, 200)) * 50,
        "pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
        "code": pickle.dumps({"cls_token": Canary(desk / "canary")}),
        "cut short": whole.read_bytes()[:-50_000],
    }
    if kind in contents:
        path.write_bytes(contents[kind])
    elif kind == "zeroed tensors":
        saved(desk, {key: value * 0 for key, value in random_weights("vits16", depth=1).items()})
    answer = here("compare", a, b, "--backbone", "dinov3", "--checkpoint", path, "--masker", "whole", "--out", "run")
    assert answer.code == 5
    assert "weights.pth" in answer.err.splitlines()[-1]
    other = ("note:", "is the file cut short?")  # that it is a short network is said, too
    assert [line for line in answer.err.splitlines() if not any(word in line for word in other)] == [
        answer.err.splitlines()[-1]
    ]
    assert not (desk / "canary").exists()
    assert not (desk / "run").exists()


@pytest.mark.parametrize("masker", ["attention", "rembg"])
def test_a_run_with_a_network_runs_again_to_the_byte(masker, small, desk, own_cache):
    checkpoint, a, b = small
    from maskers.tiny_onnx import tiny_onnx

    (desk / "u2.onnx").write_bytes(tiny_onnx())
    extra = ("--set", "masker.model_path=u2.onnx") if masker == "rembg" else ("--second-masker", "threshold")
    words = ("--backbone", "dinov3", "--checkpoint", checkpoint, "--masker", masker, *extra, "--dtype", "float32")
    answer = inside("compare", a, b, *words, "--out", "run", cwd=desk, cache=own_cache)
    assert answer.code == 0, answer.err
    again = inside("rerun", "run/run.yaml", cwd=desk, cache=own_cache / "another")
    assert again.code == 0, again.err + again.out
    assert outputs_of(desk / "run") == outputs_of(desk / "run-rerun")


def test_a_rerun_finds_weights_that_moved_and_takes_the_ones_that_were_used(small, desk, own_cache):
    checkpoint, a, b = small
    own = desk / "own.pth"
    own.write_bytes(checkpoint.read_bytes())
    words = ("--backbone", "dinov3", "--checkpoint", "own.pth", "--masker", "whole", "--no-figures")
    assert inside("compare", a, b, *words, "--out", "run", cwd=desk, cache=own_cache).code == 0
    (desk / "elsewhere").mkdir()
    own.rename(desk / "elsewhere" / "own.pth")
    gone = inside("rerun", "run", cwd=desk, cache=own_cache)
    assert gone.code == 3
    assert "backbone.checkpoint of the record is gone" in gone.complaint
    assert str(own) in gone.complaint
    saved(desk, random_weights("vits16", seed=9, depth=3), "own.pth")
    other = inside("rerun", "../run/run.yaml", cwd=desk / "elsewhere", cache=own_cache)
    assert other.code == 0, other.err + other.out  # not the one that lies where the old one lay


def test_a_rerun_computes_anew(small, desk, own_cache):
    checkpoint, a, b = small
    words = ("--backbone", "dinov3", "--checkpoint", checkpoint, "--masker", "whole", "--no-figures")
    assert inside("compare", a, b, *words, "--out", "run", cwd=desk, cache=own_cache).code == 0
    for file in (own_cache / "features-v2").rglob("*.npy"):
        file.unlink()
    assert inside("rerun", "run", cwd=desk, cache=own_cache).code == 0
    assert not list((own_cache / "features-v2").rglob("*.npy"))
    before, after = (read_yaml(desk / name / "run.yaml").value for name in ("run", "run-rerun"))
    assert before["backbone"]["dtype"] in ("float32", "bfloat16")
    assert (before["backbone"], before["store"], after["store"]) == (after["backbone"], True, False)


def test_naming_a_part_in_two_places_loses_no_option_unsaid(small, here, desk):
    checkpoint, a, b = small
    words = ("compare", a, b, "--masker", "whole", "--no-figures", "--overwrite", "--out", "run")
    answer = here(*words, "--set", "backbone=dinov3", "--checkpoint", checkpoint)
    assert answer.code == 0, answer.err
    assert "weights.pth" in answer.out
    (desk / "my.yaml").write_text(f"backbone: {{use: dinov3, checkpoint: {checkpoint.as_posix()}, layers: [0]}}\n")
    assert here(*words, "--config", "my.yaml", "--backbone", "auto").code == 0
    part = read_yaml(desk / "run" / "run.yaml").value["backbone"]
    assert (part["use"], part["layers"]) == ("dinov3", [0])
    answer = here(*words, "--config", "my.yaml", "--backbone", "classic")
    assert answer.code == 0
    assert "backbone 'dinov3' gave way to 'classic'; with it went: checkpoint, layers" in answer.err
    assert any("gave way" in line for line in read_yaml(desk / "run" / "run.yaml").value["record"]["warnings"])
    assert here(*words, "--backbone", "dinov3", "--checkpoint", "").code == 2


def test_a_distance_of_few_matches_is_said_to_be_one(small, here, desk):
    _, a, b = small
    words = ("compare", a, b, "--backbone", "classic", "--masker", "whole", "--matcher", "salient", "--no-figures")
    answer = here(*words, "--set", "matcher.top=7", "--out", "few")
    assert "(foreground) rests on 7 matches, of" in answer.err
    assert "matched: 7 of" in answer.out
    assert "rests on" not in here(*words, "--out", "more").err


ADAPTED = ["blocks.1.attn.qkv", "blocks.2.attn.qkv", "blocks.2.attn.proj"]


@pytest.fixture
def adapter(small, desk):
    """An adapter for the short network, alone in its file, that does not say its alpha."""
    tensors = lora(random_weights("vits16", depth=3), ADAPTED)
    return saved(desk, adapter_file(tensors, start="base_model.model."), "mine.safetensors")


def test_an_adapter_is_merged_and_recorded_and_the_run_runs_again(small, adapter, desk, own_cache):
    base, a, b = small
    options = ("checkpoint=mine.safetensors", "lora_alpha=8", f"base_path={base}")
    words = ("--masker", "whole", "--no-figures", *(word for each in options for word in ("--set", f"backbone.{each}")))
    for backbone, out in (("dinov3", "run"), ("auto", "auto")):
        answer = inside("compare", a, b, "--backbone", backbone, *words, "--out", out, cwd=desk, cache=own_cache)
        assert answer.code == 0, answer.err
    assert outputs_of(desk / "run") == outputs_of(desk / "auto")
    facts = read_yaml(desk / "run" / "run.yaml").value["record"]["parts"]["backbone"]
    assert (facts["id"], facts["weights"]) == ("dinov3-w384d3p16 (mine.safetensors)", "weights.pth")
    assert [facts[f"adapter_{what}"] for what in ("rank", "alpha", "scale", "targets")] == [
        "4", "8", "2", "block 1: attn.qkv; block 2: attn.qkv, attn.proj",
    ]  # fmt: skip
    plain = ("compare", a, b, "--backbone", "dinov3", "--checkpoint", base, "--masker", "whole", "--no-figures")
    assert inside(*plain, "--out", "plain", cwd=desk, cache=own_cache).code == 0
    assert outputs_of(desk / "plain") != outputs_of(desk / "run")
    (desk / "elsewhere").mkdir()
    adapter.rename(desk / "elsewhere" / "mine.safetensors")
    saved(desk, adapter_file(lora(random_weights("vits16", depth=3), ADAPTED, seed=9)), "mine.safetensors")
    again = inside("rerun", "../run/run.yaml", cwd=desk / "elsewhere", cache=own_cache / "another")
    assert again.code == 0, again.err + again.out  # not the one that lies where the old one lay
    assert outputs_of(desk / "run") == outputs_of(desk / "run-rerun")


def test_the_second_comparison_with_an_adapter_imports_no_torch(small, adapter, run, desk):
    base, a, b = small
    whole = adapter_file(
        lora(random_weights("vits16", depth=3), ADAPTED), alpha=8, base=random_weights("vits16", depth=3)
    )
    saved(desk, {"model": whole, "ema": {"x": whole["cls_token"]}, "calibration": "c-1"}, "whole.pth")
    alone = ("--set", "backbone.lora_alpha=8", "--set", f"backbone.base_path={base}")
    found = {}
    for name, more in (("mine.safetensors", alone), ("whole.pth", ())):
        words = ("compare", a, b, "--checkpoint", name, *more, "--masker", "threshold", "--no-figures", "--overwrite")
        for out, prelude in (("cold", ""), ("warm", BLOCKED)):
            answer = run(*words, "--out", out, prelude=prelude)
            assert answer.code == 0, answer.err
        assert outputs_of(desk / "cold") == outputs_of(desk / "warm")
        found[name] = outputs_of(desk / "warm")
        facts = read_yaml(desk / "warm" / "run.yaml").value["record"]["parts"]["backbone"]
    assert facts["calibration"] == "c-1"
    assert "its weights under 'model' are used; left out: 'ema'" in answer.err
    assert found["mine.safetensors"].keys() == found["whole.pth"].keys()


@pytest.mark.parametrize("backbone", ["dinov3", "auto"])
def test_an_adapter_that_cannot_be_used_is_one_line(small, adapter, here, desk, backbone):
    base, a, b = small
    words = (
        "compare",
        a,
        b,
        "--backbone",
        backbone,
        "--checkpoint",
        "mine.safetensors",
        "--masker",
        "whole",
        "--out",
        "run",
    )
    half = {
        name: tensor
        for name, tensor in adapter_file(lora(random_weights("vits16", depth=3), ADAPTED)).items()
        if "lora_A" in name
    }
    saved(desk, half, "half.pth")
    base_path = f"backbone.base_path={base}"
    cases = {
        "--lora-alpha": ("--set", base_path),
        "rank 4, but --lora-r says 8": (
            "--set",
            base_path,
            "--set",
            "backbone.lora_alpha=8",
            "--set",
            "backbone.lora_r=8",
        ),
        "without the other half: blocks.1.attn.qkv.lora_A.weight": ("--checkpoint", "half.pth", "--set", base_path),
        "dinosar models fetch vits16": ("--model", "vits16", "--set", "backbone.lora_alpha=8"),
    }
    if backbone == "auto":
        cases["with --model"] = ("--set", "backbone.lora_alpha=8")
    for told, more in cases.items():
        answer = here(*words, *more)
        assert answer.code == 5, answer.err
        assert told in answer.complaint
        assert not (desk / "run").exists()


def test_the_model_that_was_named_says_whose_adapter_it_is(adapter, here, desk, own_cache, photos):
    """With `auto`, an adapter alone is for the part of that model."""
    place = own_cache / "weights" / "dinov3" / "vits16"
    place.mkdir(parents=True)
    saved(place, random_weights("vits16"), "model.pth")
    words = (
        "features",
        photos[0],
        "--model",
        "vits16",
        "--checkpoint",
        "mine.safetensors",
        "--set",
        "backbone.lora_alpha=8",
    )
    answer = here(*words, "--out", "f.npz", "--size", "64")
    assert answer.code == 0, answer.err
    assert "dinov3-vits16 (mine.safetensors)" in answer.out


def test_an_adapter_runs_again_from_its_file_alone_where_one_alpha_says_it_all(small, desk, own_cache):
    base, a, b = small
    tensors = adapter_file(lora(random_weights("vits16", depth=3), ADAPTED), start="base_model.model.")
    words = (
        "compare",
        a,
        b,
        "--masker",
        "whole",
        "--no-figures",
        "--set",
        f"backbone.base_path={base}",
        "--checkpoint",
    )
    for name, said, code in (("plain", {}, 0), ("root", {"use_rslora": True}, 5)):
        (desk / name).mkdir()
        file = saved(desk / name, tensors, "adapter_model.safetensors")
        config = desk / name / "adapter_config.json"
        config.write_text(json.dumps({"peft_type": "LORA", "r": 4, "lora_alpha": 8, **said}))
        answer = inside(*words, file, "--out", f"{name}-run", cwd=desk, cache=own_cache)
        assert answer.code == 0, answer.err
        config.unlink()
        again = inside("rerun", f"{name}-run", cwd=desk, cache=own_cache)
        assert again.code == code, again.err + again.out
        if code:
            assert "adapter_config.json" in again.complaint
        else:
            assert outputs_of(desk / f"{name}-run") == outputs_of(desk / f"{name}-run-rerun")
