"""The flags that `mismatch` and `distance` share, and what those mean that stand for no single setting."""

from collections.abc import Mapping
from typing import Any

from dinosar.cli.flags import BACKBONE, COMMON, Flag, Meaning, choice, under


def no_checkpoint(given: Mapping[str, Any]) -> Meaning:
    """--no-checkpoint, which wins over --checkpoint and takes with it the base of an adapter."""
    idle = [f"--{name}" for name in ("checkpoint", "base") if name in given]
    notes = [f"{' and '.join(idle)}: no effect beside --no-checkpoint"] if idle else []
    # What is translated is laid over what flags say themselves.
    return Meaning([(f"backbone.{name}", None, "--no-checkpoint") for name in ("checkpoint", "base_path")], notes)


def batch_size(given: Mapping[str, Any]) -> Meaning:
    """--batch-size, which would make a result depend on its neighbours."""
    return Meaning(notes=["--batch-size has no effect: each picture is shown to the backbone by itself, so that its "
                          "numbers do not depend on its neighbours"])  # fmt: skip


NETWORK = under(
    "Backbone",
    Flag(("--no-checkpoint",), None, bool, "Without a checkpoint, whatever else names one.", value=True,
         translate=no_checkpoint),
    Flag(("--model", "--model-name"), "backbone.model", str,
         "A network by its timm id or short name (default: vit_base_patch14_dinov2.lvd142m).", metavar="NAME"),
    *(flag for flag in BACKBONE if flag.key not in ("model", "attn_layers")),
)  # fmt: skip
FRAME = under(
    "Frames",
    Flag(("--size", "--resize"), "image.size", int,
         "Side of the square shown to the network in px, lowered to whole patches (default: 518)."),
    Flag(("--fit",), "image.fit", choice("FrameFit", ("squash", "pad", "native", "stretch", "letterbox")),
         "squash to a square, pad (the aspect kept, padded by less than a patch), or the native pixels "
         "(default: squash).", metavar="squash|pad|native"),
    Flag(("--bit-depth",), "image.bit_depth", choice("Depth", ("full", "minmax", "percentile")),
         "How pixels of more than 8 bits become 8 (default: full)."),
    Flag(("--outlier-k",), "sequence.k", float,
         "Worst frames lie so many robust sigmas above the median of their sequence (default: 6)."),
    Flag(("--dpi",), "figures.dpi", int, "Resolution of charts and maps (default: 150)."),
)  # fmt: skip
MANY = (
    Flag(("--pairs",), None, str, "A list of pairs instead, JSON or CSV.", metavar="FILE"),
    Flag(("--frames",), None, tuple[str, str], "Two folders of frames instead, paired by name or number.",
         metavar="DIR_A DIR_B"),
)  # fmt: skip
"""What may be named instead of two pictures; the commands see to it."""
BATCH_SIZE = Flag(("--batch-size",), None, int, "Understood, without effect: pictures are encoded one by one.",
                  translate=batch_size)  # fmt: skip
SHARED = (*MANY, *COMMON, *NETWORK, *FRAME)
