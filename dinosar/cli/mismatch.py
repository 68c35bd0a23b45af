"""`dinosar mismatch --ref A --proc B --out DIR`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from dinosar.cli.flags import Flag, choice, under, with_flags
from dinosar.cli.frame_flags import SHARED
from dinosar.cli.sections import Sectioned

MAP = under(
    "Map",
    Flag(("--boost",), "map.boost", float,
         "Factor on patches whose best answer has a better one of its own; 1 is off (default: 1.25)."),
    Flag(("--normalization",), "map.normalization", choice("Normalize", ("global", "per-direction", "none")),
         "global stretches both maps together, per-direction each alone, none neither (default: global).",
         metavar="WORD"),
    Flag(("--vmin",), "map.vmin", float,
         "Boosted 1 - cosine drawn as nothing, so that overlays can be compared (default: 0 beside --vmax)."),
    Flag(("--vmax",), "map.vmax", float, "Boosted 1 - cosine drawn as the most (default: 1 beside --vmin)."),
    Flag(("--colormap",), "map.colormap", str, "A colour map of matplotlib (default: hot).", metavar="NAME"),
    Flag(("--alpha",), "map.alpha", float, "Weight of the colours over the picture (default: 0.5)."),
    Flag(("--alpha-mode",), "map.alpha_mode", choice("AlphaMode", ("constant", "proportional")),
         "proportional leaves the picture as it is where nothing mismatches (default: constant)."),
)  # fmt: skip
CHARTS = under(
    "Frames", Flag(("--no-charts",), "figures.charts", bool, "The overlay alone, without charts.", value=False)
)
FLAGS = (*SHARED, *CHARTS, *MAP)


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("mismatch", cls=Sectioned)(mismatch)


@with_flags(FLAGS)
def mismatch(
    ref: Annotated[Path | None, typer.Option("--ref", metavar="A", help="The reference.")] = None,
    proc: Annotated[Path | None, typer.Option("--proc", metavar="B", help="The picture that is judged.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="Folder of the run (default: ./output).")
    ] = None,
    *,
    flags: dict[str, Any],
) -> None:
    """Show where B differs from its reference A: an overlay of B's size, numbers, and a record that runs again."""
    from dinosar.cli.frame_inputs import Asked
    from dinosar.cli.frame_report import conclude, report
    from dinosar.cli.frame_run import measured

    asked = Asked.of("--ref A --proc B", ref, proc, flags.get("pairs"), flags.get("frames"))
    found = measured("mismatch", asked, flags, FLAGS, out)
    report(found, bool(flags.get("json")))
    conclude(found)
