"""From matches to a map of mismatch: how far each patch is from its best answer, raised where nobody agrees."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dinosar.config import Normalization
from dinosar.data import Features, Matches
from dinosar.frames.correspondence import correspond

Array = NDArray[np.float64]
FLAT = 1e-3
"""A spread below this is no pattern: stretched to the whole scale it would show nothing but rounding."""
BOOST = 1.25


@dataclass(frozen=True)
class Scale:
    """What becomes 0 and what 1 on a map; a `flat` one holds no pattern, and everything on it becomes 0."""

    low: float
    high: float
    flat: bool

    def of(self, values: Array) -> Array:
        """Values on this scale."""
        return np.zeros_like(values) if self.flat else (values - self.low) / (self.high - self.low)


@dataclass(frozen=True, eq=False)
class Mismatch:
    """Two pictures, patch by patch: A is the reference, B the one that is judged.

    `raw_a` and `raw_b` (rows, columns) are 1 - cosine of each patch to its best answer in the other picture: 0 is the
    same, and numbers of different pairs can be compared. `map_a` and `map_b` are what pictures show: boosted and
    normalised; `scale` is that of the map of B. Patches without direction are NaN in all four.
    """

    a: Features
    b: Features
    there: Matches
    back: Matches
    raw_a: Array
    raw_b: Array
    map_a: Array
    map_b: Array
    scale: Scale

    @property
    def degenerate(self) -> bool:
        """Whether the maps hold no pattern."""
        return self.scale.flat


def mismatch_between(a: Features, b: Features, normalization: Normalization = "global",
                     boost: float = BOOST) -> Mismatch:  # fmt: skip
    """The maps of mismatch of two pictures, of which B is judged by A."""
    there, back = correspond(a, b)
    first, second, scale = normalised(there, back, normalization, boost)
    raw = on_grid(a, there, there.distance), on_grid(b, back, back.distance)
    return Mismatch(a, b, there, back, *raw, on_grid(a, there, first), on_grid(b, back, second), scale)


def normalised(there: Matches, back: Matches, how: Normalization, boost: float) -> tuple[Array, Array, Scale]:
    """What the maps of A and B show, for every match, and the scale of the map of B.

    `global`, after the mismatch overlay: raised first, then stretched from the lowest to the highest value of both.
    `per-direction`, after VFI-Similarity: each direction stretched, then raised, so that values end at the boost.
    `none`: raised distances as they are.
    """
    pair = there, back
    if how == "per-direction":
        scales = [scale_of(each.distance) for each in pair]
        values = [raised(scale.of(each.distance), each, boost) for scale, each in zip(scales, pair, strict=True)]
        return values[0], values[1], scales[1]
    values = [raised(each.distance, each, boost) for each in pair]
    scale = scale_of(np.concatenate(values))
    if how == "none":
        return values[0], values[1], Scale(0.0, 1.0, scale.flat)
    return scale.of(values[0]), scale.of(values[1]), scale


def scale_of(values: Array) -> Scale:
    """The scale from the lowest value to the highest."""
    low, high = float(values.min()), float(values.max())
    return Scale(low, high, high - low < FLAT)


def raised(values: Array, matches: Matches, boost: float) -> Array:
    """Values, those of matches that are not mutual multiplied by `boost`."""
    mutual = np.ones(len(matches), dtype=bool) if matches.mutual is None else matches.mutual
    return np.where(mutual, values, values * boost)


def on_grid(features: Features, matches: Matches, values: Array) -> Array:
    """Values of matches as a map (rows, columns); patches that did not ask are NaN."""
    whole = np.full(features.grid.rows * features.grid.columns, np.nan)
    whole[matches.asked] = values
    return whole.reshape(features.grid.rows, features.grid.columns)
