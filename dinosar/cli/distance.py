"""`dinosar distance A B`, `--pairs FILE`, or `--frames DIR_A DIR_B`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from dinosar.cli.flags import Flag, choice, under, with_flags
from dinosar.cli.frame_flags import BATCH_SIZE, SHARED
from dinosar.cli.sections import Sectioned

IMAGES = (
    Flag(("--image-a",), None, str, "The same as A.", metavar="A"),
    Flag(("--image-b",), None, str, "The same as B.", metavar="B"),
)
DISTANCE = under(
    "Distance",
    Flag(("--pooling",), "pooling", choice("Pooling", ("patches", "all")),
         "Tokens whose mean is the embedding; all counts the summary token (default: patches)."),
    Flag(("--fail-above",), "fail_above", float, "Exit code 7 where a distance is above this.", metavar="DISTANCE"),
    Flag(("--visualize",), "visualize", bool, "Draw similarities, mismatches, vector field, components.", value=True),
    Flag(("--arrow-stride",), "arrows.stride", int,
         "One arrow for every so many rows and columns of patches (default: 4)."),
    Flag(("--arrow-filter",), "arrows.show", choice("Arrows", ("all", "reciprocal")),
         "reciprocal leaves out arrows that nobody answers (default: all)."),
    Flag(("--no-pca",), "pca", bool, "No picture of the principal components.", value=False),
    BATCH_SIZE,
)  # fmt: skip
FLAGS = (*IMAGES, *SHARED, *DISTANCE)


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("distance", cls=Sectioned)(distance)


@with_flags(FLAGS)
def distance(
    a: Annotated[Path | None, typer.Argument(metavar="A", help="A picture.")] = None,
    b: Annotated[Path | None, typer.Argument(metavar="B", help="Another.")] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="DIR", help="Folder of the run (default: ./output; one pair alone that is "
                     "not drawn writes nothing)."),
    ] = None,
    *,
    flags: dict[str, Any],
) -> None:  # fmt: skip
    """Tell how far two pictures are apart, by their pooled embeddings; many pairs, or frame by frame."""
    from dinosar.cli.frame_inputs import Asked, sorted_configs
    from dinosar.cli.frame_report import conclude, report
    from dinosar.cli.frame_run import measured
    from dinosar.errors import UsageError, shown

    configs, listed = sorted_configs(flags.get("config") or [])
    named = ((a, flags.get("image_a")), (b, flags.get("image_b")), (flags.get("pairs"), listed))
    for one, other in named:
        if one and other:
            raise UsageError(f"'{shown(one)}' and '{shown(other)}' are both named for the same; name one")
    asked = Asked.of("A B", *(one or other for one, other in named), flags.get("frames"))
    found = measured("distance", asked, {**flags, "config": configs}, FLAGS, out)
    report(found, bool(flags.get("json")))
    conclude(found)
