"""From a config to what is learned from and what is validated on."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dinosar.config.training import TrainConfig
from dinosar.contracts import Backbone
from dinosar.datasets.listed import Listed
from dinosar.datasets.lists import read_names
from dinosar.datasets.opening import open_dataset
from dinosar.datasets.photo_files import photos_below
from dinosar.errors import InputError, UsageError, shown
from dinosar.notices import note, warn
from dinosar.regular_files import called
from dinosar.store import Store
from dinosar.training.augmentation import Augmentation
from dinosar.training.depth_labels import DepthChecks, Depths, usable
from dinosar.training.examples import Example, Sampler
from dinosar.training.label_files import Labelled, LabelFile, read_pairs
from dinosar.training.label_files import Listed as ListedPictures
from dinosar.training.pairs import Pair, Wanted, across, drawn_pairs, split, warn_of_tests
from dinosar.training.sampling import Draw, InEpoch, Sampled
from dinosar.training.showing import Shower, SquareShower
from dinosar.training.sources import Source, shares
from dinosar.training.warps import Taking, Warps

WARPS, LISTS, MEGADEPTH = "warps", "megadepth_easy", "megadepth"
_PAIRS, _ACROSS = 21, 22  # keys of draws


@dataclass(frozen=True, eq=False)
class Material:
    """What is learned from and validated on, the pairs that are learned from, and both counted in words."""

    training: Sampler
    validation: Sequence[Example]
    pairs: Callable[[int], Sequence[Pair]]
    shower: Shower
    counted: dict[str, int] = field(default_factory=dict)


class Scenes(Protocol):
    """Pictures by scene, and how much they share."""

    scenes: Mapping[str, Sequence[str]]
    source: Source

    def table(self, scene: str) -> NDArray[np.float64]:
        """How much of each picture of a scene each other shows (n, n)."""


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
    draw = _drawing(scenes, learned, config, data.train_num_per_scene, seed=config.train.seed)
    training = Sampled(draw, plain, config.train.seed, look=_looks(config))
    judged = Sampled(
        _drawing(scenes, validated, config, data.val_num_per_scene, seed=config.train.seed + 1),
        plain,
        config.train.seed,
    )
    return _counted(training, judged, training.pairs, plain, scenes=len(learned), scenes_validated=len(validated))


def _counted(training: Sampler, judged: Sampler, pairs: Callable[[int], Sequence[Pair]], shower: Shower,
             **scenes: int) -> Material:  # fmt: skip
    """The material with its numbers; without a pair that overlaps there is nothing to learn."""
    drawn = pairs(0)
    positive = sum(pair.overlap > 0 for pair in drawn)
    if not positive:
        raise InputError(
            "no pair of photographs overlaps by as much as data.min_overlap and as little as data.max_overlap say; "
            "widen these bounds, or give other photographs"
        )
    if not len(judged):
        warn("no pair is validated on, so the last weights are taken for the best")
    counted = {"pairs": len(drawn), "pairs_overlapping": positive, "pairs_validated": len(judged), **scenes}
    return Material(training, InEpoch(judged), pairs, shower, counted)


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


def _drawing(scenes: Scenes, names: Sequence[str], config: TrainConfig, counts: tuple[int, int] | None, *,
             seed: int) -> Draw:  # fmt: skip
    """Draws the pairs of some scenes: the same ones in every epoch, unless they are to be drawn anew."""
    data = config.data
    positive, negative = counts or (0, 0)
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


class WarpScenes:
    """Views of photographs; each photo is a scene."""

    def __init__(self, config: TrainConfig, patch: int) -> None:
        folder = Path(config.inputs.images)
        files = photos_below(folder, folder)
        if not files:
            raise InputError(f"{called(folder)} holds no picture; name a folder of photographs (inputs.images)")
        how = config.data.warps
        taking = Taking(how.sides, how.turn, how.jitter, how.light, how.hidden)
        self.side = config.image.size // patch * patch
        self.source: Warps = Warps(files, taking, how.views, self.side, seed=config.train.seed, options=config.image)
        self.scenes: Mapping[str, Sequence[str]] = self.source.scenes

    def table(self, scene: str) -> NDArray[np.float64]:
        """How much of each view each other shows."""
        names = self.scenes[scene]
        return shares(self.source, names, [(self.side, self.side)] * len(names))


class DepthScenes:
    """Photographs of a collection with cameras, poses and depths."""

    def __init__(self, config: TrainConfig) -> None:
        root, data = Path(config.inputs.images), config.data
        self.dataset = open_dataset(data.name, root)
        listed = self.dataset.photographs()
        known = {each.name: each for each in listed if usable(each)}
        if not known:
            raise InputError(
                f"no photograph of {called(root)} has a camera, a pose and a map of depths; learn from data.name: warps "
                "instead"
            )
        if len(known) < len(listed):
            note(f"{len(listed) - len(known)} of {len(listed)} photographs lack a camera, a pose or depths: left out")
        self.listed: dict[str, Listed] = known
        checks = DepthChecks(data.depth_tolerance, data.ccth)
        self.source: Depths = Depths(known, checks, config.image.size, config.image)
        self.scenes: dict[str, list[str]] = {}
        for name, each in known.items():
            self.scenes.setdefault(each.scene, []).append(name)
        self._told: dict[str, dict[tuple[str, str], float]] | None = None

    def table(self, scene: str) -> NDArray[np.float64]:
        """How much each shows of each other, as the collection tells, or as the depths do."""
        names = self.scenes[scene]
        told = self._by_scene().get(scene)
        if told is None:
            sizes = [
                (each.camera.width, each.camera.height) for each in map(self.listed.__getitem__, names) if each.camera
            ]
            return shares(self.source, names, sizes)
        places = {name: place for place, name in enumerate(names)}
        found = np.eye(len(names))
        for (a, b), overlap in told.items():
            found[places[a], places[b]] = overlap
        return found

    def _by_scene(self) -> dict[str, dict[tuple[str, str], float]]:
        """What the collection tells of pairs within a scene."""
        if self._told is None:
            self._told = {}
            for (a, b), overlap in self.dataset.overlaps().items():
                if a in self.listed and b in self.listed and self.listed[a].scene == self.listed[b].scene:
                    self._told.setdefault(self.listed[a].scene, {})[a, b] = overlap
        return self._told


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
    return _counted(training, judged, training.pairs, shower)


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
