"""`dinosar plugins`, `plugins show|check|new`."""

from pathlib import Path
from typing import Annotated

import typer

from dinosar.cli.commands import COMMANDS
from dinosar.cli.flags import choice

KINDS = choice("Kind", ("backbone", "masker", "matcher"))
commands = typer.Typer(rich_markup_mode=None, help=COMMANDS["plugins"])


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(commands, name="plugins")


@commands.callback(invoke_without_command=True)
def listing(
    context: typer.Context,
    long: Annotated[bool, typer.Option("--long", "-l", help="Import each and show what it is.")] = False,
) -> None:
    """List the parts that can be named: backbones, maskers, matchers. Nothing is imported unless --long is given."""
    if context.invoked_subcommand:
        return
    from dinosar.cli.running import columns
    from dinosar.registry import cards

    rows = [
        (card.kind, card.name, f"{card.package} {card.version}", _described(card) if long else "") for card in cards()
    ]
    typer.echo("\n".join(columns(rows)), nl=bool(rows))


def _described(card: object) -> str:
    """The first line of a part's docstring, or why it cannot be had."""
    from dinosar.errors import DinosarError

    try:
        return (card.load().__doc__ or "").strip().split("\n")[0]  # type: ignore[attr-defined]
    except DinosarError as problem:
        return f"BROKEN: {problem}"


@commands.command()
def show(name: Annotated[str, typer.Argument(help="A part by name, or module:Class.")]) -> None:
    """What a part does, and its options with defaults and reasons, as they may stand in a config."""
    from dinosar.plugin_pages import page
    from dinosar.registry import find_anywhere

    typer.echo("\n\n".join(page(card) for card in find_anywhere(name)))


@commands.command()
def check(name: Annotated[str, typer.Argument(help="A part by name, or module:Class.")]) -> None:
    """Run the conformance kit on a part; each clause of the contract is told with its outcome."""
    from dinosar.errors import PluginError
    from dinosar.registry import find_anywhere
    from dinosar.testing import check as check_part

    broken = 0
    for card in find_anywhere(name):
        typer.echo(card.title())
        for clause in check_part(card.kind, name):
            mark, why = ("ok    ", "") if clause.holds else ("BROKEN", f": {clause.why}")
            typer.echo(f"  {mark}  {clause.promise}{why}")
            broken += not clause.holds
    if broken:
        raise PluginError(f"'{name}' breaks {broken} of its promises; mend the lines marked BROKEN")


@commands.command()
def new(
    name: Annotated[str, typer.Argument(help="Name of the part, in lower case, e.g. my-masker.")],
    kind: Annotated[KINDS, typer.Option("--kind", help="Which slot it fills.")],  # type: ignore[valid-type]
    out: Annotated[Path, typer.Option("--out", "-o", help="Where the package's folder goes.")] = Path(),
) -> None:
    """Write an installable package with a part that works and passes the kit, to start from."""
    from dinosar.plugin_skeleton import write_skeleton

    folder = write_skeleton(name, kind.value, out)  # type: ignore[attr-defined]
    typer.echo(f"{folder.resolve()}\nnext: python -m pip install -e {folder}   then: dinosar plugins check {name}")
