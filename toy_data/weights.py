"""Random weights in the very layout of Meta's files, to try, test and time the networks without the real ones.

    python toy_data/weights.py vits16 vits16.pth

They know nothing: numbers made with them mean nothing. Scales are like those of trained networks, so that rounding
behaves as it would: the gammas of LayerScale lie between 0.05 and 0.55, the biases of keys are masked away.
"""

import argparse
from pathlib import Path
from typing import Any

import torch

SIZES = {
    "vits14": (384, 12, 14), "vitb14": (768, 12, 14), "vitl14": (1024, 24, 14), "vitg14": (1536, 40, 14),
    "vits16": (384, 12, 16), "vitsplus16": (384, 12, 16), "vitb16": (768, 12, 16), "vitl16": (1024, 24, 16),
    "vith16plus": (1280, 32, 16), "vit7b16": (4096, 40, 16),
}  # fmt: skip
"""Short name -> width, depth, patch; DINOv2 has patches of 14 px, DINOv3 of 16."""
GATED = {"vitg14": 4096, "vitsplus16": 1536, "vith16plus": 5120, "vit7b16": 8192}
"""Short name -> width inside the gated blocks."""


def random_weights(name: str, seed: int = 0, depth: int | None = None) -> dict[str, torch.Tensor]:
    """Name -> tensor as Meta publishes them; `depth` cuts the network short."""
    size, _, registers = name.partition("_")
    width, blocks, patch = SIZES[size]
    draw = Drawn(seed)
    found = {"cls_token": draw(1, 1, width, scale=0.5)}
    if patch == 14:
        found["pos_embed"] = draw(1, 1 + 37 * 37, width, scale=0.3)
        found |= {"register_tokens": draw(1, 4, width, scale=0.5)} if registers else {}
    else:
        found["storage_tokens"] = draw(1, 4, width, scale=0.5)
    found |= {"mask_token": draw(1, width), **draw.layer("patch_embed.proj", (width, 3, patch, patch))}
    if patch == 16:
        head = 128 if size == "vit7b16" else 64
        found["rope_embed.periods"] = 100 ** (2 * torch.arange(head // 4) / (head // 2))
    for i in range(depth or blocks):
        found |= {f"blocks.{i}.{key}": value for key, value in block(size, width, patch, draw).items()}
    if size == "vit7b16":
        found |= draw.norm("local_cls_norm", width)
    return found | draw.norm("norm", width)


def block(size: str, width: int, patch: int, draw: "Drawn") -> dict[str, torch.Tensor]:
    """One block."""
    found = {**draw.norm("norm1", width), **draw.norm("norm2", width), **draw.layer("attn.proj", (width, width))}
    found |= draw.layer("attn.qkv", (3 * width, width))
    if size == "vit7b16":
        del found["attn.qkv.bias"]
    elif patch == 16:
        found["attn.qkv.bias_mask"] = torch.ones(3, width).index_fill(0, torch.tensor(1), 0).flatten()
    found |= {f"ls{n}.gamma": draw.uniform(width) for n in (1, 2)}
    hidden = GATED.get(size)
    if hidden is None:
        return found | draw.layer("mlp.fc1", (4 * width, width)) | draw.layer("mlp.fc2", (width, 4 * width))
    last = draw.layer("mlp.w3", (width, hidden))
    if patch == 14:
        return found | draw.layer("mlp.w12", (2 * hidden, width)) | last
    return found | draw.layer("mlp.w1", (hidden, width)) | draw.layer("mlp.w2", (hidden, width)) | last


class Drawn:
    """Tensors from one generator."""

    def __init__(self, seed: int) -> None:
        self.generator = torch.Generator().manual_seed(seed)

    def __call__(self, *shape: int, scale: float = 0.02) -> torch.Tensor:
        """Normal."""
        return torch.randn(shape, generator=self.generator) * scale

    def uniform(self, width: int) -> torch.Tensor:
        """Gammas of trained size."""
        return 0.05 + 0.5 * torch.rand(width, generator=self.generator)

    def layer(self, name: str, shape: tuple[int, ...]) -> dict[str, torch.Tensor]:
        """A weight that keeps the size of what passes through, and a bias."""
        fan = torch.Size(shape[1:]).numel()
        return {f"{name}.weight": self(*shape, scale=fan**-0.5), f"{name}.bias": self(shape[0], scale=0.1)}

    def norm(self, name: str, width: int) -> dict[str, torch.Tensor]:
        """A weight near one, and a bias."""
        return {f"{name}.weight": 1 + self(width, scale=0.1), f"{name}.bias": self(width, scale=0.1)}


def main() -> None:
    """Write a file of random weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", help=f"one of {', '.join(SIZES)}; DINOv2 also with _reg")
    parser.add_argument("out", type=Path, help=".pth or .safetensors")
    parser.add_argument("--seed", type=int, default=0)
    given: Any = parser.parse_args()
    tensors = random_weights(given.name, given.seed)
    if given.out.suffix == ".safetensors":
        from safetensors.torch import save_file

        save_file(tensors, given.out)
    else:
        torch.save(tensors, given.out)


if __name__ == "__main__":
    main()
