"""A DINO vision transformer as a function of its tensors: one pass gives every layer and every row of attention wanted.

Written after the published descriptions and checked against the outputs of the official code; it is neither their code
nor timm's. torch alone is needed, which starts in a third of the time that timm takes.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812

from dinosar.backbones.dino.loading import State
from dinosar.weights.architecture import Architecture

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of the pixels of ImageNet, in [0, 1]."""
Tensor = Any


@dataclass(frozen=True)
class Pass:
    """What one pass gave: layer -> tokens (rows * columns, width) and summary (width,), both after the final norm;
    layer -> attention of the summary token to each patch (heads, rows * columns)."""  # noqa: D205, D209

    tokens: dict[int, Tensor]
    summary: dict[int, Tensor]
    attention: dict[int, Tensor]


def run(state: State, shape: Architecture, image: Tensor, layers: Collection[int], looks: Collection[int]) -> Pass:
    """One image (3, height, width) in [0, 1] through the network, as far as the last layer that is wanted."""
    rows, columns = image.shape[1] // shape.patch, image.shape[2] // shape.patch
    x = embedded(state, shape, image, rows, columns)
    turn = rotation(state["periods"], rows, columns) if shape.family == "dinov3" else None
    out = Pass({}, {}, {})
    for layer in range(max([*layers, *looks]) + 1):
        block = {name: state[f"blocks.{layer}.{name}"] for name in BLOCK if f"blocks.{layer}.{name}" in state}
        x, row = through(x, block, shape, turn, layer in looks)
        if layer in layers:
            normed = norm(x, state["norm.weight"], state["norm.bias"], shape)
            out.summary[layer], out.tokens[layer] = normed[0], normed[shape.registers + 1 :]
        if row is not None:
            out.attention[layer] = row
    return out


BLOCK = (
    "norm1.weight", "norm1.bias", "attn.qkv.weight", "attn.qkv.bias", "attn.proj.weight", "attn.proj.bias", "ls1.gamma",
    "norm2.weight", "norm2.bias", "ls2.gamma", "mlp.fc1.weight", "mlp.fc1.bias", "mlp.fc2.weight", "mlp.fc2.bias",
    "mlp.w12.weight", "mlp.w12.bias", "mlp.w3.weight", "mlp.w3.bias",
)  # fmt: skip


def norm(x: Tensor, weight: Tensor, bias: Tensor, shape: Architecture) -> Tensor:
    """Layer norm with the epsilon of the family."""
    return F.layer_norm(x, (shape.width,), weight, bias, 1e-6 if shape.family == "dinov2" else 1e-5)


def embedded(state: State, shape: Architecture, image: Tensor, rows: int, columns: int) -> Tensor:
    """Summary token, registers and patches (prefix + rows * columns, width), with positions where there is a table."""
    mean, std = (torch.tensor(v, device=image.device)[:, None, None] for v in (MEAN, STD))
    weight, bias = state["patch_embed.proj.weight"], state["patch_embed.proj.bias"]
    patches = F.conv2d(((image - mean) / std)[None], weight, bias, stride=shape.patch)[0].flatten(1).T.float()
    summary = state["cls_token"][0]
    if shape.table:
        positions = position_table(state["pos_embed"], shape, rows, columns)
        summary, patches = summary + positions[:1], patches + positions[1:]
    return torch.cat([summary, state["storage_tokens"][0], patches] if shape.registers else [summary, patches])


def position_table(table: Tensor, shape: Architecture, rows: int, columns: int) -> Tensor:
    """The table of positions for a grid. Networks with and without registers were published with different ways."""
    side = round(shape.table**0.5)
    if (rows, columns) == (side, side):
        return table[0]
    grid = table[:, 1:].reshape(1, side, side, -1).permute(0, 3, 1, 2).cpu()  # not every device has this resampling
    if shape.registers:
        grown = F.interpolate(grid, size=(rows, columns), mode="bicubic", antialias=True)
    else:
        factors = (rows + 0.1) / side, (columns + 0.1) / side
        grown = F.interpolate(grid, scale_factor=factors, mode="bicubic")
    return torch.cat([table[0, :1], grown[0].flatten(1).T.to(table.device)])


def rotation(periods: Tensor, rows: int, columns: int) -> tuple[Tensor, Tensor]:
    """Cosine and sine (rows * columns, head / 2) that turn queries and keys of patches, from places in [-1, 1]."""
    y, x = ((torch.arange(n, device=periods.device) + 0.5) / n * 2 - 1 for n in (rows, columns))
    places = torch.stack(torch.meshgrid(y, x, indexing="ij"), dim=-1).reshape(-1, 2, 1)
    angles = (2 * torch.pi * places / periods).flatten(1)
    return angles.cos(), angles.sin()


def turned(x: Tensor, turn: tuple[Tensor, Tensor], prefix: int) -> None:
    """Turn queries and keys (2, heads, tokens, head) of patches in place; in float32, whatever the rest is in."""
    left, right = x[:, :, prefix:].chunk(2, dim=-1)
    wide_left, wide_right = left.float(), right.float()
    turned_left = wide_left * turn[0] - wide_right * turn[1]
    right.copy_(wide_right * turn[0] + wide_left * turn[1])
    left.copy_(turned_left)


def through(x: Tensor, block: State, shape: Architecture, turn: tuple[Tensor, Tensor] | None,
            look: bool) -> tuple[Tensor, Tensor | None]:  # fmt: skip
    """One block; with `look`, also how the summary token attends to the patches. The sums stay in float32."""
    y = F.linear(norm(x, block["norm1.weight"], block["norm1.bias"], shape), block["attn.qkv.weight"],
                 block.get("attn.qkv.bias"))  # fmt: skip
    parts = y.reshape(len(x), 3, shape.heads, shape.head).permute(1, 2, 0, 3)
    prefix = 1 + shape.registers
    if turn is not None:
        turned(parts[:2], turn, prefix)
    q, k, v = parts
    row = summary_row(q, k, prefix) if look else None
    y = F.scaled_dot_product_attention(q[None], k[None], v[None])[0].transpose(0, 1).reshape(len(x), -1)
    x = x + block["ls1.gamma"] * F.linear(y, block["attn.proj.weight"], block["attn.proj.bias"])
    y = norm(x, block["norm2.weight"], block["norm2.bias"], shape)
    return x + block["ls2.gamma"] * widened(y, block, shape), row


def widened(y: Tensor, block: State, shape: Architecture) -> Tensor:
    """The second half of a block: plain with GELU, or gated with SiLU."""
    if shape.gated:
        gate, value = F.linear(y, block["mlp.w12.weight"], block["mlp.w12.bias"]).chunk(2, dim=-1)
        return F.linear(F.silu(gate) * value, block["mlp.w3.weight"], block["mlp.w3.bias"])
    inner = F.gelu(F.linear(y, block["mlp.fc1.weight"], block["mlp.fc1.bias"]))
    return F.linear(inner, block["mlp.fc2.weight"], block["mlp.fc2.bias"])


def summary_row(q: Tensor, k: Tensor, prefix: int) -> Tensor:
    """Softmax over all tokens of the summary token's attention, then the patches only (heads, patches)."""
    with torch.autocast(q.device.type, enabled=False):
        scores = (q[:, :1].float() @ k.float().transpose(1, 2))[:, 0] * q.shape[-1] ** -0.5
        return scores.softmax(dim=-1)[:, prefix:]
