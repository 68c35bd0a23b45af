"""Principal components of the patches of two frames together, as colours that mean the same on both."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.data import Features
from dinosar.principal import principal
from dinosar.render.frame_scene import BARE, UNKNOWN, FrameScene, pair_of_frames, said_across, square
from dinosar.render.panels import clip, extent
from dinosar.render.sheet import picture

Array = NDArray[np.float64]
STEEP = 2.0
"""How steeply a score becomes a colour."""
NOTHING = 1e-9
"""A variance below this is the rounding of unit tokens, and no component."""
CHANNELS = (("#d62728", "red"), ("#2ca02c", "green"), ("#1f4fd6", "blue"))


@dataclass(frozen=True, eq=False)
class Components:
    """Scores of the patches of A and of B (rows, columns, 3) on their common axes, each of variance 1 over both.

    Patches without direction are NaN. `shares` (3,) is how much of the whole variance each holds; where there are fewer
    components, scores and share of the others are 0.
    """

    a: Array
    b: Array
    shares: Array


def frame_components(a: Features, b: Features) -> Components:
    """The first three principal components of the unit tokens of both, found on all patches of both."""
    known = np.concatenate([a.directed.ravel(), b.directed.ravel()])
    tokens = np.concatenate([a.flat, b.flat])[known].astype(np.float64)
    whitened, shares = _whitened(tokens)
    scores = np.full((len(known), 3), np.nan)
    scores[known] = whitened
    first, second = np.split(scores, [a.directed.size])
    return Components(first.reshape(*a.directed.shape, 3), second.reshape(*b.directed.shape, 3), shares)


def _whitened(vectors: Array) -> tuple[Array, Array]:
    """Scores (n, 3) of variance 1 on the principal axes of vectors, and each axis' share of the variance."""
    found = principal(vectors, 3)
    scores, shares = np.zeros((len(vectors), 3)), np.zeros(3)
    there = np.flatnonzero(found.variances > NOTHING)
    scores[:, there] = found.of(vectors)[:, there] / np.sqrt(found.variances[there])
    shares[there] = found.variances[there] / found.total if len(there) else 0.0
    return scores, shares


def as_colours(scores: Array) -> Array:
    """Scores as red, green and blue in 0..1, by a sigmoid: the mean is the middle grey."""
    return np.asarray(0.5 + 0.5 * np.tanh(STEEP / 2 * scores))


@picture
def pca_features(scene: FrameScene) -> bytes:
    """The first three principal components of both pictures' patches as red, green and blue, on one scale."""
    found = frame_components(scene.found.a, scene.found.b)
    sheet = pair_of_frames(scene, "Principal components of the patches of A and B together", "none", _key(found))
    for axes, side, scores in zip(sheet.panels, scene.sides, (found.a, found.b), strict=True):
        known = side.features.directed
        grid = side.features.grid
        opaque = np.dstack([as_colours(np.where(known[..., None], scores, 0)), np.ones(known.shape)])
        opaque[~known] = _rgba(BARE)
        clip(axes.imshow(opaque, extent=extent(grid), interpolation="nearest"), axes, grid)
        if not found.shares.any():
            said_across(axes, "no pattern: all patches are the same")
    return sheet.render()


def _rgba(colour: str) -> Any:
    from matplotlib.colors import to_rgba

    return to_rgba(colour)


def _key(found: Components) -> list[Any]:
    """Which colour is which component, and what share of the variance each holds."""
    words = [f"{share:.0%} of the variance" if share else "none" for share in found.shares]
    key = [
        square(colour, f"{name}: component {i}, {said}")
        for i, ((colour, name), said) in enumerate(zip(CHANNELS, words, strict=True), 1)
    ]
    if not (np.isfinite(found.a).all() and np.isfinite(found.b).all()):
        key.append(square(BARE, UNKNOWN))
    return key
