"""Warnings and notes on their way to the terminal: one line each, on stderr."""

import logging
import sys


def listen(quiet: bool) -> None:
    """Show warnings always, notes unless quiet."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Line())
    logger = logging.getLogger("dinosar")
    logger.handlers[:] = [handler]
    logger.propagate = False
    logger.setLevel(logging.WARNING if quiet else logging.INFO)
    # Where its own folder cannot be written to, matplotlib says so at length; its pictures come out the same.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)


class _Line(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return f"dinosar: {'warning' if record.levelno >= logging.WARNING else 'note'}: {record.getMessage()}"
