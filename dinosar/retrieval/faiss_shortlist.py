"""The nearest vectors by faiss: all of them looked at (flat), or those of a few cells (ivf).

Never HNSW: its search by radius ends the whole process in some versions, and nothing here needs it.
"""

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any, Literal

import numpy as np

from dinosar.errors import UsageError
from dinosar.notices import warn
from dinosar.retrieval.shortlist import QUERIES, Indices, Nearest, Vectors, there
from dinosar.retrieval.tally import ROUNDING

PROBES = 64
"""Cells looked into. On encoded patches 64 of 512 found 96 of 100 neighbours; on whole pictures more."""
CELLS = 4
"""Times the square root of the number of vectors: the usual number of cells."""
SPARE = 32
"""Neighbours asked for beyond those wanted, so that ties can be decided here."""


def by_faiss(
    queries: Vectors, database: Vectors, k: int, leave: Sequence[int], kind: Literal["flat", "ivf"] | str
) -> list[Indices]:
    """The nearest of each query, as `nearest` gives them; `ivf` may miss some, and says so."""
    voices = np.flatnonzero(there(np.asarray(database, dtype=np.float32)))
    found, asks = Nearest(queries, database, k), there(queries)
    if len(voices):
        index = _index(np.ascontiguousarray(database[voices], dtype=np.float32), kind)
        rows = np.flatnonzero(asks)
        for start in range(0, len(rows), QUERIES):
            for row, candidates in _candidates(index, queries, rows[start : start + QUERIES], k + SPARE, k):
                places = voices[candidates]
                found.add(row, places[places != leave[row]])
    return found.indices()


def _index(vectors: Vectors, kind: str) -> Any:
    """An index of faiss that holds the vectors."""
    try:
        faiss = import_module("faiss")
    except ImportError:
        raise UsageError("a shortlist by faiss needs faiss: pip install 'dinosar[faiss]'") from None
    if kind == "flat":
        index = faiss.IndexFlatIP(vectors.shape[1])
    else:
        cells = max(1, round(CELLS * len(vectors) ** 0.5))
        index = faiss.index_factory(vectors.shape[1], f"IVF{cells},Flat", faiss.METRIC_INNER_PRODUCT)
        index.nprobe = min(PROBES, cells)
        index.train(vectors)
        warn(f"the shortlist is approximate: it looks into {index.nprobe} of {cells} cells of faiss (ivf)")
    index.add(vectors)
    return index


def _candidates(index: Any, queries: Vectors, rows: Indices, wanted: int, k: int) -> Iterator[tuple[int, Indices]]:
    """More than the nearest: as many as it takes until those left out are surely farther than the ones wanted."""
    cosines, places = index.search(np.ascontiguousarray(queries[rows], dtype=np.float32), min(wanted, index.ntotal))
    for row, similar, found in zip(rows.tolist(), cosines, places.astype(np.int64), strict=True):
        if wanted >= index.ntotal or found[-1] < 0 or similar[k] - similar[-1] > 2 * ROUNDING:
            yield row, found[found >= 0]
        else:
            yield from _candidates(index, queries, np.array([row]), 2 * wanted, k)
