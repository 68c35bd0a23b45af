"""`dinosar features IMAGE --out F.npz`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from dinosar.cli.flags import BACKBONE, COMMON, IMAGE, Flag, with_flags
from dinosar.cli.sections import Sectioned

FLAGS = (
    *COMMON,
    Flag(
        ("--raw",), "raw", bool, "Tokens as the backbone gives them: float32, not normalised, not rounded.", value=True
    ),
    *BACKBONE,
    *IMAGE,
)


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("features", cls=Sectioned)(features)


@with_flags(FLAGS)
def features(
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help="A photo; all of it is used: no crop, no mask.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The .npz file to write.")],
    *,
    flags: dict[str, Any],
) -> None:
    """Write a photo's tokens (rows, columns, depth), summary, attention or saliency, and grid to a file."""
    from dinosar.cli.running import print_json, run_job

    finished = run_job("features", {"image": image}, flags, FLAGS, out)
    if flags.get("json"):
        print_json({**finished.result, "file": str(out.resolve())})
        return
    found = finished.result
    typer.echo(
        f"{found['image']}: {found['rows']} x {found['columns']} tokens of depth {found['depth']}, {found['backbone']}"
    )
    typer.echo(f"holds {', '.join(found['arrays'])}\n{out.resolve()}")
