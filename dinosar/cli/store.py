"""`dinosar store info|clear`."""

import typer

from dinosar.cli.commands import COMMANDS

commands = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help=COMMANDS["store"])


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(commands, name="store")


@commands.command()
def info(json: bool = typer.Option(False, "--json", help="Print one JSON object.")) -> None:
    """Where the store is, and what it holds: an item is what one network said of one image, features or a mask."""
    from dinosar.cli.running import print_json
    from dinosar.store import Store

    store = Store()
    contents = store.contents()
    if json:
        print_json(
            {
                "folder": str(store.folder),
                "items": contents.items,
                "bytes": contents.size,
                "backbones": contents.by_backbone,
            }
        )
        return
    typer.echo(f"{store.folder}\n{contents.items} items, {contents.size / 1e6:.1f} MB")
    for name, count in sorted(contents.by_backbone.items()):
        typer.echo(f"  {name}: {count}")


@commands.command()
def clear() -> None:
    """Remove everything the store holds; it fills again by itself."""
    from dinosar.store import Store

    before = Store().clear()
    typer.echo(f"removed {before.items} items, {before.size / 1e6:.1f} MB")
