"""`dinosar retrieve localize` as a job: queries placed in a model of COLMAP, or handed over to hloc for InLoc."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from dinosar.cameras import Camera
from dinosar.compare_job import RUNS
from dinosar.config.verification import LocalizeConfig
from dinosar.errors import InputError, ResourceError, UsageError, shown
from dinosar.folders import RunFolder, signature, slug
from dinosar.jobs import Outcome
from dinosar.progress import steps
from dinosar.publishing import csv_bytes, json_bytes
from dinosar.record import file_facts
from dinosar.retrieval.dumping import fitted
from dinosar.retrieval.hloc_files import read_pairs
from dinosar.verification import inloc
from dinosar.verification.file_pixels import as_filed
from dinosar.verification.idle import tell_idle
from dinosar.verification.localising import Placed, Placing, by_query, localised, place_error, poses_txt
from dinosar.verification.opening import Opened, opened
from dinosar.verification.scene_model import SceneModel

Files = Iterator[tuple[str, bytes]]
Error = tuple[float, float] | None
COLUMNS = ("query", "pairs", "points", "inliers", "place_error", "rotation_error", "why")
WITHIN = ((0.05, 5.0), (0.25, 2.0), (0.5, 5.0), (5.0, 10.0))
"""Units of the model and degrees within which a place counts as right; those of indoor and outdoor benchmarks."""


def place(config: LocalizeConfig, out: Path | None, overwrite: bool) -> RunFolder:
    """The folder named, or a fresh one under runs/ called after the pairs."""
    options = config.model_dump(mode="json")
    if out is not None:
        return RunFolder(out, options, overwrite=overwrite)
    name = f"localize_{slug(Path(config.inputs.pairs).stem)}_{signature(options)[:8]}"
    return RunFolder(RUNS / name, options, numbered=True)


def compute(config: LocalizeConfig) -> Outcome:
    """Place every query, or prepare to hand over."""
    if config.dataset == "inloc":
        return _handed_over(config)
    if config.inputs.model is None:
        raise UsageError("name the model in which queries are to be placed with --model DIR, or --dataset inloc DIR")
    facts = _facts(config)
    with opened(config) as seen:
        model = SceneModel(Path(config.inputs.model), seen.photos.header)
        found = _placed(config, seen, model)
        errors = [_error(each, seen) for each in found]
        result = _result(found, errors, seen)
        filed = poses_txt([_as_filed(each, seen) for each in found])
    failed = any(each.problems or each.pose is None for each in found)
    files = [("poses.txt", filed), ("localized.csv", _table(found, errors)), ("localized.json", json_bytes(result))]
    return Outcome(result, files, facts, status="partial" if failed else "done", noun=found)


def _facts(config: LocalizeConfig) -> dict[str, Any]:
    given = {key: name for key, name in config.inputs.model_dump().items() if name is not None}
    return {"inputs": {key: file_facts(name) for key, name in given.items()}}


def _handed_over(config: LocalizeConfig) -> Outcome:
    """InLoc by hloc, which writes files of its own into the folder of the run."""
    if config.inputs.images is None:
        raise UsageError("--dataset inloc needs the folder of the collection")
    collection, pairs = Path(config.inputs.images), Path(config.inputs.pairs)
    inloc.check(collection)
    tell_idle(config)
    queries = {query for query, _ in read_pairs(pairs)}
    if not queries:
        raise InputError(f"'{shown(pairs)}' lists no pair; write one with: dinosar retrieve query")
    found = Outcome({"queries": len(queries), "by": "hloc"}, facts=_facts(config), noun=[])

    def handed_over(output: RunFolder) -> Files:
        results = inloc.localise_inloc(collection, pairs, output.path / "hloc", config.skip_matches)
        yield results.name, results.read_bytes()

    found.steps = handed_over
    return found


def _placed(config: LocalizeConfig, seen: Opened, model: SceneModel) -> list[Placed]:
    """What comes of every query."""
    asked = by_query(seen.pairs)
    if not any(image in model.observed for images in asked.values() for image in images):
        raise InputError(
            f"no database image of '{config.inputs.pairs}' is in the model; names in both are relative to the folder "
            "of the photographs"
        )
    known = {name: _camera(name, seen) for name in asked}
    cameras = {name: camera for name, camera in known.items() if camera is not None}
    placing = Placing(config.placing.reach, config.placing.threshold, config.placing.least)
    found = []
    with steps(len(asked), "queries") as told:
        for each in localised(asked, cameras, seen.source, model, placing):
            found.append(each)
            told(
                f"{each.name} {f'{each.inliers} of {each.points} points agree' if each.pose is not None else each.why}"
            )
    return found


def _camera(name: str, seen: Opened) -> Camera | None:
    """The camera of a query, for its picture as it is stored."""
    camera = seen.known.cameras.get(name)
    try:
        return camera if name not in seen.known.files else fitted(camera, seen.photos.photo(name).size, name)
    except (InputError, ResourceError):  # its pairs will tell
        return camera


def _as_filed(each: Placed, seen: Opened) -> Placed:
    """The same with the pose of the picture as it lies in its file, as lists of poses have it."""
    return each if each.pose is None else replace(each, pose=as_filed(each.pose, seen.photos.header(each.name)))


def _error(each: Placed, seen: Opened) -> Error:
    truth = seen.known.poses.get(each.name)
    return None if truth is None or each.pose is None else place_error(each.pose, truth)


def _result(found: Sequence[Placed], errors: Sequence[Error], seen: Opened) -> dict[str, Any]:
    """What --json prints. A query with a true pose that was not placed counts as wrong."""
    known = [error for each, error in zip(found, errors, strict=True) if each.name in seen.known.poses]
    sizes = np.array([(np.inf, np.inf) if error is None else error for error in known]).reshape(-1, 2)
    medians = [float(value) if np.isfinite(value) else None for value in np.median(sizes, axis=0)] if known else []
    within = {
        f"{far:g}, {turned:g} deg": float((sizes <= (far, turned)).all(axis=1).mean())
        for far, turned in (WITHIN if known else ())
    }
    return {
        "queries": len(found), "placed": sum(each.pose is not None for each in found), "by": "pycolmap",
        "matched_by": seen.source.title, "with_true_pose": len(known),
        "median_place_error": medians[0] if medians else None,
        "median_rotation_error": medians[1] if medians else None, "within": within if known else None,
        "from": seen.known.sources([each.name for each in found]),
    }  # fmt: skip


def _table(found: Sequence[Placed], errors: Sequence[Error]) -> bytes:
    """A line for each query."""
    return csv_bytes(COLUMNS, (
        (each.name, each.pairs, each.points, each.inliers, *(error or (None, None)), "; ".join(_whys(each)))
        for each, error in zip(found, errors, strict=True)
    ))  # fmt: skip


def _whys(each: Placed) -> list[str]:
    return [*([each.why] if each.why else []), *each.problems]
