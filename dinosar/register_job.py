"""`dinosar retrieve register` as a job: for every image of a library the rest of it, ranked."""

from pathlib import Path

from dinosar.config import RegisterConfig
from dinosar.datasets.opening import open_dataset
from dinosar.errors import InputError, shown
from dinosar.jobs import Outcome
from dinosar.ranking_job import held, opened, outcome, place, searched
from dinosar.record import file_facts
from dinosar.retrieval.library import Library

__all__ = ["compute", "place"]


def compute(config: RegisterConfig) -> Outcome:
    """Search for every image; the files are made as they are written."""
    inputs = config.inputs
    library = Library.open(Path(inputs.store))
    names = library.names if inputs.photos is None else named_in(Path(inputs.photos), config.dataset, library)
    work = opened(config, library.names, library, own=True)
    named = {"store": inputs.store, "photos": inputs.photos, "head": inputs.head}
    facts = {"inputs": {key: file_facts(name) for key, name in named.items() if name}}
    searched(work, held(work, names), len(names))
    return outcome(work, facts)


def named_in(photos: Path, dataset: str, library: Library) -> list[str]:
    """The photographs of a folder, all of which must be in the library."""
    names = [each.name for each in open_dataset(dataset, photos).photographs()]
    known = set(library.names)
    missing = [name for name in names if name not in known]
    if missing:
        raise InputError(
            f"{len(missing)} of {len(names)} photos of '{shown(photos)}' are not in store '{shown(library.folder)}' "
            f"(as '{shown(missing[0])}'); dump them first: dinosar retrieve dump {shown(photos)} --store "
            f"{shown(library.folder)}"
        )
    return names
