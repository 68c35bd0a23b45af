"""`dinosar retrieve query` as a job: the images of a library, ranked for each query."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from dinosar.config import Part, QueryConfig
from dinosar.contracts import Backbone
from dinosar.data import Photo
from dinosar.datasets.listed import Listed
from dinosar.datasets.opening import check_name, open_dataset
from dinosar.errors import InputError, UsageError, shown
from dinosar.jobs import Outcome
from dinosar.notices import warn
from dinosar.parts import build_backbone
from dinosar.ranking_job import Work, held, opened, outcome, place, searched
from dinosar.record import file_facts
from dinosar.retrieval.asking import Asked
from dinosar.retrieval.blocks import block_of
from dinosar.retrieval.dumping import OF_THE_PHOTO, ahead, loaded, looked_at
from dinosar.retrieval.library import Library
from dinosar.retrieval.shelf import by_head
from dinosar.store import Store, identity

__all__ = ["compute", "place"]


def compute(config: QueryConfig) -> Outcome:
    """Search for every query; the files are made as they are written."""
    inputs = config.inputs
    library = Library.open(Path(inputs.store))
    check_name(config.dataset)
    listed = [] if inputs.queries is None else asked_photos(Path(inputs.queries), config.dataset)
    work = opened(config, library.of_role("database", "both"), library, own=inputs.queries is None)
    named = {"store": inputs.store, "queries": inputs.queries, "head": inputs.head,
             "checkpoint": inputs.checkpoint}  # fmt: skip
    facts: dict[str, Any] = {"inputs": {key: file_facts(name) for key, name in named.items() if name}}
    if inputs.queries is None:
        names = library.of_role("query", "both") if library.of_role("query", "database") else []
        if not names:
            raise UsageError(
                f"store '{shown(inputs.store)}' has no queries of its own; name a photo or a folder of photos, or ask "
                "about all of its images: dinosar retrieve register"
            )
        searched(work, held(work, names), len(names))
        return outcome(work, facts)
    part = config.backbone or library.part
    if inputs.checkpoint is not None:
        part = Part(use=part.use, **{**part.options, "checkpoint": inputs.checkpoint})
    backbone = build_backbone(part)
    library.expect(identity(backbone) or {})
    searched(work, seen_by(backbone, listed, work), len(listed))
    facts["pictures"] = {each.asked.path: each.asked.sha256 for each in work.found}
    settled = config.model_copy(update={"backbone": part})
    return outcome(work, facts, parts={"backbone": backbone}, config=settled)


def asked_photos(queries: Path, dataset: str) -> Sequence[Listed]:
    """A photo, or those of a folder, by their names below it; of a data set those that ask."""
    if not queries.exists():
        raise InputError(f"query '{shown(queries)}' is not there; name a photo or a folder of photos")
    if not queries.is_dir():
        return [Listed(queries.name, queries, "query")]
    return [each for each in open_dataset(dataset, queries).photographs() if each.role != "database"]


def seen_by(backbone: Backbone, listed: Sequence[Listed], work: Work) -> Iterator[Asked]:
    """Queries that the backbone sees now; those that cannot be had are told of."""
    store = Store() if work.config.store else None
    scenes = set(work.library.scenes.values())
    for each, photo in ahead(listed, lambda one: loaded(one, work.library.image), work.config.workers):
        if not isinstance(photo, Photo):
            work.failed.append((each.name, str(photo)))
            continue
        try:
            encoding, grid, _ = looked_at(photo, backbone, work.library.image, store)
        except OF_THE_PHOTO as problem:
            work.failed.append((each.name, str(problem)))
            continue
        block = block_of(each.name, by_head(encoding, grid, work.shelf.head), grid)
        if not len(block):
            work.failed.append((each.name, "no patch of it can vote: it is plain, or too narrow"))
            continue
        scene = each.scene if each.scene in scenes else ""
        _look_over(each.name, photo, scene, work)
        yield Asked(block, encoding.summary, scene, str(each.path.resolve()), photo.sha256 or "")


def _look_over(name: str, photo: Photo, scene: str, work: Work) -> None:
    """Say what of a query may surprise: another image of its name in the library, or no scene where one is wanted."""
    row = work.library.index.row(name)
    if row is not None and row.sha256 not in (None, photo.sha256):
        warn(f"the library has another image that is called '{shown(name)}' as well: in pairs.txt both have one name")
    if work.config.within == "scene" and not scene:
        warn(f"query '{shown(name)}' belongs to no scene of the library, so that all images may answer it")
