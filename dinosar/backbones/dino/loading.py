"""The tensors of a recognised file, under their official names, ready to compute with."""

from pathlib import Path
from typing import Any

import torch

from dinosar import weights
from dinosar.weights.architecture import expected
from dinosar.weights.layouts import ZEROS
from dinosar.weights.recognition import Recognised, split

State = dict[str, Any]
ROTARY_BASE = 100.0


def load(path: Path, known: Recognised) -> State:
    """Official name -> float32 tensor on the CPU; whatever cannot be the weights of a trained network is refused."""
    own = {name: tensor.float() for name, tensor in weights.read(path).items()}
    weights.sound(path, own)
    state = {name: _joined(own, known, name, size) for name, size in expected(known.shape).items()}
    for name in [name for name in own if name.endswith(".bias_mask")]:
        bias = name.removesuffix("_mask")
        state[bias] = torch.where(own[name] == 0, torch.zeros_like(state[bias]), state[bias] * own[name])
    if known.shape.family == "dinov3":
        state["periods"] = own.get("rope_embed.periods", rotary_periods(known.shape.head))
    return state


def _joined(own: State, known: Recognised, name: str, size: list[int]) -> Any:
    """A tensor put together from its pieces; left-out ones are zero."""
    pieces = known.layout.pieces(name)
    if len(pieces) == 1:
        return own[pieces[0]]
    parts = [torch.zeros(part) if piece == ZEROS else own[piece]
             for piece, part in zip(pieces, split(name, size, len(pieces)), strict=True)]  # fmt: skip
    return torch.cat(parts, dim=1 if name == "pos_embed" else 0)


def rotary_periods(head: int) -> Any:
    """Wavelengths of the rotary positions, from 1 to nearly the base, in even steps of their logarithm."""
    steps = torch.arange(head // 4, dtype=torch.float32)
    return ROTARY_BASE ** (2 * steps / (head // 2))


def placed(state: State, device: str, half: bool) -> State:
    """The tensors where they are used. With `half` those of the large products are kept in bfloat16: autocast would
    turn them into it anew for every image."""  # noqa: D205, D209
    products = ("qkv.", "proj.", "mlp.")
    return {
        name: tensor.to(device, torch.bfloat16 if half and any(each in name for each in products) else torch.float32)
        for name, tensor in state.items()
    }
