"""A record run again: what changed before it starts, and what came out the same."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dinosar.config import MODELS, JobConfig
from dinosar.errors import InputError, UsageError, shown
from dinosar.folders import RECORD
from dinosar.jobs import Finished, carry_out, job_module
from dinosar.notices import warn
from dinosar.parts import build
from dinosar.publishing import sha256_of
from dinosar.record import environment, file_options, part_facts
from dinosar.settings import PARTS, RECORD_KEYS, Layers, settle
from dinosar.yaml_files import read_yaml


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
            **listed,
        }

    def lines(self) -> Iterator[str]:
        """For the screen: every score and file with its verdict; where a score differs, each number that does."""
        for group, found in self.groups().items():
            differing = [each for each in found if not each.same]
            yield f"{'DIFFERS  ' if differing else 'identical'}  {group}  ({len(found)} value{'s'[: len(found) != 1]})"
            yield from (f"             {each.name}: {_told(each)}" for each in differing)
        yield from (f"{_verdict(each)}  {each.name}" for each in self.files)
        same = sum(d.same for d in self.scores), sum(d.same for d in self.files)
        yield f"\nvalues: {same[0]} of {len(self.scores)} identical; files: {same[1]} of {len(self.files)} identical"
        yield f"new run: {self.finished.folder.resolve()}"

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


def run_again(record: Path, out: Path | None = None) -> Rerun:
    """Run a record again, into `out` or a new place beside the old run."""
    path = record / RECORD if record.is_dir() else record
    document = read_yaml(path).value
    if not isinstance(document, dict) or "record" not in document or document.get("command") not in MODELS:
        raise UsageError(f"'{shown(path)}' is not a record that a dinosar run wrote")
    facts = document["record"]
    inputs, changed = locate_inputs(document, path.parent)
    values = {key: value for key, value in document.items() if key not in RECORD_KEYS}
    for options, key in file_options(values):
        near = path.parent / options[key]
        options[key] = str(near) if near.parent.exists() else options[key]
    config: JobConfig = settle(MODELS[document["command"]], Layers().add({**values, "inputs": inputs}, shown(path)))
    module = job_module(config.command)
    changed += changed_parts(config, facts)
    for sentence in changed:
        warn(sentence)
    finished = carry_out(config, module.place(config, out or beside(path, facts), False))
    return Rerun(
        finished, changed, compared(numbers(facts["result"]), numbers(finished.result)),
        compared(facts["outputs"], _same_names(facts["outputs"], finished.outputs)),
    )  # fmt: skip


def locate_inputs(document: dict[str, Any], folder: Path) -> tuple[dict[str, Any], list[str]]:
    """Each input where it lies now: beside the record, where it lay then, or below the current folder."""
    inputs, changed = dict(document["inputs"]), []
    for key, then in document["record"]["inputs"].items():
        candidates = [folder / inputs[key], *(Path(then[k]) for k in ("absolute", "given") if then.get(k))]
        there = [path for path in candidates if path.is_file()]
        if not there:
            raise InputError(f"input {key} of the record is gone: '{shown(then['given'])}' was read then; put it back")
        same = [path for path in there if sha256_of(path) == then["sha256"]]
        if not same:
            changed.append(f"input {key}, '{shown(there[0])}', is not the file it was: its SHA-256 differs")
        inputs[key] = str((same or there)[0])
    return inputs, changed


def changed_parts(config: JobConfig, facts: dict[str, Any]) -> list[str]:
    """Versions and weights that are not what they were."""
    changed = []
    for kind in (part for part in PARTS if part in facts.get("parts", {})):
        part = getattr(config, kind)
        now, then = part_facts(build(kind, part)), facts["parts"][kind]  # type: ignore[arg-type]
        changed += [f"{kind} '{part.use}': {key} was {shown(then.get(key))}, now {shown(now.get(key))}"
                    for key in sorted(now.keys() | then.keys()) if now.get(key) != then.get(key)]  # fmt: skip
    now, then = environment(), facts["environment"]
    versions = [(name, then["libraries"][name], now["libraries"].get(name)) for name in then["libraries"]]
    versions += [(key, then[key], now[key]) for key in ("dinosar", "python", "system")]
    changed += [f"{name} was {before}, now {after}" for name, before, after in versions if after not in (None, before)]
    return changed


def beside(record: Path, facts: dict[str, Any]) -> Path:
    """A free place beside the old run: RUN-rerun, RUN-rerun-2, … (or F-rerun.npz for a named file)."""
    if record.name == RECORD:
        base, suffix = record.resolve().parent, ""
    else:
        name = Path(next(iter(facts["outputs"])))
        base, suffix = record.resolve().parent / name.stem, name.suffix
    number = 1
    while True:
        path = base.with_name(f"{base.name}-rerun{'' if number == 1 else f'-{number}'}{suffix}")
        if not os.path.lexists(path):
            return path
        number += 1


def numbers(result: Any, name: str = "") -> dict[str, Any]:
    """Every number and word of a result by its dotted name."""
    if isinstance(result, dict):
        parts = [numbers(value, f"{name}.{key}" if name else str(key)) for key, value in result.items()]
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
