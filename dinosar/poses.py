"""The stage that brings specimen A into the pose of B, before any backbone has seen it for the comparison."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dinosar.alignment import aligned, by_landmarks, by_masks, moved_mask
from dinosar.config import AlignConfig
from dinosar.data import Photo
from dinosar.landmarks.points import Landmarks, shared
from dinosar.notices import note, warn
from dinosar.shape.fits import moved
from dinosar.timing import a_stage


@dataclass(frozen=True, eq=False)
class Outlined:
    """A photo with the mask of its specimen and, where somebody set them, its landmarks.

    `movement` (3, 3) takes original pixels to those of `photo`, where it was moved; `posed` says how, in words.
    """

    photo: Photo
    mask: NDArray[np.bool_]
    landmarks: Landmarks | None = None
    movement: NDArray[np.float64] | None = None
    posed: str = ""


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
    there = aligned(a.photo, a.mask, movement, b.photo.size, like=b.photo.name)
    landmarks = a.landmarks and a.landmarks.moved_to(moved(there.movement, a.landmarks.places))
    note(f"{a.photo.name} by {means}: {there.photo.notes[-1]}")
    return Outlined(there.photo, there.mask, landmarks, there.movement, f"by {means}: {there.photo.notes[-1]}")


def _movement(a: Outlined, b: Outlined, config: AlignConfig) -> tuple[NDArray[np.float64], str]:
    """What carries A onto B in original pixels, and by what it was found."""
    if a.landmarks is None or b.landmarks is None:
        return by_masks(a.mask, b.mask), "masks"
    names, left, right = shared(a.landmarks, b.landmarks)
    return by_landmarks(left, right, config.method, names), f"{len(names)} landmarks"
