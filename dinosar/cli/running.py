"""What every command that runs a job does: gather the settings, carry the job out, say where things are."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from dinosar.cli.flags import Flag, meaning

if TYPE_CHECKING:
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
    add_values(layers, [*meant.settings, *assigned(flags.get("set") or [])])
    with collected() as warnings:
        config = settle(MODELS[command], layers)
        for line in meant.notes:
            note(line)
        for line in meant.warnings:
            warn(line)
    return config, warnings


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
