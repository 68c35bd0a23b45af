"""What `auto` stands for, and that it is said."""

import json
import logging
import struct

import pytest

from dinosar import weights
from dinosar.automatic import announce, resolve
from dinosar.config import CompareConfig, Part
from dinosar.errors import UsageError, WeightsError
from dinosar.notices import collected
from dinosar.parts import build, build_backbone
from dinosar.registry import find
from dinosar.settings import Layers, settle

AUTO = Part(use="auto")
INPUTS = {"a": "a.jpg", "b": "b.jpg"}


@pytest.fixture
def asked(monkeypatch):
    """A hub that is silent, and how often it was asked; set `answers` and it speaks."""

    class Hub:
        answers, times = False, 0

        def __call__(self, seconds=3.0):
            assert seconds <= 3
            self.times += 1
            return self.answers

    hub = Hub()
    monkeypatch.setattr(weights, "hub_answers", hub)
    return hub


def lay_down(model):
    """Let a model be on this machine."""
    path = weights.target(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"weights")


def test_without_weights_and_hub_auto_is_a_backbone_that_is_always_there(asked):
    assert resolve("backbone", AUTO) == "classic"
    assert find("backbone", "classic").load()
    assert asked.times == 1


@pytest.mark.parametrize(
    ("on_disk", "hub", "wanted"),
    [(["dinov3", "dinov2"], True, "dinov3"), (["dinov2"], True, "dinov2"), (["dinov3"], False, "dinov3"),
     (["dinov2"], False, "dinov2"), ([], True, "dinov3"), ([], False, "classic"), (["rembg"], False, "classic")],
    ids=str,
)  # fmt: skip
def test_the_best_that_is_within_reach_is_taken(on_disk, hub, wanted, asked):
    for part in on_disk:
        lay_down(weights.default(part))
    asked.answers = hub
    assert resolve("backbone", AUTO) == wanted
    assert asked.times == (0 if wanted in on_disk else 1), "what is on disk is taken without asking"


@pytest.mark.parametrize("name", ["vitb16", "vits14"])
def test_only_the_models_that_would_be_used_count(name, asked):
    lay_down(weights.published(name))
    assert resolve("backbone", AUTO) == "classic"


def test_a_pinned_revision_is_not_there_because_another_file_is(asked):
    lay_down(weights.default("dinov3"))
    assert resolve("backbone", Part(use="auto", revision="0" * 40)) == "classic"


@pytest.mark.parametrize(("name", "wanted"), [("vits14", "dinov2"), ("vitb16", "dinov3"), ("beit_x.y", "timm")])
def test_a_model_that_is_named_decides_and_nobody_is_asked(name, wanted, asked):
    assert resolve("backbone", Part(use="auto", model=name)) == wanted
    assert asked.times == 0


@pytest.mark.parametrize(("name", "says"), [("vits61", "did you mean 'vits16'"), ("u2net", "a model for masks")])
def test_a_model_that_no_backbone_has_is_a_mistake(name, says):
    with pytest.raises(UsageError, match=says):
        resolve("backbone", Part(use="auto", model=name))


def dino_file(path, family):
    """A file with the tensors of the smallest network there could be."""
    from dinosar.weights.architecture import Architecture, expected

    table = {"dinov2": 1369, "dinov3": 0}[family]
    patch = {"dinov2": 14, "dinov3": 16}[family]
    found = expected(Architecture(family, 64, 1, 64, patch, 4, table, 256, gated=False, qkv_bias=True))
    found["mask_token"] = [1, 64]
    if family == "dinov3":
        found["rope_embed.periods"] = [16]
    else:
        found["register_tokens"] = found.pop("storage_tokens")
    header, end = {}, 0
    for name, shape in found.items():
        length = 4
        for n in shape:
            length *= n
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [end, end + length]}
        end += length
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(end))
    return path


@pytest.mark.parametrize("family", ["dinov2", "dinov3"])
def test_the_tensors_in_a_checkpoint_decide_whatever_it_is_called(family, tmp_path, asked):
    path = dino_file(tmp_path / "the_other_dinov2_or_dinov3.pth", family)
    assert resolve("backbone", Part(use="auto", checkpoint=str(path))) == family
    assert asked.times == 0


@pytest.mark.parametrize(("data", "says"), [(None, "is not there"), (b"<html>", "web page"), (b"x", "neither a")])
def test_a_checkpoint_that_is_none_stops_everything(data, says, tmp_path):
    path = tmp_path / "dinov3.pth"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(WeightsError, match=says):
        resolve("backbone", Part(use="auto", checkpoint=str(path)))


def test_second_best_is_refused_where_dino_is_required(asked):
    with pytest.raises(WeightsError) as caught:
        resolve("backbone", AUTO, strict=True)
    needed = ("vits16", "model.safetensors", weights.default("dinov3").url, "dinosar models fetch vits16")
    assert [word for word in needed if word not in str(caught.value)] == []
    asked.answers = True
    assert resolve("backbone", AUTO, strict=True) == "dinov3"


