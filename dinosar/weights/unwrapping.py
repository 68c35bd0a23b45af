"""What training scripts put around weights, taken off: tables inside tables, prefixes before every name, unused heads.

Where several tables of weights lie beside each other one is taken in a fixed order, and what was left out is told.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from dinosar.errors import WeightsError, shown
from dinosar.weights.declarations import DECLARED, number, stated
from dinosar.weights.leftovers import CONTAINERS, UNUSED, is_tensor, judged, tensor_names

DEPTH = 3
"""How many containers may lie inside each other."""
PREFIXES = ("module.", "_orig_mod.", "base_model.model.", "model.", "base.", "backbone.", "encoder.")
"""What training on several cards, compiling, adapting, or standing in a larger network puts before every name."""


@dataclass
class Opened:
    """The table of tensors in a file, what the file says of itself beside it, sentences on what was left out, and the
    keys of whole networks among that."""  # noqa: D205, D209

    table: dict[str, Any]
    said: dict[str, Any] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    networks: list[str] = field(default_factory=list)


class Bare(NamedTuple):
    """Name without anything around it -> name in the file; sentences on what was left out; networks among that."""

    names: dict[str, str]
    left_out: list[str]
    networks: list[str]


def opened(content: Any, file: str, said: dict[str, Any] | None = None) -> Opened:
    """The table of tensors itself, out of the containers around it; `said` is what was said further out."""
    found = Opened({}, said or {})
    for _ in range(DEPTH):
        found.said = stated(content, found.said)
        tables = {str(key): names for key, value in content.items() if (names := tensor_names(value, depth=DEPTH + 2))
                  } if isinstance(content, dict) else {}  # fmt: skip
        taken = next((key for key in CONTAINERS if key in tables and isinstance(content[key], dict)), "")
        if not taken:
            break
        fate = judged(taken, tables, file)
        found.networks += fate.networks
        found.left_out += _told(taken, [key for key in tables if key not in (taken, fate.joined)], fate.joined)
        if fate.joined:
            content = _joined([content[taken], content[fate.joined]], found, file)
            break
        content = content[taken]
    found.said = stated(content, found.said)
    found.table = _table(content, file)
    return found


def _joined(contents: list[Any], found: Opened, file: str) -> dict[str, Any]:
    """One table of an adapter and the weights beside it, each without what stands before all its names."""
    tables = []
    for content in contents:
        part = opened(content, file, found.said)
        names = bare(part.table, file)
        tables.append({new: part.table[own] for new, own in names.names.items()})
        found.said = part.said
        found.left_out += part.left_out + names.left_out
        found.networks += part.networks + names.networks
    return _united(tables, file)


def _united(tables: list[dict[str, Any]], file: str) -> dict[str, Any]:
    """Two tables in one, unless both have a name."""
    twice = sorted(tables[0].keys() & tables[1].keys())
    if twice:
        raise WeightsError(f"weights '{file}' hold {shown(twice[0], 120)} twice, beside each other; save one table")
    return tables[1] | tables[0]


def _table(content: Any, file: str) -> dict[str, Any]:
    """What must be a table of tensors, without what is declared among them."""
    if not isinstance(content, dict) or not content:
        if isinstance(content, dict):
            raise WeightsError(f"weights '{file}' hold no tensors; whoever saved the file gave it none")
        raise WeightsError(f"weights '{file}' are no table of tensors by name, but a {type(content).__name__}")
    found = {str(name): value for name, value in content.items()
             if name not in DECLARED or (is_tensor(value) and number(value) is None)}  # fmt: skip
    strange = [name for name, value in found.items() if not is_tensor(value)]
    if strange or not found:
        raise WeightsError(f"weights '{file}' hold things that are no tensors: {shown(', '.join(strange), 120)}")
    return found


def bare(names: Iterable[str], file: str = "") -> Bare:
    """Names without anything around them."""
    return _stripped({name: name for name in names}, file)


def _stripped(found: dict[str, str], file: str) -> Bare:
    """Names without anything around them, from names of which something may be gone already."""
    left_out: list[str] = []
    networks: list[str] = []
    while True:
        before = len(found)
        found, told, others = _chosen(found, file)
        left_out += told
        networks += others
        shared = next((start for start in PREFIXES if found and all(_begins(name, start) for name in found)), "")
        if not shared and len(found) == before:
            return Bare(found, left_out, networks)
        found = {name.removeprefix(shared): own for name, own in found.items()}


def _chosen(found: dict[str, str], file: str) -> Bare:
    """One network of a flat table: without a head that is not used, and of several containers the first."""
    used = {name: own for name, own in found.items() if not _begins(name, f"{UNUSED}.")}
    if not used:
        return Bare(found, [], [])
    groups: dict[str, dict[str, str]] = {}
    for name, own in used.items():
        first, _, rest = name.partition(".")
        groups.setdefault(first, {})[rest] = own
    unused = [UNUSED] if len(used) < len(found) else []
    if len(groups) == 1 or not groups.keys() <= set(CONTAINERS) or any("" in group for group in groups.values()):
        return Bare(used, _told("", unused), [])
    held = [key for key in CONTAINERS if key in groups]
    fate = judged(held[0], {key: list(groups[key]) for key in held}, file)
    told = _told(held[0], [key for key in held[1:] if key != fate.joined] + unused, fate.joined)
    taken = groups[held[0]]
    if fate.joined:
        parts = [_stripped(groups[key], file) for key in (held[0], fate.joined)]
        taken = _united([part.names for part in parts], file)
        told += [sentence for part in parts for sentence in part.left_out]
    return Bare(taken, told, list(fate.networks))


def _told(taken: str, beside: list[str], joined: str = "") -> list[str]:
    """Sentences on what was joined and what was left out, if anything was."""
    laid = f"its adapter under '{taken}' is laid over its weights under '{joined}'"
    if not beside:
        return [laid] if joined else []
    named = ", ".join(f"'{shown(key, 40)}'" + " (no number uses it)" * (key == UNUSED) for key in beside)
    used = laid if joined else f"its weights under '{taken}' are used"
    return [f"{used}; left out: {named}" if taken else f"left out: {named}"]


def _begins(name: str, start: str) -> bool:
    return name.startswith(start) and len(name) > len(start)
