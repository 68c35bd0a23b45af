"""An answer for every keypoint, or none: what a protocol and a matcher make of two images' tokens."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dinosar.errors import UsageError, shown, suggestion
from dinosar.evaluation.protocols.conventions import Protocol
from dinosar.evaluation.protocols.cosines import Floats, cosines, first_best, has_direction
from dinosar.evaluation.protocols.sides import Side
from dinosar.features import between

NEAR = 1.0
"""Patches that an answer's own answer may lie from where was asked: a keypoint is known to its patch, no better."""
WINDOW = 7 / 60
"""Half the window of soft-argmax as a share of the cells along the longer side: 15 at 60 cells, the default of the
paper that proposes it (GeoAware-SC). Wide enough to hold the peak, too narrow for a second leg."""
TEMPERATURE = 0.02
"""Of the softmax over cosines, as there: an answer 0.05 worse counts for a twelfth."""


class Asked(NamedTuple):
    """Both sides, where on the source's lattice was read (k, 2), and what was read there (k, depth)."""

    source: Side
    target: Side
    lattice: Floats
    vectors: Floats


Matcher = Callable[[Protocol, Asked], Floats]
"""Places on the target's lattice (k, 2); NaN where nothing is answered."""


def find(protocol: Protocol, matcher: str, source: Side, target: Side, points: Floats) -> Floats:
    """Where in the target (k, 2) each point (k, 2) of the source lies, both in original pixels; NaN where none is told.

    Nothing is told for a point outside the photo or without one, nor for one whose tokens have no direction.
    """
    if matcher not in MATCHERS:
        raise UsageError(f"there is no matcher '{shown(matcher)}'{suggestion(matcher, MATCHERS)}")
    if source.tokens.shape[-1] != target.tokens.shape[-1]:
        raise ValueError(f"tokens of {source.tokens.shape[-1]} and {target.tokens.shape[-1]} numbers have no cosine")
    points = np.asarray(points, dtype=np.float64)
    found = np.full(points.shape, np.nan)
    inside = np.flatnonzero(((points >= 0) & (points < source.shown.grid.photo)).all(axis=1))
    lattice = protocol.asked(points[inside], source.shown.grid)
    vectors = between(source.tokens, lattice)
    asks = has_direction(vectors)
    if asks.any() and has_direction(target.flat).any():
        answers = MATCHERS[matcher](protocol, Asked(source, target, lattice[asks], vectors[asks]))
        # The way to the lattice and back costs the last bits; nobody knows a place to a billionth of a pixel.
        found[inside[asks]] = np.round(protocol.told(answers, target.shown.grid), 9)
    return found


def nearest(protocol: Protocol, asked: Asked) -> Floats:
    """Whatever the protocol finds most alike."""
    return protocol.best(asked.vectors, asked.target)


def mutual(protocol: Protocol, asked: Asked) -> Floats:
    """The nearest, if its own nearest in the source lies within a patch of where was asked, along both axes."""
    there = protocol.best(asked.vectors, asked.target)
    back = protocol.best(between(asked.target.tokens, there), asked.source)
    apart = np.abs(back - asked.lattice).max(axis=1)
    return np.where((apart <= NEAR + 1e-9)[:, None], there, np.nan)


def soft_argmax(_: Protocol, asked: Asked) -> Floats:
    """The mean place of the tokens around the best one, each weighted by the softmax of its cosine.

    Tokens answer, in every protocol. The window is cut where the image ends. In the original tokens outside the window
    are given cosine 0 and keep a little weight; here they have none.
    """
    grid = asked.target.shown.grid
    values = cosines(asked.vectors, asked.target.flat)
    rows, columns = np.divmod(np.arange(values.shape[1]), grid.columns)
    peak = first_best(values)[:, None]
    reach = round(WINDOW * max(grid.rows, grid.columns))
    near = (abs(rows - rows[peak]) <= reach) & (abs(columns - columns[peak]) <= reach)
    weights = np.exp(np.where(near, values - values.max(axis=1, keepdims=True), -np.inf) / TEMPERATURE)
    places: NDArray[np.float64] = weights @ np.stack([columns, rows], axis=1) / weights.sum(axis=1, keepdims=True)
    return places


MATCHERS: dict[str, Matcher] = {"nearest": nearest, "mutual": mutual, "soft-argmax": soft_argmax}
