"""A comparison, told in order: load, mask, crop, encode, match both ways, score."""

from dataclasses import replace
from os import PathLike
from typing import Any

from dinosar.config import CompareConfig
from dinosar.data import Comparison, Photo, Specimen
from dinosar.errors import InputError, shown
from dinosar.features import see
from dinosar.grid import box_around
from dinosar.images import photo_of
from dinosar.masks import count_patches, find_mask
from dinosar.matches import both_ways
from dinosar.notices import collected
from dinosar.parts import Parts, build_parts, in_words
from dinosar.scores import headline, random_distances, score
from dinosar.settings import Layers, settle
from dinosar.store import Store


def compare(a: str | PathLike[str] | Photo, b: str | PathLike[str] | Photo, **settings: Any) -> Comparison:
    """Compare two photos; `settings` are those of a config, e.g. `masker="whole", image={"size": 768}`."""
    names = {side: str(x.path or x.name) if isinstance(x, Photo) else str(x) for side, x in (("a", a), ("b", b))}
    with collected() as warnings:
        config = settle(CompareConfig, Layers().add(settings, "compare()").add({"inputs": names}, "compare()"))
        photos = [photo_of(each, config.image) for each in (a, b)]
        comparison = compare_photos(photos[0], photos[1], config, build_parts(config))
    return replace(comparison, warnings=tuple(warnings))


def compare_photos(a: Photo, b: Photo, config: CompareConfig, parts: Parts) -> Comparison:
    """The method."""
    store = Store() if config.store else None
    left, right = (specimen(photo, parts, config, store) for photo in (a, b))
    forward, backward = both_ways(parts.matcher, left, right)
    random = random_distances(left, right, config.scores.random_pairs, config.seed)
    scores = score(left, right, forward, backward, random, config.scores)
    words = in_words(parts, config.mask.combine)
    return Comparison(left, right, forward, backward, random, scores, headline(config.scores, left), words)


def specimen(photo: Photo, parts: Parts, config: CompareConfig, store: Store | None) -> Specimen:
    """A photo with its mask, its features, and the patches that count."""
    wanted = any(masker.needs_features for masker in parts.maskers)
    overview = see(photo, parts.backbone, config.image, store) if wanted else None
    mask = find_mask(photo, parts.maskers, config.mask, overview, store)
    crop = box_around(mask, config.image.crop_margin) if config.image.crop else None
    features = see(photo, parts.backbone, config.image, store, mask=mask, crop=crop)
    share, counted = count_patches(mask, features.grid, config.mask)
    patches = counted & features.directed
    if not patches.any():
        raise InputError(
            f"no patch of '{shown(photo.path or photo.name)}' counts as specimen: the mask covers {mask.mean():.2%} of "
            "the photo; lower mask.share, mask.erode_px or mask.border_patches, or raise image.size"
        )
    return Specimen(photo, features, mask, patches, share)
