"""Sparse matching, told in order: see both photos, find the foreground, match, check by geometry, put SIFT beside."""

from collections.abc import Sequence
from dataclasses import replace
from os import PathLike
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.config import MatchConfig
from dinosar.data import Features, Matches, Photo, Specimen
from dinosar.features import see
from dinosar.images import photo_of
from dinosar.masks import count_patches, no_patch
from dinosar.matches import answers_to
from dinosar.notices import collected
from dinosar.parts import MatchParts, backbone_in_words, build_match_parts
from dinosar.settings import Layers, settle
from dinosar.sparse.geometry import fundamental, homography
from dinosar.sparse.grounds import foregrounds
from dinosar.sparse.inner import without_edge
from dinosar.sparse.matched import Matched
from dinosar.sparse.pairs import Pairs
from dinosar.sparse.sift import sift_pairs
from dinosar.sparse.spread import spread
from dinosar.sparse.standing import standing
from dinosar.store import Store
from dinosar.timing import stage

SCATTER = 0.6180339887498949
"""The golden section: its multiples, without their whole parts, lie evenly and in no order that a grid has."""


def match(a: str | PathLike[str] | Photo, b: str | PathLike[str] | Photo, **settings: Any) -> Matched:
    """Match two photos; `settings` are those of a config, e.g. `matcher="mutual", compare_with="sift"`."""
    names = {side: str(x.path or x.name) if isinstance(x, Photo) else str(x) for side, x in (("a", a), ("b", b))}
    with collected() as warnings:
        config = settle(MatchConfig, Layers().add(settings, "match()").add({"inputs": names}, "match()"))
        photos = [photo_of(each, config.image) for each in (a, b)]
        found = match_photos(photos, config, build_match_parts(config))
    return replace(found, warnings=tuple(warnings))


def match_photos(photos: Sequence[Photo], config: MatchConfig, parts: MatchParts) -> Matched:
    """The method."""
    store = Store() if config.store else None
    start = perf_counter()
    features = [see(photo, parts.backbone, config.image, store) for photo in photos]
    found = foregrounds(photos, features, parts.line, config.mask)
    a, b = (_specimen(*each, config) for each in zip(photos, features, (each.mask for each in found), strict=True))
    asked, answering = (
        without_edge(each) if config.mask.drop_edge and ground.of_features else each
        for each, (_, ground) in zip((a, b), found, strict=True)
    )
    with stage("match"):
        every = in_order(answers_to(parts.matcher, asked, answering))
    matches = best_of(every, config.keep.best)
    words = {"backbone": backbone_in_words(parts.backbone), "matcher": parts.matcher.title}
    pairs = of_patches(asked, answering, matches, ", ".join(words.values()))
    pairs = replace(
        pairs, counts={**pairs.counts, "matches": every.found or len(every)}, seconds=perf_counter() - start
    )
    methods = [pairs]
    if config.compare_with == "sift":
        methods.append(best_pairs(beside(a, b, config.sift.ratio), config.keep.best))
    with stage("geometry"):
        methods = [borne_out(each, a, b, config.geometry.tolerance) for each in methods]
    stands = standing(asked, answering, matches.asked, matches.answer)
    return Matched(a, b, (found[0].ground, found[1].ground), methods[0], matches.asked, matches.answer, *stands, words,
                   methods[1] if len(methods) > 1 else None)  # fmt: skip


def _specimen(photo: Photo, features: Features, mask: NDArray[np.bool_], config: MatchConfig) -> Specimen:
    """The foreground of a photo that was seen whole."""
    share, counted = count_patches(mask, features.grid, config.mask)
    patches = counted & features.directed
    if not patches.any():
        raise no_patch(photo, mask)
    return Specimen(photo, features, mask, patches, share)


def in_order(matches: Matches) -> Matches:
    """Matches, the best first by what the matcher went by; equal ones from all over the photo, not from its top."""
    went_by = matches.distance if matches.cost is None else matches.cost
    scattered = (matches.asked + matches.answer) * SCATTER % 1.0
    order = np.lexsort((matches.asked, scattered, went_by))
    return _some(matches, order)


def best_of(matches: Matches, count: int | None) -> Matches:
    """The first so many."""
    return _some(matches, np.arange(len(matches))[:count])


def _some(matches: Matches, which: NDArray[np.int64]) -> Matches:
    arrays: dict[str, Any] = {key: each[which] for key, each in vars(matches).items() if isinstance(each, np.ndarray)}
    return replace(matches, **arrays)


def best_pairs(pairs: Pairs, count: int | None) -> Pairs:
    """The first so many pairs; how many there were stays known."""
    counts = {**pairs.counts, "matches": len(pairs)}
    return replace(pairs, a=pairs.a[:count], b=pairs.b[:count], distance=pairs.distance[:count], counts=counts)


def of_patches(a: Specimen, b: Specimen, matches: Matches, title: str) -> Pairs:
    """Matches as pairs of places in original pixels."""
    places = [each.features.grid.centres_in_photo() for each in (a, b)]
    went_by = (matches.distance, "1 - cosine") if matches.cost is None else (matches.cost, matches.cost_is)
    counts = {"asked": len(a.indices), "answering": len(b.indices), "matches": len(matches)}
    return Pairs("features", title, places[0][matches.asked], places[1][matches.answer], *went_by, counts=counts)


def beside(a: Specimen, b: Specimen, ratio: float) -> Pairs:
    """SIFT on the very pictures that the backbone saw."""
    start = perf_counter()
    with stage("sift"):
        found = sift_pairs(a, b, ratio=ratio)
    title = f"SIFT, cross-checked, ratio {ratio:g}"
    return Pairs("sift", title, found.a, found.b, found.distance, "Euclidean distance of descriptors",
                 counts=found.counts, seconds=perf_counter() - start)  # fmt: skip


def borne_out(pairs: Pairs, a: Specimen, b: Specimen, tolerance: float | None) -> Pairs:
    """Pairs with what geometry says of them, in pixels of the network, and how they spread over both foregrounds."""
    grid = a.features.grid
    first, second = grid.to_network(pairs.a), b.features.grid.to_network(pairs.b)
    most = float(grid.patch) if tolerance is None else tolerance
    return replace(
        pairs, homography=homography(first, second, most), fundamental=fundamental(first, second, most),
        spread=(spread(pairs.a, a), spread(pairs.b, b)),
    )  # fmt: skip
