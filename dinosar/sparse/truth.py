"""Matches beside the truth: where both photos have known keypoints, whose answers lie how far off."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dinosar.arrays import freeze
from dinosar.data import Specimen
from dinosar.evaluation.keypoint_pairs import KeypointPair
from dinosar.evaluation.landmarks import within
from dinosar.matchers.nearest import answers

ALPHA = 0.1
"""Right within a tenth of the box around the object: the usual measure of SPair-71k."""


@dataclass(frozen=True, eq=False)
class Truth:
    """The keypoints of a pair, and for each of A the place in B (K, 2) that answers it; NaN where none does."""

    pair: KeypointPair
    found: NDArray[np.float64]

    def __post_init__(self) -> None:
        freeze(self)

    @property
    def errors(self) -> NDArray[np.float64]:
        """How far each answer lies from the truth, in original pixels; infinite where there is none."""
        return np.asarray(np.nan_to_num(np.linalg.norm(self.found - self.pair.b, axis=1), nan=np.inf))

    @property
    def side(self) -> float:
        """The longer side of the box around the object in B."""
        left, top, right, bottom = self.pair.box
        return max(right - left, bottom - top)

    @property
    def right(self) -> NDArray[np.bool_]:
        """Which answers are right."""
        return within(self.errors, self.side, ALPHA)


def beside_truth(pair: KeypointPair, a: Specimen, b: Specimen) -> Truth:
    """The patch that holds each keypoint of A asks all patches of the foreground of B; its answer is their centre.

    A keypoint outside the photo, or on a patch without direction, asks nobody.
    """
    grid = a.features.grid
    patch = grid.patch_at(grid.to_network(pair.a))
    asks = np.flatnonzero((patch >= 0) & a.features.directed.ravel()[patch])
    found = np.full(pair.b.shape, np.nan)
    if len(asks):
        best, _, _ = answers(a.features.flat[patch[asks]], b.tokens, 1, 512)
        found[asks] = b.places[best]
    return Truth(pair, found)
