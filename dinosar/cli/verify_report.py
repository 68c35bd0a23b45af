"""What `retrieve verify` and `retrieve localize` say on the screen, and with which exit code they end."""

from typing import TYPE_CHECKING, Any

import typer

from dinosar.cli.running import table

if TYPE_CHECKING:
    from dinosar.jobs import Finished

TOLD = 5
"""Failures that are told of one by one."""
GROUPS = (("per_pair", "all pairs"), ("best_of_each_query", "best of each query"))


def verified(finished: "Finished", quiet: bool) -> None:
    """AUC over all pairs and over the best of each query; exit code 4 where some pairs could not be looked at."""
    result, work = finished.result, finished.noun
    if not quiet:
        _poses(result)
        typer.echo(f"\n{finished.folder.resolve()}")
    _conclude([(f"{row['query']} {row['database']}", row["why"]) for row in work.failed], len(work.rows), "pairs",
              "errors.csv")  # fmt: skip


def _poses(result: dict[str, Any]) -> None:
    judged = result["per_pair"]["judged"]
    typer.echo(f"{result['pairs']} pairs of {result['queries']} queries; matches: {result['matched_by']}; poses: "
               f"{result['estimator']}, {result['threshold_px']:g} px")  # fmt: skip
    typer.echo(f"median matches {_number(result['matches'], 0)}, of them in agreement with a pose "
               f"{_number(result['inliers'], 0)}")  # fmt: skip
    if not judged:
        typer.echo("\nno pair has intrinsics and true poses of both images, so no pose can be judged")
        return
    areas = list(result["per_pair"]["auc"])
    rows = [["", "judged", "pose found", *(f"AUC@{each}" for each in areas), "median error"]]
    for key, name in GROUPS:
        group = result[key]
        median = "-" if group["median_error"] is None else f"{group['median_error']:.2f}°"
        rows.append([name, str(group["judged"]), str(group["found"]),
                     *(_number(group["auc"][each], 3) for each in areas), median])  # fmt: skip
    typer.echo("\n" + "\n".join(table(rows)))


def localized(finished: "Finished", quiet: bool) -> None:
    """How many queries were placed and how well; exit code 4 where some were not, or pairs could not be used."""
    result, placed = finished.result, finished.noun
    if not quiet and result["by"] == "pycolmap":
        typer.echo(f"{result['placed']} of {result['queries']} queries placed; matches: {result['matched_by']}")
        if result["with_true_pose"]:
            place, turn = _number(result["median_place_error"], 3), _number(result["median_rotation_error"], 2)
            typer.echo(
                f"median error {place} units of the model and {turn}°, of {result['with_true_pose']} known poses"
            )
    if not quiet:
        typer.echo(f"\n{finished.folder.resolve()}")
    failed = [(each.name, each.why or each.problems[0]) for each in placed if each.pose is None or each.problems]
    _conclude(failed, len(placed), "queries", "localized.csv")


def _conclude(failed: list[tuple[str, str]], total: int, what: str, file: str) -> None:
    """Exit code 4 where something could not be had."""
    from dinosar.errors import PartialError

    for name, problem in failed[:TOLD]:
        typer.echo(f"failed: {name}: {problem}", err=True)
    if failed:
        raise PartialError(f"{len(failed)} of {total} {what} failed, or only in part succeeded; {file} names them all")


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
