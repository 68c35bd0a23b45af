"""What lies in a file beside the table of weights that is taken: whether it may be left out, and how loudly.

An adapter must never go unused, and of two networks nobody but a person knows which one is meant.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dinosar.errors import WeightsError, shown
from dinosar.weights.adapters import lora_names
from dinosar.weights.declarations import DECLARED

CONTAINERS = ("model", "state_dict", "model_state_dict", "base", "teacher", "ema")
"""Keys that weights lie under, the one to take first: what was trained comes before its running mean."""
MEANS = ("teacher", "ema")
"""Of these, running means of another network."""
UNUSED = "embedding_head"
"""A head that similarity scripts train beside the network; tokens are taken before it."""
ALWAYS = "patch_embed"
"""What every vision transformer has, in whatever layout, in the name of one of its tensors."""
DEPTH = 5


@dataclass(frozen=True)
class Fate:
    """What becomes of the tables beside the one that is taken: which is joined to it, which are networks, too."""

    joined: str = ""
    networks: tuple[str, ...] = ()


def judged(taken: str, tables: Mapping[str, list[str]], file: str) -> Fate:
    """The fate of what lies beside `taken`. `tables` holds the names of tensors under each key, its own included."""
    own = tables[taken]
    beside = {key: names for key, names in tables.items()
              if key not in (taken, UNUSED, *DECLARED) and not key.startswith("optim")}  # fmt: skip
    twins = [key for key, names in beside.items() if _alike(names, own)]
    for key, names in beside.items():
        found = lora_names(names)
        named = any(word in key.lower() for word in ("lora", "adapter"))
        if key not in twins and (found or named):
            what = f" ({shown(found[0], 80)})" if found else ""
            raise _unclear(file, f"an adapter apart from the weights, under '{shown(key, 40)}'{what}; save both in one "
                                 "table, or the adapter in a file of its own")  # fmt: skip
    networks = [key for key, names in beside.items() if _is_network(names)]
    if _only_adapter(own) and networks:
        if len(networks) > 1 or networks[0] not in CONTAINERS:
            raise _unclear(file, f"an adapter under '{taken}' and weights under {quoted(networks)}, and which of these "
                                 "it belongs to cannot be told; save the two in one table")  # fmt: skip
        return Fate(networks[0], tuple(twins))
    unknown = [key for key in networks if key not in CONTAINERS]
    if taken in MEANS and unknown and _is_network(own):
        raise _unclear(file, f"several networks, under {quoted([taken, *unknown])}, and which is meant cannot be told; "
                             "save one of them in a file of its own")  # fmt: skip
    return Fate(networks=tuple(key for key in beside if key in networks or key in twins and _weighty(own)))


def tensor_names(value: Any, start: str = "", depth: int = DEPTH) -> list[str]:
    """Names of all tensors in a table of tables, with dots between the steps."""
    if isinstance(value, dict | list | tuple) and depth:
        inside = value.items() if isinstance(value, dict) else enumerate(value)
        return [name for key, each in inside for name in tensor_names(each, f"{start}.{key}", depth - 1)]
    return [start.removeprefix(".")] if is_tensor(value) else []


def is_tensor(value: Any) -> bool:
    """Whether a thing is a tensor, without asking torch."""
    return hasattr(value, "shape") and hasattr(value, "dtype")


def quoted(keys: list[str]) -> str:
    """Keys as they stand in a sentence."""
    return " and ".join(f"'{shown(key, 40)}'" for key in keys)


def _alike(names: list[str], own: list[str]) -> bool:
    """Whether two tables have the same names, but for what stands before all of them."""
    pairs = zip(sorted(names), sorted(own), strict=False)
    return len(names) == len(own) > 1 and all(a.endswith(b) or b.endswith(a) for a, b in pairs)


def _weighty(own: list[str]) -> bool:
    """Whether a table is worth a warning: a network, or an adapter."""
    return _is_network(own) or bool(lora_names(own))


def _is_network(names: list[str]) -> bool:
    """Whether tensors are those of a whole network, as far as names tell."""
    lora = set(lora_names(names))
    return any(ALWAYS in name and name not in lora for name in names)


def _only_adapter(names: list[str]) -> bool:
    """Whether tensors are those of an adapter and nothing else, as far as names tell."""
    lora = set(lora_names(names))
    return bool(lora) and all(name in lora or name.endswith("alpha") or name in DECLARED for name in names)


def _unclear(file: str, what: str) -> WeightsError:
    return WeightsError(f"weights '{file}' hold {what}")
