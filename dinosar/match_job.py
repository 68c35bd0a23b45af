"""`dinosar match` as a job: two photos in; their foregrounds, the matches, pictures and a record out."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from dinosar.compare_job import RUNS
from dinosar.config import MatchConfig
from dinosar.data import Photo
from dinosar.evaluation.keypoint_pairs import KeypointPair
from dinosar.folders import Output, RunFolder, signature, slug
from dinosar.images import load_photo
from dinosar.jobs import Outcome
from dinosar.match_tables import result, tables
from dinosar.parts import build_match_parts
from dinosar.record import file_facts, photo_facts
from dinosar.sparse.matched import Matched
from dinosar.sparse.matching import match_photos
from dinosar.sparse.truth import ANSWERED, Truth, beside_truth
from dinosar.timing import stage


def place(config: MatchConfig, out: Path | None, overwrite: bool) -> Output:
    """The folder named, or a fresh one under runs/ called after the photos and a hash of the options."""
    options = config.model_dump(mode="json")
    if out is not None:
        return RunFolder(out, options, overwrite=overwrite)
    names = (config.inputs.a, config.inputs.b) if config.inputs.spair is None else ("spair", config.pair)
    a, b = (slug(Path(str(name)).stem) for name in names)
    return RunFolder(RUNS / f"{a}_to_{b}_{signature(options)[:8]}", options, numbered=True)


def compute(config: MatchConfig) -> Outcome:
    """Load both photos and match them; the files are made as they are written."""
    parts = build_match_parts(config)
    with stage("load"):
        pair = None if config.inputs.spair is None else _pair(config)
        photos = _photos(config, pair)
    matched = match_photos(photos, config, parts)
    truth = None if pair is None else beside_truth(pair, matched)
    found = result(matched, config, truth)
    holds_times = matched.sift is not None and config.figures.draw
    facts = {**_facts(config, photos), "timed": [f"methods.{config.figures.format}"] if holds_times else []}
    return Outcome(found, _files(matched, config, found, truth), facts, parts.used(), noun=matched)


def _pair(config: MatchConfig) -> KeypointPair:
    from dinosar.spair import Collection

    with Collection.open(Path(str(config.inputs.spair))) as collection:
        return collection.find(str(config.pair))


def _photos(config: MatchConfig, pair: KeypointPair | None) -> list[Photo]:
    if pair is not None:
        return [pair.source.load(), pair.target.load()]
    return [load_photo(str(name), config.image) for name in (config.inputs.a, config.inputs.b)]


def _facts(config: MatchConfig, photos: list[Photo]) -> dict[str, Any]:
    """What was read, as the record keeps it."""
    inputs = config.inputs
    if inputs.spair is None:
        named = zip("ab", photos, (inputs.a, inputs.b), strict=True)
        return {"inputs": {side: photo_facts(photo, str(name)) for side, photo, name in named}}
    read = {str(photo.path or photo.name): photo.sha256 for photo in photos}
    return {"inputs": {"spair": file_facts(inputs.spair)}, "pictures": read}


def _files(matched: Matched, config: MatchConfig, found: dict[str, Any],
           truth: Truth | None) -> Iterator[tuple[str, bytes]]:  # fmt: skip
    """Every file but the record."""
    yield from tables(matched, found)
    if config.figures.draw:
        yield from _pictures(matched, config, truth)


def _pictures(matched: Matched, config: MatchConfig, truth: Truth | None) -> Iterator[tuple[str, bytes]]:
    """The pictures, one at a time."""
    from dinosar.render.match_pictures import match_pictures
    from dinosar.render.match_scene import MatchLook
    from dinosar.render.match_truth import truth_picture
    from dinosar.render.matching_provenance import footer
    from dinosar.render.sheet import Style

    figures = config.figures
    style = Style(figures.format, figures.dpi, footer(matched, config))
    yield from match_pictures(matched, MatchLook(style, figures.top))
    if truth is not None:
        found = f"backbone {matched.parts['backbone']}   matcher {matched.parts['matcher']}   found: {ANSWERED}"
        yield f"truth.{figures.format}", truth_picture(matched, truth.pair, truth.found, replace(style, footer=found))
