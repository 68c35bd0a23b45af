"""Small pieces of work on as many processors as there are, when each consists of products of matrices.

NumPy's own threads share a product between them and wait for each other at its end. For products of a quarter of a
millisecond that wait is longer than the work as soon as anything else runs on the machine (measured: 4 to 100 times).
So each piece is done by one thread, several pieces at a time.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from typing import Any, TypeVar

MOST = 8
"""Threads: with more, Python itself would be what they wait for."""
Piece = TypeVar("Piece")
Done = TypeVar("Done")


class Spread:
    """Does a piece of work for each of several things; what comes of it stands in their order."""

    def __init__(self, pool: ThreadPoolExecutor | None = None) -> None:
        self._pool = pool

    def __call__(self, work: Callable[[Piece], Done], pieces: Iterable[Piece]) -> Iterator[Done]:
        """What came of each."""
        return self._pool.map(work, pieces) if self._pool else map(work, pieces)


@contextmanager
def side_by_side() -> Iterator[Spread]:
    """As many threads as NumPy's products would use, and meanwhile one for each product.

    Without threadpoolctl those cannot be told, and the pieces are done one after the other.
    """
    blas = _products()
    if blas is None:
        yield Spread()
        return
    threads = min(MOST, max((each["num_threads"] for each in blas.info()), default=1))
    with blas.limit(limits=1):
        if threads == 1:
            yield Spread()
            return
        with ThreadPoolExecutor(threads) as pool:
            yield Spread(pool)


def _products() -> Any:
    """What limits the threads of products of matrices; None where it is not installed."""
    try:
        return import_module("threadpoolctl").ThreadpoolController().select(user_api="blas")
    except ImportError:
        return None
