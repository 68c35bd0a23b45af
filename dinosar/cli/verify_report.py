"""What `retrieve verify` and `retrieve localize` say on the screen, and with which exit code they end."""

from typing import TYPE_CHECKING, Any

import typer

from dinosar.cli.running import table
from dinosar.verification.pose_report import left_out_in_words

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
    told = f"{result['pairs']} pairs of {result['queries']} queries; matches: {result['matched_by']}"
    middle = f"median matches {_number(result['matches'], 0)}"
    if result["sought"]:
        told += f"; poses: {result['estimator']}, {result['threshold_px']:g} px"
        middle += f", of them in agreement with a pose {_number(result['inliers'], 0)}"
    typer.echo(f"{told}\n{middle}")
    if not result["per_pair"]["judged"]:
        typer.echo(f"\nno pose can be judged: {left_out_in_words(result)}")
        return
    areas = list(result["per_pair"]["auc"])
    rows = [["", "judged", "pose found", *(f"AUC@{each}" for each in areas), "median error"]]
    for key, name in GROUPS:
        group = result[key]
        median = "-" if group["median_error"] is None else f"{group['median_error']:.2f}°"
        rows.append([name, str(group["judged"]), str(group["found"]),
                     *(_number(group["auc"][each], 3) for each in areas), median])  # fmt: skip
    typer.echo("\n" + "\n".join(table(rows)))
    _left_out(result)


def _left_out(result: dict[str, Any]) -> None:
    """Which pairs are in the areas, and which are not."""
    lost = result["per_pair"]["judged"] - result["per_pair"]["found"]
    if lost:
        typer.echo(f"{lost} of which no pose was found count as missed")
    why = left_out_in_words(result)
    if why:
        typer.echo(f"AUC is of {result['per_pair']['judged']} of {result['pairs']} pairs; left out: {why}")
    missed = result["per_pair_with_failed_as_missed"]
    if missed is not None:
        words = ", ".join(f"{_number(area, 3)} at {most}" for most, area in missed.items())
        typer.echo(f"did the failed ones count as missed, AUC would be {words}")


def localized(finished: "Finished", quiet: bool) -> None:
    """How many queries were placed and how well; exit code 4 where some were not, or pairs could not be used."""
    result, placed = finished.result, finished.noun
    if not quiet and result["by"] == "pycolmap":
        typer.echo(f"{result['placed']} of {result['queries']} queries placed; matches: {result['matched_by']}")
        known = result["with_true_pose"]
        if known and result["median_place_error"] is None:
            typer.echo(f"there is no median error: half or more of the {known} queries with a known pose have no place")
        elif known:
            place, turn = _number(result["median_place_error"], 3), _number(result["median_rotation_error"], 2)
            typer.echo(f"median error {place} units of the model and {turn}°, of {known} known poses")
    if not quiet:
        typer.echo(f"\n{finished.folder.resolve()}")
    failed = [
        (each.name, "; ".join(filter(None, [each.why, *each.problems[:1]])))
        for each in placed if each.pose is None or each.problems
    ]  # fmt: skip
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
