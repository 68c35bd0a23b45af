"""What `dinosar compare` says on the screen: the scores as a short table, and where everything is."""

from pathlib import Path
from typing import Any

import typer

from dinosar.cli.running import table


def report(result: dict[str, Any], folder: Path) -> None:
    """The scores, what they rest on, and the folder."""
    typer.echo(f"A {result['a']}\nB {result['b']}")
    typer.echo(f"backbone {result['backbone']}, masker {result['masker']}, matcher {result['matcher']}\n")
    scores = result["scores"]
    rows = [["dissimilarity", "distance", "of random", "A to B", "B to A", "median", "p95"]]
    rows += [_row(name, score, name == result["distance_is"]) for name, score in scores.items()]
    typer.echo("\n".join(table(rows)))
    for name, score in scores.items():
        if "not_computed" in score:
            typer.echo(f"{name}: not computed: {score['not_computed']}")
    typer.echo("\n* the distance of the pair; 0 = identical, of random 1 = no nearer than random patch pairs")
    if "alignment" in result:
        typer.echo(f"alignment: {result['alignment']['how']}")
    _matched(result)
    if isinstance(result.get("homology"), dict):
        typer.echo("\n".join(_homology(result["homology"])))
    typer.echo(f"\npictures and tables: {folder.resolve()}")


def _row(name: str, score: dict[str, Any], chosen: bool) -> list[str]:
    """One score as cells; medians and p95 of both directions, A to B first."""
    parts = [score[k] for k in ("a_to_b", "b_to_a", "pooled") if k in score]
    means = [f"{score[k]['mean']:.4f}" if k in score else "-" for k in ("a_to_b", "b_to_a")]
    numbers = [f"{score[key]:.4f}" if key in score else "-" for key in ("distance",)]
    share = f"{score['of_random']:.3f}" if "of_random" in score else "-"
    spread = ["/".join(f"{part[key]:.3f}" for part in parts) or "-" for key in ("median", "p95")]
    return [f"{'*' if chosen else ' '} {name}", *numbers, share, *means, *spread]


def _matched(result: dict[str, Any]) -> None:
    """How many patches found a match, where not all did."""
    counts = {side.upper(): (each.get("matched"), each["compared"]) for side, each in result["patches"].items()}
    if any(matched is not None and matched < compared for matched, compared in counts.values()):
        told = ", ".join(f"{matched} of {compared} patches of {side}" for side, (matched, compared) in counts.items())
        among = ", verified of the verified among them" if "verified" in result["scores"] else ""
        typer.echo(f"matched: {told}; distances are of those{among}")


def _homology(found: dict[str, Any]) -> list[str]:
    """What the cells rest on, in a line or two."""
    where = "that the features propose" if found["landmarks"] == "proposed" else f"of {found['file']}"
    shares = found["share_of_specimen"]
    width, height = found["cell"]["network_px"]
    lines = [
        f"homology: {found['counted']} of {found['rows']} x {found['columns']} cells of {width:.4g} x {height:.4g} px, "
        f"between {found['used']} landmarks {where}; they cover {shares['a']:.0%} of A and {shares['b']:.0%} of B"
    ]
    if found["not_shared"]:
        lines.append(f"landmarks that one specimen lacks: {', '.join(found['not_shared'])}")
    return lines
