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
from dinosar.weights.unwrapping import bare, opened


@dataclass(frozen=True)
class Contents:
    """What a file holds, without its numbers: shapes by the names in the file, which of them are the network's and
    which an adapter's, what the file says of itself, and sentences on what was left out."""  # noqa: D205, D209

    shapes: Shapes
    parts: Separated
    said: dict[str, Any]
    left_out: list[str]

    @property
    def adapter_alone(self) -> bool:
        """Whether it is an adapter without the weights it belongs to."""
        return bool(self.parts.pairs) and not self.parts.base


def contents(path: Path) -> Contents:
    """What a file holds."""
    if kind_of(path) == "safetensors":
        table, beside = header(path)
        said, left_out = stated(beside), []
    else:
        known = remembered(path, "contents", lambda: _summary(path))
        table, said, left_out = known["shapes"], known["said"], known["left_out"]
    names, told = bare(table)
    return Contents(table, separated(names, table, shown(path)), said, left_out + told)


def _summary(path: Path) -> dict[str, Any]:
    """What is worth remembering of a .pth file."""
    found = opened(unpickled(path), shown(path))
    table = {name: list(tensor.shape) for name, tensor in found.table.items()}
    return {"shapes": table, "said": found.said, "left_out": found.left_out}


def shapes(path: Path) -> Shapes:
    """Name -> shape of every tensor of the network in a file."""
    found = contents(path)
    return {name: found.shapes[own] for name, own in _network(path, found).items()}


def read(path: Path) -> dict[str, Any]:
    """Name -> torch tensor of the network in a file, memory-mapped where the format allows."""
    table = stored(path)
    names = _network(path, contents(path))
    return {name: table[own] for name, own in names.items()}


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


def sound(path: Path, tensors: dict[str, Any]) -> None:
    """Refuse what no training leaves behind: numbers that are none, and tables of nothing but zeros."""
    finite(path, tensors)
    for name, tensor in tensors.items():
        if name.endswith("weight") and tensor.ndim > 1 and not tensor.float().any():
            raise _wrong(path, name, "nothing but zeros")


def finite(path: Path, tensors: dict[str, Any]) -> None:
    """Refuse numbers that are none."""
    for name, tensor in tensors.items():
        if not tensor.float().sum().isfinite():  # half precision overflows in a sum, and quarters have none
            raise _wrong(path, name, "NaN or infinity")


def _wrong(path: Path, name: str, what: str) -> WeightsError:
    return WeightsError(f"weights '{shown(path)}' are damaged: {name} holds {what}; download them again")
