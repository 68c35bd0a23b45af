"""What is said on the screen after a dump, a query, a registration."""

from pathlib import Path
from typing import Any

import typer

from dinosar.cli.flags import Flag

QUERIES, TOLD = 10, 5
"""Queries whose answers are printed; failures that are."""


def dumped(
    command: str, inputs: dict[str, Any], flags: dict[str, Any], table: tuple[Flag, ...], out: Path | None
) -> None:
    """Dump with progress, and say what came of it."""
    from dinosar.cli.progress import progress
    from dinosar.cli.running import print_json, run_job

    with progress():
        finished = run_job(command, inputs, flags, table, out)
    result, (done, images) = finished.result, finished.noun
    if flags.get("json"):
        print_json({**result, "folder": str(finished.folder.resolve())})
    else:
        typer.echo(f"{images} images in {flags['into']}, as {result['backbone']} sees them")
        typer.echo(str(finished.folder.resolve()))
    _conclude([(each.name, each.problem) for each in done if each.problem], result["photos"], "photos")


def ranked(
    command: str, inputs: dict[str, Any], flags: dict[str, Any], table: tuple[Flag, ...], out: Path | None
) -> None:
    """Search with progress, and say what was found."""
    from dinosar.cli.progress import progress
    from dinosar.cli.running import print_json, run_job

    with progress():
        finished = run_job(command, inputs, flags, table, out)
    if flags.get("json"):
        print_json({**finished.result, "folder": str(finished.folder.resolve())})
    else:
        _report(finished.result)
        typer.echo(f"\n{finished.folder.resolve()}")
    _conclude_search(finished.noun.problems, finished.result)


def _report(result: dict[str, Any]) -> None:
    """The answers to the first queries, and how they were found."""
    from dinosar.cli.running import table
    from dinosar.errors import shown

    view = ["view"] if result["tiles"] else []
    rows = [["query", "rank", "image", *view, result["rule"], "overlap"]]
    for query, answers in list(result["answers"].items())[:QUERIES]:
        for each in answers:
            name = shown(query, 50) if each["rank"] == 1 else ""
            rows.append([name, str(each["rank"]), shown(each["image"], 60), *(each[key] or "-" for key in view),
                         _number(each["score"], 4), _number(each["overlap"], 2) + _silent(each)])  # fmt: skip
    typer.echo("\n".join(table(rows)))
    more = result["queries"] - QUERIES
    if more > 0:
        typer.echo(f"… and {more} more queries: ranking.csv holds all")
    short = result["shortlist"]
    of = (
        f"{result['images']} images"
        if short is None
        else f"the {short['size']} of {result['images']} images nearest by {short['by']}"
    )
    least = result["min_cosine"]
    hit = "no limit to hits is known" if least is None else f"hit above cosine {least:.3f}"
    typer.echo(f"\n{result['backbone']}, head {result['head']}; patches of {of}; {hit} ({result['min_cosine_is']})")


def _silent(answer: dict[str, Any]) -> str:
    """What is said of an answer without a vote; whether there is one is None where no limit to hits is known."""
    if answer["score"] is None:
        return "  (could not be compared)"
    return "  (no hit)" if answer["voted"] is False else ""


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _conclude_search(problems: list[tuple[str, str, str]], result: dict[str, Any]) -> None:
    """Exit code 4 where a query or an image could not be had, or a file not be written."""
    from dinosar.errors import PartialError, shown

    for _, name, problem in problems[:TOLD]:
        typer.echo(f"failed: {shown(name)}: {problem}", err=True)
    kinds = [kind for kind, _, _ in problems]
    if "file" in kinds:
        raise PartialError("pairs.txt was not written; errors.csv says why")
    asked = result["queries"] + kinds.count("query")
    counts = [
        f"{kinds.count(kind)} of {total} {words}"
        for kind, total, words in (("query", asked, "queries"), ("image", result["images"], "images")) if kind in kinds
    ]  # fmt: skip
    if counts:
        raise PartialError(f"{' and '.join(counts)} failed; errors.csv names them all")


def _conclude(failed: list[tuple[str, str]], total: int, what: str) -> None:
    """Exit code 4 where something could not be had."""
    from dinosar.errors import PartialError, shown

    for name, problem in failed[:TOLD]:
        typer.echo(f"failed: {shown(name)}: {problem}", err=True)
    if failed:
        raise PartialError(f"{len(failed)} of {total} {what} failed; errors.csv names them all")
