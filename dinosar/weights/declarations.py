"""What a file of weights says of itself beside its tensors: the alpha of an adapter, the id of a calibration.

Training scripts keep such things in a .pth file beside the weights or in tables such as `config`, and in the header of
a .safetensors file, where everything is text.
"""

import json
import math
from typing import Any

from dinosar.errors import shown

OWN = "lora_config"
TABLES = ("config", "args", OWN, "hyper_parameters")
"""Tables in which scripts keep what they were told."""
RANKS = ("lora_r", "lora_rank", "r", "rank")
"""What says the rank of an adapter. Beside one of these a bare `alpha` is the adapter's, and not that of something else
(mixup, a blend of pictures) that a script was told in the same place."""
SWITCHES = ("use_rslora", "use_dora")
DECLARED = frozenset([*TABLES, *RANKS, *SWITCHES, "lora_alpha", "alpha", "calibration"])
"""Names that may stand beside tensors without being one."""
DEPTH = 2


def stated(content: Any, before: dict[str, Any] | None = None, depth: int = DEPTH, key: str = "") -> dict[str, Any]:
    """What a table says, added to what was said before, as plain data: every number that was given for a name.

    `key` is what the table lies under. Switches that are neither on nor off are kept under `unclear`.
    """
    said = {name: list(value) if isinstance(value, list) else value for name, value in (before or {}).items()}
    if not isinstance(content, dict):
        return said
    for name in ("lora_alpha", "lora_r"):
        _add(said, name, number(content.get(name)))
    _add(said, "lora_r", number(content.get("lora_rank")))
    _add(said, "lora_r", number(content.get("r")) if key == OWN else None)
    if key == OWN or any(number(content.get(name)) for name in RANKS):
        _add(said, "alpha", number(content.get("alpha")))
    for name in SWITCHES:
        _switched(said, name, content.get(name))
    if "calibration" in content and "calibration" not in said:
        said["calibration"] = identity(content["calibration"])
    for name in TABLES:
        inner = parsed(content.get(name))
        if isinstance(inner, dict) and depth:
            said = stated({each: inner[each] for each in inner if each != "calibration"}, said, depth - 1, name)
    return said


def number(value: Any) -> float | None:
    """A finite number, however it was written; None if it is none."""
    if isinstance(value, bool):
        return None
    try:
        found = float(value)  # a tensor of one number is that number
    except (TypeError, ValueError, RuntimeError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def switch(value: Any) -> bool | None:
    """Whether something is on, however it was written; None if that cannot be told. What is not there is off."""
    if value is None or isinstance(value, bool):
        return bool(value)
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    found = number(value)
    return None if found not in (0, 1) else bool(found)


def identity(value: Any) -> str:
    """The id of a calibration; empty where none can be made out."""
    value = parsed(value)
    if isinstance(value, dict):
        value = value.get("id")
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""


def parsed(value: Any) -> Any:
    """What a text in a header stands for, where it is a table written as JSON."""
    if not isinstance(value, str) or not value.lstrip().startswith("{"):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def _switched(said: dict[str, Any], name: str, value: Any) -> None:
    """Remember a switch that is on, or that is neither on nor off."""
    found = switch(value)
    if found is None:
        said["unclear"] = [*said.get("unclear", []), f"{name} {shown(value, 40)}"]
    elif found:
        said[name] = True


def _add(said: dict[str, Any], name: str, value: float | None) -> None:
    """Remember a number once."""
    if value is not None and value not in said.get(name, []):
        said[name] = [*said.get(name, []), value]
