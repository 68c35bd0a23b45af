"""The movement that brings specimen A into the pose of B, and photo and mask moved by it.

A movement is a 3 x 3 matrix from original pixels of A to original pixels of B, both measured along pixel edges. OpenCV
counts from the centre of the first pixel; `warped` is the one place that translates.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.data import Photo
from dinosar.errors import InputError, shown
from dinosar.shape.fits import Kind, Points, fit_movement, moved, scale_of, turn_of
from dinosar.shape.outlines import laid_on
from dinosar.shape.soundness import unsound

LARGEST = 4
"""Pixels of a moved photo, of those it had: more would be filling, not photo."""
Mask = NDArray[np.bool_]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Aligned:
    """A photo and its mask after a movement (3, 3) from original pixels to pixels of the moved photo."""

    photo: Photo
    mask: Mask
    movement: Points


def by_landmarks(a: Points, b: Points, kind: Kind = "similarity", names: Sequence[str] | None = None) -> Points:
    """The movement that lays landmarks of A (K, 2) on the same landmarks of B; it never mirrors."""
    names = names or [str(number) for number in range(1, len(a) + 1)]
    for points, side in ((a, "A"), (b, "B")):
        fault = unsound(points, names)
        if fault:
            raise InputError(f"the landmarks of {side} fix no movement: {fault}; set more, or align by masks")
    try:
        return fit_movement(kind, a, b)
    except ValueError as error:
        raise InputError(f"the landmarks fix no movement of A onto B: {error}; check their order on both") from error


def by_masks(a: Mask, b: Mask) -> Points:
    """The similarity that lays mask A on mask B: by place, area and long axis, then by their outlines."""
    for mask, side in ((a, "A"), (b, "B")):
        if not mask.any():
            raise InputError(f"the mask of {side} is empty, so it cannot be aligned; choose another masker")
    return laid_on(a, b)


def aligned(
    photo: Photo, mask: Mask, movement: Points, frame: tuple[int, int], *, like: str = "the other specimen",
    room: float = 0.0,
) -> Aligned:  # fmt: skip
    """The photo in B's pose, at its own resolution.

    The canvas is the frame of B (width, height) as large as A shows things, grown to hold the whole mask. What lies
    outside the photo has the median colour of its border. `room` is kept free around the mask, a share of its longer
    side, where a crop is to find its margin.
    """
    scale = _scale(movement, photo)
    sized = np.diag([1 / scale, 1 / scale, 1.0]) @ movement
    left, top, right, bottom = _canvas(
        photo, _widened(_extent(photo, mask), room), sized, (frame[0] / scale, frame[1] / scale)
    )
    applied = _shift(-left, -top) @ sized
    size = int(right - left), int(bottom - top)
    colour = np.median(_border(photo.pixels), axis=0).round().tolist()
    inside = warped(np.ones(mask.shape, dtype=np.uint8), applied, size, 0)
    there = warped(mask.astype(np.uint8), applied, size, 0).astype(bool)
    if not there.any():
        raise InputError(f"the mask of '{shown(photo.name)}' is too small to be moved; choose another masker")
    moved_photo = replace(
        photo,
        pixels=warped(photo.pixels, applied, size, colour, smooth=True),
        alpha=None if photo.alpha is None else warped(photo.alpha, applied, size, 0, smooth=True),
        notes=(*photo.notes, _told(movement, like, 1 - float(inside.mean()))),
    )
    return Aligned(moved_photo, there, applied)


def moved_mask(mask: Mask, movement: Points, frame_a: tuple[int, int], frame_b: tuple[int, int]) -> Mask:
    """Mask A where it would lie if B's frame were A's: fitted into it, aspect kept, centred. The photo stays."""
    fit = min(frame_a[0] / frame_b[0], frame_a[1] / frame_b[1])
    rest = [(whole - fit * part) / 2 for whole, part in zip(frame_a, frame_b, strict=True)]
    there = warped(mask.astype(np.uint8), _shift(*rest) @ np.diag([fit, fit, 1.0]) @ movement, frame_a, 0)
    if not there.any():
        raise InputError("nothing of the moved mask of A lies within its photo; use --align-stage image instead")
    return there.astype(bool)


def overlap(a: Mask, b: Mask) -> float:
    """What two masks of one size share, of what they cover together (intersection over union)."""
    together = np.logical_or(a, b).sum()
    if not together:
        raise ValueError("two empty masks have no overlap")
    return float(np.logical_and(a, b).sum() / together)


def _scale(movement: Points, photo: Photo) -> float:
    """By how much the movement enlarges, if it is one that a photo can follow."""
    scale = scale_of(movement) if np.isfinite(movement).all() else 0.0
    if not scale > 0:
        raise InputError(
            f"the movement found for '{shown(photo.name)}' flattens it; check the landmarks of both photos"
        )
    return scale


def _extent(photo: Photo, mask: Mask) -> Box:
    """Left, top, right, bottom of a mask."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        raise InputError(f"the mask of '{shown(photo.name)}' is empty, so it cannot be moved; choose another masker")
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)


