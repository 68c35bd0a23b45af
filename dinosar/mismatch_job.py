"""`dinosar mismatch` as a job: where a picture differs from its reference, as an overlay, numbers and a record."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from dinosar.config import MismatchConfig
from dinosar.frames.judging import HIGHER, Judged, movable
from dinosar.frames.patch_table import patches_csv
from dinosar.frames_job import outcome, place
from dinosar.jobs import Outcome
from dinosar.publishing import json_bytes

__all__ = ["compute", "place"]


def compute(config: MismatchConfig) -> Outcome:
    """Judge one pair, or prepare to judge many."""
    from dinosar.render.bare_overlay import palette

    palette(config.map.colormap)  # so that a slip of the pen is told before anything runs
    return outcome(config, partial(result, config=config), partial(files, config=config))


def result(judged: Judged, config: MismatchConfig) -> dict[str, Any]:
    """What --json prints, and `mismatch.json` holds."""
    told = {key: judged.found[key] for key in ("raw_mean", "raw_p95", "non_reciprocal", "degenerate", "backbone")}
    meaning = {key: HIGHER[key] for key in ("raw_mean", "raw_p95", "non_reciprocal")}
    maps = judged.maps
    assert maps is not None
    shown = {
        "boost": config.map.boost,
        "normalization": config.map.scale,
        "low": maps.scale.low,
        "high": maps.scale.high,
    }
    if config.map.absolute:
        shown |= dict(zip(("low", "high"), config.map.ends, strict=True))
    return {**told, "meaning": meaning, "shown": shown, **{k: v for k, v in judged.found.items() if k not in told}}


def files(judged: Judged, config: MismatchConfig) -> Iterator[tuple[str, bytes]]:
    """Every file of a pair."""
    yield "mismatch.json", json_bytes(movable(result(judged, config)))
    yield "patches.csv", patches_csv(judged)
    from dinosar.render.frame_pictures import mismatch_pictures

    yield from mismatch_pictures(judged, config)
