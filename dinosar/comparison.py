"""A comparison, told in order: load, mask, align, crop, encode, match patches both ways, match cells, score."""

from dataclasses import replace
from os import PathLike
from typing import Any

from dinosar.config import CompareConfig
from dinosar.data import Comparison, Photo
from dinosar.homology.given import read_pair, settled
from dinosar.homology.stage import homologous
from dinosar.images import photo_of
from dinosar.matches import both_ways
from dinosar.notices import collected
from dinosar.parts import Parts, build_parts, in_words
from dinosar.poses import posed
from dinosar.scores import headline, random_distances, score
from dinosar.settings import Layers, settle
from dinosar.specimens import outlined, seen
from dinosar.store import Store


def compare(a: str | PathLike[str] | Photo, b: str | PathLike[str] | Photo, **settings: Any) -> Comparison:
    """Compare two photos; `settings` are those of a config, e.g. `masker="whole", image={"size": 768}`."""
    names = {side: str(x.path or x.name) if isinstance(x, Photo) else str(x) for side, x in (("a", a), ("b", b))}
    with collected() as warnings:
        config = settle(CompareConfig, Layers().add(settings, "compare()").add({"inputs": names}, "compare()"))
        photos = [photo_of(each, config.image) for each in (a, b)]
        config = settled(config, photos)
        comparison = compare_photos(photos[0], photos[1], config, build_parts(config))
    return replace(comparison, warnings=tuple(warnings))


def compare_photos(a: Photo, b: Photo, config: CompareConfig, parts: Parts) -> Comparison:
    """The method."""
    store = Store() if config.store else None
    landmarks = read_pair(config, (a, b)) or (None, None)
    first, second = (
        replace(outlined(photo, parts, config, store), landmarks=points)
        for photo, points in zip((a, b), landmarks, strict=True)
    )
    left, right = (seen(each, parts, config, store) for each in (posed(first, second, config.align), second))
    random = random_distances(left, right, config.scores.random_pairs, config.seed)
    matches = both_ways(parts.matcher, left, right) if config.mode != "tps_homology" else None
    scores = score(left, right, *matches, random, config.scores) if matches else {}
    homology, of_cells = homologous(left, right, config, parts, store, random)
    best = headline(config.scores, left) if matches else "homology"
    return Comparison(left, right, matches, random, scores | of_cells, best, in_words(parts, config), homology)
