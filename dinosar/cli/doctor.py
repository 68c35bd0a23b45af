"""`dinosar doctor`."""

from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("doctor")(doctor)


def doctor(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else.")] = False,
) -> None:
    """Look at this machine: libraries, weights, the hub, cache and disk; say what is broken and what to do about it."""
    from dataclasses import asdict

    from dinosar.cli.running import print_json
    from dinosar.doctor import examine
    from dinosar.errors import ExpectationError

    broken = []
    checks = []
    for check in examine():
        checks.append(check)
        if check.state == "broken":
            broken.append(check.name)
        if not json:
            typer.echo(f"{check.state:6}  {check.name:12}  {check.found}")
            if check.cure:
                typer.echo(f"{'':22}-> {check.cure}")
    if json:
        print_json({"checks": [asdict(check) for check in checks]})
    if broken:
        raise ExpectationError(f"broken: {', '.join(broken)}; the lines above say what to do")