@pytest.mark.parametrize(("value", "strict"), [("1", True), ("true", True), ("YES", True), ("0", False), ("", False)])
def test_the_environment_may_require_it_but_only_of_auto(value, strict, asked, monkeypatch):
    monkeypatch.setenv("DINOSAR_STRICT", value)
    assert resolve("backbone", Part(use="classic")) == "classic"
    if strict:
        with pytest.raises(WeightsError, match="vits16"):
            resolve("backbone", AUTO)
    else:
        assert resolve("backbone", AUTO) == "classic"


@pytest.mark.parametrize("name", ["classic", "random-test", "package:Backbone"])
def test_requiring_dino_of_a_backbone_without_is_a_contradiction(name):
    with pytest.raises(UsageError, match=f"backbone '{name}' has no DINO weights"):
        resolve("backbone", Part(use=name), strict=True)


@pytest.mark.parametrize(
    "part", [Part(use="dinov2"), Part(use="dinov3"), Part(use="timm", model="vit_small_patch14_dinov2")]
)
def test_requiring_dino_of_one_with_is_none(part):
    assert resolve("backbone", part, strict=True) == part.use


def test_requiring_dino_of_another_network_of_timm_is_a_contradiction():
    with pytest.raises(UsageError, match="'timm' has no DINO weights"):
        resolve("backbone", Part(use="timm", model="vit_tiny_patch16_224"), strict=True)


@pytest.mark.parametrize(
    ("options", "on_disk", "wanted"),
    [({}, False, "grabcut"), ({}, True, "rembg"), ({"model": "silueta"}, False, "rembg"),
     ({"model_path": "own.onnx"}, False, "rembg")],
    ids=str,
)  # fmt: skip
def test_the_masker_is_the_network_where_its_model_is_here_or_named(options, on_disk, wanted, asked):
    if on_disk:
        lay_down(weights.default("rembg"))
    assert resolve("masker", Part(use="auto", **options)) == wanted
    assert asked.times == 0, "a mask is never fetched by itself"


@pytest.mark.parametrize(("kind", "name"), [("backbone", "random-test"), ("masker", "whole"), ("matcher", "auto")])
def test_every_other_name_stands_for_itself(kind, name):
    assert resolve(kind, Part(use=name)) == name


def test_second_best_is_said_aloud_and_the_best_is_not():
    with collected() as warnings:
        announce("backbone", Part.resolved("classic", "classic", {}))
        announce("backbone", Part(use="classic"))
        announce("backbone", Part.resolved("auto", "dinov3", {}))
    assert warnings == []
    with collected() as warnings:
        announce("backbone", Part.resolved("auto", "classic", {}))
    for words in ("not comparable", "--backbone classic", "dinosar models fetch vits16"):
        assert words in warnings[0]


@pytest.mark.parametrize(
    ("part", "says"),
    [(Part.resolved("auto", "grabcut", {}), "became 'grabcut' (rembg's u2net is not on this machine: dinosar models"),
     (Part.resolved("auto", "rembg", {"model": "u2net"}), "became 'rembg' (u2net)"),
     (Part.resolved("auto", "rembg", {"model": "u2net", "model_path": "own.onnx"}), "became 'rembg' (own.onnx)"),
     (Part.resolved("grabcut", "grabcut", {}), "")],
    ids=str,
)  # fmt: skip
def test_what_the_masker_became_is_a_note(part, says, caplog):
    with caplog.at_level(logging.INFO, "dinosar"), collected() as warnings:
        announce("masker", part)
    assert warnings == []
    assert says in caplog.text if says else caplog.text == ""


def test_it_is_said_when_the_run_begins_and_only_where_auto_was_asked_for(asked):
    with collected() as warnings:
        auto = settle(CompareConfig, Layers().add({"inputs": INPUTS}, "here"))
        named = settle(CompareConfig, Layers().add({"inputs": INPUTS, "backbone": "classic"}, "here"))
        build_backbone(named.backbone)
    assert warnings == []
    with collected() as warnings:
        assert build_backbone(auto.backbone).name == "classic"
        assert build("masker", auto.masker).name == "grabcut"
    assert len(warnings) == 1
    assert asked.times == 1, "nobody is asked twice"


def test_the_weights_that_a_run_settled_on_are_looked_for_once(monkeypatch):
    from dinosar.weights import hub

    heads = []
    monkeypatch.setenv("HF_HUB_OFFLINE", "")
    monkeypatch.setattr(hub, "_answers", {})
    monkeypatch.setattr(hub, "_head", lambda url, _: heads.append(url) or hub._Answer("nobody there", silent=True))
    assert resolve("backbone", AUTO) == "classic"
    with pytest.raises(WeightsError, match="nobody there"):
        weights.obtain(weights.default("dinov3"))
    assert len(heads) == 1


def test_a_part_remembers_what_was_asked_for_without_writing_it_down():
    part = Part.resolved("auto", "classic", {"step": 8})
    assert (part.asked, Part(use="classic").asked, Part.resolved("classic", "classic", {}).asked) == ("auto", "", "")
    assert part.model_dump() == {"use": "classic", "step": 8}
