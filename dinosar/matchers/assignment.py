"""The one-to-one pairs that are nearest all together, found as a linear assignment."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

import dinosar
from dinosar.matchers.exchange import turned
from dinosar.matchers.nearest import exact

Tokens = NDArray[np.float32]
Costs = NDArray[np.float64]
Metric = Literal["euclidean", "cosine"]
COST_IS: dict[Metric, str] = {"euclidean": "Euclidean distance of raw tokens", "cosine": "1 - cosine"}


class Assignment(dinosar.Matcher):
    """Each patch paired with one of the other specimen, so that the sum of all distances is the least there is."""

    class Options(dinosar.Options):
        """What is summed, and which pairs may be left out."""

        metric: Metric = Field(
            "euclidean", description="euclidean of tokens as long as the network made them, which counts what stands "
            "out; cosine of their directions alone."
        )  # fmt: skip
        max_distance: float | None = Field(
            None, gt=0, description="What it costs to leave a patch alone, in units of the metric: no pair is farther "
            "apart. Without it every patch of the smaller side is paired, whatever with."
        )  # fmt: skip
        block: int = Field(512, ge=1, le=65536, description="Rows of the matrix of distances computed at once.")

    def match(self, a: dinosar.Specimen, b: dinosar.Specimen) -> dinosar.Matches:
        """The pairs, in the order of the grid of `a`; the same from `b` to `a`."""
        fewer = len(a.indices) - len(b.indices)  # SciPy copies a matrix with more rows than columns
        swapped = fewer > 0 or (fewer == 0 and turned(a, b))
        first, second = (b, a) if swapped else (a, b)
        rows, columns = assigned(self._costs(first, second), self.options.max_distance)
        cost = self._exact(first, second, rows, columns)
        if self.options.max_distance is not None:
            near = cost <= self.options.max_distance
            rows, columns, cost = rows[near], columns[near], cost[near]
        asked, answer = (columns, rows) if swapped else (rows, columns)
        order = np.argsort(asked)
        asked, answer, cost = asked[order], answer[order], cost[order]
        distance = exact(a.tokens[asked], b.tokens[answer])
        own = self.options.metric == "cosine"
        return dinosar.Matches(
            a.indices[asked], b.indices[answer], distance,
            cost=None if own else cost, cost_is="" if own else COST_IS[self.options.metric],
        )  # fmt: skip

    def _vectors(self, specimen: dinosar.Specimen) -> Tokens:
        """The tokens that the metric is of."""
        if self.options.metric == "cosine":
            return specimen.tokens
        lengths = specimen.features.lengths
        if lengths is None:
            raise dinosar.InputError(
                f"matcher assignment wants the lengths of tokens, and those of '{specimen.name}' are not known; "
                "set matcher.metric=cosine"
            )
        return specimen.tokens * lengths.ravel()[specimen.indices, None]

    def _costs(self, first: dinosar.Specimen, second: dinosar.Specimen) -> Costs:
        return costs(self._vectors(first), self._vectors(second), self.options.metric, self.options.block)

    def _exact(
        self, first: dinosar.Specimen, second: dinosar.Specimen, rows: NDArray[np.int64], columns: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """The distances of some pairs, exactly."""
        a, b = self._vectors(first)[rows], self._vectors(second)[columns]
        if self.options.metric == "cosine":
            return exact(a, b)
        return np.asarray(np.sqrt(((a.astype(np.float64) - b) ** 2).sum(axis=-1)))


def costs(first: Tokens, second: Tokens, metric: Metric, block: int) -> Costs:
    """Distances (n, m), a block of rows at a time, in the one matrix that SciPy then works on without a copy.

    They are computed in double precision and rounded to single, so that no thread and no block size changes one.
    """
    found = np.empty((len(first), len(second)))
    others = second.astype(np.float64)
    squares = (others**2).sum(axis=1)
    for start in range(0, len(first), block):
        some = first[start : start + block].astype(np.float64)
        part = some @ others.T
        part *= -2
        part += squares
        part += (some**2).sum(axis=1)[:, None]
        np.maximum(part, 0, out=part)
        # Of unit vectors half the squared distance is 1 - cosine.
        found[start : start + block] = (part / 2 if metric == "cosine" else np.sqrt(part, out=part)).astype(np.float32)
    return found


def assigned(cost: Costs, most: float | None = None) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and columns of the pairs whose sum of costs is the least, by rows.

    With `most` a row or column may stay alone for that price, and the matrix is capped in place. A pair that costs as
    much is as good as none: so capping every cost, and leaving out what was capped, is the same.
    """
    from scipy.optimize import linear_sum_assignment

    if most is not None:
        np.minimum(cost, most, out=cost)
    rows, columns = linear_sum_assignment(cost)
    if most is not None:
        held = cost[rows, columns] < most
        rows, columns = rows[held], columns[held]
    return rows.astype(np.int64), columns.astype(np.int64)
