"""`dinosar compare` as a job: two photos in; scores, tables, pictures and a record out."""

from collections.abc import Iterator
from pathlib import Path

from dinosar.comparison import compare_photos
from dinosar.config import CompareConfig
from dinosar.data import Comparison
from dinosar.folders import Output, RunFolder, signature, slug
from dinosar.homology.given import settled, wanted
from dinosar.images import load_photo
from dinosar.jobs import Outcome
from dinosar.parts import build_parts
from dinosar.record import file_facts, photo_facts
from dinosar.tables import result, tables
from dinosar.timing import stage

RUNS = Path("runs")


def place(config: CompareConfig, out: Path | None, overwrite: bool) -> Output:
    """The folder named, or a fresh one under runs/ called after the photos and a hash of the options."""
    options = config.model_dump(mode="json")
    if out is not None:
        return RunFolder(out, options, overwrite=overwrite)
    a, b = (slug(Path(name).stem) for name in (config.inputs.a, config.inputs.b))
    return RunFolder(RUNS / f"{a}_vs_{b}_{signature(options)[:8]}", options, numbered=True)


def compute(config: CompareConfig) -> Outcome:
    """Load both photos and compare them; the files are made as they are written."""
    with stage("load"):
        photos = [load_photo(name, config.image) for name in (config.inputs.a, config.inputs.b)]
    config = settled(config, photos)
    parts = build_parts(config)
    comparison = compare_photos(photos[0], photos[1], config, parts)
    given = zip("ab", photos, (config.inputs.a, config.inputs.b), strict=True)
    inputs = {side: photo_facts(photo, name) for side, photo, name in given}
    files_read = {"keypoints": config.inputs.keypoints if wanted(config) else None,
                  "consensus": config.inputs.consensus if config.mode != "similarity" else None}  # fmt: skip
    inputs |= {key: file_facts(name) for key, name in files_read.items() if name}
    found = result(comparison, config)
    status = "partial" if config.mode == "both" and comparison.homology is None else "done"
    return Outcome(found, files(comparison, config), {"inputs": inputs}, parts.used(config.mode), status, config)


def files(comparison: Comparison, config: CompareConfig) -> Iterator[tuple[str, bytes]]:
    """Every file but the record."""
    yield from tables(comparison, config)
    if config.figures.draw:
        from dinosar.render.pictures import pictures

        for stem, data in pictures(comparison, config):
            yield f"{stem}.{config.figures.format}", data