def _canvas(photo: Photo, box: Box, sized: Points, frame: tuple[float, float]) -> Box:
    """Left, top, right, bottom of the moved photo: the frame of B, grown to hold a box of A."""
    held = _bounds(sized, box)
    limit = LARGEST * photo.size[0] * photo.size[1]
    canvas = _around(held, (0.0, 0.0, *(float(max(1, round(length))) for length in frame)))
    if _area(canvas) > limit:
        # A shows a small part of what B shows: keep of B's frame what photo A reaches.
        reached = _bounds(sized, (0, 0, *photo.size))
        kept = (*np.maximum(canvas[:2], reached[:2]), *np.minimum(canvas[2:], reached[2:]))
        canvas = _around(held, kept if kept[0] < kept[2] and kept[1] < kept[3] else held)
    if _area(canvas) > limit:
        raise InputError(
            f"'{shown(photo.name)}' in its new pose would take more than {LARGEST} times the pixels it has: it is too "
            "far from that of the other; check masks or landmarks, or leave it as it is with --align-stage none"
        )
    return canvas


def _bounds(movement: Points, box: Sequence[float]) -> Box:
    """The upright box of whole pixels that holds a moved box."""
    left, top, right, bottom = box
    corners = moved(movement, np.array([[left, top], [right, top], [left, bottom], [right, bottom]], dtype=np.float64))
    low, high = corners.min(axis=0), corners.max(axis=0)
    # A corner that rounding puts a hair beyond a pixel's edge asks for no further pixel.
    return (*map(float, np.floor(low + 1e-6)), *map(float, np.ceil(high - 1e-6)))  # type: ignore[return-value]


def _widened(box: Box, room: float) -> Box:
    """A box with room around it, a share of its longer side."""
    wide = float(np.ceil(room * max(box[2] - box[0], box[3] - box[1])))
    return box[0] - wide, box[1] - wide, box[2] + wide, box[3] + wide


def _around(a: Box, b: Sequence[float]) -> Box:
    """The smallest box of whole pixels around two."""
    low, high = np.minimum(a[:2], b[:2]), np.maximum(a[2:], b[2:])
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _area(box: Box) -> float:
    """Pixels in a box."""
    return (box[2] - box[0]) * (box[3] - box[1])


def _border(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The pixels along the four sides (n, 3)."""
    return np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])


def _shift(x: float, y: float) -> Points:
    """A movement by x and y."""
    return np.array([[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]])


def warped(
    image: NDArray[np.uint8], movement: Points, size: tuple[int, int], outside: Any = None, *, smooth: bool = False
) -> NDArray[np.uint8]:
    """An image after a movement, on a canvas (width, height); beyond it stands `outside`, else its border goes on."""
    import cv2

    back = _shift(-0.5, -0.5) @ np.linalg.inv(movement) @ _shift(0.5, 0.5)
    way = (cv2.INTER_LINEAR if smooth else cv2.INTER_NEAREST) | cv2.WARP_INVERSE_MAP
    border = cv2.BORDER_REPLICATE if outside is None else cv2.BORDER_CONSTANT
    return np.asarray(
        cv2.warpAffine(
            np.ascontiguousarray(image), back[:2], size, flags=way, borderMode=border, borderValue=outside or 0
        ),
        dtype=np.uint8,
    )


def _told(movement: Points, like: str, filled: float) -> str:
    """What was done to the pixels, for the record."""
    long, short = np.linalg.svd(movement[:2, :2], compute_uv=False)
    sheared = f", sheared by {long / short:.3g} to 1" if long > 1.001 * short else ""
    return (
        f"turned by {turn_of(movement):.1f} degrees{sheared} and shifted, at its own resolution (which is x "
        f"{1 / scale_of(movement):.3g} that of the other), to lie as {shown(like)}; {filled:.1%} of the picture lies "
        "outside the photo and has the median colour of its border"
    )
