"""`dinosar match A B`, `--images DIR --index I J`, or `--spair ROOT PAIR_ID`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from dinosar.cli.flags import BACKBONE, COMMON, DRAWING, Flag, Meaning, choice, under, with_flags
from dinosar.cli.sections import Sectioned


def fg_sign(given: Mapping[str, Any]) -> Meaning:
    """--fg-sign, which is a word on the masker's component, and no word on a mask that somebody made."""
    return Meaning([] if "fg_mask" in given else [("masker.sign", given["fg_sign"], "--fg-sign")])


def fg_mask(given: Mapping[str, Any]) -> Meaning:
    """--fg-mask: masks that somebody made, instead of any that is found."""
    idle = [f"--{name.replace('_', '-')}" for name in ("masker", "fg_sign") if name in given]
    notes = [f"{' and '.join(idle)}: no effect beside --fg-mask"] if idle else []
    return Meaning([("masker", {"use": "file", "path": given["fg_mask"]}, "--fg-mask")], notes)


INPUTS = (
    Flag(("--images",), None, str, "A folder of photos instead of A and B.", metavar="DIR"),
    Flag(("--index",), None, int, "Which two of the folder, counted from 0 in the order of their names (default: 0 1).",
         metavar="I J", numbers=True),
    Flag(("--spair",), None, tuple[str, str], "An SPair-71k collection (folder, tar or zip) and one of its pairs, "
         "instead of A and B: matches are drawn beside the truth.", metavar="ROOT PAIR_ID"),
)  # fmt: skip
PAIR = Flag(("PAIR_ID",), "pair", str, "The second word of --spair.")
IMAGE = under(
    "Image",
    Flag(("--size", "--img-size"), "image.size", int, "Long side shown to the backbone, in px (default: 448)."),
    Flag(("--fit",), "image.fit", choice("Fit", ("letterbox", "stretch", "native")),
         "How a photo is fitted to that size; stretch is the original's square (default: letterbox)."),
    Flag(("--bit-depth",), "image.bit_depth", choice("Depth", ("full", "minmax", "percentile")),
         "How pixels of more than 8 bits become 8 (default: full)."),
)  # fmt: skip
FOREGROUND = under(
    "Foreground",
    Flag(("--masker",), "masker", str, "Masker by name or module:Class (default: pca).", metavar="NAME"),
    Flag(("--fallback-masker",), "fallback_masker", str,
         "Masker asked where the first abstains, before the whole photo is taken.", metavar="NAME"),
    Flag(("--fg-sign",), None, choice("Sign", ("auto", "+", "-", "plus", "minus")),
         "Side of the first component: + is what the border has less of, auto what three votes say (default: auto).",
         metavar="auto|+|-", translate=fg_sign),
    Flag(("--fg-mask",), None, str, "Masks that you made: a picture, a folder of NAME.png, masks/{name}.png, or COCO.",
         metavar="FILE", translate=fg_mask),
)  # fmt: skip
MATCHING = under(
    "Matching",
    Flag(("--matcher",), "matcher", str, "assignment, mutual, similarity, or any other (default: assignment).",
         metavar="NAME"),
    Flag(("--metric",), "matcher.metric", choice("Metric", ("euclidean", "cosine")),
         "What assignment sums: Euclidean distances of raw tokens, or 1 - cosine (default: euclidean)."),
    Flag(("--keep",), "keep.best", int, "Matches kept, the nearest first, of SIFT as well (default: 50)."),
    Flag(("--keep-edge",), "mask.drop_edge", bool, "Match patches at the edge of the foreground, too.", value=False),
    Flag(("--max-distance",), "matcher.max_distance", float,
         "What it costs assignment to leave a patch alone; no pair is farther apart (default: none is left)."),
    Flag(("--compare-with",), "compare_with", choice("Other", ("sift",)),
         "Another method on the same pictures, beside the features."),
    Flag(("--tolerance",), "geometry.tolerance", float,
         "Network px by which a match may miss a homography or an epipolar line (default: a patch)."),
)  # fmt: skip
PICTURES = under(
    "Pictures",
    *DRAWING,
    Flag(("--top-matches",), "figures.top", int, "Matches drawn, the best first (default: 50)."),
)
FLAGS = (*INPUTS, *COMMON, *BACKBONE, *IMAGE, *FOREGROUND, *MATCHING, *PICTURES)


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("match", cls=Sectioned)(match)


@with_flags(FLAGS)
def match(
    a: Annotated[Path | None, typer.Argument(metavar="A", help="A photo.")] = None,
    b: Annotated[Path | None, typer.Argument(metavar="B", help="Another photo.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="Folder of the run (default: a new one in runs/).")
    ] = None,
    *,
    flags: dict[str, Any],
) -> None:
    """Match the patches of two photos one to one, on the foreground that their features show; SIFT beside them."""
    from dinosar.cli.match_inputs import asked
    from dinosar.cli.match_report import report
    from dinosar.cli.running import print_json, run_job

    inputs, pair = asked(a, b, flags)
    finished = run_job("match", inputs, {**flags, PAIR.key: pair}, (PAIR, *FLAGS), out)
    if flags.get("json"):
        print_json({**finished.result, "folder": str(finished.folder.resolve())})
    else:
        report(finished.result, finished.folder)
