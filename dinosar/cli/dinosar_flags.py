"""The flags of the script DINOSAR that are called otherwise here, so that its command lines are understood as they are.

Those that have the same name stand in the tables of the command itself; docs/from_the_originals.md lists all.
"""

from dinosar.cli.dinosar_meaning import alignment, backbone, masks, matching, nothing
from dinosar.cli.flags import Flag, choice, under

FG_MODES = ("auto", "rembg", "thresh", "attn", "attn_intersect", "grabcut", "whole", "file")
COMBINING = ("intersection", "union", "attn_only")


def _row(name: str, kind: type, text: str, translate: object, metavar: str | None = None) -> Flag:
    """A row of the table; a switch is one that takes a bool."""
    value = True if kind is bool else None
    return Flag((name,), None, kind, text, value=value, metavar=metavar, translate=translate)  # type: ignore[arg-type]


DINOSAR = under(
    "Names of DINOSAR (docs/from_the_originals.md)",
    _row("--dinov3-local-ckpt", str, "--backbone dinov3 --checkpoint FILE", backbone, "FILE"),
    _row("--dinov3-arch", str, "--backbone dinov3 --model NAME", backbone, "NAME"),
    _row("--layer", int, "--layers N", backbone, "N"),
    _row("--fg-mode", choice("FgMode", FG_MODES),
         f"--masker: {', '.join(FG_MODES)}", masks, "WORD"),
    _row("--attn-fg", bool, "--second-masker attention", masks),
    _row("--attn-fg-mode", choice("AttnFgMode", COMBINING), f"--combine: {', '.join(COMBINING)}", masks, "WORD"),
    _row("--attn-fg-thresh-mode", choice("AttnFgThreshMode", ("absolute", "percentile")),
         "Which of the next two counts: absolute, percentile", masks, "WORD"),
    _row("--attn-fg-thresh", float, "Option threshold of masker attention", masks, "X"),
    _row("--attn-fg-thresh-pct", float, "Option percentile of masker attention", masks, "X"),
    _row("--attn-fg-morph", choice("AttnFgMorph", ("none", "open", "close", "openclose")), "Only: none", masks, "WORD"),
    _row("--attn-fg-kernel", int, "No effect", masks, "N"),
    _row("--match-flavor", choice("MatchFlavor", ("attention", "demo")), "--matcher: salient, mutual", matching,
         "attention|demo"),
    _row("--demo-mutual", bool, "Option mutual of matcher mutual", matching),
    _row("--demo-ratio", float, "Option ratio of matcher mutual", matching, "X"),
    _row("--demo-topn", int, "Option top of matcher mutual", matching, "N"),
    _row("--demo-verify", bool, "Option verify of matcher mutual: similarity", matching),
    _row("--demo-ransac-reproj", float, "Option tolerance_px of matcher mutual", matching, "X"),
    _row("--save-debug", bool, "No effect", nothing),
    _row("--report-layer-std", bool, "No effect", nothing),
    _row("--hist-min-joint", int, "No effect", nothing, "N"),
    _row("--attn-mask-layer", int, "No effect", nothing, "N"),
    _row("--align-method", choice("AlignMethod", ("procrustes", "similarity", "homography")),
         "Option align.method: procrustes = rigid, similarity", alignment, "WORD"),
    _row("--min-kpts", int, "Option homology.least", alignment, "N"),
)  # fmt: skip
