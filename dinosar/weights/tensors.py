"""Tensors of a network in a file of weights, and what is wrong with them said in one line.

The shapes in a .safetensors file are read without torch; those in a .pth file are remembered, so that torch is imported
once for each file and not once for each run. Containers and prefixes are taken off (unwrapping.py), and tensors of an
adapter (adapters.py) are no tensors of the network.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dinosar.errors import WeightsError, shown
from dinosar.weights.adapters import Separated, separated
from dinosar.weights.architecture import Shapes
from dinosar.weights.declarations import stated
from dinosar.weights.formats import header, kind_of, safe_tensors, unpickled
from dinosar.weights.ledger import remembered
from dinosar.weights.soundness import usable
from dinosar.weights.unwrapping import bare, opened


@dataclass(frozen=True)
class Contents:
    """What a file holds, without its numbers: shapes by the names in the file, which of them are the network's and
    which an adapter's, what the file says of itself, sentences on what was left out, and networks among that."""  # noqa: D205, D209

    shapes: Shapes
    parts: Separated
    said: dict[str, Any]
    left_out: list[str]
    networks: list[str]

    @property
    def adapter_alone(self) -> bool:
        """Whether it is an adapter without the weights it belongs to."""
        return bool(self.parts.pairs) and not self.parts.base


def contents(path: Path) -> Contents:
    """What a file holds."""
    if kind_of(path) == "safetensors":
        table, beside = header(path)
        known: dict[str, Any] = {"said": stated(beside), "left_out": [], "networks": []}
    else:
        known = remembered(path, "contents, 2", lambda: _summary(path))  # a new name: older entries know less
        table = known["shapes"]
    file = shown(path)
    found = bare(table, file)
    return Contents(
        table, separated(found.names, table, file), known["said"], known["left_out"] + found.left_out,
        known["networks"] + found.networks,
    )  # fmt: skip


def _summary(path: Path) -> dict[str, Any]:
    """What is worth remembering of a .pth file."""
    found = opened(unpickled(path), shown(path))
    table = {name: _size(tensor) for name, tensor in found.table.items()}
    return {"shapes": table, "said": found.said, "left_out": found.left_out, "networks": found.networks}


def _size(tensor: Any) -> list[int]:
    """The shape of a tensor; one made of tables of unequal sizes has none, and is refused when it is read."""
    return [] if getattr(tensor, "is_nested", False) else list(tensor.shape)


def shapes(path: Path) -> Shapes:
    """Name -> shape of every tensor of the network in a file."""
    found = contents(path)
    return {name: found.shapes[own] for name, own in _network(path, found).items()}


def read(path: Path) -> dict[str, Any]:
    """Name -> torch tensor of the network in a file, memory-mapped where the format allows; all of floating point."""
    table = stored(path)
    names = _network(path, contents(path))
    return usable(path, {name: table[own] for name, own in names.items()})


def stored(path: Path) -> dict[str, Any]:
    """Name -> torch tensor of everything in a file, by the names in the file."""
    if kind_of(path) == "safetensors":
        return safe_tensors(path)
    return opened(unpickled(path), shown(path)).table


def _network(path: Path, found: Contents) -> dict[str, str]:
    """Names of the network's tensors -> in the file."""
    if found.adapter_alone:
        raise WeightsError(
            f"weights '{shown(path)}' are an adapter without the weights it belongs to; name it with --checkpoint, and "
            "those weights with --model or backbone.base_path"
        )
    return found.parts.base
