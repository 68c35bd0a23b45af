"""How sure a mean over queries is: intervals by the bootstrap, in which queries are drawn again with replacement.

A number of one query says nothing of its spread and has no interval. The draws depend on how many queries there are and
on the name of what is drawn, and on nothing else.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LEVEL, DRAWS = 0.95, 2000
"""As for PCK: the ends are then good to a twentieth of the width or so."""
_AT_ONCE = 1 << 21
"""Drawn queries held at once, 16 MB."""
Interval = tuple[float, float]


def interval(name: str, sums: Floats, of: Callable[[Floats], Floats]) -> Interval | None:
    """That of a number which `of` gives (draws,) from sums (draws, c), where each query gives a row of `sums` (n, c).

    None where there are fewer than two queries, or where a draw has no such number.
    """
    if len(sums) < 2:
        return None
    rng = np.random.default_rng([len(sums), *name.encode()])
    drawn = np.concatenate([of(times @ sums) for times in _times(rng, len(sums))])
    if not np.isfinite(drawn).all():
        return None
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]).tolist()
    return low, high


def interval_of_mean(name: str, values: Floats) -> Interval | None:
    """That of the mean of a value for each query (n,)."""
    columns = np.stack([values, np.ones_like(values)], axis=1)
    return interval(name, columns, lambda sums: np.asarray(sums[:, 0] / sums[:, 1]))


def _times(rng: np.random.Generator, n: int) -> Iterator[Floats]:
    """How often each of n is drawn when n are drawn: (some, n), until there are as many as `DRAWS`."""
    left = DRAWS
    while left > 0:
        some = min(left, max(1, _AT_ONCE // n))
        yield rng.multinomial(n, np.full(n, 1 / n), some).astype(np.float64)
        left -= some
