"""The stage that says where the specimen is: a masker's word, or two, cleaned, then counted on the grid of patches."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dinosar.config import MaskConfig, PatchMask
from dinosar.contracts import Masker
from dinosar.data import Features, Photo
from dinosar.errors import Abstained, InputError, PluginError, shown
from dinosar.grid import Grid, share_per_patch
from dinosar.notices import warn
from dinosar.registry import AT_WORK, strangers_code
from dinosar.store import Store, identity, key_of
from dinosar.timing import a_stage

Mask = NDArray[np.bool_]


@a_stage("mask")
def find_mask(photo: Photo, maskers: Sequence[Masker], config: MaskConfig, features: Features | None = None,
              store: Store | None = None, *, fallback: Masker | None = None) -> Mask:  # fmt: skip
    """The specimen's pixels at full size. Where the photo has transparency, what is transparent is not specimen.

    `fallback` is asked, aloud, where a masker abstains.
    """
    words = [_word(photo, each, features, store, fallback) for each in maskers]
    mask = np.logical_and.reduce(words) if config.combine == "intersection" else np.logical_or.reduce(words)
    mask = clean(mask & opaque(photo), config)
    if not mask.any():
        raise InputError(nothing_found(photo, maskers, words, config))
    for each, word in zip(maskers, words, strict=True):
        if not word.any():
            warn(f"masker '{each.title}' found no specimen in '{photo.name}'; its mask is that of the other masker")
    return mask


def _word(photo: Photo, masker: Masker, features: Features | None, store: Store | None, other: Masker | None) -> Mask:
    """What a masker says, or where it abstains, the other one."""
    try:
        return recalled(photo, masker, store) if store and slow(masker) else asked(photo, masker, features)
    except Abstained as reason:
        if other is None:
            raise Abstained(f"{reason}; name another with --fallback-masker, as grabcut or whole") from None
        warn(f"{reason}; the mask of '{photo.name}' is that of masker '{other.title}'")
        return _word(photo, other, features, store, None)


def opaque(photo: Photo) -> Mask | np.bool_:
    """Where a photo is not transparent."""
    if photo.alpha is None:
        return np.True_
    if not (photo.alpha > 127).any():
        raise InputError(
            f"'{shown(photo.path or photo.name)}' is transparent all over; give a photo with something in it"
        )
    return np.asarray(photo.alpha > 127)


def slow(masker: Masker) -> bool:
    """Whether a masker's word is worth keeping: it computes with weights, and from the photo alone."""
    return not masker.needs_features and "weights_sha256" in masker.facts()


def recalled(photo: Photo, masker: Masker, store: Store) -> Mask:
    """A masker's word from the store, or fresh and kept there."""
    known = identity(masker)
    if known is None:
        return asked(photo, masker, None)
    key = key_of(photo.pixels, known)
    mask = store.get_mask(masker.title, key)
    if mask is None:
        mask = asked(photo, masker, None)
        store.put_mask(masker.title, key, mask)
    return mask


def asked(photo: Photo, masker: Masker, features: Features | None) -> Mask:
    """One masker's word, as it gives it; features are for those that need them."""
    with strangers_code(f"masker '{masker.title}' failed", AT_WORK):
        mask = np.asarray(masker.mask(photo, features if masker.needs_features else None))
    return _checked(mask, photo, masker)


def asked_together(
    photos: Sequence[Photo], masker: Masker, features: Sequence[Features | None]
) -> list[Mask | Abstained]:
    """One masker's word on photos that it sees together: a mask of each, or why there is none."""
    told = features if masker.needs_features else [None] * len(photos)
    with strangers_code(f"masker '{masker.title}' failed", AT_WORK):
        words = list(masker.masks(photos, told))
    if len(words) != len(photos):
        raise PluginError(f"masker '{masker.title}' must give {len(photos)} masks, but gave {len(words)}")
    pairs = zip(photos, words, strict=True)
    return [word if isinstance(word, Abstained) else _checked(np.asarray(word), photo, masker) for photo, word in pairs]


