"""The ways in which DINO weights are laid out in files, each told as what it calls the official tensors.

Weights come as Meta publishes them, as timm keeps them on the hub, and as the transformers library keeps them there.
Inside this package tensors bear Meta's names, those of DINOv3 where the two differ, except that the two gates of a
block are one tensor, `w12`.
"""

import re
from dataclasses import dataclass, field

from dinosar.weights.architecture import Family

ZEROS = "0"
"""Stands for a piece that a layout leaves out because it is always zero."""
Names = dict[str, tuple[str, ...]]
ENDS = ("weight", "bias")


@dataclass(frozen=True)
class Layout:
    """What a way of keeping weights calls things.

    `names` maps official names to the file's own where they differ; several own names are the pieces of it, in order.
    `unused` are tensors that belong to the layout but that the network does not compute with.
    """

    title: str
    family: Family
    names: Names = field(default_factory=dict)
    unused: tuple[str, ...] = ()

    def pieces(self, official: str) -> tuple[str, ...]:
        """The file's own names for an official tensor."""
        template, inside = re.subn(r"^blocks\.\d+\.", "blocks.{i}.", official)
        block = official.split(".")[1] if inside else ""
        return tuple(own.format(i=block) for own in self.names.get(template, (template,)))


def layers(names: dict[str, tuple[str, ...]]) -> Names:
    """Names of weights and biases, from names of layers; `blocks.{i}.` may be left out on both sides."""
    return {f"{new}.{end}": tuple(f"{own}.{end}" for own in owns) for new, owns in names.items() for end in ENDS}


def in_block(block: str, names: Names) -> Names:
    """Names inside a block, which this layout calls `block`."""
    return {f"blocks.{{i}}.{new}": tuple(own if own == ZEROS else block + own for own in owns)
            for new, owns in names.items()}  # fmt: skip


def transformers_block(block: str, attention: str, out: str, ffn: dict[str, tuple[str, ...]]) -> Names:
    """A block as the transformers library keeps it: queries, keys and values apart. `ffn` holds the gated layers."""
    q, k, v = attention.split()
    names: dict[str, tuple[str, ...]] = {
        "norm1": ("norm1",), "norm2": ("norm2",), "attn.qkv": (q, k, v), "attn.proj": (out,), **ffn,
    }  # fmt: skip
    scales: Names = {f"ls{n}.gamma": (f"layer_scale{n}.lambda1",) for n in "12"}
    return in_block(block, layers(names) | scales)


_NEW_BLOCK: tuple[str, str, dict[str, tuple[str, ...]]] = (
    "attention.q_proj attention.k_proj attention.v_proj", "attention.o_proj",
    {"mlp.w12": ("mlp.gate_proj", "mlp.up_proj"), "mlp.w3": ("mlp.down_proj",), "mlp.fc1": ("mlp.up_proj",),
     "mlp.fc2": ("mlp.down_proj",)},
)  # fmt: skip
"""What newer models of the transformers library call the layers of a block."""
LAYOUTS = (
    Layout(
        "official DINOv3", "dinov3",
        in_block("blocks.{i}.", layers({"mlp.w12": ("mlp.w1", "mlp.w2")})),
        unused=("mask_token",),
    ),
    Layout("official DINOv2", "dinov2", {"storage_tokens": ("register_tokens",)}, unused=("mask_token",)),
    Layout(
        "timm DINOv3", "dinov3",
        {"storage_tokens": ("reg_token",)}
        | in_block("blocks.{i}.", layers({"mlp.w12": ("mlp.fc1_g", "mlp.fc1_x"), "mlp.w3": ("mlp.fc2",)}) | {
            "ls1.gamma": ("gamma_1",), "ls2.gamma": ("gamma_2",),
            "attn.qkv.bias": ("attn.q_bias", ZEROS, "attn.v_bias"),
        }),
    ),
    Layout(
        "timm DINOv2", "dinov2",
        in_block("blocks.{i}.", layers({"mlp.w12": ("mlp.fc1",), "mlp.w3": ("mlp.fc2",)})),
    ),
    Layout(
        "timm DINOv2 with registers", "dinov2",
        # timm has added the position of the summary token to the token itself.
        {"storage_tokens": ("reg_token",), "pos_embed": (ZEROS, "pos_embed")}
        | in_block("blocks.{i}.", layers({"mlp.w12": ("mlp.fc1",), "mlp.w3": ("mlp.fc2",)})),
    ),
    Layout(
        "transformers DINOv3", "dinov3",
        layers({"patch_embed.proj": ("embeddings.patch_embeddings",)})
        | {"cls_token": ("embeddings.cls_token",), "storage_tokens": ("embeddings.register_tokens",)}
        | transformers_block("layer.{i}.", *_NEW_BLOCK)
        | {"blocks.{i}.attn.qkv.bias": ("layer.{i}.attention.q_proj.bias", ZEROS, "layer.{i}.attention.v_proj.bias")},
        unused=("embeddings.mask_token",),
    ),
    Layout(
        "transformers DINOv2", "dinov2",
        layers({"patch_embed.proj": ("embeddings.patch_embeddings.projection",), "norm": ("layernorm",)})
        | {"cls_token": ("embeddings.cls_token",), "pos_embed": ("embeddings.position_embeddings",),
           "storage_tokens": ("embeddings.register_tokens",)}
        | transformers_block(
            "encoder.layer.{i}.",
            "attention.attention.query attention.attention.key attention.attention.value", "attention.output.dense",
            {"mlp.w12": ("mlp.weights_in",), "mlp.w3": ("mlp.weights_out",), "mlp.fc1": ("mlp.fc1",),
             "mlp.fc2": ("mlp.fc2",)},
        ),
        unused=("embeddings.mask_token",),
    ),
    # What version 5 of that library calls the same tensors in memory, and so in files that torch.save wrote.
    Layout(
        "transformers 5 DINOv3", "dinov3",
        layers({"patch_embed.proj": ("embeddings.patch_embeddings",)})
        | {"cls_token": ("embeddings.cls_token",), "storage_tokens": ("embeddings.register_tokens",)}
        | transformers_block("model.layer.{i}.", *_NEW_BLOCK)
        | {"blocks.{i}.attn.qkv.bias": ("model.layer.{i}.attention.q_proj.bias", ZEROS,
                                        "model.layer.{i}.attention.v_proj.bias")},
        unused=("embeddings.mask_token",),
    ),
    Layout(
        "transformers 5 DINOv2", "dinov2",
        layers({"patch_embed.proj": ("embeddings.patch_embeddings.projection",), "norm": ("layernorm",)})
        | {"cls_token": ("embeddings.cls_token",), "pos_embed": ("embeddings.position_embeddings",),
           "storage_tokens": ("embeddings.register_tokens",)}
        | transformers_block("encoder.layer.{i}.", *_NEW_BLOCK[:2], {
            **_NEW_BLOCK[2], "mlp.fc1": ("mlp.fc1",), "mlp.fc2": ("mlp.fc2",)}),
        unused=("embeddings.mask_token",),
    ),
)  # fmt: skip
"""Of layouts that fit equally well the first is taken."""
