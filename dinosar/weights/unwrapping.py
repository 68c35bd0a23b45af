"""What training scripts put around weights, taken off: tables inside tables, prefixes before every name, unused heads.

Where several tables of weights lie beside each other one is taken in a fixed order, and what was left out is told.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from dinosar.errors import WeightsError, shown
from dinosar.weights.declarations import DECLARED, stated

CONTAINERS = ("model", "state_dict", "model_state_dict", "base", "teacher", "ema")
"""Keys that weights lie under, the one to take first: what was trained comes before its running mean."""
DEPTH = 3
"""How many containers may lie inside each other."""
UNUSED = "embedding_head"
"""A head that similarity scripts train beside the network; tokens are taken before it."""
PREFIXES = ("module.", "_orig_mod.", "base_model.model.", "model.", "base.", "backbone.", "encoder.")
"""What training on several cards, compiling, adapting, or standing in a larger network puts before every name."""


@dataclass
class Opened:
    """The table of tensors in a file, what the file says of itself beside it, and sentences on what was left out."""

    table: dict[str, Any]
    said: dict[str, Any] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


def opened(content: Any, file: str) -> Opened:
    """The table of tensors itself, out of the containers around it."""
    found = Opened({})
    for _ in range(DEPTH):
        found.said = stated(content, found.said)
        held = [key for key in CONTAINERS if isinstance(content, dict) and isinstance(content.get(key), dict)
                and _holds_tensors(content[key])]  # fmt: skip
        if not held:
            break
        beside = [str(key) for key, value in content.items() if key != held[0] and _holds_tensors(value)]
        _refuse_adapters({key: content[key] for key in beside if key in content and key not in CONTAINERS}, file)
        found.left_out += _told(held[0], beside)
        content = content[held[0]]
    found.said = stated(content, found.said)
    if not isinstance(content, dict) or not content:
        raise WeightsError(f"weights '{file}' are no table of tensors by name, but a {type(content).__name__}")
    found.table = {str(name): value for name, value in content.items()
                   if name not in DECLARED or (_is_tensor(value) and value.ndim)}  # fmt: skip
    strange = [name for name, value in found.table.items() if not _is_tensor(value)]
    if strange or not found.table:
        raise WeightsError(f"weights '{file}' hold things that are no tensors: {shown(', '.join(strange), 120)}")
    return found


def bare(names: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """Name without anything around it -> name in the file; and sentences on what was left out."""
    found = {name: name for name in names}
    left_out: list[str] = []
    while True:
        before = len(found)
        found, told = _chosen(found)
        left_out += told
        shared = next((start for start in PREFIXES if found and all(_begins(name, start) for name in found)), "")
        if not shared and len(found) == before:
            return found, left_out
        found = {name.removeprefix(shared): own for name, own in found.items()}


def _chosen(found: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """One network of a flat table: without a head that is not used, and of several containers the first."""
    used = {name: own for name, own in found.items() if not _begins(name, f"{UNUSED}.")}
    if not used:
        return found, []
    firsts = {name.partition(".")[0] for name in used}
    unused = [UNUSED] if len(used) < len(found) else []
    if len(firsts) == 1 or not firsts <= set(CONTAINERS):
        return used, _told("", unused)
    held = [key for key in CONTAINERS if key in firsts]
    start = f"{held[0]}."
    taken = {name.removeprefix(start): own for name, own in used.items() if _begins(name, start)}
    return taken, _told(held[0], held[1:] + unused)


def _told(taken: str, beside: list[str]) -> list[str]:
    """A sentence on what was left out, if anything was."""
    if not beside:
        return []
    named = ", ".join(f"'{shown(key, 40)}'" + " (no number uses it)" * (key == UNUSED) for key in beside)
    return [f"its weights under '{taken}' are used; left out: {named}" if taken else f"left out: {named}"]


def _refuse_adapters(beside: dict[str, Any], file: str) -> None:
    """An adapter that lies beside the weights, in a table of a name that is not known, must not go unused."""
    for key, value in beside.items():
        names = [str(name) for name in value] if isinstance(value, dict) else []
        lora = [name for name in names if "lora_" in name]
        if lora:
            raise WeightsError(
                f"weights '{file}' hold an adapter apart from the weights, under '{shown(key, 40)}' "
                f"({shown(lora[0], 80)}); save both in one table, or the adapter in a file of its own"
            )


def _begins(name: str, start: str) -> bool:
    return name.startswith(start) and len(name) > len(start)


def _is_tensor(value: Any) -> bool:
    return hasattr(value, "shape") and hasattr(value, "dtype")


def _holds_tensors(value: Any, depth: int = DEPTH + 2) -> bool:
    """Whether a thing is a tensor or holds one somewhere."""
    if isinstance(value, dict | list | tuple) and depth:
        inside = value.values() if isinstance(value, dict) else value
        return any(_holds_tensors(each, depth - 1) for each in inside)
    return _is_tensor(value)
