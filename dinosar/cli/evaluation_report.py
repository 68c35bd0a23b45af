"""What an evaluation over pairs says on the screen, and with which exit code it ends."""

from pathlib import Path
from typing import Any

import typer

from dinosar.cli.running import table

TOLD = 5
"""Failures that are told of one by one."""


def report(result: dict[str, Any], folder: Path) -> None:
    """PCK by the box, category by category and over all; what was used; the folder."""
    size = f" at {result['size']} px" if result["size"] else ""
    typer.echo(f"backbone {result['backbone']}; protocol {result['protocol']}{size}, matcher {result['matcher']}")
    without = f", {result['pairs_without_keypoints']} without keypoints" if result["pairs_without_keypoints"] else ""
    failed = f", {result['failed']} failed" if result["failed"] else ""
    typer.echo(f"{result['pairs']} pairs{without}{failed}\n")
    alphas = [repr(alpha) for alpha in result["alphas"]]
    rows = [["by the box of the object", "pairs", "keypoints", *(f"PCK@{alpha}" for alpha in alphas)]]
    rows += [_row(name, group, "per_point", alphas) for name, group in result["categories"].items()]
    rows.append(_row("mean of categories", result["macro"], "per_point", alphas))
    rows += [_row(name, result["overall"], kind, alphas) for name, kind in (("all, by keypoint", "per_point"),
                                                                           ("all, by pair", "per_image"))]  # fmt: skip
    typer.echo("\n".join(table(rows)))
    typer.echo("\n" + "\n".join(_intervals(result, alphas)))
    typer.echo(f"\npictures and tables: {folder.resolve()}")


def _row(name: str, group: dict[str, Any], kind: str, alphas: list[str]) -> list[str]:
    shares = [_number(group["pck"]["box"][alpha][kind]) for alpha in alphas]
    return [name, str(group["pairs"]), str(group["keypoints"]), *shares]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f}"


def _intervals(result: dict[str, Any], alphas: list[str]) -> list[str]:
    """How sure the number is that papers report, and how many keypoints got an answer at all."""
    alpha = "0.1" if "0.1" in alphas else alphas[-1]
    found = result["overall"]["pck"]["box"][alpha]
    told = []
    for what, kind in (("by keypoint", "per_point"), ("by pair", "per_image")):
        ends = found[f"{kind}_interval"]
        sure = f" [{100 * ends[0]:.1f}, {100 * ends[1]:.1f}]" if ends else ""
        told.append(f"{what} {_number(found[kind])}{sure}")
    answered = result["overall"]["answered"]
    share = "" if answered is None else f"; {100 * answered:.1f} % of the keypoints got an answer"
    return [f"PCK@{alpha} with 95 % intervals of resampled pairs: {', '.join(told)}{share}"]


def conclude(work: Any) -> None:
    """Exit code 4 where some pairs could not be answered."""
    from dinosar.errors import PartialError

    if work.failed:
        for row in work.failed[:TOLD]:
            typer.echo(f"failed: {row['id']}: {row['error']}", err=True)
        raise PartialError(f"{len(work.failed)} of {len(work.rows)} pairs failed; errors.csv names them all")
