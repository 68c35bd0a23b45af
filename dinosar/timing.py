"""How long each stage took, for the record, without a clock in every function's hands."""

import functools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
_running: ContextVar[dict[str, float] | None] = ContextVar("dinosar_stages", default=None)


@contextmanager
def timed() -> Iterator[dict[str, float]]:
    """Collects seconds by stage while the block runs."""
    seconds: dict[str, float] = {}
    token = _running.set(seconds)
    try:
        yield seconds
    finally:
        _running.reset(token)


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Adds the time of a block to a stage. A stage inside a stage is counted in both."""
    seconds = _running.get()
    start = time.perf_counter()
    try:
        yield
    finally:
        if seconds is not None:
            seconds[name] = round(seconds.get(name, 0.0) + time.perf_counter() - start, 4)


def a_stage(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Marks a function as a stage of that name."""

    def mark(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            with stage(name):
                return function(*args, **kwargs)

        return run

    return mark
