"""What `dinosar match` says on the screen: the foregrounds, the methods side by side, and where everything is."""

from pathlib import Path
from typing import Any

import typer

from dinosar.cli.running import table
from dinosar.sparse.side_by_side import cells


def report(result: dict[str, Any], folder: Path) -> None:
    """The foregrounds, the table, and the folder."""
    typer.echo(f"A {result['a']}\nB {result['b']}")
    typer.echo(f"backbone {result['backbone']}, matcher {result['matcher']}\n")
    for side, ground in result["foreground"].items():
        typer.echo(f"foreground of {side.upper()}: {ground_in_words(ground)}")
    typer.echo("\n" + "\n".join(table(cells(result["methods"]))))
    typer.echo(f"\nheld by a homography or an epipolar geometry to {result['tolerance_px']:g} network px; chance: of "
               "as many pairs tied at random")  # fmt: skip
    if "truth" in result:
        truth = result["truth"]
        typer.echo(f"\nkeypoints of {truth['pair']} right within {truth['alpha']:g} of the box: {truth['right']} of "
                   f"{truth['of']}; {truth['of'] - truth['answered']} have no match near them")  # fmt: skip
    typer.echo(f"\npictures and tables: {folder.resolve()}")


def ground_in_words(ground: dict[str, Any]) -> str:
    """Where a foreground comes from, in a line."""
    votes = {name: value for name, value in (ground.get("votes") or {}).items() if value is not None}
    names = {"attention": ground.get("attention_kind", "attention")}
    told = ", ".join(f"{names.get(name, name)} {value:+.2f}" for name, value in votes.items())
    how = ""
    if told and ground.get("given"):
        how = f"; sign {ground['sign']} as given; votes for it: {told}"
    elif told:
        how = f"; sign {ground['sign']} by votes ({told}), confidence {ground['confidence']:.2f}"
    why = f"; {ground['fallback_reason']}" if ground["fallback_reason"] else ""
    return f"{ground['method']}, {ground['patches']} of {ground['of']} patches{how}{why}"
