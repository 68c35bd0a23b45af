"""`adapter_config.json`, which the PEFT library writes beside an adapter: how strongly it is added, and more.

What would make another network of it than plain LoRA is refused by name.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dinosar.errors import WeightsError, shown
from dinosar.weights.declarations import number, switch
from dinosar.weights.leftovers import UNUSED

NAME = "adapter_config.json"
STEM = "adapter_model"
"""What PEFT calls the file of tensors."""
HARMLESS_STARTS = (True, False, None, "gaussian", "orthogonal", "eva")
"""Ways of starting an adapter that leave the weights it belongs to as they are."""
FOREIGN = (
    "use_dora", "use_qalora", "use_bdlora", "lora_bias", "fan_in_fan_out", "layer_replication", "target_parameters",
    "trainable_token_indices", "alora_invocation_tokens", "arrow_config", "kasa_config", "monteclora_config",
)  # fmt: skip
"""Settings that are refused unless they are off."""
PROBLEMS = (OSError, ValueError, RecursionError)
BAD_PATTERN = (re.error, OverflowError, RecursionError)


@dataclass(frozen=True)
class AdapterConfig:
    """What is said of an adapter; patterns are for the layers whose names end in them. `modules` and `layers` are what
    it was trained on, as far as they are listed; `base` is what its network was called there."""  # noqa: D205, D209

    place: Path
    rank: float
    alpha: float
    root: bool
    ranks: dict[str, float]
    alphas: dict[str, float]
    base: str = ""
    modules: tuple[str, ...] = ()
    layers: tuple[int, ...] = ()

    def rank_of(self, full: str) -> float:
        """The rank that is said of a layer."""
        return _matched(self.ranks, full) or self.rank

    def own_alpha(self, full: str) -> float | None:
        """The alpha that is said of this layer and not of all."""
        return _matched(self.alphas, full)

    def without_pair(self, names: Iterable[str]) -> list[str]:
        """Modules and layers that are listed, but that no pair of an adapter for the layers of these names is for."""
        held = list(names)
        numbers = {int(part) for name in held for part in name.split(".") if part.isdecimal()}
        modules = [each for each in self.modules if not any(f".{name}".endswith(f".{each}") for name in held)]
        return modules + [f"layer {each}" for each in self.layers if each not in numbers]


def config_beside(path: Path) -> AdapterConfig | None:
    """The config that lies beside a file of an adapter, if it is that file's."""
    place = path.parent / NAME
    others = [path.parent / f"{STEM}{end}" for end in (".safetensors", ".bin")]
    if not place.is_file() or (path.stem != STEM and any(other.is_file() for other in others)):
        return None
    try:
        found = json.loads(place.read_text(encoding="utf-8"))
    except PROBLEMS as problem:
        raise _wrong(place, f"cannot be read ({shown(problem, 80)})") from problem
    if not isinstance(found, dict):
        raise _wrong(place, "is no table")
    _refuse_foreign(place, found)
    root, base = switch(found.get("use_rslora")), found.get("base_model_name_or_path")
    if root is None:
        raise _wrong(place, f"gives {shown(found['use_rslora'], 40)} as use_rslora, which must be true or false")
    return AdapterConfig(
        place=place, rank=_positive(place, "r", found.get("r")), root=root,
        alpha=_positive(place, "lora_alpha", found.get("lora_alpha")),
        ranks=_patterns(place, found, "rank_pattern"), alphas=_patterns(place, found, "alpha_pattern"),
        base=base if isinstance(base, str) else "",
        modules=tuple(each for each in _listed(found.get("target_modules")) if isinstance(each, str)),
        layers=tuple(each for each in _listed(found.get("layers_to_transform"), int) if type(each) is int),
    )  # fmt: skip


def _listed(value: Any, one: type | None = None) -> list[Any]:
    """A list as it is, a single thing of that type as a list of one; anything else (a pattern) lists nothing."""
    return value if isinstance(value, list) else [value] if one and isinstance(value, one) else []


def _refuse_foreign(place: Path, found: dict[str, Any]) -> None:
    """Refuse what is no plain LoRA."""
    kind, start = found.get("peft_type", "LORA"), found.get("init_lora_weights")
    modules = found.get("modules_to_save") or []
    saved = {str(name) for name in modules} if isinstance(modules, list) else {str(modules)}
    on = [name for name in FOREIGN if switch(found.get(name)) is not False]
    problems = {
        f"peft_type {shown(kind, 40)}": kind != "LORA",
        f"bias '{shown(found.get('bias'), 40)}'": found.get("bias", "none") != "none",
        f"modules_to_save {shown(', '.join(sorted(saved)), 80)}": bool(saved - {UNUSED}),
        f"init_lora_weights '{shown(start, 40)}', which changes the weights it belongs to":
            start not in HARMLESS_STARTS,
        ", ".join(on): bool(on),
    }  # fmt: skip
    told = [what for what, wrong in problems.items() if wrong]
    if told:
        raise _wrong(place, f"says {'; '.join(told)}, which is not read; save the network with the adapter merged")


def _patterns(place: Path, found: dict[str, Any], name: str) -> dict[str, float]:
    """A table of numbers by pattern; each pattern must be one where it is used."""
    given = found.get(name) or {}
    if not isinstance(given, dict):
        raise _wrong(place, f"has a {name} that is no table")
    for pattern in given:
        try:
            re.compile(_used(pattern))
        except BAD_PATTERN as problem:
            raise _wrong(place, f"has a {name} with '{shown(pattern, 80)}', which is no pattern") from problem
    return {pattern: _positive(place, f"{name} of '{shown(pattern, 80)}'", value) for pattern, value in given.items()}


def _positive(place: Path, name: str, value: Any) -> float:
    found = None if isinstance(value, str) else number(value)
    if found is None or found <= 0:
        raise _wrong(place, f"gives {shown(value, 40)} as {name}, which must be a number above 0")
    return found


def _matched(patterns: dict[str, float], full: str) -> float | None:
    """The number of the first pattern that a name is, or ends in from a dot on, as PEFT looks them up."""
    return next((value for pattern, value in patterns.items() if re.match(_used(pattern), full)), None)


def _used(pattern: str) -> str:
    """The whole expression that a pattern stands in."""
    return rf"(.*\.)?({pattern})$"


def _wrong(place: Path, what: str) -> WeightsError:
    return WeightsError(f"'{shown(place)}' {what}")
