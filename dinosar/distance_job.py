"""`dinosar distance` as a job: how far two pictures are apart, alone, in lists, or frame by frame."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from dinosar.config import DistanceConfig
from dinosar.frames.judging import HIGHER, Judged, movable
from dinosar.frames.patch_table import patches_csv
from dinosar.frames_job import outcome, place
from dinosar.jobs import Outcome
from dinosar.publishing import json_bytes

__all__ = ["compute", "place"]


def compute(config: DistanceConfig) -> Outcome:
    """Judge one pair, or prepare to judge many."""
    return outcome(config, result, partial(files, config=config))


def result(judged: Judged) -> dict[str, Any]:
    """What --json prints, and `summary.json` holds."""
    meaning = {key: words for key, words in HIGHER.items() if key in judged.found}
    return {**judged.found, "meaning": meaning}


def summary(judged: Judged) -> bytes:
    """`summary.json`, in the folder that it names."""
    return json_bytes({**movable(result(judged)), "output_dir": "."})


def files(judged: Judged, config: DistanceConfig) -> Iterator[tuple[str, bytes]]:
    """The numbers of a pair and, where they are wanted, its pictures; of a batch without pictures there are tables."""
    if config.visualize or config.inputs.a:
        yield "summary.json", summary(judged)
    if not config.visualize:
        return
    from dinosar.render.frame_pictures import distance_pictures

    yield "patches.csv", patches_csv(judged)
    yield from distance_pictures(judged, config)
