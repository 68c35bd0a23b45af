"""Progress on stderr: a bar on a terminal, a line now and then elsewhere."""

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import typer

from dinosar.errors import shown
from dinosar.progress import Step, shown_by

EVERY = 10.0
"""Seconds between two lines, where there is no bar."""


def progress() -> AbstractContextManager[None]:
    """Inside the block, progress is shown, unless --quiet was asked for."""
    if not logging.getLogger("dinosar").isEnabledFor(logging.INFO):
        return nullcontext()
    return shown_by(_bar if sys.stderr.isatty() else _lines)


@contextmanager
def _bar(total: int, what: str) -> Iterator[Step]:
    """A bar with the time that is left."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.table import Column

    last = TextColumn("{task.fields[said]}", table_column=Column(no_wrap=True, overflow="ellipsis", ratio=1))
    columns = (MofNCompleteColumn(), TextColumn(what), BarColumn(20), TimeRemainingColumn(), last)
    with Progress(*columns, console=Console(stderr=True), transient=True, expand=True) as bar:
        task = bar.add_task(what, total=total, said="")
        yield lambda said: bar.update(task, advance=1, said=shown(said, 60))


@contextmanager
def _lines(total: int, what: str) -> Iterator[Step]:
    """A line after every twentieth part, and at least every ten seconds."""
    done, last, when = 0, 0, time.monotonic()

    def step(said: str) -> None:
        nonlocal done, last, when
        done += 1
        if done in (1, total) or done - last >= max(1, total // 20) or time.monotonic() - when >= EVERY:
            last, when = done, time.monotonic()
            typer.echo(f"dinosar: {done} of {total} {what}: {shown(said, 100)}", err=True)

    yield step
