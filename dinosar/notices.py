"""What a person must be told while a run goes on: warnings, once each, kept for the record.

Warnings go through the `dinosar` logger, so that a program using the library decides where they appear. The command
line prints each on one line of stderr, also with --quiet.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from dinosar.errors import shown

log = logging.getLogger("dinosar")


def warn(message: str) -> None:
    """Something that changes how the results should be read."""
    log.warning("%s", shown(message, 600))


def note(message: str) -> None:
    """Something good to know; hidden by --quiet."""
    log.info("%s", shown(message, 600))


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage() not in self.messages:
            self.messages.append(record.getMessage())


@contextmanager
def collected() -> Iterator[list[str]]:
    """Collects the warnings given inside the block, for the record."""
    collector = _Collector()
    log.addHandler(collector)
    try:
        yield collector.messages
    finally:
        log.removeHandler(collector)
