"""What a person must be told while a run goes on: warnings, once each, kept for the record.

Warnings go through the `dinosar` logger, so that a program using the library decides where they appear. The command
line prints each on one line of stderr, also with --quiet.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from dinosar.errors import shown

log = logging.getLogger("dinosar")
_collectors: ContextVar[tuple[list[str], ...]] = ContextVar("dinosar_warnings", default=())


def warn(message: str) -> None:
    """Something that changes how the results should be read."""
    line = shown(message, 600)
    collectors = _collectors.get()
    if any(line in messages for messages in collectors):
        return  # once a run is enough
    log.warning("%s", line)
    for messages in collectors:
        messages.append(line)


def note(message: str) -> None:
    """Something good to know; hidden by --quiet."""
    log.info("%s", shown(message, 600))


@contextmanager
def collected() -> Iterator[list[str]]:
    """Collects the warnings given inside the block, once each, for the record."""
    messages: list[str] = []
    token = _collectors.set((*_collectors.get(), messages))
    try:
        yield messages
    finally:
        _collectors.reset(token)
