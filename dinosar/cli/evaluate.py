"""`dinosar evaluate landmarks T.json --truth F.json`; the others stand in files of their own."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dinosar.cli import evaluate_pairs, evaluate_retrieval
from dinosar.cli.commands import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dinosar.evaluation.landmarks import Summary
    from dinosar.evaluation.pairing import Evaluated

commands = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help=COMMANDS["evaluate"])


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    evaluate_pairs.add_to(commands)
    evaluate_retrieval.add_to(commands)
    app.add_typer(commands, name="evaluate")


@commands.command()
def landmarks(
    found: Annotated[Path, typer.Argument(metavar="T", help="The landmarks to be judged: any file of landmarks.")],
    truth: Annotated[Path, typer.Option("--truth", metavar="F", help="The true landmarks of the same photos.")],
    alpha: Annotated[
        list[float] | None,
        typer.Option(
            "--alpha", metavar="SHARE", help="Right within so much of the box; repeatable (default: 0.05, 0.1, 0.2)."
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="A folder for pck.csv and pck.json.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what is there.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Share of landmarks that are right (PCK), overall, for each image and for each landmark.

    Right is what lies within alpha times the longer side of the box around the image's true landmarks. A landmark that
    was not found is not right; "of found" leaves it out.
    """
    from dinosar.cli.running import print_json
    from dinosar.evaluation.landmarks import ALPHAS
    from dinosar.evaluation.pairing import evaluated
    from dinosar.landmarks.reading import read_landmarks

    alphas = _checked(alpha) or ALPHAS
    _check_out(out, overwrite)
    judged = evaluated(read_landmarks(found), read_landmarks(truth))
    result = _result(judged, alphas)
    if out is not None:
        _write(out, result, alphas)
    if json:
        print_json(result)
    else:
        _report(result, alphas, out)


def _checked(alphas: list[float] | None) -> tuple[float, ...]:
    """The alphas, ascending and each once."""
    from dinosar.errors import UsageError

    for value in alphas or []:
        if not 0 < value <= 10:  # NaN is not, either
            raise UsageError(f"--alpha {value:g}: give a share of the box above 0, as 0.1")
    return tuple(sorted(set(alphas or [])))


def _check_out(out: Path | None, overwrite: bool) -> None:
    """Complain about files that are there before anything is computed."""
    from dinosar.errors import ConflictError, shown

    for path in (out / name for name in ("pck.csv", "pck.json")) if out is not None else ():
        if path.exists() and not overwrite:
            raise ConflictError(f"output '{shown(path)}' is there already; choose another folder, or --overwrite")


def _result(judged: "Evaluated", alphas: tuple[float, ...]) -> dict[str, Any]:
    """Everything as plain data."""
    from dinosar.evaluation.landmarks import by_image, by_point, overall

    return {
        "alphas": list(alphas),
        "overall": _plain(overall(judged.images, alphas)),
        "images": [_plain(each) for each in by_image(judged.images, alphas)],
        "landmarks": [_plain(each) for each in by_point(judged.images, alphas)],
        "images_without_truth": list(judged.without_truth),
        "images_not_asked_for": list(judged.not_asked),
    }


def _plain(each: "Summary") -> dict[str, Any]:
    """A summary as plain data; what could not be computed is null."""
    return {
        "name": each.name, "true": each.true, "found": each.found, "not_found": each.true - each.found,
        "without_truth": each.extra,
        "pck": {f"{alpha:g}": {"correct": each.correct[alpha], "of_all": each.of_all(alpha),
                               "of_found": each.of_found(alpha)} for alpha in each.correct},
        "mean_px": each.mean_px, "median_px": each.median_px,
        "mean_share": each.mean_share, "median_share": each.median_share,
    }  # fmt: skip


def _groups(result: dict[str, Any]) -> "Iterable[tuple[str, dict[str, Any]]]":
    """Every summary with what it is of."""
    yield "overall", result["overall"]
    yield from (("image", each) for each in result["images"])
    yield from (("landmark", each) for each in result["landmarks"])


def _write(out: Path, result: dict[str, Any], alphas: tuple[float, ...]) -> None:
    """Write pck.csv, one row for each summary, and pck.json."""
    from dinosar.publishing import csv_bytes, json_bytes, make_folder, publish

    counts = ("true", "found", "not_found", "without_truth")
    errors = ("mean_px", "median_px", "mean_share", "median_share")
    pck = [(f"{alpha:g}", kind) for alpha in alphas for kind in ("of_all", "of_found")]
    header = ["of", "name", *counts, *(f"pck_{alpha}_{kind}" for alpha, kind in pck), *errors]
    rows = [
        [of, each["name"], *(each[key] for key in counts), *(each["pck"][alpha][kind] for alpha, kind in pck),
         *(each[key] for key in errors)]
        for of, each in _groups(result)
    ]  # fmt: skip
    make_folder(out)
    publish(out / "pck.csv", csv_bytes(header, rows))
    publish(out / "pck.json", json_bytes(result))


def _report(result: dict[str, Any], alphas: tuple[float, ...], out: Path | None) -> None:
    """The table on the screen: PCK of all, and where some were not found, of found."""
    from dinosar.cli.running import table

    names = [f"{alpha:g}" for alpha in alphas]
    rows = [["", "true", "found", *(f"PCK@{name}" for name in names), f"of found@{names[-1]}", "median px", "of box"]]
    titles = {"overall": "", "image": "image ", "landmark": ""}
    for of, each in _groups(result):
        pck = [_number(each["pck"][name]["of_all"]) for name in names]
        last = _number(each["pck"][names[-1]]["of_found"])
        rows.append([f"{titles[of]}{each['name']}", str(each["true"]), str(each["found"]), *pck, last,
                     _number(each["median_px"], 1), _number(each["median_share"], 4)])  # fmt: skip
    typer.echo("\n".join(table(rows)))
    typer.echo("\nPCK@ of all that have a truth, and of those found; errors of those found")
    for key, what in (("images_without_truth", "without truth"), ("images_not_asked_for", "true but not asked for")):
        if result[key]:
            typer.echo(f"photos {what}: {len(result[key])}; they do not count")
    if out is not None:
        typer.echo(f"\n{(out / 'pck.csv').resolve()}\n{(out / 'pck.json').resolve()}")


def _number(value: float | None, digits: int = 3) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
