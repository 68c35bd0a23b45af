"""The noun of homology: one grid of cells, where they lie on two specimens, and how far they differ."""

from dataclasses import dataclass, fields, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Source = Literal["file", "transferred", "proposed"]


@dataclass(frozen=True, eq=False)
class Side:
    """The grid on one specimen, in pixels of its photo.

    `landmarks` (K, 2) are those that were used, `aligned` the same in the frame of the consensus; `corners`
    (rows + 1, columns + 1, 2) and `centres` (rows, columns, 2) are the warped grid; `coverage` (rows, columns) is the
    share of each cell that is specimen; `folded` marks cells that the warp turned over.
    """

    landmarks: Array
    aligned: Array
    corners: Array
    centres: Array
    coverage: Array
    folded: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Homology:
    """Two specimens, cell by cell.

    `consensus` (K, 2) is the mean shape in network pixels, `lattice` (rows + 1, columns + 1, 2) the grid on it, `cell`
    the (width, height) of a cell there. `counted` marks the cells that were compared, `dissimilarity` is NaN in the
    others. `seeded` marks cells whose tokens took part in proposing the landmarks or carrying them there; of landmarks
    that somebody set there are none.
    """

    names: tuple[str, ...]
    source: Source
    consensus: Array
    lattice: Array
    cell: tuple[float, float]
    a: Side
    b: Side
    counted: NDArray[np.bool_]
    seeded: NDArray[np.bool_]
    dissimilarity: Array
    facing: tuple[float, float] = (0.0, 0.0)
    """Degrees by which A and B were turned before the backbone was asked what it makes of their cells."""

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, np.ndarray):
                value.flags.writeable = False

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of cells."""
        return self.counted.shape[0], self.counted.shape[1]

    @property
    def values(self) -> Array:
        """Dissimilarities of the cells that count, row by row."""
        return self.dissimilarity[self.counted]

    @property
    def weights(self) -> Array:
        """How much of each of them is specimen, on the side that has less of it."""
        return np.minimum(self.a.coverage, self.b.coverage)[self.counted]

    def share(self, side: Side, mask: NDArray[np.bool_]) -> float:
        """How much of a specimen, whose mask that is, the cells that count cover."""
        across, down = np.diff(side.corners, axis=1), np.diff(side.corners, axis=0)
        halves = [
            abs(x[..., 0] * y[..., 1] - x[..., 1] * y[..., 0]) / 2
            for x, y in ((across[:-1], down[:, :-1]), (across[1:], down[:, 1:]))
        ]
        covered = ((halves[0] + halves[1]) * side.coverage)[self.counted].sum()
        return min(1.0, float(covered) / max(1, int(mask.sum())))

    @property
    def independent(self) -> Array:
        """Dissimilarities of those that had no part in proposing the landmarks."""
        return self.dissimilarity[self.counted & ~self.seeded]

    def exchanged(self) -> "Homology":
        """The same with A and B exchanged."""
        return replace(self, a=self.b, b=self.a, facing=self.facing[::-1])
