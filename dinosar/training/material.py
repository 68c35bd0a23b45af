"""From a config to what is learned from and what is validated on."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from dinosar.config.training import TrainConfig
from dinosar.contracts import Backbone
from dinosar.datasets.lists import read_names
from dinosar.errors import InputError, UsageError, shown
from dinosar.notices import warn
from dinosar.store import Store
from dinosar.training.augmentation import Augmentation
from dinosar.training.examples import Example, Sampler
from dinosar.training.label_files import LabelFile, Labelled, read_pairs
from dinosar.training.label_files import Listed as ListedPictures
from dinosar.training.pairs import Pair, Wanted, across, drawn_pairs, split, warn_of_tests
from dinosar.training.sampling import Draw, InEpoch, PairSampler, Sampled
from dinosar.training.scenes import DepthScenes, Scenes, WarpScenes
from dinosar.training.showing import Shower, SquareShower

WARPS, LISTS, MEGADEPTH = "warps", "megadepth_easy", "megadepth"
_PAIRS, _ACROSS = 21, 22  # keys of draws


@dataclass(frozen=True, eq=False)
class Material:
    """What is learned from, what is validated on, and how much there is of both."""

    training: PairSampler
    validation: Sequence[Example]
    counted: dict[str, int] = field(default_factory=dict)


def material(config: TrainConfig, backbone: Backbone) -> Material:
    """What a config says is to be learned from."""
    store = Store() if config.store else None
    data = config.data
    if data.name == LISTS:
        return _lists(config, backbone, store)
    if data.name == WARPS:
        scenes: Scenes = WarpScenes(config, backbone.patch)
    else:
        scenes = DepthScenes(config)
    learned, validated = split(list(scenes.scenes), *_splits(config))
    if data.name == MEGADEPTH:
        warn_of_tests(validated)
    plain = Shower(scenes.source, _looks(config), backbone, config.image, store)
    seed = config.train.seed
    draw = _drawing(scenes, learned, config, data.train_num_per_scene, seed=seed)
    training = Sampled(draw, plain, seed, look=_looks(config))
    judged = Sampled(_drawing(scenes, validated, config, data.val_num_per_scene, seed=seed + 1), plain, seed)
    return _counted(training, judged, scenes=len(learned), scenes_validated=len(validated))


def _counted(training: PairSampler, judged: Sampler, **scenes: int) -> Material:
    """The material with its numbers; without a pair that overlaps there is nothing to learn."""
    drawn = training.pairs(0)
    positive = sum(pair.overlap > 0 for pair in drawn)
    if not positive:
        raise InputError(
            "no pair of photographs overlaps by as much as data.min_overlap and as little as data.max_overlap say; "
            "widen these bounds, or give other photographs"
        )
    if not len(judged):
        warn("no pair is validated on, so the last weights are taken for the best")
    counted = {"pairs": len(drawn), "pairs_overlapping": positive, "pairs_validated": len(judged), **scenes}
    return Material(training, InEpoch(judged), counted)


def _splits(config: TrainConfig) -> tuple[list[str] | None, list[str] | None]:
    """Scenes that are learned from and validated on, by the config or by the lists it names."""
    data, inputs = config.data, config.inputs
    found = []
    for names, file in ((data.train_split, inputs.train_scenes), (data.val_split, inputs.val_scenes)):
        found.append(names if file is None else list(read_names(Path(file))))
    return found[0], found[1]


def _looks(config: TrainConfig) -> Augmentation:
    chosen = config.data.photometric
    return Augmentation(chosen.name if config.data.aug else "identity", chosen.p, chosen.lights)


def _drawing(scenes: Scenes, names: Sequence[str], config: TrainConfig, counts: list[int] | None, *,
             seed: int) -> Draw:  # fmt: skip
    """Draws the pairs of some scenes: the same ones in every epoch, unless they are to be drawn anew."""
    data = config.data
    if counts is None:
        raise UsageError("data.train_num_per_scene and data.val_num_per_scene are needed where pairs are drawn")
    positive, negative = counts
    wanted = Wanted(positive, negative, data.num_overlap_bins, data.min_overlap, data.max_overlap)
    own = {scene: scenes.scenes[scene] for scene in names}

    def draw(epoch: int) -> list[Pair]:
        when = epoch if data.reseed else 0
        found: list[Pair] = []
        for scene, pictures in own.items():
            rng = np.random.default_rng([seed, _PAIRS, when, zlib.crc32(scene.encode())])
            found += drawn_pairs(pictures, scenes.table(scene), wanted, rng)
        missing = negative * len(own) - sum(not pair.overlap for pair in found)
        if data.across_scenes and missing > 0:
            found += across(own, missing, np.random.default_rng([seed, _ACROSS, when]))
        return found

    return draw


def _lists(config: TrainConfig, backbone: Backbone, store: Store | None) -> Material:
    """Pairs by lists, labels by files."""
    inputs, data = config.inputs, config.data
    if inputs.labels is None or inputs.train_pairs is None:
        missing = "inputs.labels (data.gt_label_path)" if inputs.labels is None else "inputs.train_pairs"
        raise UsageError(f"data.name: megadepth_easy learns from a list of pairs and a file of labels; give {missing}")
    source = ListedPictures(Path(inputs.images), config.image)
    shower = SquareShower(source, _looks(config), backbone, config.image, store)
    samplers = []
    for which, file, look in (("train", inputs.train_pairs, _looks(config)), ("val", inputs.val_pairs, None)):
        pairs = [] if file is None else read_pairs(Path(file))
        labels = LabelFile(_label_path(Path(inputs.labels), which), data.roma_supervision, data.combine)
        samplers.append(Labelled(pairs, labels, shower, config.train.seed, look))
    training, judged = samplers
    warn_of_tests([shown(name.split("/")[0]) for pair in judged.pairs(0) for name in (pair.a, pair.b)])
    _apart(training.pairs(0), judged.pairs(0))
    return _counted(training, judged)


def _label_path(given: Path, which: str) -> Path:
    return given / f"supervision_{which}_check.h5" if given.is_dir() else given


def _apart(learned: Sequence[Pair], judged: Sequence[Pair]) -> None:
    """Warn where pictures are both learned from and validated on."""
    both = {name for pair in learned for name in (pair.a, pair.b)} & {
        name for pair in judged for name in (pair.a, pair.b)
    }
    if both:
        warn(
            f"{len(both)} pictures are both learned from and validated on (the first is '{shown(min(both), 80)}'), so "
            "validation says little of other scenes"
        )
