"""`dinosar retrieve import`, `export` and `merge`: libraries from other files, into other files, into each other."""

from pathlib import Path
from typing import Annotated, Any

import typer

from dinosar.cli.flags import BACKBONE, Flag, choice, with_flags
from dinosar.cli.sections import Sectioned

TOLD = 5
"""Images whose failure is told one by one."""
STORE = Annotated[Path, typer.Option("--store", metavar="DIR", help="The library.")]
NETWORK = tuple(flag for flag in BACKBONE if flag.key not in ("attn_layers", "require_dino", "layers", "layer_agg"))
IMPORT = (
    Flag(("--photos",), None, str, "Where the photos lie, for pictures, and for sizes that the dump does not tell.",
         metavar="DIR"),
    *NETWORK,
)  # fmt: skip
EXPORT = (
    Flag(("--layout",), None, choice("Kind", ("original", "hloc")),
         "original: overlap_feats.h5; hloc: global features for its retrieval (default: original)."),
    Flag(("--by",), None, choice("Vector", ("summary", "pooled")), "Which global vector, for hloc (default: summary)."),
    Flag(("--overwrite",), None, bool, "Replace the file.", value=True),
)  # fmt: skip


def add_to(commands: typer.Typer) -> None:
    """Register the commands."""
    commands.command("import", cls=Sectioned)(import_)
    commands.command("export", cls=Sectioned)(export)
    commands.command("merge")(merge)


@with_flags(IMPORT)
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="overlap_feats.h5, as the original dumps it.")],
    store: STORE,
    *,
    flags: dict[str, Any],
) -> None:
    """Take the features of the original's HDF5 file into a library, as they are.

    Name the backbone that made them (--backbone, --checkpoint), and photos can be asked about; else only images of the
    library can.
    """
    from dinosar.retrieval.exchange import taken_in

    photos = flags.get("photos")
    count = taken_in(file, store, *_backbone(flags), Path(photos) if photos else None)
    typer.echo(f"{count} images taken into {store.resolve()}")


def _backbone(flags: dict[str, Any]) -> tuple[Any, Any]:
    """The backbone that the features are said to be of, and how a config names it; nothing where none is named."""
    from dinosar.cli.flags import meaning
    from dinosar.config import FeaturesConfig
    from dinosar.parts import build_backbone
    from dinosar.settings import Layers, add_values, settle

    meant = meaning(IMPORT, flags).settings
    if not meant:
        return None, None
    layers = Layers().add({"inputs": {"image": "-"}}, "command line")
    part = settle(FeaturesConfig, add_values(layers, meant)).backbone
    return build_backbone(part), part


@with_flags(EXPORT)
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The HDF5 file to write.")],
    store: STORE,
    *,
    flags: dict[str, Any],
) -> None:
    """Write a library as the original's HDF5 file, or its global features as hloc reads them."""
    from dinosar.cli.flags import understood
    from dinosar.errors import ConflictError, shown
    from dinosar.retrieval.exchange import global_vectors, handed_out
    from dinosar.retrieval.library import Library

    given = understood(EXPORT, flags)
    if file.exists() and "overwrite" not in given:
        raise ConflictError(f"output '{shown(file)}' is there already; choose another name, or --overwrite")
    library = Library.open(store)
    if given.get("layout") == "hloc":
        count = global_vectors(library, file, given.get("by", "summary"))
    else:
        count = handed_out(library, file)
    typer.echo(f"{count} images written to {file.resolve()}")


def merge(
    others: Annotated[list[Path], typer.Argument(metavar="OTHER...", help="Libraries of the same backbone.")],
    store: STORE,
) -> None:
    """Take every image of other libraries into one; what it holds already is left alone."""
    from dinosar.errors import PartialError
    from dinosar.retrieval.index import holds
    from dinosar.retrieval.library import Library

    sources = [Library.open(other) for other in others]
    first = sources[0]
    made = None if holds(store) else Library.made(store, first.settings, first.image, tiled=first.tiled)
    library = made or Library.open(store)
    failed: list[tuple[str, str]] = []
    for other, source in zip(others, sources, strict=True):
        count, gone = library.adopt(source)
        typer.echo(f"{count} images taken from {other}")
        failed += gone
    for _, problem in failed[:TOLD]:
        typer.echo(f"failed: {problem}", err=True)
    if failed:
        raise PartialError(f"{len(failed)} images were not taken, for their features are gone or damaged")
