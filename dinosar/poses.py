"""The stage that brings specimen A into the pose of B, before any backbone has seen it for the comparison."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dinosar.alignment import aligned, by_landmarks, by_masks, moved_mask
from dinosar.config import AlignConfig
from dinosar.data import Outlined
from dinosar.landmarks.points import shared
from dinosar.notices import note, warn
from dinosar.shape.fits import moved
from dinosar.shape.soundness import unsound
from dinosar.timing import a_stage

ROOM = 0.1
"""Of the longer side of a specimen: kept around it when a photo is moved, so that no crop loses its margin."""

MISFIT = 0.15
"""Of the longer side of their box: landmarks that miss by more after alignment are not of one body in two poses."""


@a_stage("align")
def posed(a: Outlined, b: Outlined, config: AlignConfig) -> Outlined:
    """A in the pose of B: photo, mask and landmarks together, or the mask alone. By landmarks where both have them."""
    if config.stage == "none":
        return a
    movement, means = _movement(a, b, config)
    if config.stage == "mask":
        warn(
            f"only the mask of {a.photo.name} was moved into the pose of {b.photo.name}, as --align-stage mask asks; "
            "the photo was not, so the mask lies beside the specimen wherever the poses differ"
        )
        mask = moved_mask(a.mask, movement, a.photo.size, b.photo.size)
        return replace(a, mask=mask, posed=f"the mask alone, by {means}")
    there = aligned(a.photo, a.mask, movement, b.photo.size, like=b.photo.name, room=ROOM)
    landmarks = a.landmarks and a.landmarks.moved_to(moved(there.movement, a.landmarks.places))
    note(f"{a.photo.name} by {means}: {there.photo.notes[-1]}")
    return Outlined(there.photo, there.mask, landmarks, there.movement, f"by {means}: {there.photo.notes[-1]}")


def _movement(a: Outlined, b: Outlined, config: AlignConfig) -> tuple[NDArray[np.float64], str]:
    """What carries A onto B in original pixels, and by what it was found: by masks where landmarks do not say."""
    if a.landmarks is None or b.landmarks is None:
        return by_masks(a.mask, b.mask), "masks"
    names, left, right = shared(a.landmarks, b.landmarks)
    reason = unsound(left, names) or unsound(right, names)
    if reason:
        warn(f"landmarks cannot bring {a.photo.name} into the pose of {b.photo.name} ({reason}), so the masks do")
        return by_masks(a.mask, b.mask), f"masks, for the landmarks fix no movement: {reason}"
    movement = by_landmarks(left, right, config.method, names)
    off = float(np.sqrt(((moved(movement, left) - right) ** 2).sum(axis=1).mean()) / np.ptp(right, axis=0).max())
    if off > MISFIT:
        warn(
            f"the landmarks of {a.photo.name} miss those of {b.photo.name} by {off:.0%} of their box after alignment: "
            "see whether they are in the same order, and neither photo is mirrored"
        )
    return movement, f"{len(names)} landmarks"
