"""The shape of a DINO network: what has to be known to run it, which tensors it has, what published ones are called."""

from dataclasses import dataclass
from typing import Literal

Shapes = dict[str, list[int]]
Family = Literal["dinov2", "dinov3"]
PATCH: dict[Family, int] = {"dinov2": 14, "dinov3": 16}
REGISTERS: dict[Family, tuple[int, ...]] = {"dinov2": (0, 4), "dinov3": (4,)}
WIDE = 4096
"""From this width on heads of published networks are 128 wide, below it 64."""
SIZES: dict[tuple[Family, int, int, bool], str] = {
    ("dinov2", 384, 12, False): "vits14",
    ("dinov2", 768, 12, False): "vitb14",
    ("dinov2", 1024, 24, False): "vitl14",
    ("dinov2", 1536, 40, True): "vitg14",
    ("dinov3", 384, 12, False): "vits16",
    ("dinov3", 384, 12, True): "vitsplus16",
    ("dinov3", 768, 12, False): "vitb16",
    ("dinov3", 1024, 24, False): "vitl16",
    ("dinov3", 1280, 32, True): "vith16plus",
    ("dinov3", 4096, 40, True): "vit7b16",
}
"""(family, width, depth, gated) -> short name."""


@dataclass(frozen=True)
class Architecture:
    """A DINO vision transformer. DINOv2 has a `table` of positions, DINOv3 turns queries and keys (table 0).

    `head` is the width of a head, `hidden` the width inside a block; a gated block has two layers of that width.
    """

    family: Family
    width: int
    depth: int
    head: int
    patch: int
    registers: int
    table: int
    hidden: int
    gated: bool
    qkv_bias: bool

    @property
    def heads(self) -> int:
        """Heads of attention in each block."""
        return self.width // self.head

    @property
    def name(self) -> str:
        """The short name of the published network of this shape, or its measures."""
        known = SIZES.get((self.family, self.width, self.depth, self.gated))
        registers = "_reg" if self.family == "dinov2" and self.registers else ""
        if known and self.patch == PATCH[self.family]:
            return known + registers
        return f"w{self.width}d{self.depth}p{self.patch}{registers}"

    def longer(self) -> tuple[str, int] | None:
        """Name and depth of the published network that is like this one but for more blocks, if there is one."""
        like = {depth: name for (family, width, depth, gated), name in SIZES.items()
                if (family, width, gated) == (self.family, self.width, self.gated)}  # fmt: skip
        usual = self.patch == PATCH[self.family] and self.head == (128 if self.width >= WIDE else 64)
        if not like or not usual or self.registers not in REGISTERS[self.family] or self.depth >= max(like):
            return None
        return like[max(like)] + "_reg" * (self.family == "dinov2" and self.registers > 0), max(like)


def expected(shape: Architecture) -> Shapes:
    """Name -> shape of every tensor the network computes with."""
    c, h = shape.width, shape.hidden
    found: Shapes = {"cls_token": [1, 1, c]}
    if shape.registers:
        found["storage_tokens"] = [1, shape.registers, c]
    if shape.table:
        found["pos_embed"] = [1, 1 + shape.table, c]
    found |= {"patch_embed.proj.weight": [c, 3, shape.patch, shape.patch], "patch_embed.proj.bias": [c]}
    found |= {f"blocks.{i}.{name}": size for i in range(shape.depth) for name, size in _block(shape, c, h).items()}
    return found | {"norm.weight": [c], "norm.bias": [c]}


def _block(shape: Architecture, c: int, h: int) -> Shapes:
    found: Shapes = {f"{norm}.{end}": [c] for norm in ("norm1", "norm2") for end in ("weight", "bias")}
    found |= {"ls1.gamma": [c], "ls2.gamma": [c]}
    found |= {"attn.qkv.weight": [3 * c, c], "attn.proj.weight": [c, c], "attn.proj.bias": [c]}
    if shape.qkv_bias:
        found["attn.qkv.bias"] = [3 * c]
    if shape.gated:
        return found | {
            "mlp.w12.weight": [2 * h, c],
            "mlp.w12.bias": [2 * h],
            "mlp.w3.weight": [c, h],
            "mlp.w3.bias": [c],
        }
    return found | {"mlp.fc1.weight": [h, c], "mlp.fc1.bias": [h], "mlp.fc2.weight": [c, h], "mlp.fc2.bias": [c]}
