"""`dinosar retrieve dump` as a job: photographs into a library, each once, by one process or by many."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from pathlib import Path
from typing import Any

from dinosar.config import DumpConfig
from dinosar.datasets.listed import Listed
from dinosar.datasets.opening import open_dataset
from dinosar.errors import InputError, shown
from dinosar.folders import RunFolder, signature, slug
from dinosar.jobs import Outcome
from dinosar.journal import Entry
from dinosar.notices import note
from dinosar.parts import build_backbone
from dinosar.progress import steps
from dinosar.publishing import csv_bytes
from dinosar.record import file_facts
from dinosar.retrieval.dumping import Dumped, dump
from dinosar.retrieval.index import Row
from dinosar.retrieval.library import Library, told_of
from dinosar.retrieval.spread_dump import dump_spread
from dinosar.retrieval.tiles import check_tiles
from dinosar.timing import stage

DUMPS = "dumps"
"""Where records of what filled a library lie within it."""
OWN = "library"
"""What a library is called that lies in the folder of its run."""
OPEN = {"workers", "cluster", "require_dino"}
"""Settings on which no item depends."""
COLUMNS = ("name", "item", "item_sum", "sha256", "width", "height", "rows", "columns", "content_width",
           "content_height", "role", "scene", "camera", "has_pose", "tiles", "tile_sums")  # fmt: skip


def place(config: DumpConfig, out: Path | None, overwrite: bool) -> RunFolder:
    """The folder named, or one within the library that is called after the photos; the same for the same options."""
    options = config.model_dump(mode="json", exclude=OPEN)
    if out is None:
        above = Path(config.into or OWN) / DUMPS
        out = above / f"{slug(Path(config.inputs.photos).name)}_{signature(options)[:8]}"
    return RunFolder(out, options, overwrite=overwrite)


def compute(config: DumpConfig) -> Outcome:
    """See what there is to dump, and prepare to do so."""
    with stage("list"):
        listed = open_dataset(config.dataset, Path(config.inputs.photos)).photographs()
    if not listed:
        raise InputError(f"'{config.inputs.photos}' holds no photograph; name the folder of your photos")
    if config.tiles:
        check_tiles(config.image)
    backbone = build_backbone(config.backbone)
    told = told_of(backbone, config.backbone)
    found = Outcome({}, facts={"inputs": {"photos": file_facts(config.inputs.photos)}}, parts={"backbone": backbone})
    listed = [_absolute(each) for each in listed]

    def filled(output: RunFolder) -> Iterator[tuple[str, bytes]]:
        folder = output.path / OWN if config.into is None else Path(config.into)
        library = Library.made(folder, told, config.image, tiled=config.tiles)
        with steps(len(listed), "photos") as step:
            done = []
            for each in _dumped(listed, library, backbone, config):
                done.append(each)
                step(f"{each.name}{' failed: ' + each.problem if each.problem else ''}")
        _tell_gone(library, Path(config.inputs.photos).absolute(), {each.name for each in listed})
        yield "images.csv", csv_bytes(COLUMNS, _rows(library, listed))
        failed = [each for each in done if each.problem]
        if failed:
            yield "errors.csv", csv_bytes(("name", "error"), [(shown(each.name), each.problem) for each in failed])
        found.result = _result(done, library)
        found.facts["library"] = {"images": len(library.names), "index_sum": library.index.sum()}
        found.status = "partial" if failed else "done"
        found.noun = (done, len(library.names))
        output.journal.add(Entry("dump", {}, {}))  # a later dump of the same folder adds what has come since

    found.steps = filled
    return found


def _tell_gone(library: Library, root: Path, listed: Set[str]) -> None:
    """Say which images of the library are of files that lay below the folder and are gone."""
    below = f"{root.as_posix()}/"
    lost = [name for name, path in library.index.paths()
            if name not in listed and path.startswith(below) and not Path(path).exists()]  # fmt: skip
    if lost:
        note(f"{len(lost)} images whose files are gone stay in the library (the first is '{shown(lost[0])}')")


def _absolute(each: Listed) -> Listed:
    return replace(each, path=each.path.absolute())


def _dumped(listed: Sequence[Listed], library: Library, backbone: Any, config: DumpConfig) -> Iterator[Dumped]:
    """What becomes of each photograph."""
    if config.cluster:
        return dump_spread(listed, library, config.backbone, config.image, config.cluster)
    return dump(listed, library, backbone, config.image, config.workers)


def _rows(library: Library, listed: Sequence[Listed]) -> Iterator[tuple[Any, ...]]:
    """What the library holds of these photographs, in the order of their names."""
    for name in sorted({each.name for each in listed}):
        row = library.index.row(name)
        if row is not None:
            yield _told(row, library)


def _told(row: Row, library: Library) -> tuple[Any, ...]:
    grid = row.grid
    camera = None if row.camera is None else row.camera.model
    sums = " ".join(library.store.sum_of(library.title, item) or "gone" for item in row.tiles)
    return (row.name, row.item, library.store.sum_of(library.title, row.item), row.sha256, *grid.photo, grid.rows,
            grid.columns, *grid.content[2:], row.role, row.scene, camera, row.pose is not None,
            len(row.tiles), sums)  # fmt: skip


def _result(done: Sequence[Dumped], library: Library) -> dict[str, Any]:
    """What --json prints."""
    failed = [each for each in done if each.problem]
    again = sum(each.again for each in done)
    if again:
        note(f"{again} of {len(done)} photos were in the library before: left alone")
    return {
        "photos": len(done), "failed": len(failed), "backbone": library.title,
        "image": library.image.model_dump(mode="json"), "tiles": library.tiled,
    }  # fmt: skip
