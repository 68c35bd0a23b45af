"""`dinosar rerun RUN/run.yaml`."""

from pathlib import Path
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("rerun")(rerun)


def rerun(
    record: Annotated[Path, typer.Argument(metavar="RUN.YAML", help="The record of an earlier run, or its folder.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Where the new run goes (default: beside the old).")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else.")] = False,
) -> None:
    """Run a record again and say, score by score and file by file, what is identical and what differs."""
    from dinosar.cli.running import print_json
    from dinosar.errors import ExpectationError
    from dinosar.rerun import run_again

    found = run_again(record, out)
    if json:
        print_json(found.as_dict())
    else:
        typer.echo("\n".join(found.lines()))
    if found.differs:
        raise ExpectationError(f"the new run differs from the record in {found.differs} places")
