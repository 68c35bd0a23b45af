"""The stage that says where the specimen is: a masker's word, cleaned, then counted on the grid of patches."""

import numpy as np
from numpy.typing import NDArray

from dinosar.config import MaskConfig
from dinosar.contracts import Masker
from dinosar.data import Features, Photo
from dinosar.errors import InputError, PluginError, shown
from dinosar.grid import Grid, share_per_patch
from dinosar.registry import AT_WORK, strangers_code
from dinosar.timing import a_stage

Mask = NDArray[np.bool_]


@a_stage("mask")
def find_mask(photo: Photo, masker: Masker, config: MaskConfig, features: Features | None = None) -> Mask:
    """The specimen's pixels at full size. Where the photo has transparency, what is transparent is not specimen."""
    with strangers_code(f"masker '{masker.title}' failed", AT_WORK):
        mask = np.asarray(masker.mask(photo, features))
    if mask.dtype != np.bool_ or mask.shape != photo.pixels.shape[:2]:
        raise PluginError(
            f"masker '{masker.title}' must give a bool array of shape {photo.pixels.shape[:2]}, "
            f"but gave {mask.dtype} of shape {mask.shape}"
        )
    if photo.alpha is not None:
        if not (photo.alpha > 127).any():
            raise InputError(
                f"'{shown(photo.path or photo.name)}' is transparent all over; give a photo with something in it"
            )
        mask = mask & (photo.alpha > 127)
    mask = clean(mask, config)
    if not mask.any():
        raise InputError(
            f"masker '{masker.title}' found no specimen in '{shown(photo.path or photo.name)}'; "
            "try its options (dinosar plugins show NAME), --masker threshold, --masker whole or --masker file"
        )
    return mask


def clean(mask: Mask, config: MaskConfig) -> Mask:
    """Keep the largest pieces, fill their holes."""
    if config.components:
        mask = largest(mask, config.components)
    return filled(mask) if config.fill_holes else mask


def largest(mask: Mask, count: int) -> Mask:
    """The `count` largest 8-connected pieces; of equal ones those nearer the top."""
    import cv2

    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    area, top, left = (stats[1:, column] for column in (cv2.CC_STAT_AREA, cv2.CC_STAT_TOP, cv2.CC_STAT_LEFT))
    order = np.lexsort((left, top, -area))[:count] + 1
    return np.isin(labels, order)


def filled(mask: Mask) -> Mask:
    """The mask with its holes filled: background that does not reach the border of the photo."""
    import cv2

    padded = np.pad(~mask, 1, constant_values=True).astype(np.uint8)
    _, labels = cv2.connectedComponents(padded, connectivity=4)
    return np.asarray(labels[1:-1, 1:-1] != labels[0, 0])


def eroded(mask: Mask, radius: float) -> Mask:
    """The mask without what lies within `radius` pixels of its edge. The border of the photo is no edge."""
    import cv2

    if radius <= 0:
        return mask
    padded = np.pad(mask, 1, mode="edge").astype(np.uint8)
    distance = cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(distance[1:-1, 1:-1] > radius)


def count_patches(mask: Mask, grid: Grid, config: MaskConfig) -> tuple[NDArray[np.float64], Mask]:
    """Share of each patch (rows, columns) that is specimen, and which patches count."""
    share = share_per_patch(eroded(mask, config.erode_px / min(grid.scale)), grid)
    return share, (share > config.share) & inner(grid, config.border_patches)


def inner(grid: Grid, rings: int) -> Mask:
    """All patches but the outer `rings`."""
    keep = np.zeros((grid.rows, grid.columns), dtype=bool)
    keep[rings : grid.rows - rings, rings : grid.columns - rings] = True
    return keep
