"""`dinosar compare A B`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from dinosar.cli.dinosar_flags import DINOSAR
from dinosar.cli.flags import BACKBONE, COMMON, IMAGE, Flag, choice, under, with_flags
from dinosar.cli.sections import Sectioned

MODES = choice("Mode", ("similarity", "tps_homology", "both"))
SCORES = choice("ScoreMode", (
    "foreground", "attention_weighted", "bidirectional", "topk_mean", "verified", "demo_inliers", "saliency_weighted",
))  # fmt: skip
FORMATS = choice("Format", ("png", "svg", "pdf"))
SPECIMEN = under(
    "Image",
    Flag(("--no-crop",), "image.crop", bool, "Show the whole photo, not only the specimen.", value=False),
    Flag(("--surroundings",), "image.surroundings", choice("Surroundings", ("keep", "white")),
         "What the backbone sees outside the mask (default: keep)."),
    Flag(("--scale-a",), "inputs.a_px_per_mm", float, "Original pixels per mm of photo A, for a scale bar."),
    Flag(("--scale-b",), "inputs.b_px_per_mm", float, "Original pixels per mm of photo B, for a scale bar."),
)  # fmt: skip
MASK = under(
    "Mask",
    Flag(("--masker",), "masker", str, "Masker by name or module:Class (default: auto).", metavar="NAME"),
    Flag(("--second-masker",), "second_masker", str, "Another masker, to be combined with it.", metavar="NAME"),
    Flag(("--combine",), "mask.combine", choice("Combine", ("intersection", "union")),
         "How the two are combined (default: intersection)."),
    Flag(("--mask-erode-px",), "mask.erode_px", int, "Network pixels taken off the edge of the mask (default: 0)."),
    Flag(("--border-patches",), "mask.border_patches", int, "Outer rings of patches that never count (default: 0)."),
    Flag(("--fg-thresh", "--mask-share"), "mask.share", float, "Share of a patch that must be mask (default: 0.5)."),
)  # fmt: skip
MATCHING = under(
    "Matching and scores",
    Flag(("--matching-mode", "--mode"), "mode", MODES,
         "Which ways of matching (default: similarity; both = every way this version has)."),
    Flag(("--matcher",), "matcher", str, "Matcher by name or module:Class (default: similarity).", metavar="NAME"),
    Flag(("--topk",), "matcher.topk", int, "Answers averaged for topk_mean (default: 5)."),
    Flag(("--score-mode",), "scores.mode", SCORES,
         "The score that is the distance: foreground, attention_weighted, bidirectional, topk_mean, verified "
         "(default: foreground).", metavar="WORD"),
    Flag(("--seed",), "seed", int, "Of the random patch pairs (default: 0)."),
)  # fmt: skip
PICTURES = under(
    "Pictures",
    Flag(("--figures",), "figures.format", FORMATS, "Format of the pictures (default: png)."),
    Flag(("--dpi",), "figures.dpi", int, "Resolution of the pictures; 300 for print (default: 150)."),
    Flag(("--top-matches",), "figures.top", int, "Matches drawn in each match plot (default: 12)."),
    Flag(("--no-figures",), "figures.draw", bool, "Numbers only.", value=False),
)
FLAGS = (*COMMON, *BACKBONE, *IMAGE, *SPECIMEN, *MASK, *MATCHING, *PICTURES, *DINOSAR)


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("compare", cls=Sectioned, short_help="Compare two photos of specimens.")(compare)


@with_flags(FLAGS)
def compare(
    a: Annotated[Path, typer.Argument(metavar="A", help="A photo.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="Another photo.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", "--output-dir", "--outdir", help="Folder of the run (default: a new one under runs/)."
        ),
    ] = None,
    *,
    flags: dict[str, Any],
) -> None:
    """Compare two photos: scores, tables, pictures, and a record that runs again."""  # fmt: skip
    from dinosar.cli.running import print_json, run_job

    finished = run_job("compare", {"a": a, "b": b}, flags, FLAGS, out)
    if flags.get("json"):
        print_json({**finished.result, "folder": str(finished.folder.resolve())})
    else:
        _report(finished.result, finished.folder)


def _report(result: dict[str, Any], folder: Path) -> None:
    """The scores as a short table, and where everything is."""
    from dinosar.cli.running import table

    typer.echo(f"A {result['a']}\nB {result['b']}")
    typer.echo(f"backbone {result['backbone']}, masker {result['masker']}, matcher {result['matcher']}\n")
    rows = [["dissimilarity", "distance", "of random", "A to B", "B to A", "median", "p95"]]
    rows += [_row(name, score, name == result["distance_is"]) for name, score in result["scores"].items()]
    typer.echo("\n".join(table(rows)))
    for name, score in result["scores"].items():
        if "not_computed" in score:
            typer.echo(f"{name}: not computed: {score['not_computed']}")
    typer.echo("\n* the distance of the pair; 0 = identical, of random 1 = no nearer than random patch pairs")
    counts = {side.upper(): (each["matched"], each["compared"]) for side, each in result["patches"].items()}
    if any(matched < compared for matched, compared in counts.values()):
        told = ", ".join(f"{matched} of {compared} patches of {side}" for side, (matched, compared) in counts.items())
        among = ", verified of the verified among them" if "verified" in result["scores"] else ""
        typer.echo(f"matched: {told}; distances are of those{among}")
    if result["homology"]:
        typer.echo(f"homology: {result['homology']}")
    typer.echo(f"\npictures and tables: {folder.resolve()}")


def _row(name: str, score: dict[str, Any], chosen: bool) -> list[str]:
    """One score as cells; medians and p95 of both directions, A to B first."""
    parts = [score[k] for k in ("a_to_b", "b_to_a", "pooled") if k in score]
    means = [f"{score[k]['mean']:.4f}" if k in score else "-" for k in ("a_to_b", "b_to_a")]
    numbers = [f"{score[key]:.4f}" if key in score else "-" for key in ("distance",)]
    share = f"{score['of_random']:.3f}" if "of_random" in score else "-"
    spread = ["/".join(f"{part[key]:.3f}" for part in parts) or "-" for key in ("median", "p95")]
    return [f"{'*' if chosen else ' '} {name}", *numbers, share, *means, *spread]
