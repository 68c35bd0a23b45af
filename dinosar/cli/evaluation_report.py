"""What an evaluation over pairs says on the screen, and with which exit code it ends."""

from pathlib import Path
from typing import Any

import typer

from dinosar.cli.running import table
from dinosar.evaluation.reporting import alpha_shown

TOLD = 5
"""Failures that are told of one by one."""


def report(result: dict[str, Any], folder: Path) -> None:
    """What was measured; PCK by the box, category by category and over all; the folder."""
    typer.echo(f"{result['counted']}\nbackbone {result['backbone']}; protocol {result['protocol']}, shown at "
               f"{result['shown_px']} px, matcher {result['matcher']}")  # fmt: skip
    without = f", {result['pairs_without_keypoints']} without keypoints" if result["pairs_without_keypoints"] else ""
    failed = f", {result['failed']} more failed" if result["failed"] else ""
    typer.echo(f"{result['pairs']} pair{'s' * (result['pairs'] != 1)}{without}{failed}\n")
    alphas = [repr(alpha) for alpha in result["alphas"]]
    rows = [[f"by the {result['box_is']}", "pairs", "keypoints", *(f"PCK@{alpha}" for alpha in alphas)]]
    if result["by_category"]:
        rows += [_row(name, group, "per_point", alphas) for name, group in result["categories"].items()]
        rows.append(_row("mean of categories", result["macro"], "per_point", alphas))
    rows += [_row(name, result["overall"], kind, alphas) for name, kind in (("all, by keypoint", "per_point"),
                                                                           ("all, by pair", "per_image"))]  # fmt: skip
    typer.echo("\n".join(table(rows)))
    if result["by_category"]:
        typer.echo("categories and their mean are by keypoint")
    typer.echo("\n" + _intervals(result))
    typer.echo(f"\n{'pictures and tables' if result['drawn'] else 'tables'}: {folder.resolve()}")


def _row(name: str, group: dict[str, Any], kind: str, alphas: list[str]) -> list[str]:
    shares = [_number(group["pck"]["box"][alpha][kind]) for alpha in alphas]
    return [name, str(group["pairs"]), str(group["keypoints"]), *shares]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f}"


def _intervals(result: dict[str, Any]) -> str:
    """How sure the number is that papers report, and how many keypoints got an answer at all."""
    alpha = repr(alpha_shown(result["alphas"]))
    found = result["overall"]["pck"]["box"][alpha]
    told = []
    for what, kind in (("by keypoint", "per_point"), ("by pair", "per_image")):
        ends = found[f"{kind}_interval"]
        sure = f" [{100 * ends[0]:.1f}, {100 * ends[1]:.1f}]" if ends else ""
        told.append(f"{what} {_number(found[kind])}{sure}")
    answered = result["overall"]["answered"]
    share = "" if answered is None else f"; {100 * answered:.1f} % of the keypoints got an answer"
    level = f"{100 * result['interval']['level']:g} %"
    return f"PCK@{alpha} with {level} intervals of resampled pairs: {', '.join(told)}{share}"


def conclude(work: Any) -> None:
    """Exit code 4 where some pairs could not be answered."""
    from dinosar.errors import PartialError

    if work.failed:
        for row in work.failed[:TOLD]:
            typer.echo(f"failed: {row['id']}: {row['error']}", err=True)
        raise PartialError(f"{len(work.failed)} of {len(work.rows)} pairs failed; errors.csv names them all")
