"""From a config to files and a record: the one way every command runs, and the one way it is run again."""

import importlib
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dinosar.config import JobConfig
from dinosar.contracts import Plugin
from dinosar.errors import UsageError, shown, suggestion
from dinosar.folders import Output
from dinosar.notices import collected
from dinosar.record import computed_on, environment, named_files, part_facts, pinned, record_text, relocated
from dinosar.timing import stage, timed

JOBS = {
    "compare": "dinosar.compare_job", "features": "dinosar.features_job", "transfer": "dinosar.transfer_job",
    "mismatch": "dinosar.mismatch_job", "distance": "dinosar.distance_job", "match": "dinosar.match_job",
    "evaluate-spair": "dinosar.spair_job", "evaluate-pairs": "dinosar.pairs_job",
    "retrieve-dump": "dinosar.dump_job", "retrieve-query": "dinosar.query_job",
    "retrieve-register": "dinosar.register_job", "evaluate-retrieval": "dinosar.overlap_truth_job",
    "retrieve-verify": "dinosar.verify_job", "retrieve-localize": "dinosar.localize_job",
    "train-overlap": "dinosar.train_job",
}  # fmt: skip
"""Command -> the module that computes it. Each has `compute(config) -> Outcome` and `place(config, ...) -> Output`."""


@dataclass
class Outcome:
    """What a job found, before anything is written.

    `result` is what --json prints; `files` are made while they are written, so that pictures need no memory at once.
    `parts` are those that took part, by their slot. `status` is `partial` where something of what was asked for could
    not be computed. `config` is the one that was carried out, where it settled more than was asked. `noun` is what the
    result was told of, for callers from Python.

    A run of many items has `steps` as well: they are given the output, compute item by item, leave alone what its
    journal holds, and fill in `result`, `facts` and `status` on the way.
    """

    result: dict[str, Any]
    files: Iterable[tuple[str, bytes]] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    parts: dict[str, Plugin] = field(default_factory=dict)
    status: str = "done"
    config: JobConfig | None = None
    noun: Any = None
    steps: "Callable[[Any], Iterable[tuple[str, bytes]]] | None" = None

    def made(self, output: Any) -> Iterable[tuple[str, bytes]]:
        """The files, as they are made."""
        return self.files if self.steps is None else self.steps(output)


@dataclass(frozen=True)
class Finished:
    """A job that was carried out."""

    folder: Path
    record: Path
    result: dict[str, Any]
    outputs: dict[str, str]
    status: str = "done"
    noun: Any = None


def job_module(command: str) -> Any:
    """The module of a command that writes records."""
    if command not in JOBS:
        raise UsageError(f"command '{shown(command)}' writes no record{suggestion(command, JOBS)}")
    return importlib.import_module(JOBS[command])


def found(config: JobConfig) -> dict[str, Any]:
    """The result of a job of which nothing is to be written."""
    outcome: Outcome = job_module(config.command).compute(config)
    return outcome.result


def carry_out(config: JobConfig, output: Output, told: Iterable[str] = ()) -> Finished:
    """Compute, and only then claim the output, write, and record: a mistake leaves nothing behind.

    `told` are warnings that were given on the way to the config; they belong into the record, too.
    """
    started = datetime.now(UTC)
    begin = time.perf_counter()
    output.check()
    with collected() as warnings, timed() as seconds:
        outcome: Outcome = job_module(config.command).compute(config)
        with output:
            with stage("write"):
                for name, data in outcome.made(output):
                    output.write(name, data)
            seconds["total"] = round(time.perf_counter() - begin, 4)
            facts = {
                "started": started.isoformat(timespec="seconds"),
                "arguments": sys.argv[1:],
                **outcome.facts,
                "parts": {slot: part_facts(part) for slot, part in outcome.parts.items()},
                **computed_on(outcome.parts),
                "named_files": named_files(config),
                "environment": environment(),
                "seconds": seconds,
                "warnings": [*told, *warnings],
                "result": outcome.result,
                "outputs": dict(sorted(output.outputs.items())),
            }
            folder = output.record.parent
            plain = pinned(relocated(outcome.config or config, folder), outcome.parts)
            text = record_text(plain, outcome.status, facts, output.record.name)
            output.finish(text, resumable=outcome.steps is not None)
    return Finished(folder, output.record, outcome.result, output.outputs, outcome.status, outcome.noun)
