"""The landmarks a grid hangs on: those both specimens share, whether they fix a warp, and their mean shape."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dinosar.config import HomologyConfig
from dinosar.contracts import Matcher
from dinosar.data import Specimen
from dinosar.errors import InputError
from dinosar.homology.cells import Source
from dinosar.homology.proposed import propose
from dinosar.homology.warping import Frame
from dinosar.landmarks.points import shared
from dinosar.masks import off_mask
from dinosar.notices import warn
from dinosar.shape.fits import fit_movement, moved
from dinosar.shape.procrustes import bisected
from dinosar.shape.soundness import unsound

Array = NDArray[np.float64]
OFF = 0.03
"""Of the landmarks' box: farther from the mask than this a landmark lies off the specimen."""
MIRRORED = 0.5
"""Landmarks that a mirrored fit misses by less than this share of what an honest one does are likely mirrored."""


@dataclass(frozen=True, eq=False)
class Anchors:
    """Landmarks by name, in pixels of the photos of A and B, and where they come from; perhaps a mean shape, too."""

    names: tuple[str, ...]
    a: Array
    b: Array
    source: Source
    consensus: Array | None = None


def anchored(a: Specimen, b: Specimen, config: HomologyConfig, proposer: Matcher | None, consensus: Array | None
             ) -> Anchors:  # fmt: skip
    """The landmarks both share, or what the proposer proposes; an InputError where they fix no warp."""
    anchors = _given(a, b, consensus) if proposer is None else _proposed(a, b, proposer, config)
    count = len(anchors.names)
    if count < config.least:
        raise InputError(f"the specimens share {count} landmark{'s'[: count != 1]}, at least {config.least} are needed")
    for points, specimen in ((anchors.a, a), (anchors.b, b)):
        if reason := unsound(points, anchors.names):
            raise InputError(f"the landmarks of {specimen.name} fix no warp: {reason}")
    if _mirrored(anchors.a, anchors.b):
        warn("the landmarks of the two specimens look mirrored to each other: mirror one photo with its landmarks")
    _tell_astray(anchors, a, b)
    return anchors


def _tell_astray(anchors: Anchors, a: Specimen, b: Specimen) -> None:
    """Warn of landmarks most of which lie off the specimen: of another photo, or digitised on a larger one."""
    for points, specimen in ((anchors.a, a), (anchors.b, b)):
        off = int((off_mask(points, specimen.mask) > OFF * float(np.ptp(points, axis=0).max())).sum())
        if off > len(points) / 2:
            warn(
                f"{off} of {len(points)} landmarks of {specimen.name} lie off its mask: are they of this photo, and is "
                "the mask right? dinosar landmarks show draws them"
            )


def _proposed(a: Specimen, b: Specimen, proposer: Matcher, config: HomologyConfig) -> Anchors:
    left, right = propose(a, b, proposer, config)
    return Anchors(tuple(f"p{i}" for i in range(1, len(left) + 1)), left, right, "proposed")


def _given(a: Specimen, b: Specimen, consensus: Array | None) -> Anchors:
    if a.landmarks is None or b.landmarks is None:
        raise InputError(f"{(b if a.landmarks else a).name} has no landmarks, and nobody is there to propose any")
    names, left, right = shared(a.landmarks, b.landmarks)
    if consensus is not None:
        consensus = consensus[[a.landmarks.names.index(name) for name in names]]
    carried = a.landmarks.carried or b.landmarks.carried
    return Anchors(names, left, right, "transferred" if carried else "file", consensus)


def _mirrored(a: Array, b: Array) -> bool:
    """Whether one configuration fits the other much better when it is mirrored."""
    fits = [fit_movement("similarity", a, b, mirror=mirror) for mirror in (False, True)]
    honest, mirrored = (float(np.sqrt(((moved(fit, a) - b) ** 2).mean())) for fit in fits)
    return mirrored < MIRRORED * honest


def mean_shape(a: Specimen, b: Specimen, anchors: Anchors) -> tuple[Array, Array, Array]:
    """Both configurations and their mean in one frame: network pixels, in a pose half-way between the two."""
    left, right = (Frame(each.features.grid).from_photo(points) for each, points in ((a, anchors.a), (b, anchors.b)))
    aligned_a, aligned_b, mean = bisected(left, right)
    if anchors.consensus is None and (reason := unsound(mean, anchors.names)):
        raise InputError(
            f"the mean shape of the two fixes no warp: {reason}; see whether the landmarks of both are in the same "
            "order, and neither photo is mirrored"
        )
    if anchors.consensus is not None:
        if reason := unsound(anchors.consensus, anchors.names):
            raise InputError(f"the mean shape that was given fixes no warp: {reason}")
        if _mirrored(anchors.consensus, mean):
            warn("the mean shape that was given looks mirrored to the specimens: mirror it")
        mean = moved(fit_movement("similarity", anchors.consensus, mean), anchors.consensus)
    return aligned_a, aligned_b, mean
