"""`dinosar landmarks transfer --from A.jpg --keypoints A.json B.jpg --out T.json`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from dinosar.cli.compare import MASK
from dinosar.cli.flags import BACKBONE, COMMON, IMAGE, Flag, under, with_flags
from dinosar.cli.sections import Sectioned

INPUTS = (
    Flag(("--from",), "inputs.references", str, "The references.", many=True),
    Flag(("--keypoints",), "inputs.keypoints", str, "Their landmarks.", many=True),
    Flag(("B",), "inputs.targets", str, "The targets.", many=True),
)
"""Which settings the lists of photos and files stand for; typer asks for them as arguments of the command."""
TRANSFER = under(
    "Transfer",
    Flag(("--turn",), "transfer.turn", float, "Poses searched up to so many degrees; 0 = as it lies (default: 45)."),
    Flag(("--mirror",), "transfer.mirror", bool, "Look for specimens seen from the other side, too.", value=True),
    Flag(("--detail",), "transfer.detail", float, "Places are found in an image that many times --size (default: 2)."),
    Flag(("--certain",), "transfer.certain", float, "Confidence from which a landmark gets v=2 (default: 0.9)."),
    Flag(("--lost",), "transfer.lost", float, "Confidence below which it gets v=0 and no place (default: 0.3)."),
)  # fmt: skip
FLAGS = (*COMMON, *TRANSFER, *BACKBONE, *IMAGE, *MASK)


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("transfer", cls=Sectioned, short_help="Carry landmarks to other photos.")(transfer)


@with_flags(FLAGS)
def transfer(
    targets: Annotated[list[Path], typer.Argument(metavar="B", help="Photos to carry the landmarks to.")],
    references: Annotated[
        list[Path],
        typer.Option("--from", metavar="A", help="A photo whose landmarks are known; several vote."),
    ],
    keypoints: Annotated[
        list[Path],
        typer.Option("--keypoints", metavar="FILE", help="A file of landmarks of the references; repeatable."),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="T", help="The COCO .json file to write.")],
    *,
    flags: dict[str, Any],
) -> None:
    """Carry landmarks from photos where they are known to others, by what a backbone sees.

    Each gets a confidence; uncertain ones have v=1, lost ones v=0 and no place.
    """
    from dinosar.cli.running import print_json, run_job
    from dinosar.errors import PartialError

    lists = zip(INPUTS, (references, keypoints, targets), strict=True)
    named = {flag.key: [str(path) for path in paths] for flag, paths in lists}
    finished = run_job("transfer", {}, {**flags, **named}, (*INPUTS, *FLAGS), out)
    if flags.get("json"):
        print_json({**finished.result, "file": str(out.resolve())})
    else:
        _report(finished.result)
        typer.echo(f"\n{out.resolve()}")
    if finished.status == "partial":
        every = finished.result["targets"]
        failed = [each["image"] for each in every if each["problem"]]
        raise PartialError(
            f"{len(failed)} of {len(every)} targets got no landmarks ({', '.join(failed)}); the others are written"
        )


def _report(found: dict[str, Any]) -> None:
    """What became of each target, and the landmarks that somebody should look at."""
    from dinosar.cli.running import table

    typer.echo(f"from {', '.join(found['references'])}; backbone {found['backbone']}, masker {found['masker']}\n")
    rows = [["photo", "certain", "uncertain", "lost", "in no reference", "error in px", "reference"]]
    rows += [[each["image"], *_numbers(each), "; ".join(each["poses"])] for each in found["targets"]]
    typer.echo("\n".join(table(rows)))
    if doubtful := [_doubt(target, point) for target in found["targets"] for point in target["landmarks"]
                    if point["v"] < 2 and point["confidence"] is not None]:  # fmt: skip
        heading = ["to be looked at", "landmark", "confidence", "error in px", ""]
        typer.echo("\n" + "\n".join(table([heading, *doubtful])))


def _numbers(target: dict[str, Any]) -> list[str]:
    """How many landmarks of a target became what, and the median of the errors to expect; - where there are none."""
    from statistics import median

    errors = [point["error_expected"] for point in target["landmarks"] if point["error_expected"] is not None]
    counts = [target[key] for key in ("certain", "uncertain", "lost", "in_no_reference")]
    return [*("-" if each is None else str(each) for each in counts), f"{median(errors):.1f}" if errors else "-"]


def _doubt(target: dict[str, Any], point: dict[str, Any]) -> list[str]:
    """A landmark that is not certain, its confidence with all the digits that decided."""
    error = "-" if point["error_expected"] is None else f"{point['error_expected']:.1f}"
    outcome = "lost" if point["v"] == 0 else "uncertain"
    return [target["image"], point["name"], f"{point['confidence']:.4f}", error, outcome]
