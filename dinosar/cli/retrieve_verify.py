"""`dinosar retrieve verify` and `dinosar retrieve localize`: ranked pairs held against geometry."""

from pathlib import Path
from typing import Annotated, Any

import typer

from dinosar.cli.flags import COMMON, DRAWING, Flag, choice, under, with_flags
from dinosar.cli.sections import Sectioned

OPEN = tuple(flag for flag in COMMON if flag.key != "no_store")
KNOWN = under(
    "What is known",
    Flag(("--images",), "inputs.images", str, "The root of the collection, to which names in the pairs are relative.",
         metavar="DIR"),
    Flag(("--gt",), "inputs.gt", str, "True poses: lines of name qw qx qy qz tx ty tz, or a model of COLMAP.",
         metavar="FILE|DIR"),
    Flag(("--intrinsics",), "inputs.intrinsics", str, "Cameras: lines of name MODEL width height parameters. Those it "
         "does not name stay as the folder or the library has them, and that is said.", metavar="FILE"),
    Flag(("--store",), "inputs.store", str, "A library: its patches, and what it knows of its images.", metavar="DIR"),
)  # fmt: skip
MATCHING = under(
    "Matching",
    Flag(("--matches",), "matches.by", choice("Matches", ("auto", "sift", "patches", "hloc")),
         "Who matches: SIFT, patches of a library refined by it, or files of hloc (default: hloc if given, else sift).",
         metavar="auto|sift|patches|hloc"),
    Flag(("--features",), "inputs.features", str, "Keypoints in hloc's layout.", metavar="FILE"),
    Flag(("--match-file",), "inputs.match_file", str, "Matches in hloc's layout.", metavar="FILE"),
    Flag(("--head",), "inputs.head", str, "A trained head for the patches.", metavar="FILE"),
    Flag(("--sift-size",), "matches.size", int, "Long side in px at which SIFT looks (default: 1600)."),
    Flag(("--ratio",), "matches.ratio", float, "Ratio test of SIFT (default: 0.85)."),
    Flag(("--no-refine",), "matches.refine", bool, "Centres of patches as they are.", value=False),
)  # fmt: skip
DATASET = Flag(("--dataset", "-ds"), "dataset", str,
               "Whose tree --images is, else that of data_dirs.yaml (default: plain).",
               metavar="NAME")  # fmt: skip
VERIFY = (
    *OPEN,
    DATASET,
    *KNOWN,
    *MATCHING,
    *under(
        "Geometry",
        Flag(("--estimator",), "pose.estimator", choice("Estimator", ("auto", "poselib", "opencv", "opencv-ransac")),
             "Who finds poses (default: PoseLib where there is one, else OpenCV).",
             metavar="auto|poselib|opencv|opencv-ransac"),
        Flag(("--threshold",), "pose.threshold", float, "Pixels off an epipolar line (default: 1.5)."),
        Flag(("--auc",), "pose.auc", bool, "Stop where an image has no intrinsics or true pose.", value=True),
        Flag(("--tolerance",), "models.tolerance", float,
             "Pixels by which a match may miss a homography or an epipolar line (default: 3)."),
        Flag(("--no-models",), "models.ask", bool,
             "Poses only, no homography and no fundamental matrix.", value=False),
    ),
    *under("Pictures", *DRAWING,
           Flag(("--drawn",), "figures.pairs", int, "Best pairs that are drawn, and worst (default: 3).")),
)  # fmt: skip
LOCALIZE = (
    *OPEN,
    Flag(("--dataset", "-ds"), None, tuple[str, str], "A data set and its folder; inloc is handed over to hloc.",
         metavar="NAME DIR"),
    Flag(("--model",), "inputs.model", str, "The folder of a model of COLMAP that holds the database images.",
         metavar="DIR"),
    *KNOWN,
    *MATCHING,
    *under(
        "Placing",
        Flag(("--reach",), "placing.reach", float, "Pixels from a match to the observation of a point (default: 3)."),
        Flag(("--threshold",), "placing.threshold", float, "Pixels by which a point may miss (default: 12, which "
             "is for photos of some thousand pixels; a third of that for small ones)."),
        Flag(("--least",), "placing.least", int, "Points that must agree (default: 12)."),
        Flag(("--skip-matches",), "skip_matches", int, "inloc: pairs with fewer matches are left out (default: 10)."),
    ),
)  # fmt: skip
NAMED = Flag(("named",), "dataset", str, "The first word of --dataset.")
PAIRS = Annotated[Path, typer.Argument(metavar="PAIRS", help="pairs.txt: a query and a database image on each line.")]
OUT = Annotated[Path | None, typer.Option("--out", "-o", metavar="DIR", help="Folder of the run (default: one in "
                                          "runs/).")]  # fmt: skip


def add_to(commands: typer.Typer) -> None:
    """Register both commands."""
    commands.command("verify", cls=Sectioned)(verify)
    commands.command("localize", cls=Sectioned)(localize)


@with_flags(VERIFY)
def verify(pairs: PAIRS, out: OUT = None, *, flags: dict[str, Any]) -> None:
    """Check ranked pairs by geometry: relative poses and their AUC. A killed run goes on where it was."""
    from dinosar.cli.retrieve_inputs import collection, seen_by_run
    from dinosar.cli.verify_report import verified

    dataset = _known(flags.get("dataset"))
    if not flags.get("images") and not flags.get("store"):
        flags = {**flags, **({"images": str(collection(None, dataset))} if dataset else seen_by_run(pairs))}
    _run("retrieve-verify", {"pairs": pairs}, flags, VERIFY, out, verified)


@with_flags(LOCALIZE)
def localize(pairs: PAIRS, out: OUT = None, *, flags: dict[str, Any]) -> None:
    """Find where queries were taken, in a model of COLMAP; InLoc is handed over to hloc."""
    from dinosar.cli.retrieve_inputs import seen_by_run
    from dinosar.cli.verify_report import localized
    from dinosar.errors import UsageError, shown

    dataset = flags.get("dataset")
    _known(dataset[0] if dataset else None)
    if not (dataset or flags.get("images") or flags.get("store")):
        flags = {**flags, **seen_by_run(pairs)}
    if dataset:
        if flags.get("images") not in (None, dataset[1]):
            raise UsageError(
                f"--dataset {dataset[0]} and --images name two folders ({shown(dataset[1], 80)}, "
                f"{shown(flags['images'], 80)}); leave --images out"
            )
        flags = {**flags, "named": dataset[0], "images": dataset[1]}
    _run("retrieve-localize", {"pairs": pairs}, flags, (NAMED, *LOCALIZE), out, localized)


def _known(dataset: str | None) -> str | None:
    """The name of a data set, of one that there is: known before anybody asks where its folder lies."""
    from dinosar.datasets.opening import check_name

    if dataset is not None:
        check_name(dataset)
    return dataset


def _run(command: str, inputs: dict[str, Any], flags: dict[str, Any], table: tuple[Flag, ...], out: Path | None,
         report: Any) -> None:  # fmt: skip
    """Carry the job out with progress, and say what came of it."""
    from dinosar.cli.progress import progress
    from dinosar.cli.running import print_json, run_job

    with progress():
        finished = run_job(command, inputs, flags, table, out)
    if flags.get("json"):
        print_json({**finished.result, "folder": str(finished.folder.resolve())})
    report(finished, bool(flags.get("json")))