def _checked(mask: Mask, photo: Photo, masker: Masker) -> Mask:
    """A mask, if it is one of this photo."""
    if mask.dtype != np.bool_ or mask.shape != photo.pixels.shape[:2]:
        raise PluginError(
            f"masker '{masker.title}' must give a bool array of shape {photo.pixels.shape[:2]}, "
            f"but gave {mask.dtype} of shape {mask.shape}"
        )
    return mask


def nothing_found(photo: Photo, maskers: Sequence[Masker], words: list[Mask], config: MaskConfig) -> str:
    """What to say where no pixel is left: who found how much, and what to try."""
    where = f"'{shown(photo.path or photo.name)}'"
    if len(maskers) == 1:
        return (
            f"masker '{maskers[0].title}' found no specimen in {where}; "
            "try its options (dinosar plugins show NAME), --masker threshold, --masker whole or --masker file"
        )
    shares = " and ".join(
        f"masker '{each.title}' ({word.mean():.2%} of it)" for each, word in zip(maskers, words, strict=True)
    )
    outcome = "agree on no specimen" if config.combine == "intersection" else "found no specimen"
    other = ", mask.combine=union" if config.combine == "intersection" else ""
    return f"in {where} {shares} {outcome}; try their options (dinosar plugins show NAME){other}, or one of them alone"


def clean(mask: Mask, config: PatchMask) -> Mask:
    """Keep the largest pieces, fill their holes."""
    if config.components:
        mask = largest(mask, config.components)
    return filled(mask) if config.fill_holes else mask


def largest(mask: Mask, count: int) -> Mask:
    """The `count` largest 8-connected pieces; of equal ones those nearer the top."""
    import cv2

    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    area, top, left = (stats[1:, column] for column in (cv2.CC_STAT_AREA, cv2.CC_STAT_TOP, cv2.CC_STAT_LEFT))
    kept = np.zeros(len(stats), dtype=bool)
    kept[np.lexsort((left, top, -area))[:count] + 1] = True
    return np.asarray(kept[labels])


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


def count_patches(mask: Mask, grid: Grid, config: PatchMask) -> tuple[NDArray[np.float64], Mask]:
    """Share of each patch (rows, columns) that is specimen, and which patches count."""
    share = share_per_patch(eroded(mask, config.erode_px / min(grid.scale)), grid)
    return share, (share > config.share) & inner(grid, config.border_patches)


def inner(grid: Grid, rings: int) -> Mask:
    """All patches but the outer `rings`."""
    keep = np.zeros((grid.rows, grid.columns), dtype=bool)
    keep[rings : grid.rows - rings, rings : grid.columns - rings] = True
    return keep


def no_patch(photo: Photo, mask: Mask) -> InputError:
    """What to say of a photo of which no patch counts as specimen."""
    return InputError(
        f"no patch of '{shown(photo.path or photo.name)}' counts as specimen: the mask covers {mask.mean():.2%} of "
        "the photo; lower mask.share, mask.erode_px or mask.border_patches, or raise image.size"
    )


def on_mask(points: NDArray[np.float64], mask: Mask) -> Mask:
    """Which points (..., 2) lie on pixels of the mask; outside the photo none does."""
    pixel = np.floor(points)
    x, y = pixel[..., 0], pixel[..., 1]
    inside = (x >= 0) & (y >= 0) & (x < mask.shape[1]) & (y < mask.shape[0])
    column, row = (np.where(inside, each, 0).astype(np.int64) for each in (x, y))
    return np.asarray(mask[row, column] & inside)


def off_mask(points: NDArray[np.float64], mask: Mask) -> NDArray[np.float64]:
    """How far each point (n, 2) lies from the nearest pixel of a mask, in pixels; 0 on it. Points may lie outside."""
    padded = np.pad(mask, 1)
    inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    rows, columns = np.nonzero(mask & ~inner)  # one of the rim is the nearest to whatever lies outside
    distance = [_to_squares(x - columns, y - rows) for x, y in points]
    return np.where(on_mask(points, mask), 0.0, np.array(distance, dtype=np.float64))


def _to_squares(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """From a point, given as seen from the upper left corners of pixels, to the nearest of these pixels."""
    return float(np.hypot(np.maximum(np.maximum(-x, x - 1), 0), np.maximum(np.maximum(-y, y - 1), 0)).min())
