"""`dinosar retrieve register` as a job: for every image of a library the rest of it, ranked."""

from pathlib import Path

from dinosar.config import RegisterConfig
from dinosar.datasets.opening import check_name, open_dataset
from dinosar.errors import InputError, shown
from dinosar.jobs import Outcome
from dinosar.notices import note
from dinosar.ranking_job import held, opened, outcome, place, searched
from dinosar.record import file_facts
from dinosar.retrieval.library import Library
from dinosar.retrieval.own_photos import Recognised, recognised, root_of

__all__ = ["compute", "place"]


def compute(config: RegisterConfig) -> Outcome:
    """Search for every image; the files are made as they are written."""
    inputs = config.inputs
    library = Library.open(Path(inputs.store))
    check_name(config.dataset)
    if len(library.names) == 1:
        raise InputError(
            f"store '{shown(inputs.store)}' holds but one image, '{shown(library.names[0])}', and nothing to hold it "
            "against; dump more photos into it"
        )
    names = library.names if inputs.photos is None else named_in(Path(inputs.photos), config.dataset, library)
    work = opened(config, library.names, library, own=True)
    named = {"store": inputs.store, "photos": inputs.photos, "head": inputs.head}
    facts = {"inputs": {key: file_facts(name) for key, name in named.items() if name}}
    searched(work, held(work, names), len(names))
    return outcome(work, facts)


def named_in(photos: Path, dataset: str, library: Library) -> list[str]:
    """What the library calls the photographs of a folder, all of which it must hold."""
    listed = open_dataset(dataset, photos).photographs()
    found = recognised(listed, library)
    if found.unknown:
        raise InputError(
            f"{len(found.unknown)} of {len(listed)} photos of '{shown(photos)}' are not in store "
            f"'{shown(library.folder)}' (as '{shown(found.unknown[0].name)}'); "
            + _how_to_dump(photos, dataset, found, library)
        )
    if found.renamed:
        first, its = next(iter(found.renamed.items()))
        note(f"{len(found.renamed)} of {len(listed)} photos have other names in the library, and are told of by those "
             f"(the first is '{shown(first, 80)}', there '{shown(its, 80)}')")  # fmt: skip
    return found.names


def _how_to_dump(photos: Path, dataset: str, found: Recognised, library: Library) -> str:
    """How the photographs that are missing come into a library without second names for those that are there."""
    root = root_of(found, library) if dataset == "plain" else None
    if root is None and found.renamed:
        return (
            "dump them all into another store, for here they would get second names: dinosar retrieve dump "
            f"{shown(photos)} --store ANOTHER"
        )
    folder = photos if root is None or root == photos.absolute() else root
    more = "" if dataset == "plain" else f" --dataset {shown(dataset)}"
    return f"dump them first: dinosar retrieve dump {shown(folder)}{more} --store {shown(library.folder)}"
