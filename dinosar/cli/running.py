"""What every command that runs a job does: gather the settings, carry the job out, say where things are."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from dinosar.cli.flags import NOT_GIVEN, Flag, meaning, refuse_opposed

if TYPE_CHECKING:
    from dinosar.cli.flags import Setting
    from dinosar.jobs import Finished


def run_job(command: str, inputs: dict[str, Any], flags: dict[str, Any], table: tuple[Flag, ...],
            out: Path | None) -> "Finished":  # fmt: skip
    """Lay presets, files, --set and flags over each other, then carry the job out."""
    from dinosar.jobs import carry_out, job_module

    config, warnings = settled(command, inputs, flags, table)
    return carry_out(config, job_module(command).place(config, out, bool(flags.get("overwrite"))), warnings)


def settled(command: str, inputs: dict[str, Any], flags: dict[str, Any],
            table: tuple[Flag, ...]) -> tuple[Any, list[str]]:  # fmt: skip
    """The config of a command, and what was warned of on the way to it. `inputs` are a path, or a list of them."""
    from dinosar.config import MODELS
    from dinosar.errors import UsageError
    from dinosar.notices import collected, note, warn
    from dinosar.settings import Layers, add_file, add_values, assigned, settle

    layers = Layers()
    for name in flags.get("config") or []:
        add_file(layers, name, MODELS[command].model_fields)
    given = {key: _plain(value) for key, value in inputs.items()}
    layers.add({"command": command, "inputs": given}, "command line")
    meant = meaning(table, flags)
    for word in flags.get("set") or []:
        if word.partition("=")[0].strip().removeprefix("inputs.") in inputs:
            raise UsageError(f"--set {word}: a photo is named as an argument, not as a setting")
    own = list(assigned(flags.get("set") or []))
    refuse_opposed(_given(meant.settings, table), own)
    add_values(layers, [*meant.settings, *own])
    with collected() as warnings:
        try:
            config = settle(MODELS[command], layers)
        except UsageError as problem:
            raise UsageError(_with_flags(str(problem), table)) from None
        for line in meant.notes:
            note(line)
        for line in meant.warnings:
            warn(line)
    return config, warnings


def _with_flags(problem: str, table: Sequence[Flag]) -> str:
    """What is missing, and the flag that gives it."""
    flags = {f"{flag.key} is missing": flag.names[0] for flag in table if flag.key and flag.names[0].startswith("--")}
    return next((f"{problem}; give {name}" for words, name in flags.items() if problem.endswith(words)), problem)


def _given(settings: Sequence["Setting"], table: Sequence[Flag]) -> list["Setting"]:
    """Those settings that a person gave; what a command fills in itself, by a flag that was not given, gives way."""
    implied = {flag.names[0] for flag in table} & NOT_GIVEN.get()
    return [each for each in settings if each[2] not in implied]


def _plain(value: Any) -> Any:
    """An input as a config has it: a path as text, paths as a list of them."""
    return [str(each) for each in value] if isinstance(value, list) else None if value is None else str(value)


def print_json(value: Any) -> None:
    """One JSON object on stdout."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of words as aligned lines."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def table(rows: list[list[str]]) -> list[str]:
    """Rows as aligned lines: the first column to the left, the others to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for first, *others in rows:
        cells = [first.ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(others, widths[1:], strict=True))]
        lines.append("  ".join(cells).rstrip())
    return lines
