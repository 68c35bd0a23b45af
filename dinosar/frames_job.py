"""What `mismatch` and `distance` have in common as jobs: which pairs, in whose eyes, and what a run leaves behind."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from dinosar.config import DistanceConfig, MismatchConfig
from dinosar.errors import shown
from dinosar.folders import RunFolder, signature
from dinosar.frames.batch import Batch
from dinosar.frames.curve import curve_files, curve_of, in_numbers
from dinosar.frames.judging import Judged, judged
from dinosar.frames.listing import Pair, pairs_of_folders, read_pairs
from dinosar.frames.results import batch_files, batch_summary, measure_of
from dinosar.frames.seeing import Frame, Viewer, viewer_of
from dinosar.jobs import Outcome
from dinosar.notices import note
from dinosar.record import file_facts, package_code, part_facts
from dinosar.store import identity

Config = MismatchConfig | DistanceConfig
Files = Iterator[tuple[str, bytes]]
OUTPUT = Path("output")
"""Where a run goes that nobody gave a folder."""
ASIDE = {"inputs", "store", "sequence", "require_dino", "fail_above"}
"""Sections on which what is found of one pair does not depend."""


def place(config: Config, out: Path | None, overwrite: bool) -> RunFolder:
    """The folder named, or ./output."""
    inputs = config.inputs
    files = [inputs.a, inputs.b] if inputs.a else [inputs.pairs, *(inputs.frames or [])]
    names = [Path(name).name for name in files if name]  # by whatever way they are reached
    return RunFolder(out or OUTPUT, asked(config) | {"inputs": names}, overwrite=overwrite)


def outcome(config: Config, result: Callable[[Judged], dict[str, Any]],
            files: Callable[[Judged], Files]) -> Outcome:  # fmt: skip
    """One pair, judged; or many, each judged when its turn comes. `result` and `files` are what is told of a pair."""
    pairs = [] if config.inputs.a else pairs_of(config)
    viewer = viewer_of(config)
    if pairs:
        return many(config, pairs, viewer, files)
    a, b = str(config.inputs.a), str(config.inputs.b)
    found = judged(viewer.frame(a), viewer.frame(b), config, viewer.calibration)
    facts = {"inputs": {"a": frame_facts(found.a, a), "b": frame_facts(found.b, b)}}
    return Outcome(result(found), files(found), facts, {"backbone": viewer.backbone}, noun=found)


def frame_facts(frame: Frame, given: str) -> dict[str, Any]:
    """A picture as the record keeps it."""
    return {
        "given": given, "absolute": str(frame.path), "sha256": frame.sha256, "width": frame.size[0],
        "height": frame.size[1], "notes": list(frame.notes),
    }  # fmt: skip


def pairs_of(config: Config) -> list[Pair]:
    """The pairs of a list, or of two folders of frames; what has no partner is told."""
    if config.inputs.pairs:
        return read_pairs(config.inputs.pairs)
    assert config.inputs.frames is not None
    first, second = config.inputs.frames
    found = pairs_of_folders(Path(first), Path(second))
    if found.by == "number":
        note(f"frames are paired by the last number in their names, '{found.pairs[0].a.name}' with "
             f"'{found.pairs[0].b.name}' and so on")  # fmt: skip
    for folder, alone in ((first, found.alone_a), (second, found.alone_b)):
        if alone:
            some = ", ".join(alone[:5]) + (", …" if len(alone) > 5 else "")
            note(f"{len(alone)} frames of '{shown(folder)}' have no partner in the other folder: {shown(some)}")
    return found.pairs


def asked(config: Config) -> dict[str, Any]:
    """Everything that what is found of a pair depends on, of what was asked for."""
    return config.model_dump(mode="json", exclude=ASIDE)


def judge_facts(viewer: Viewer) -> dict[str, Any]:
    """Who judges: the very weights and code. A file of the same name may hold others by the next try."""
    return {"judge": identity(viewer.backbone) or part_facts(viewer.backbone), "code": package_code()}


def many(config: Config, pairs: list[Pair], viewer: Viewer, files: Callable[[Judged], Files]) -> Outcome:
    """A batch as a job: nothing is computed before its steps are asked for, one pair after the other."""
    pooling = config.pooling if isinstance(config, DistanceConfig) else "patches"
    batch = Batch(
        pairs, viewer, partial(judged, config=config, calibration=viewer.calibration), files,
        signature(asked(config) | judge_facts(viewer)), bool(config.inputs.frames), pooling,
    )  # fmt: skip
    inputs = config.inputs
    read = {"pairs": inputs.pairs} if inputs.pairs else {f"frames.{i}": f for i, f in enumerate(inputs.frames or [])}
    found = Outcome({}, facts={"inputs": {key: file_facts(name) for key, name in read.items()}},
                    parts={"backbone": viewer.backbone}, noun=batch.rows)  # fmt: skip

    def steps(output: RunFolder) -> Files:
        yield from batch.run(output)
        if batch.again:
            note(f"{batch.again} of {len(pairs)} pairs were done before, with these pictures and options: taken over")
        yield from batch_files(batch.rows)
        found.result = batch_summary(batch.rows, measure_of(config), viewer.backbone.title)
        if config.inputs.frames:
            curve = curve_of(batch.rows, measure_of(config), config.sequence.k)
            yield from curve_files(curve)
            from dinosar.render.frame_pictures import curve_picture

            yield "curve.png", curve_picture(curve, viewer.backbone.title, config)
            found.result["sequence"] = in_numbers(curve)
        found.facts |= {"pictures": pictures(batch.rows), "taken_over": batch.again}
        found.status = "partial" if batch.failed else "done"

    found.steps = steps
    return found


def pictures(rows: Iterable[dict[str, Any]]) -> dict[str, str]:
    """Every picture that was judged, by its place, with its SHA-256."""
    found: dict[str, str] = {}
    for row in rows:
        found |= {row[f"path_{side}"]: row[f"sha256_{side}"] for side in "ab" if row.get(f"sha256_{side}")}
    return dict(sorted(found.items()))
