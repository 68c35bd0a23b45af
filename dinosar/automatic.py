"""What `auto` stands for, decided once, before anything runs, and said aloud when it is second best."""

import os
from pathlib import Path

from dinosar import weights
from dinosar.config import Part
from dinosar.errors import UsageError, WeightsError, shown, suggestion
from dinosar.notices import note, warn
from dinosar.registry import Kind
from dinosar.weights.hub import hub_problem

DINO = ("auto", "dinov2", "dinov3")
"""Backbones that compute with DINO weights; timm does where its model is one of theirs."""
NETWORKS_OWN = ("model", "checkpoint", "revision", "device", "dtype", "base_path", "lora_r", "lora_alpha")
"""Options that say which network computes and where; `classic` has no use for them."""


def resolve(kind: Kind, part: Part, *, strict: bool = False) -> str:
    """The name of the part to use: its own, unless it is `auto`. `strict`: no backbone without DINO weights will do."""
    if kind == "backbone":
        if strict and part.use not in DINO and not (part.use == "timm" and "dino" in (_text(part, "model") or "")):
            raise UsageError(
                f"require_dino is set, but backbone '{shown(part.use)}' has no DINO weights; leave one of the two out"
            )
        return best_backbone(part, strict or _always_strict()) if part.use == "auto" else part.use
    if kind == "masker" and part.use == "auto":
        return best_masker(part)
    return part.use


def best_backbone(part: Part, strict: bool) -> str:
    """What the weights that were named are for; else DINOv3 on disk, DINOv2 on disk, DINOv3 from the hub, classic."""
    named = _named_weights(part)
    if named:
        return named
    for name in ("dinov3", "dinov2"):
        if weights.locate(weights.default(name), _text(part, "revision")):
            return name
    if weights.hub_answers():
        return "dinov3"
    if strict:
        raise weights.missing(weights.default("dinov3"), hub_problem(), _text(part, "revision"))
    return "classic"


def preferring(part: Part, model: str, *, strict: bool = False) -> Part:
    """The backbone of a command that prefers one network: that, or the one that was named; out of reach, `classic`.

    Only of `auto`, and never where a checkpoint was given: then it is that or nothing.
    """
    if part.use != "auto":
        return part
    _meant(part)
    if _text(part, "checkpoint"):
        return _of_checkpoint(part, model)
    wanted = weights.named(_text(part, "model") or model)
    if wanted.part == "rembg":
        raise UsageError(f"backbone.model '{shown(wanted.name)}' is a model for masks; see: dinosar models list")
    if weights.locate(wanted, _text(part, "revision")) or weights.hub_answers():
        return Part.resolved("auto", wanted.part, part.options | {"model": wanted.id})
    if wanted.part == "timm":
        _known_to_timm(wanted.id)
    if strict or _always_strict():
        raise weights.missing(wanted, hub_problem(), _text(part, "revision"))
    return _without_network(part, wanted.name)


def _meant(part: Part) -> None:
    """Refuse what would be passed over: something with an empty name, and weights for an adapter that is not there."""
    for option in ("checkpoint", "base_path", "model"):
        if part.options.get(option) == "":
            raise UsageError(f"backbone.{option} is given, but empty; name it, or leave it out")
    if _text(part, "base_path") and not _text(part, "checkpoint"):
        raise UsageError("backbone.base_path (--base) is for an adapter, and none was named with --checkpoint")


def _of_checkpoint(part: Part, model: str) -> Part:
    """The backbone that a checkpoint is for. An adapter alone is laid over the network that the command prefers."""
    file = Path(str(_text(part, "checkpoint")))
    if not (_text(part, "model") or _text(part, "base_path")) and file.is_file() and weights.adapter_alone(file):
        note(f"checkpoint '{shown(file)}' is an adapter alone: it is laid over {model}")
        part = Part(use="auto", **part.options | {"model": model})
    return Part.resolved("auto", _named_weights(part), part.options)


def _without_network(part: Part, wanted: str) -> Part:
    """`classic` in place of a network that is out of reach, and which options went with that."""
    idle = [key for key in NETWORKS_OWN if part.options.get(key) is not None and key != "model"]
    left = {key: value for key, value in part.options.items() if key not in NETWORKS_OWN}
    lost = f"; with it went {', '.join(f'backbone.{key}' for key in idle)}" if idle else ""
    return Part.resolved("auto", "classic", left, f"{wanted}{lost}")


def _known_to_timm(name: str) -> None:
    """Refuse a name that timm does not know: it is no model out of reach, but a slip of the pen."""
    import timm

    bare = name.partition(".")[0]
    if not timm.is_model(bare):
        raise UsageError(f"backbone.model: timm knows no '{shown(name)}'{suggestion(bare, timm.list_models('vit_*'))}")


def best_masker(part: Part) -> str:
    """rembg where its model is on disk, or where one was named; else grabcut, which needs none."""
    if _text(part, "model") or _text(part, "model_path"):
        return "rembg"
    return "rembg" if weights.locate(weights.default("rembg")) else "grabcut"


def announce(kind: Kind, part: Part) -> None:
    """Say what `auto` became; that it became second best, a person has to know before reading the numbers."""
    if part.asked != "auto":
        return
    if kind == "masker":
        model = shown(part.options.get("model_path") or part.options.get("model") or "")
        why = "rembg's u2net is not on this machine: dinosar models fetch u2net" if part.use == "grabcut" else model
        note(f"masker 'auto' became '{part.use}' ({why})")
    elif kind == "backbone" and part.use == "classic":
        wanted, _, lost = part.instead_of.partition("; ")
        reach = f"{wanted} is out of reach; " if wanted else ""
        went = f" ({lost})" if lost else ""
        warn(
            f"backbone 'auto' became 'classic', the built-in descriptor without a network{went}: its numbers are not "
            f"comparable with those of DINOv2 or DINOv3 ({reach}get {wanted or 'DINO'} with: dinosar models fetch "
            f"{wanted or 'vits16'}; or name it with --backbone classic to silence this)"
        )


def _named_weights(part: Part) -> str:
    """The backbone that a named checkpoint or model is for; empty when none is named."""
    checkpoint, model = _text(part, "checkpoint"), _text(part, "model")
    if checkpoint:
        path = Path(checkpoint)
        if not path.is_file():
            what = "is no file" if path.exists() else "is not there"
            raise WeightsError(f"checkpoint '{shown(checkpoint)}' {what}; give the path of a .pth or .safetensors")
        if model and weights.named(model).part == "timm":
            return "timm"  # whose networks are told by their names, not by their tensors
        base = _text(part, "base_path") if weights.adapter_alone(path) else checkpoint
        if base:
            return weights.recognise(weights.shapes(Path(base)), shown(base)).shape.family
        if not model:
            raise WeightsError(
                f"checkpoint '{shown(checkpoint)}' is an adapter without the weights it belongs to; name the model "
                "that it was trained on with --model"
            )
    if not model:
        return ""
    known = weights.named(model)
    if known.part == "rembg":
        raise UsageError(f"backbone.model '{shown(model)}' is a model for masks; see: dinosar models list")
    return known.part


def _text(part: Part, option: str) -> str | None:
    value = part.options.get(option)
    return os.fspath(value) if isinstance(value, str | Path) and str(value) else None


def _always_strict() -> bool:
    """Whether the environment forbids second best."""
    return os.environ.get("DINOSAR_STRICT", "").lower() in ("1", "true", "yes", "on")
