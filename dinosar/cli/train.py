"""`dinosar train overlap`: a head that learns which patches show the same place."""

import logging
from pathlib import Path
from typing import Annotated, Any

import typer

from dinosar.cli.commands import COMMANDS
from dinosar.cli.flags import BACKBONE, COMMON, DRAWING, Flag, choice, under, with_flags
from dinosar.cli.sections import Sectioned

commands = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help=COMMANDS.get("train"))
TOLD = 5
"""Photographs that could not be read of which the reason is printed."""
OVERLAP = (
    Flag(("--images",), "inputs.images", str, "Folder of the photographs, or of the collection.", metavar="DIR"),
    *COMMON,
    *tuple(flag for flag in BACKBONE if flag.key != "attn_layers"),
    *under(
        "Pairs",
        Flag(("--data",), "data.name", str, "warps: views of any photographs; megadepth or module:Class: by depth and "
             "pose; megadepth_easy: by files of labels (default: warps).", metavar="NAME"),
        Flag(("--labels",), "inputs.labels", str, "File of labels, or its folder.", metavar="PATH"),
        Flag(("--size", "--imsize"), "image.size", int, "Long side shown to the backbone, in px (default: 224)."),
        Flag(("--batch-size",), "data.batch_size", int, "Pairs of a step (default: 32)."),
    ),
    *under(
        "Learning",
        Flag(("--epochs",), "train.epochs", int, "How often every pair is seen (default: 30)."),
        Flag(("--lr",), "train.lr", float, "Learning rate (default: 0.0001)."),
        Flag(("--seed",), "train.seed", int, "Of pairs, looks, dropout and the first weights (default: 0)."),
        Flag(("--mixed-precision",), "train.mixed_precision", choice("Mixed", ("float16", "bfloat16")),
             "Compute the head in half precision."),
        Flag(("--learn-on",), "train.device", choice("LearnOn", ("auto", "cpu", "cuda", "mps")),
             "Where the head learns (default: cpu; --device is where the backbone runs)."),
    ),
    *under("Pictures", *DRAWING),
)  # fmt: skip
Out = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="DIR", help="Folder of the run (default: one in ./runs).")
]


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    if not commands.registered_commands:
        commands.command("overlap", cls=Sectioned)(overlap)
        commands.callback()(_group)
    app.add_typer(commands, name="train")


def _group() -> None:
    """Keeps `overlap` a word of its own while it is the only one."""


@with_flags(OVERLAP)
def overlap(out: Out = None, *, flags: dict[str, Any]) -> None:
    """Train a head on patches of a frozen backbone. The same command goes on where a killed one was.

    Presets: overlap_warps learns from any folder of photographs, overlap_megadepth from MegaDepth.
    """
    from dinosar.cli.progress import progress
    from dinosar.cli.running import print_json, run_job
    from dinosar.training.fleet import rank

    if rank():  # the first process says it all
        logging.getLogger("dinosar").setLevel(logging.ERROR)
    with progress():
        finished = run_job("train-overlap", {}, flags, OVERLAP, out)
    if rank():
        return
    if flags.get("json"):
        print_json({**finished.result, "folder": str(finished.folder.resolve())})
    else:
        report(finished.result, finished.folder)
    conclude(finished.noun[1], finished.result["photos"])


def conclude(broken: dict[str, str], photos: int) -> None:
    """Exit code 4 where photographs were left out."""
    from dinosar.errors import PartialError, shown

    for name, problem in list(broken.items())[:TOLD]:
        typer.echo(f"failed: {shown(name)}: {problem}", err=True)
    if broken:
        raise PartialError(f"{len(broken)} of {photos} photographs were left out; errors.csv names them all")


def report(result: dict[str, Any], folder: Path) -> None:
    """What was learned from, how far it came, and what to do with it."""
    typer.echo(f"backbone {result['backbone']}; head of {result['parameters']} parameters")
    typer.echo(
        f"{result['pairs']} pairs, {result['pairs_overlapping']} of them overlapping; {result['epochs']} "
        f"epoch{'s' * (result['epochs'] != 1)} of {result['steps'] // result['epochs']} steps"
    )
    for words, point in zip(("before", "best", "last"), result["validation"], strict=False):
        same = "not computed" if point["positive_cosine"] is None else f"{point['positive_cosine']:.3f}"
        typer.echo(
            f"validation {words:>6}: loss {point['total']:.4f}, cosine of same places {same}, "
            f"of others {point['negative_cosine']:.3f} (step {point['step']})"
        )
    head = folder.resolve() / "head.safetensors"
    typer.echo(f"\nhead: {head}\nto use it: dinosar retrieve query PHOTO --store DIR --head {head}")
