"""Principal components of the foregrounds of two photos together, as colours that mean the same on both."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.data import Specimen
from dinosar.principal import principal
from dinosar.render.frame_components import CHANNELS, NOTHING
from dinosar.render.frame_scene import said_across, square
from dinosar.render.match_scene import MatchScene, colours_on_patches, pair_of_photos, patch_outline
from dinosar.render.sheet import picture

Array = NDArray[np.float64]
ENDS = (1, 99)
"""Percentiles of both foregrounds together at which the colours end."""


LIKE = "Fitted on both and coloured on one scale: like colours mean like tokens, as far as three components tell."


@dataclass(frozen=True, eq=False)
class SharedColours:
    """RGB in 0..1 of the foreground patches of A and of B (n, 3), and the share of the variance of each channel."""

    a: Array
    b: Array
    shares: Array


def shared_colours(a: Specimen, b: Specimen) -> SharedColours:
    """The first three principal components of all foreground tokens of both, each on one scale for both.

    A channel without a component is a middle grey: equal everywhere, and dark nowhere.
    """
    tokens = np.concatenate([a.tokens, b.tokens]).astype(np.float64)
    found = principal(tokens, 3)
    rgb, shares = np.full((len(tokens), 3), 0.5), np.zeros(3)
    there = np.flatnonzero(found.variances > NOTHING)
    scores = found.of(tokens)[:, there]
    low, high = np.percentile(scores, ENDS, axis=0)
    wide = high > low
    rgb[:, there[wide]] = np.clip((scores[:, wide] - low[wide]) / (high - low)[wide], 0, 1)
    shares[there] = found.variances[there] / found.total if len(there) else 0.0
    first, second = np.split(rgb, [len(a.indices)])
    return SharedColours(first, second, shares)


@picture
def joint_picture(scene: MatchScene) -> bytes:
    """The components as red, green and blue on the foregrounds; the rest of the photos faded."""
    a, b = scene.matched.a, scene.matched.b
    found = shared_colours(a, b)
    sheet = pair_of_photos(
        scene, "First principal components of both foregrounds together", photo="faded", key=_key(found), below=[LIKE]
    )
    for axes, specimen, colours in zip(sheet.panels, (a, b), (found.a, found.b), strict=True):
        rgb = np.ones((specimen.patches.size, 3))
        rgb[specimen.indices] = colours
        colours_on_patches(axes, specimen, rgb.reshape(*specimen.patches.shape, 3), specimen.patches)
        patch_outline(axes, specimen, specimen.patches, "#333333", 0.6)
        if not found.shares.any():
            said_across(axes, "no pattern: all tokens are the same")
    return sheet.render()


def _key(found: SharedColours) -> list[Any]:
    """Which colour is which component, and what share of the variance each holds."""
    words = [f"{share:.0%} of the variance" if share else "none" for share in found.shares]
    return [
        square(colour, f"{name}: component {i}, {said}")
        for i, ((colour, name), said) in enumerate(zip(CHANNELS, words, strict=True), 1)
    ]
