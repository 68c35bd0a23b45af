"""A record run again: what changed before it starts, and what came out the same."""

import copy
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from dinosar.config import MODELS, JobConfig
from dinosar.errors import InputError, UsageError, shown
from dinosar.folders import RECORD
from dinosar.jobs import Finished, carry_out, job_module
from dinosar.notices import collected, warn
from dinosar.parts import build
from dinosar.publishing import sha256_of
from dinosar.record import environment, file_facts, part_facts
from dinosar.settings import PARTS, RECORD_KEYS, Layers, file_options, input_files, settle, there
from dinosar.yaml_files import read_yaml

ALONE = {"store": False, "into": None, "cluster": None}
"""Settings of a rerun: what was kept is to be proved, nobody's library grows by it, and no cluster is needed."""


@dataclass(frozen=True)
class Difference:
    """One number or file of the record beside that of the new run; None where there is none."""

    name: str
    before: Any
    after: Any
    both: bool = True

    @property
    def same(self) -> bool:
        """Identical, not only near, and there on both sides."""
        return self.both and bool(self.before == self.after)


@dataclass(frozen=True)
class Rerun:
    """What came of running a record again."""

    finished: Finished
    changed: list[str]
    scores: list[Difference]
    files: list[Difference]
    timed: tuple[str, ...] = ()
    """Files that tell how long things took, and so differ every time."""

    @property
    def differs(self) -> int:
        """How many scores and files are not identical."""
        return sum(not each.same for each in (*self.scores, *self.files))

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        listed = {kind: [{"name": d.name, "identical": d.same, "before": d.before, "after": d.after} for d in found]
                  for kind, found in (("scores", self.scores), ("files", self.files))}  # fmt: skip
        return {
            "folder": str(self.finished.folder.resolve()),
            "changed": self.changed,
            "differs": self.differs,
            "hold_times": list(self.timed),
            **listed,
        }

    def lines(self) -> Iterator[str]:
        """For the screen: every score and file with its verdict; where a score differs, each number that does."""
        for group, found in self.groups().items():
            differing = [each for each in found if not each.same]
            yield f"{'DIFFERS  ' if differing else 'identical'}  {group}  ({len(found)} value{'s'[: len(found) != 1]})"
            yield from (f"             {each.name}: {_told(each)}" for each in differing)
        yield from (f"{_verdict(each)}  {each.name}" for each in self.files)
        yield from (f"not held   {name}: it tells how long things took" for name in self.timed)
        same = sum(d.same for d in self.scores), sum(d.same for d in self.files)
        yield f"\nvalues: {same[0]} of {len(self.scores)} identical; files: {same[1]} of {len(self.files)} identical"
        record = self.finished.record.resolve()
        yield f"new run: {record.parent if record.name == RECORD else record}"

    def groups(self) -> dict[str, list[Difference]]:
        """Values by the score they belong to."""
        found: dict[str, list[Difference]] = {}
        for each in self.scores:
            steps = each.name.replace("[", ".").split(".")
            found.setdefault(".".join(steps[1:2] if steps[0] == "scores" else steps[:1]), []).append(each)
        return found


def _verdict(file: Difference) -> str:
    if file.same:
        return "identical"
    return "MISSING  " if file.after is None else "NEW      " if file.before is None else "DIFFERS  "


def _told(each: Difference) -> str:
    """Before and after, and by how much."""
    numeric = isinstance(each.before, float) and isinstance(each.after, float)
    return f"{each.before} -> {each.after}" + (f"  (by {each.after - each.before:+.3g})" if numeric else "")


class RecordedInput(BaseModel):
    """What a record must say of an input."""

    given: str
    sha256: str
    absolute: str | None = None


class RecordedMachine(BaseModel):
    """What a record must say of the machine and the libraries."""

    dinosar: str
    python: str
    system: str
    processor: str = ""
    code: str = ""
    libraries: dict[str, str]


