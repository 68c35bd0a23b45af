"""The stages that make a specimen of a photo: its mask, then its features and the patches that count."""

from typing import Any

from dinosar.data import Outlined, Photo, Specimen
from dinosar.features import see
from dinosar.grid import box_around
from dinosar.masks import count_patches, find_mask, no_patch
from dinosar.parts import Seeing
from dinosar.store import Store


def specimen(photo: Photo, parts: Seeing, config: Any, store: Store | None) -> Specimen:
    """A photo with its mask, its features, and the patches that count."""
    return seen(outlined(photo, parts, config, store), parts, config, store)


def outlined(photo: Photo, parts: Seeing, config: Any, store: Store | None) -> Outlined:
    """A photo with its mask."""
    wanted = any(masker.needs_features for masker in (*parts.maskers, parts.fallback_masker) if masker)
    overview = see(photo, parts.backbone, config.image, store) if wanted else None
    mask = find_mask(photo, parts.maskers, config.mask, overview, store, fallback=parts.fallback_masker)
    return Outlined(photo, mask)


def seen(outlined: Outlined, parts: Seeing, config: Any, store: Store | None) -> Specimen:
    """What the backbone makes of it, and the patches that count."""
    image, photo, mask = config.image, outlined.photo, outlined.mask
    crop = box_around(mask, image.crop_margin) if image.crop else None
    features = see(photo, parts.backbone, image, store, mask=mask, crop=crop)
    share, counted = count_patches(mask, features.grid, config.mask)
    patches = counted & features.directed
    if not patches.any():
        raise no_patch(photo, mask)
    return Specimen(photo, features, mask, patches, share, outlined.landmarks, outlined.movement, outlined.posed)
