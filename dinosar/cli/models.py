"""`dinosar models list|show|fetch|import|verify`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dinosar.cli.commands import COMMANDS

if TYPE_CHECKING:
    from dinosar.weights import Model

commands = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help=COMMANDS["models"])
NAME = typer.Argument(help="A model by its short name, as `dinosar models list` shows it, or by its timm id.")


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(commands, name="models")


@commands.command("list")
def listing(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object with everything that is known.")] = False,
) -> None:
    """List the published models, their sizes and licences, and which are here."""
    from dinosar.cli.running import columns, print_json
    from dinosar.weights import locate, models

    if json:
        print_json({"models": [_facts(model) for model in models()]})
        return
    rows = [("name", "for", "size", "here", "id", "licence")]
    for model in models():
        here = "yes" if locate(model) else "-"
        rows.append((model.name, model.part, model.about, here, model.id, model.licence.split(" (")[0]))
    typer.echo("\n".join(columns(rows)))


@commands.command()
def show(
    name: Annotated[str, NAME],
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show one model: address, licence, size, where it lies or would lie."""
    from dinosar.cli.running import columns, print_json
    from dinosar.weights import named

    facts = _facts(named(name))
    if json:
        print_json(facts)
        return
    facts["size"] = facts.pop("about")
    typer.echo("\n".join(columns([(key, str(value or "-")) for key, value in facts.items()])))


@commands.command()
def fetch(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Models by short name or timm id.")],
    revision: Annotated[
        str | None,
        typer.Option("--revision", metavar="REV", help="A commit, branch or tag of the hub (default: main)."),
    ] = None,
) -> None:
    """Fetch models to where other programs find them, too; remember their hashes."""
    from dinosar import weights
    from dinosar.errors import UsageError

    models = [weights.named(name) for name in names]
    if revision and not all(model.on_hub for model in models):
        raise UsageError("--revision is for models of the hub; those of rembg have none")
    for model in models:
        found = weights.fetch(model, revision)
        at = f"  revision {found.revision}" if found.revision else ""
        typer.echo(f"{model.name}  {found.path}{at}  sha256 {weights.sha256(found.path)}")


@commands.command("import")
def bring(
    file: Annotated[Path, typer.Argument(help="A .safetensors, .pth or .onnx file that you have.")],
    name: Annotated[str | None, typer.Option("--as", metavar="NAME", help="Which model it is, where the file "
                                             "itself does not say.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace another file of the same model.")] = False,
) -> None:  # fmt: skip
    """Copy a file of weights to where it will be found.

    Which model it is is read off what is in it.
    """
    from dinosar.weights.importing import import_file

    done = import_file(file, name, overwrite=overwrite)
    how = "copied to" if done.copied else "is there already:"
    typer.echo(f"{done.model.name}  {how} {done.located.path}  sha256 {done.sha256}")


@commands.command()
def verify(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME...]", help="Models to look at (default: all that are here).")
    ] = None,
) -> None:
    """Read models again and compare their hashes.

    They are held against those at first sight, those that the hub gave, and those of the release.
    """
    from dinosar import weights
    from dinosar.errors import WeightsError

    models = [weights.named(name) for name in names or []]
    for model in models:
        if weights.locate(model) is None:
            raise weights.missing(model, "there is nothing to verify")
    found = [(model, place) for model in models or weights.models() for place in weights.places(model)]
    if not found:
        typer.echo("no model is here")
    problems = 0
    for model, place in found:
        try:
            agreeing = weights.check(model, place, again=True)
            verdict = f"agrees with {', '.join(agreeing)}" if agreeing else "first seen now"
        except WeightsError as problem:
            problems, verdict = problems + 1, f"DIFFERS: {problem}"
        typer.echo(f"{model.name}  {verdict}  {place.path}")
    if problems:
        raise WeightsError(f"{problems} of the files are not what they should be; mend the lines marked DIFFERS")


def _facts(model: "Model") -> dict[str, Any]:
    """All that is known of a model, as plain data."""
    from dataclasses import asdict

    from dinosar.weights import locate, target

    found = locate(model)
    facts: dict[str, Any] = {**asdict(model), "about": model.about, "target": str(target(model))}
    return facts | {
        "path": str(found.path) if found else None,
        "revision": found.revision if found else None,
        "source": found.source if found else None,
    }
