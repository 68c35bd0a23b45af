"""Which images are worth a vote: those whose one vector, for the whole picture, is nearest to that of the query.

What is not on a shortlist cannot be found, so up to 10 000 images there is none.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dinosar.errors import UsageError
from dinosar.features import unit
from dinosar.notices import note
from dinosar.retrieval.blocks import Block
from dinosar.retrieval.tally import ROUNDING, are_unit, exact_pairs

Vectors = NDArray[np.float32]
Indices = NDArray[np.int64]
Engine = Literal["auto", "exact", "flat", "ivf"]
EXHAUSTIVE = 10_000
"""Images up to which every one is voted on: seconds for a query."""
SHORT = 100
EXACT = 1_000_000
"""Images up to which `auto` looks at every vector; beyond, and with faiss, it looks into the nearest cells only."""
ROWS, QUERIES = 16_384, 256
"""Vectors multiplied at once: 16 MB of cosines."""


def how_many(setting: Literal["auto", "off"] | int, images: int) -> int | None:
    """How many of so many images get onto a shortlist; None: there is none, and all are voted on."""
    if setting == "off" or (setting == "auto" and images <= EXHAUSTIVE):
        return None
    wanted = SHORT if setting == "auto" else setting
    if not isinstance(wanted, int) or wanted < 1:
        raise UsageError(f"a shortlist of {wanted} images cannot be meant; give auto, off, or a number from 1 on")
    return wanted if wanted < images else None


def pooled(block: Block) -> NDArray[np.float32]:
    """The direction (depth,) of the mean of an image's patches; NaN where they have none."""
    if not len(block):
        return np.full(block.tokens.shape[1], np.nan, dtype=np.float32)
    mean = unit(block.tokens.mean(axis=0, dtype=np.float64))
    return mean if mean.any() else np.full_like(mean, np.nan)


def nearest(queries: Vectors, database: Vectors, k: int, exclude: Sequence[int | None] | None = None, *,
            engine: Engine = "auto") -> list[Indices]:  # fmt: skip
    """Of unit vectors, the `k` of the database (n, depth) nearest to each query (m, depth), the nearest first.

    Their cosines are decided in float64 and ties go to the lowest index, so that neither blocks nor the order of the
    database change the choice. A vector of zeros or NaN has no direction: it is
    nobody's neighbour and has none; `exclude` names one index of the
    database for each query that it does not get (None: it may get all).

    `exact` multiplies block by block. `flat` asks faiss for the same answers. `ivf` asks faiss to look into a few
    cells only, and may miss some: `auto` does that for more than a million vectors where faiss is installed.
    """
    leave = [-1 if each is None else each for each in exclude] if exclude is not None else [-1] * len(queries)
    if len(leave) != len(queries) or queries.shape[1:] != database.shape[1:] or k < 1:
        raise ValueError(f"{k} nearest of {database.shape} cannot be told for {queries.shape} without {len(leave)}")
    settled = _settled(engine, len(database))
    if settled == "exact":
        return _by_blocks(queries, database, k, leave)
    from dinosar.retrieval.faiss_shortlist import by_faiss

    return by_faiss(queries, database, k, leave, settled)


def there(vectors: Vectors) -> NDArray[np.bool_]:
    """Which vectors have a direction, and an error where one is neither that nor unit."""
    missing = np.isnan(vectors).any(axis=1) | ~vectors.any(axis=1)
    if not (are_unit(vectors) | missing).all():
        raise ValueError("what is to be nearest must be unit vectors: their products would be no cosines")
    return np.asarray(~missing)


class Nearest:
    """The nearest so far of every query: indices and cosines, the nearest first."""

    def __init__(self, queries: Vectors, database: Vectors, k: int) -> None:
        self._queries, self._database, self._k = queries, database, k
        self._found = [(np.empty(0, dtype=np.int64), np.empty(0)) for _ in queries]

    def at_least(self, row: int) -> float:
        """The cosine that one must have to be worth a look."""
        cosines = self._found[row][1]
        return float(cosines[-1]) - ROUNDING if len(cosines) == self._k else -np.inf

    def add(self, row: int, indices: Indices) -> None:
        """Look at some more of the database, none of which was looked at before."""
        cosines = exact_pairs(self._queries, self._database, np.full(len(indices), row), indices)
        indices, cosines = (np.concatenate(pair) for pair in zip(self._found[row], (indices, cosines), strict=True))
        order = np.lexsort((indices, -cosines))[: self._k]
        self._found[row] = indices[order], cosines[order]

    def indices(self) -> list[Indices]:
        """Of every query."""
        return [indices for indices, _ in self._found]


def _by_blocks(queries: Vectors, database: Vectors, k: int, leave: Sequence[int]) -> list[Indices]:
    """The nearest by products of blocks; float32 only says which ones are worth a look."""
    found, asks = Nearest(queries, database, k), there(queries)
    for start in range(0, len(database), ROWS):
        block = np.asarray(database[start : start + ROWS], dtype=np.float32)
        answers = there(block)
        for first in range(0, len(queries), QUERIES):
            cosines = queries[first : first + QUERIES] @ block.T
            cosines[:, ~answers] = -np.inf
            for row, line in enumerate(cosines, first):
                if asks[row]:
                    found.add(row, _worth(line, found.at_least(row), k, leave[row] - start) + start)
    return found.indices()


def _worth(cosines: NDArray[np.float32], least: float, k: int, leave: int) -> Indices:
    """Which of the cosines may be among the largest `k`, all but the one to leave out."""
    if 0 <= leave < len(cosines):
        cosines[leave] = -np.inf
    if least == -np.inf and len(cosines) > k:
        least = float(np.partition(cosines, -k)[-k]) - ROUNDING
    return np.flatnonzero((cosines >= least) & (cosines > -np.inf))


def _settled(engine: Engine, vectors: int) -> Engine:
    """Which way it is done."""
    if engine != "auto":
        return engine
    if vectors <= EXACT:
        return "exact"
    from importlib.util import find_spec

    if find_spec("faiss") is None:
        note("faiss is not installed: the shortlist looks at every image (pip install 'dinosar[faiss]')")
        return "exact"
    return "ivf"
