"""Matches beside the truth: where both photos have known keypoints, how far off the matches take them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dinosar.arrays import freeze
from dinosar.evaluation.keypoint_pairs import KeypointPair
from dinosar.evaluation.landmarks import within
from dinosar.sparse.matched import Matched

ALPHA = 0.1
"""Right within a tenth of the box around the object: the usual measure of SPair-71k."""

NEAR = 1.5
"""Patches from a keypoint to the match that speaks for it: farther off it is a match of something else."""
ANSWERED = "as the match nearest to it goes, where one begins within 1.5 patches"


@dataclass(frozen=True, eq=False)
class Truth:
    """The keypoints of a pair, and for each of A the place in B (K, 2) that it is taken to; NaN where it is to none."""

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


def beside_truth(pair: KeypointPair, matched: Matched) -> Truth:
    """Where the matches take each keypoint of A: as the nearest of them goes, if one begins within `NEAR` patches."""
    pairs, grids = matched.features, (matched.a.features.grid, matched.b.features.grid)
    asked = grids[0].to_network(pair.a)
    starts, ends = grids[0].to_network(pairs.a), grids[1].to_network(pairs.b)
    found = np.full(pair.b.shape, np.nan)
    for i, place in enumerate(asked):
        off = np.linalg.norm(starts - place, axis=1)
        if len(off) and off.min() <= NEAR * grids[0].patch:
            best = int(off.argmin())
            found[i] = grids[1].to_photo((ends[best] + place - starts[best])[None])[0]
    return Truth(pair, found)