class Facts(BaseModel):
    """What must stand under `record` for a run to be run again; whatever else is there is let be."""

    inputs: dict[str, RecordedInput]
    parts: dict[str, dict[str, Any]]
    environment: RecordedMachine
    result: dict[str, Any]
    outputs: dict[str, str] = Field(min_length=1)
    named_files: dict[str, str] = {}
    pictures: dict[str, str] = {}
    timed: list[str] = []


def run_again(record: Path, out: Path | None = None) -> Rerun:
    """Run a record again, into `out` or a new place beside the old run."""
    path = record / RECORD if record.is_dir() else record
    document, facts = read_record(path)
    with collected() as told:
        config, changed = restored(document, facts, path)
        for sentence in changed:
            warn(sentence)
        job = job_module(config.command)
        place = job.place(config, out or beside(path, getattr(job, "SUFFIX", "")), False)
        finished = carry_out(config, place, list(told))
    before, after = facts.outputs, _same_names(facts.outputs, finished.outputs)
    timed = tuple(name for name in facts.timed if name in before and name in after)
    lasting = ({name: digest for name, digest in each.items() if name not in timed} for each in (before, after))
    return Rerun(
        finished, changed, compared(numbers(facts.result), numbers(finished.result)), compared(*lasting), timed
    )


def restored(document: dict[str, Any], facts: Facts, path: Path) -> tuple[JobConfig, list[str]]:
    """The config of a record, with its files where they lie now, and what is not what it was."""
    inputs, changed = locate_inputs(document["inputs"], facts.inputs, path.parent)
    values = {key: value for key, value in document.items() if key not in RECORD_KEYS}
    values |= {key: value for key, value in ALONE.items() if key in values}
    for slot, options, key in file_options(values):
        options[key] = str(locate_option(slot, options[key], facts, path.parent, key))
    config: JobConfig = settle(MODELS[document["command"]], Layers().add({**values, "inputs": inputs}, shown(path)))
    return config, changed + changed_pictures(facts.pictures) + changed_parts(config, facts)


def read_record(path: Path) -> tuple[dict[str, Any], Facts]:
    """A whole record, and its facts; one that somebody broke is refused in one sentence."""
    document = read_yaml(path).value
    command = document.get("command") if isinstance(document, dict) else None
    if not isinstance(command, str) or command not in MODELS or "record" not in document:
        raise UsageError(f"'{shown(path)}' is not a record that a dinosar run wrote")
    try:
        facts = Facts.model_validate(document["record"], strict=True)
    except ValidationError as problem:
        first = problem.errors(include_url=False)[0]
        place = ".".join(str(step) for step in ("record", *first["loc"]))
        raise UsageError(f"'{shown(path)}' is a broken record: {place}: {first['msg'].lower()}") from None
    inputs = document.get("inputs")
    named = {name for name, _, _ in input_files(inputs)} if isinstance(inputs, dict) else set()
    if set(facts.inputs) - named:
        raise UsageError(f"'{shown(path)}' is a broken record: inputs and record.inputs do not name the same files")
    return document, facts


def locate_inputs(
    named: dict[str, Any], recorded: dict[str, RecordedInput], folder: Path
) -> tuple[dict[str, Any], list[str]]:
    """Each input where it lies now: beside the record, where it lay then, or below the current folder."""
    inputs, changed = copy.deepcopy(named), []
    for name, holder, key in [each for each in input_files(inputs) if each[0] in recorded]:
        then = recorded[name]
        places = (folder / holder[key], Path(then.absolute or then.given), Path(then.given))
        found = [place for place in places if there(place)]
        if not found:
            raise InputError(f"input {name} of the record is gone: '{shown(then.given)}' was read then; put it back")
        same = [place for place in found if file_facts(str(place))["sha256"] == then.sha256]
        if not same:
            changed.append(f"input {name}, '{shown(found[0])}', is not the file it was: its SHA-256 differs")
        holder[key] = str((same or found)[0])
    return inputs, changed


