"""A run of `mismatch` or `distance` from the command line: one pair that may write nothing, or many with progress."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dinosar.cli.flags import Flag
from dinosar.cli.frame_inputs import Asked


@dataclass(frozen=True)
class Measured:
    """What came of it. Without a folder nothing was written; `rows` are there for a list or a sequence."""

    config: Any
    result: dict[str, Any]
    folder: Path | None = None
    rows: list[dict[str, Any]] | None = None
    status: str = "done"

    @property
    def plain(self) -> dict[str, Any]:
        """What --json prints."""
        pairs = {} if self.rows is None else {"results": self.rows}
        return {**self.result, **pairs, **({"folder": str(self.folder.resolve())} if self.folder else {})}


def measured(command: str, asked: Asked, flags: dict[str, Any], table: tuple[Flag, ...], out: Path | None) -> Measured:
    """Settle the config and carry the job out, in a folder unless one pair is measured and nobody wants one."""
    from dinosar.cli.progress import progress
    from dinosar.cli.running import settled
    from dinosar.jobs import carry_out, found, job_module

    config, warnings = settled(command, asked.inputs(flags.get("config") or []), flags, table)
    single = config.inputs.a is not None
    if single and command == "distance" and out is None and not config.visualize:
        return Measured(config, found(config))
    with progress():
        finished = carry_out(config, job_module(command).place(config, out, bool(flags.get("overwrite"))), warnings)
    return Measured(config, finished.result, finished.folder, None if single else finished.noun, finished.status)
