"""`dinosar retrieve`: a library of photographs, and the views in it that overlap a query."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from dinosar.cli import retrieve_files, retrieve_verify
from dinosar.cli.commands import COMMANDS
from dinosar.cli.flags import BACKBONE, COMMON, DRAWING, Flag, choice, under, with_flags
from dinosar.cli.original_flags import pre_filter, radius, weighted
from dinosar.cli.sections import Sectioned

commands = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help=COMMANDS["retrieve"])


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    commands.command("dump", cls=Sectioned)(dump)
    commands.command("query", cls=Sectioned)(query)
    commands.command("register", cls=Sectioned)(register)
    retrieve_verify.add_to(commands)
    retrieve_files.add_to(commands)
    app.add_typer(commands, name="retrieve")


STORE = Annotated[Path, typer.Option("--store", metavar="DIR", help="The library: features and their index.")]
OUT = Annotated[Path | None, typer.Option("--out", "-o", metavar="DIR", help="Folder of the run (default: a new one in "
                                          "runs/).")]  # fmt: skip
DATASET = Flag(("--dataset", "-ds"), "dataset", str,
               "Whose tree it is: plain, inloc, megadepth, eth3d, phototourism, colmap, or module:Class.",
               metavar="NAME")  # fmt: skip
CLUSTER = Flag(("--dask",), "cluster", str, "Address of a Dask scheduler that spreads the work.", metavar="ADDRESS")
OWN = tuple(replace(flag, names=("--overwrite", "-ow")) if flag.key == "overwrite" else flag for flag in COMMON)
OPEN = tuple(flag for flag in OWN if flag.key != "no_store")
WORKERS = Flag(("--num_workers", "--workers", "-nw"), "workers", int, "Threads that read photos ahead (default: 2).")
NETWORK = tuple(flag for flag in BACKBONE if flag.key != "attn_layers")
DUMP = (
    DATASET,
    CLUSTER,
    WORKERS,
    *OPEN,
    *NETWORK,
    *under(
        "Image",
        Flag(("--size", "--imsize", "-im"), "image.size", int,
             "Long side that the backbone sees, in px (default: 224)."),
        Flag(("--fit",), "image.fit", choice("Fit", ("letterbox", "stretch", "native")),
             "How a photo is fitted to that size (default: letterbox)."),
        Flag(("--tiles",), "tiles", bool, "Hold five parts of each photo as well, so that details find it.",
             value=True),
        Flag(("--bit-depth",), "image.bit_depth", choice("Depth", ("full", "minmax", "percentile")),
             "How pixels of more than 8 bits become 8 (default: full)."),
    ),
)  # fmt: skip
ASK = (
    Flag(("-k", "--k"), "k", int, "Answers kept of each query (default: 5)."),
    Flag(("--head", "-m"), "inputs.head", str, "A trained head (default: tokens vote as they are).", metavar="FILE"),
    DATASET,
    CLUSTER,
    WORKERS,
    *OWN,
    *under(
        "Shortlist",
        Flag(("--pre_filter", "-pre"), None, str, "Images looked at patch by patch: a number, auto, or off "
             "(default: auto: all of up to 10 000 images, else 100).", metavar="N|auto|off", translate=pre_filter),
        Flag(("--shortlist-by",), "shortlist.by", choice("By", ("auto", "summary", "pooled")),
             "What the shortlist goes by: the summary token, or pooled patches (default: auto)."),
        Flag(("--cls", "-cls"), None, bool, "The same as --shortlist-by summary.", value=True, translate=pre_filter),
        Flag(("--no-cls",), None, bool, "The same as --pre_filter off.", value=True, translate=pre_filter),
        Flag(("--within",), "within", choice("Within", ("auto", "scene", "all")),
             "Whether only images of the query's own scene answer (default: auto: where it has one)."),
        Flag(("--no-tiles",), "tiles", bool, "Look at whole images only, also where the library holds tiles.",
             value=False),
    ),
    *under(
        "Voting",
        Flag(("--vote", "-v"), "voting.rule", str, "What ranks: maxsim, coverage, coverage_sym, vop.sum, vop.tfidf, … "
             "or the original's 0 to 6 (default: maxsim).", metavar="RULE"),
        Flag(("--min-cosine",), "voting.min_cosine", float, "A patch is hit above this (default: automatic)."),
        Flag(("--radius", "-r"), None, float, "The same as 1 - min-cosine; -1 is automatic.", translate=radius),
        Flag(("--weighted", "-w"), None, bool, "The original's TF-IDF: --vote vop.tfidf.", value=True,
             translate=weighted),
        Flag(("--no-weighted",), None, bool, "The original's plain sum: --vote vop.sum.", value=True,
             translate=weighted),
    ),
    *under(
        "Pictures",
        *DRAWING,
        Flag(("--draw-queries",), "figures.queries", int, "Queries drawn (default: 12)."),
        Flag(("--draw-votes",), "figures.votes", int, "Answers of each whose votes are drawn (default: 1)."),
    ),
)  # fmt: skip
QUERY = (
    *ASK,
    *under("Backbone", Flag(("--checkpoint",), "inputs.checkpoint", str,
                            "Where the weights lie that the library was dumped with, if elsewhere now.",
                            metavar="FILE")),
)  # fmt: skip


@with_flags(DUMP)
def dump(
    photos: Annotated[Path | None, typer.Argument(metavar="PHOTOS", help="Folder of the collection (default: that of "
                                                  "the data set in data_dirs.yaml).")] = None,
    store: STORE = Path("db"),
    out: OUT = None,
    *,
    flags: dict[str, Any],
) -> None:  # fmt: skip
    """Show every photo to a backbone once and keep what it says. A killed dump goes on where it was."""
    from dinosar.cli.retrieve_inputs import collection
    from dinosar.cli.retrieve_report import dumped

    flags = {**flags, "into": str(store)}
    dumped("retrieve-dump", {"photos": collection(photos, flags.get("dataset"))}, flags, (INTO, *DUMP), out)


INTO = Flag(("into",), "into", str, "The library.")


@with_flags(QUERY)
def query(
    queries: Annotated[Path | None, typer.Argument(metavar="QUERY", help="A photo or a folder (default: the queries of "
                                                   "the library).")] = None,
    store: STORE = Path("db"),
    out: OUT = None,
    *,
    flags: dict[str, Any],
) -> None:  # fmt: skip
    """Rank the photos of a library by how much of the scene they share with a query."""
    from dinosar.cli.retrieve_report import ranked

    ranked("retrieve-query", {"store": store, "queries": queries}, flags, QUERY, out)


@with_flags(ASK)
def register(
    photos: Annotated[Path | None, typer.Argument(metavar="PHOTOS", help="Folder of those that are asked about "
                                                  "(default: all of the library).")] = None,
    store: STORE = Path("db"),
    out: OUT = None,
    *,
    flags: dict[str, Any],
) -> None:  # fmt: skip
    """Rank, for every photo of a library, the rest of it."""
    from dinosar.cli.retrieve_report import ranked

    ranked("retrieve-register", {"store": store, "photos": photos}, flags, ASK, out)
