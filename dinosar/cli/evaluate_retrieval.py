"""`dinosar evaluate retrieval RUN --truth overlaps.csv`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from dinosar.cli.flags import COMMON, DRAWING, Flag, under, with_flags
from dinosar.cli.sections import Sectioned

FLAGS = (
    Flag(("--dataset", "-ds"), "dataset", str, "Whose tree --truth is, as megadepth; else it is a table.",
         metavar="NAME"),
    Flag(("-k",), "k", int, "Recall among the first so many; repeatable (default: 1 5 10).", many=True, metavar="N"),
    Flag(("--relevant",), "relevant", float, "Share of a query that an answer must show (default: 0.1)."),
    *(flag for flag in COMMON if flag.key != "no_store"),
    *under("Pictures", *DRAWING),
)  # fmt: skip


def add_to(commands: typer.Typer) -> None:
    """Register the command."""
    commands.command("retrieval", cls=Sectioned)(retrieval)


@with_flags(FLAGS)
def retrieval(
    ranking: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a query or registration, or ranking.csv.")],
    truth: Annotated[Path | None, typer.Option("--truth", metavar="FILE", help="Query, image, overlap: CSV; or NPY "
                                               "(default: that of the data set in data_dirs.yaml).")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="DIR", help="Folder of the run (default: ./output)."
                                             )] = None,
    *,
    flags: dict[str, Any],
) -> None:  # fmt: skip
    """Recall of a ranking, and how its scores go with what images truly share."""
    from dinosar.cli.running import print_json, run_job

    inputs = {"ranking": ranking, "truth": truth or _told_by(flags.get("dataset"))}
    finished = run_job("evaluate-retrieval", inputs, flags, FLAGS, out)
    if flags.get("json"):
        print_json({**finished.result, "folder": str(finished.folder.resolve())})
        return
    _report(finished.result)
    typer.echo(f"\n{finished.folder.resolve()}")


def _told_by(dataset: str | None) -> Path:
    """Where a data set lies that says how much its images overlap."""
    from dinosar.cli.retrieve_inputs import of_dataset
    from dinosar.errors import UsageError

    if dataset is None:
        raise UsageError("name what images truly share: --truth FILE, or --dataset NAME with a folder for it in "
                         "data_dirs.yaml")  # fmt: skip
    return of_dataset(dataset)


def _report(result: dict[str, Any]) -> None:
    """Recall, correlation, and how far the reported overlap is off."""
    from dinosar.cli.running import table

    rows = [["", "mean", f"{100 * result['interval']['level']:g} % interval", "queries"]]
    rows += [
        [key, "-" if each["mean"] is None else f"{each['mean']:.3f}", _between(each["interval"]), str(each["queries"])]
        for key, each in result["means"].items()
    ]
    typer.echo("\n".join(table(rows)))
    typer.echo(
        f"\n{result['with_an_answer']} of {result['queries']} queries have an image that shows at least "
        f"{result['relevant']:g} of them; rho_ is Spearman's correlation over listed images that share anything; "
        "intervals are of queries drawn again"
    )
    apart = result["apart"]
    if any(apart.values()):
        typer.echo(f"names in one of both alone: images of the truth in no ranking {apart['in_no_ranking']}, "
                   f"its queries that were not asked {apart['not_asked']}, queries asked of which it tells nothing "
                   f"{apart['untold']}")  # fmt: skip
    off = result["overlap"]
    if off is not None:
        pearson = "-" if off["pearson"] is None else f"{off['pearson']:.2f} ({_between(off['pearson_interval'])})"
        typer.echo(f"reported overlap against the true one: Pearson {pearson}, off by {off['mean_absolute_error']:.2f} "
                   f"({_between(off['mean_absolute_error_interval'])}) on average ({off['pairs']} pairs)")  # fmt: skip


def _between(ends: list[float] | None) -> str:
    """An interval."""
    return "-" if ends is None else f"{ends[0]:.3f} to {ends[1]:.3f}"
