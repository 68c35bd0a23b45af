"""`dinosar evaluate spair ROOT` and `dinosar evaluate pairs FILE`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from dinosar.cli.flags import BACKBONE, COMMON, DRAWING, Flag, Meaning, choice, under, with_flags
from dinosar.cli.sections import Sectioned


def matcher(given: Mapping[str, Any]) -> Meaning:
    """--matcher, where sift is no way of matching but descriptors in place of a network's tokens."""
    word = given["matcher"]
    if word != "sift":
        return Meaning([("search.matcher", word, "--matcher")])
    idle = [
        f"--{name.replace('_', '-')}" for name in ("backbone", "require_dino", "model", "checkpoint") if name in given
    ]
    notes = [f"{' and '.join(idle)}: no effect beside --matcher sift"] if idle else []
    return Meaning([("backbone", {"use": "sift"}, "--matcher"), ("search.matcher", "nearest", "--matcher")], notes)


SEARCH = under(
    "Search",
    Flag(("--protocol",), "search.protocol", choice("Protocol", ("sd_dino", "dift", "probe3d")),
         "Whose way of asking it is, for numbers of different ones do not mix (default: sd_dino)."),
    Flag(("--matcher",), None, choice("Search", ("nearest", "mutual", "soft-argmax", "sift")),
         "How answers are found; sift: nearest descriptors of SIFT, and no network (default: nearest).",
         translate=matcher, metavar="nearest|mutual|soft-argmax|sift"),
    Flag(("--image-size", "--img-size"), "search.size", int, "Side shown in px, instead of that of the protocol."),
)  # fmt: skip
MEASURE = under(
    "Measure",
    Flag(("--alpha",), "measure.alphas", float,
         "Right within so much of the box, or of the image; repeatable (default: 0.01 0.05 0.1 0.15 0.2).", many=True,
         metavar="SHARE"),
    Flag(("--draws",), "measure.draws", int, "Resamplings of the pairs behind each interval (default: 2000)."),
    Flag(("--seed",), "seed", int, "Of the resamplings, and of pairs drawn from categories (default: 0)."),
)  # fmt: skip
PICTURES = under(
    "Pictures",
    *DRAWING,
    Flag(("--worst",), "figures.worst", int, "Pairs drawn, the worst first (default: 6)."),
)
NETWORK = tuple(flag for flag in BACKBONE if flag.key != "attn_layers")
SHARED = (*COMMON, *NETWORK, *SEARCH, *MEASURE, *PICTURES)
PAIRS = under(
    "Pairs",
    Flag(("--split",), "split", choice("Split", ("trn", "val", "test")), "Which pairs (default: test)."),
    Flag(("--size",), "list_size", choice("ListSize", ("large", "small")),
         "Which list of them: all, or the fifth that is published as small (default: large)."),
    Flag(("--category",), "categories", str, "Only this category; repeatable.", many=True, metavar="NAME"),
    Flag(("--pairs-per-category",), "per_category", int,
         "So many pairs of each, drawn by --seed (default: 200 for probe3d, else all)."),
)  # fmt: skip
OWN = (
    Flag(("--landmarks",), "inputs.landmarks", str,
         "A file of landmarks that names the pictures; repeatable (default: COCO keypoints beside them).", many=True,
         metavar="FILE"),
)  # fmt: skip
Out = Annotated[Path | None, typer.Option("--out", "-o", metavar="DIR", help="Folder of the run (default: ./output).")]


def add_to(commands: typer.Typer) -> None:
    """Register both commands."""
    commands.command("spair", cls=Sectioned)(spair)
    commands.command("pairs", cls=Sectioned)(pairs)


@with_flags((*PAIRS, *SHARED))
def spair(
    root: Annotated[Path, typer.Argument(metavar="ROOT", help="SPair-71k: its folder, or its tar or zip.")],
    out: Out = None,
    *,
    flags: dict[str, Any],
) -> None:
    """PCK on SPair-71k: which keypoints a backbone finds again elsewhere. A killed run goes on where it was."""
    _evaluate("evaluate-spair", {"collection": root}, flags, (*PAIRS, *SHARED), out)


@with_flags((*OWN, *SHARED))
def pairs(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A list of pairs of pictures, JSON or CSV.")],
    out: Out = None,
    *,
    flags: dict[str, Any],
) -> None:
    """PCK on your own pairs of pictures with landmarks. A killed run goes on where it was."""
    _evaluate("evaluate-pairs", {"pairs": file}, flags, (*OWN, *SHARED), out)


def _evaluate(command: str, inputs: dict[str, Any], flags: dict[str, Any], table: tuple[Flag, ...],
              out: Path | None) -> None:  # fmt: skip
    """Carry the job out with progress, and say what came of it."""
    from dinosar.cli.evaluation_report import conclude, report
    from dinosar.cli.progress import progress
    from dinosar.cli.running import print_json, run_job

    with progress():
        finished = run_job(command, inputs, flags, table, out)
    if flags.get("json"):
        print_json({**finished.result, "folder": str(finished.folder.resolve())})
    else:
        report(finished.result, finished.folder)
    conclude(finished.noun)
