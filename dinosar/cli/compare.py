"""`dinosar compare A B`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from dinosar.cli.dinosar_flags import DINOSAR
from dinosar.cli.flags import BACKBONE, COMMON, DRAWING, IMAGE, Flag, choice, under, with_flags
from dinosar.cli.sections import Sectioned

MODES = choice("Mode", ("similarity", "tps_homology", "both"))
SCORES = choice("ScoreMode", (
    "foreground", "attention_weighted", "bidirectional", "topk_mean", "verified", "demo_inliers", "saliency_weighted",
))  # fmt: skip
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
    Flag(("--fallback-masker",), "fallback_masker", str, "Masker asked where the first abstains.", metavar="NAME"),
    Flag(("--combine",), "mask.combine", choice("Combine", ("intersection", "union")),
         "How the two are combined (default: intersection)."),
    Flag(("--mask-erode-px",), "mask.erode_px", int, "Network pixels taken off the edge of the mask (default: 0)."),
    Flag(("--border-patches",), "mask.border_patches", int, "Outer rings of patches that never count (default: 0)."),
    Flag(("--fg-thresh", "--mask-share"), "mask.share", float, "Share of a patch that must be mask (default: 0.5)."),
)  # fmt: skip
MATCHING = under(
    "Matching and scores",
    Flag(("--matching-mode", "--mode"), "mode", MODES,
         "similarity of patches, tps_homology of cells, or both (default: similarity)."),
    Flag(("--matcher",), "matcher", str, "Matcher by name or module:Class (default: similarity).", metavar="NAME"),
    Flag(("--topk",), "matcher.topk", int, "Answers averaged for topk_mean (default: 5)."),
    Flag(("--score-mode",), "scores.mode", SCORES,
         "The score that is the distance: foreground, attention_weighted, bidirectional, topk_mean, verified "
         "(default: foreground).", metavar="WORD"),
    Flag(("--seed",), "seed", int, "Of the random patch pairs (default: 0)."),
)  # fmt: skip
HOMOLOGY = under(
    "Landmarks and homology",
    Flag(("--keypoints", "--keypoints-json"), "inputs.keypoints", str,
         "A file of landmarks that names both photos: COCO, TPS, MorphoJ, CSV, or a folder of .mrk.json.",
         metavar="FILE"),
    Flag(("--landmarks",), "homology.landmarks", choice("LandmarksFrom", ("auto", "file", "proposed")),
         "auto takes a COCO file beside the photos, else what the features propose (default: auto)."),
    Flag(("--align-stage",), "align.stage", choice("AlignStage", ("none", "image", "mask", "both")),
         "Bring A into the pose of B first: image and both move everything, mask the mask alone (default: none).",
         metavar="WORD"),
    Flag(("--cell", "--tps-grid-cell-size"), "homology.cell", int, "Width of a cell in network pixels (default: 16)."),
    Flag(("--snap", "--tps-grid-snap"), "homology.snap", bool, "Cells of whole patches, on their lattice.", value=True),
    Flag(("--pad-cells", "--tps-pad-cells"), "homology.pad", int,
         "Cells added around the landmarks (default: 1)."),
    Flag(("--cell-rows", "--tps-grid-rows"), "homology.rows", int, "Rows of cells, instead of their width."),
    Flag(("--cell-columns", "--tps-grid-cols"), "homology.columns", int, "Columns of cells; as rows unless given."),
    Flag(("--cell-sample",), "homology.sample", choice("CellSample", ("centre", "average")),
         "Tokens interpolated at the centre of a cell, or averaged over its patches (default: centre)."),
    Flag(("--cell-coverage",), "homology.coverage", float,
         "A cell counts when more of it is mask, on both specimens (default: 0.5)."),
    Flag(("--consensus", "--consensus-shape-db"), "inputs.consensus", str,
         "A mean shape as NPZ, instead of that of the two.", metavar="FILE"),
)  # fmt: skip
PICTURES = under(
    "Pictures",
    *DRAWING,
    Flag(("--top-matches",), "figures.top", int, "Matches drawn in each match plot (default: 12)."),
    Flag(("--cell-numbers",), "figures.cell_numbers", bool, "Row and column in every cell of the grid.", value=True),
)
FLAGS = (*COMMON, *BACKBONE, *IMAGE, *SPECIMEN, *MASK, *MATCHING, *HOMOLOGY, *PICTURES, *DINOSAR)


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("compare", cls=Sectioned)(compare)


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
    from dinosar.cli.comparison_report import report
    from dinosar.cli.running import print_json, run_job
    from dinosar.errors import PartialError

    finished = run_job("compare", {"a": a, "b": b}, flags, FLAGS, out)
    if flags.get("json"):
        print_json({**finished.result, "folder": str(finished.folder.resolve())})
    else:
        report(finished.result, finished.folder)
    if finished.status == "partial":
        raise PartialError(f"homology was {finished.result['homology']}; everything else is in the folder of the run")
