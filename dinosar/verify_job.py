"""`dinosar retrieve verify` as a job: ranked pairs held against geometry, tables, pictures, a record."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from dinosar.compare_job import RUNS
from dinosar.config.verification import VerifyConfig
from dinosar.errors import InputError, ResourceError, shown
from dinosar.folders import RunFolder, signature, slug
from dinosar.jobs import Outcome
from dinosar.notices import note, warn
from dinosar.publishing import csv_bytes, json_bytes
from dinosar.record import file_facts, package_code
from dinosar.retrieval.dumping import fitted
from dinosar.verification.judging import Asked, Judging
from dinosar.verification.opening import Opened, opened
from dinosar.verification.pose_report import poses_csv, summary
from dinosar.verification.relative_pose import settled

Files = Iterator[tuple[str, bytes]]


def place(config: VerifyConfig, out: Path | None, overwrite: bool) -> RunFolder:
    """The folder named, or one under runs/ called after the pairs; the same for the same options, to go on there."""
    options = options_of(config)
    name = f"verify_{slug(Path(config.inputs.pairs).stem)}_{signature(options)[:8]}"
    return RunFolder(out or RUNS / name, options, overwrite=overwrite)


def options_of(config: VerifyConfig) -> dict[str, Any]:
    """What rows depend on; a run may go on with other pictures."""
    plain = config.model_dump(mode="json", exclude={"figures"})
    plain["pose"].pop("auc")
    return plain


def compute(config: VerifyConfig) -> Outcome:
    """Open everything that pairs are looked at with, and prepare to judge them."""
    held = ExitStack()
    seen = held.enter_context(opened(config))
    estimator = settled(config.pose.estimator)
    _check(config, seen)
    options = options_of(config) | {"inputs": None, "estimator": estimator, "code": package_code()}
    options |= {"match_file": _sum(config)}
    asked = Asked(estimator, config.pose.threshold, config.models.tolerance, config.models.ask)
    work = Judging(seen.pairs, seen.known, seen.photos, seen.source, asked, signature(options))
    given = {key: name for key, name in config.inputs.model_dump().items() if name is not None}
    found = Outcome({}, facts={"inputs": {key: file_facts(name) for key, name in given.items()}}, noun=work)

    def steps(output: RunFolder) -> Files:
        with held:
            work.run(output)
            if work.again:
                note(f"{work.again} of {len(work.pairs)} pairs were judged before: taken over")
            found.result = {
                **summary(work.rows),
                **_how(config, work, estimator),
                "from": seen.known.sources(seen.names),
            }
            found.status = "partial" if work.failed else "done"
            yield "poses.csv", poses_csv(work.rows)
            yield "auc.json", json_bytes(found.result)
            if work.failed:
                names = ((row["query"], row["database"], row["why"]) for row in work.failed)
                yield "errors.csv", csv_bytes(("query", "database", "error"), names)
            if config.figures.draw:
                from dinosar.render.pose_pictures import pose_pictures

                yield from pose_pictures(work, found.result, config)

    found.steps = steps
    return found


def _sum(config: VerifyConfig) -> str | None:
    """What tells files of hloc from others, where rows rest on them."""
    files = [each for each in (config.inputs.features, config.inputs.match_file) if each is not None]
    return signature([file_facts(each)["sha256"] for each in files]) if files else None


def _how(config: VerifyConfig, work: Judging, estimator: str) -> dict[str, Any]:
    """Whose matches, and how poses were found, where any was looked for."""
    sought = any(row["sought"] for row in work.rows)
    return {"matched_by": work.source.title, "estimator": estimator if sought else None,
            "threshold_px": config.pose.threshold if sought else None,
            "models_px": config.models.tolerance if config.models.ask else None}  # fmt: skip


def unfit(name: str, seen: Opened) -> bool:
    """Whether the intrinsics of a photograph are those of a picture of another shape."""
    try:
        return fitted(seen.known.cameras.get(name), seen.photos.photo(name).size, name) is None
    except (InputError, ResourceError):  # the pair will tell
        return False


def _check(config: VerifyConfig, seen: Opened) -> None:
    """Complain, or warn, before anything starts, where errors cannot be had for want of cameras or true poses."""
    names = seen.names
    for what, known, advice in (
        ("intrinsics", seen.known.cameras, "give them with --intrinsics FILE"),
        ("true pose", seen.known.poses, "give them with --gt FILE"),
    ):
        judged = config.pose.auc and what == "intrinsics"  # only then are all photographs read before anything starts
        missing = [name for name in names if name not in known or (judged and unfit(name, seen))]
        if missing and config.pose.auc:
            others = f" and of {len(missing) - 1} more" if len(missing) > 1 else ""
            raise InputError(
                f"AUC of poses needs the {what} of every image, and knows none of '{shown(missing[0], 80)}'{others}; "
                f"{advice}, or leave out --auc"
            )
        if missing and (config.inputs.gt is not None or len(missing) < len(names)):
            warn(f"{len(missing)} of {len(names)} images have no {what}: their pairs have no error of a pose")
