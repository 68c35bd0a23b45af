"""What a file of weights says of itself beside its tensors: the alpha of an adapter, the id of a calibration.

Training scripts keep such things in a .pth file beside the weights or in tables such as `config`, and in the header of
a .safetensors file, where everything is text.
"""

import json
import math
from typing import Any

TABLES = ("config", "args", "lora_config", "hyper_parameters")
"""Tables in which scripts keep what they were told."""
NUMBERS = ("lora_alpha", "alpha", "lora_r")
SWITCHES = ("use_rslora", "use_dora")
DECLARED = frozenset([*TABLES, *NUMBERS, *SWITCHES, "r", "calibration"])
"""Names that may stand beside tensors without being one."""
DEPTH = 2


def stated(content: Any, before: dict[str, Any] | None = None, depth: int = DEPTH) -> dict[str, Any]:
    """What a table says, added to what was said before, as plain data: every number that was given for a name."""
    said = {key: list(value) if isinstance(value, list) else value for key, value in (before or {}).items()}
    if not isinstance(content, dict):
        return said
    for name in NUMBERS:
        _add(said, name, number(content.get(name)))
    for name in SWITCHES:
        if content.get(name) is True or str(content.get(name)).lower() == "true":
            said[name] = True
    if "calibration" in content and "calibration" not in said:
        said["calibration"] = identity(content["calibration"])
    for key in TABLES:
        inner = parsed(content.get(key))
        if isinstance(inner, dict) and depth:
            said = stated({name: inner[name] for name in inner if name != "calibration"}, said, depth - 1)
            _add(said, "lora_r", number(inner.get("r")) if key == "lora_config" else None)
    return said


def number(value: Any) -> float | None:
    """A finite number, however it was written; None if it is none."""
    if isinstance(value, bool) or getattr(value, "ndim", None):
        return None
    try:
        found = float(value)
    except (TypeError, ValueError, RuntimeError):
        return None
    return found if math.isfinite(found) else None


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
    except ValueError:
        return value


def _add(said: dict[str, Any], name: str, value: float | None) -> None:
    """Remember a number once."""
    if value is not None and value not in said.get(name, []):
        said[name] = [*said.get(name, []), value]