def locate_option(slot: str, name: str, facts: Facts, folder: Path, option: str) -> Path:
    """A file that an option names: seen from the record, where it lay then, or here; the same one if it is there."""
    then = Path(facts.named_files.get(f"{slot}.{option}", name))
    here = [] if "{" in name else [Path(then.name)]
    found = [place for place in (folder / name, then, *here) if there(place)]
    if not found:
        raise InputError(
            f"{slot}.{option} of the record is gone: '{shown(then)}' was read then; put it back, or lay it into the "
            "current folder"
        )
    part = facts.parts.get(slot, {})
    known = {part[fact] for fact in ("weights_sha256", "adapter_sha256") if part.get(fact)}
    same = [place for place in found if known and place.is_file() and sha256_of(place) in known]
    return (same or found)[0]


def changed_pictures(pictures: dict[str, str]) -> list[str]:
    """Pictures that a list or a folder named, and that lie where they lay, but are not what they were."""
    there_still = [(Path(name), digest) for name, digest in pictures.items() if Path(name).is_file()]
    return [f"picture '{shown(path)}', is not the file it was: its SHA-256 differs"
            for path, digest in there_still if sha256_of(path) != digest]  # fmt: skip


def changed_parts(config: JobConfig, facts: Facts) -> list[str]:
    """Versions and weights that are not what they were."""
    changed = []
    # Facts that only a run brings to light (the masks it used) cannot be compared before it.
    for slot in (slot for slot in PARTS if slot in facts.parts and getattr(config, slot, None)):
        part = getattr(config, slot)
        now, then = part_facts(build(PARTS[slot], part)), facts.parts[slot]
        changed += [f"{slot} '{part.use}': {key} was {shown(then.get(key))}, now {shown(now.get(key))}"
                    for key in sorted(now) if key in then and now[key] != then[key]]  # fmt: skip
    machine, before = environment(), facts.environment
    versions = [(name, version, machine["libraries"].get(name)) for name, version in before.libraries.items()]
    versions += [
        (key, getattr(before, key), machine[key])
        for key in ("dinosar", "code", "python", "system", "processor")
        if getattr(before, key)
    ]
    if not before.code:
        changed.append("an earlier state of dinosar wrote the record; names of parts and pictures have changed since")
    return changed + [f"{name} was {then}, now {now}" for name, then, now in versions if now not in (None, then)]


def beside(record: Path, suffix: str = "") -> Path:
    """A free place beside the old run: RUN-rerun, RUN-rerun-2, … (or, for a named file, F-rerun with its suffix)."""
    old = record.resolve()
    named = old.with_name(old.name.removesuffix(f".{RECORD}"))
    base, suffix = (old.parent, "") if old.name == RECORD else (named, suffix)
    number = 1
    while True:
        path = base.with_name(f"{base.name}-rerun{'' if number == 1 else f'-{number}'}{suffix}")
        if not os.path.lexists(path):
            return path
        number += 1


def numbers(result: Any, name: str = "") -> dict[str, Any]:
    """Every number and word of a result by its dotted name.

    But not where pictures lie, for they may have been moved, nor how long anything took.
    """
    if isinstance(result, dict):
        kept = {key: value for key, value in result.items() if not str(key).startswith("path_") and key != "seconds"}
        parts = [numbers(value, f"{name}.{key}" if name else str(key)) for key, value in kept.items()]
    elif isinstance(result, list):
        parts = [numbers(value, f"{name}[{i}]") for i, value in enumerate(result)]
    else:
        return {name: result}
    return {key: value for part in parts for key, value in part.items()}


def compared(before: dict[str, Any], after: dict[str, Any]) -> list[Difference]:
    """Both sides by name."""
    names = [*before, *(name for name in after if name not in before)]
    return [Difference(name, before.get(name), after.get(name), name in before and name in after) for name in names]


def _same_names(before: dict[str, str], after: dict[str, str]) -> dict[str, str]:
    """A run of one named file has it under another name the second time; that alone is no difference."""
    return dict(zip(before, after.values(), strict=True)) if len(before) == len(after) == 1 else after
