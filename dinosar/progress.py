"""How far a long run has come, for whoever wants to show it; nobody has to listen."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar

Step = Callable[[str], None]
"""Told once for each item, with what became of it in a few words."""
Listener = Callable[[int, str], AbstractContextManager[Step]]
"""Given the number of items and what they are, a context whose value is told of each."""
_listener: ContextVar[Listener | None] = ContextVar("dinosar_progress", default=None)


def steps(total: int, what: str) -> AbstractContextManager[Step]:
    """A context for a run of `total` items (`pairs`, say); call its value after each."""
    listener = _listener.get()
    return nullcontext(_nobody) if listener is None else listener(total, what)


def _nobody(said: str) -> None:
    """Nobody listens."""


@contextmanager
def shown_by(listener: Listener) -> Iterator[None]:
    """Inside the block, progress is shown by `listener`."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
