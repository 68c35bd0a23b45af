"""Which network a file holds, and whether it holds all of it and nothing else.

Every known layout is tried; the one with the fewest tensors missing or too many is what the file is meant to be. Unless
there are none of either, the file is refused, and each is named as the file names it.
"""

import math
import re
from dataclasses import dataclass

from dinosar.errors import WeightsError
from dinosar.weights.architecture import PATCH, WIDE, Architecture, Shapes, expected
from dinosar.weights.layouts import LAYOUTS, ZEROS, Layout

TABLE = 37 * 37
"""Positions in the table of every published DINOv2."""
REGISTERS = 4
"""Storage tokens of every published DINOv3."""
OTHER = "; if they are those of another network that timm knows: --backbone timm --model ID"
NAMED = 6
"""Tensors named of each kind; the rest are counted."""


@dataclass(frozen=True)
class Recognised:
    """A file of weights, understood."""

    layout: Layout
    shape: Architecture


def recognise(shapes: Shapes, file: str) -> Recognised:
    """What a file holds; a WeightsError that names every tensor that is missing, strange or of another shape."""
    fitted = [(layout, Measured(shapes, layout).architecture()) for layout in LAYOUTS]
    found = [(complaints(shapes, layout, shape), layout, shape) for layout, shape in fitted if shape]
    if not found:
        raise WeightsError(f"weights '{file}' are not those of a DINOv2 or DINOv3 network: no blocks of one are in it")
    problems, layout, shape = min(found, key=lambda each: sum(len(names) for names in each[0].values()))
    if any(problems.values()):
        told = "; ".join(f"{len(names)} {kind}: {_listed(names)}" for kind, names in problems.items() if names)
        other = OTHER if _of_timm(shapes, problems) else ""
        raise WeightsError(f"weights '{file}' do not fit a network of layout '{layout.title}': {told}{other}")
    return Recognised(layout, shape)


def _of_timm(shapes: Shapes, problems: dict[str, list[str]]) -> bool:
    """Whether weights could be those of another network of timm: one without layer scales, or one with a head."""
    scales = any(name.endswith(("ls1.gamma", "gamma_1", "layer_scale1.lambda1")) for name in shapes)
    head = any(name.startswith("head.") for name in shapes) and len(problems["unexpected"]) > 1
    return "patch_embed.proj.weight" in shapes and "blocks.0.norm1.weight" in shapes and (head or not scales)


def complaints(shapes: Shapes, layout: Layout, shape: Architecture) -> dict[str, list[str]]:
    """Tensors that are missing, unexpected, or of another shape than a network of this architecture has."""
    wanted = own_names(layout, shape, shapes)
    return {
        "missing": [name for name in wanted if name not in shapes],
        "unexpected": [name for name in shapes if name not in wanted],
        "of another shape": [
            f"{name} ({_times(shapes[name])} instead of {_times(size)})"
            for name, size in wanted.items()
            if name in shapes and size is not None and shapes[name] != size
        ],
    }


def own_names(layout: Layout, shape: Architecture, shapes: Shapes) -> dict[str, list[int] | None]:
    """Name -> shape (None: any) of all that a file of this network must hold, in the layout's own names."""
    wanted: dict[str, list[int] | None] = dict.fromkeys(layout.unused)
    for official, size in expected(shape).items():
        pieces = layout.pieces(official)
        parts = zip(pieces, split(official, size, len(pieces)), strict=True)
        wanted |= {own: part for own, part in parts if own != ZEROS}
    if layout.title == "official DINOv3":
        wanted["rope_embed.periods"] = [shape.head // 4]
        if any(name.endswith(".bias_mask") for name in shapes):
            wanted |= {f"blocks.{i}.attn.qkv.bias_mask": [3 * shape.width] for i in range(shape.depth)}
        if any(name.startswith("local_cls_norm.") for name in shapes):  # a norm for small crops, used in training only
            wanted |= {f"local_cls_norm.{end}": [shape.width] for end in ("weight", "bias")}
    return wanted


def split(official: str, size: list[int], count: int) -> list[list[int]]:
    """Shapes of the pieces of a tensor. Pieces lie one below the other; those of the position table side by side."""
    if count == 1:
        return [size]
    if official == "pos_embed":
        return [[1, 1, size[2]], [1, size[1] - 1, size[2]]]
    return [[size[0] // count, *size[1:]]] * count


class Measured:
    """The measures of a network as far as a file of one layout tells them; published values stand in for the rest."""

    def __init__(self, shapes: Shapes, layout: Layout) -> None:
        self.shapes, self.layout = shapes, layout
        start = re.escape(layout.pieces("blocks.0.norm1.weight")[0].partition("0")[0])
        found = (re.match(start + r"(\d+)\.", name) for name in shapes)
        self.blocks = sorted({int(each.group(1)) for each in found if each})

    def size(self, official: str) -> list[int] | None:
        """The shape of an official tensor with its pieces put together; of the first block that has it."""
        for block in self.blocks if official.startswith("blocks.0.") else [0]:
            own = [self.shapes.get(name) for name in self.layout.pieces(official.replace(".0.", f".{block}.", 1))
                   if name != ZEROS]  # fmt: skip
            known = [each for each in own if each]
            if known and len(known) == len(own):
                return [sum(each[0] for each in known), *known[0][1:]]
        return None

    def architecture(self) -> Architecture | None:
        """What the measures add up to; None if this cannot be a file of the layout."""
        width, inside = self.size("blocks.0.norm1.weight"), self.inside()
        family = self.layout.family
        table = self.table() if family == "dinov2" else 0
        if not width or not inside or math.isqrt(table) ** 2 != table:
            return None
        patch, registers = self.size("patch_embed.proj.weight"), self.size("storage_tokens")
        periods = self.shapes.get("rope_embed.periods")
        return Architecture(
            family=family,
            width=width[0],
            depth=1 + max(self.blocks),
            head=4 * periods[0] if periods else 128 if width[0] >= WIDE else 64,
            patch=patch[-1] if patch else PATCH[family],
            registers=registers[1] if registers else REGISTERS if family == "dinov3" else 0,
            table=table,
            hidden=inside[0],
            gated=inside[1],
            qkv_bias=self.size("blocks.0.attn.qkv.bias") is not None,
        )

    def inside(self) -> tuple[int, bool] | None:
        """The width inside a block, and whether it is gated: its first layer is twice as wide as its last takes in."""
        doubled, last = self.size("blocks.0.mlp.w12.weight"), self.size("blocks.0.mlp.w3.weight")
        if doubled and last and doubled[0] == 2 * last[-1]:
            return last[-1], True
        plain = self.size("blocks.0.mlp.fc1.weight")
        return (plain[0], False) if plain else None

    def table(self) -> int:
        """Positions of patches in the table."""
        pieces = self.layout.pieces("pos_embed")
        own = self.shapes.get(pieces[-1])
        return own[1] - (1 if len(pieces) == 1 else 0) if own and len(own) == 3 else TABLE


def _times(size: list[int]) -> str:
    return " x ".join(map(str, size)) or "a single number"


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
