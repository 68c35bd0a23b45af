"""From a config to what is learned from and what is validated on."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dinosar.config.training import TrainConfig
from dinosar.contracts import Backbone
from dinosar.datasets.lists import read_names
from dinosar.errors import InputError, UsageError, shown
from dinosar.notices import warn
from dinosar.publishing import sha256_of
from dinosar.store import Store
from dinosar.training.augmentation import Augmentation
from dinosar.training.drawing import Drawing
from dinosar.training.examples import Example
from dinosar.training.inspection import Inspection, inspected
from dinosar.training.label_files import LabelFile, Labelled, read_pairs
from dinosar.training.label_files import Listed as ListedPictures
from dinosar.training.pairs import Pair, split, warn_of_tests
from dinosar.training.sampling import InEpoch, PairSampler, Sampled
from dinosar.training.scenes import DepthScenes, Scenes, WarpScenes
from dinosar.training.showing import Shower, SquareShower

WARPS, LISTS, MEGADEPTH = "warps", "megadepth_easy", "megadepth"
PAIRS = "the pairs drawn"
"""What is learned from beside files."""


@dataclass(frozen=True, eq=False)
class Material:
    """What is learned from, what is validated on, how much there is of both, and what was found of the pictures.

    `told_by` says of a picture by what it is known how much of it others show.
    """

    training: PairSampler
    validation: Sequence[Example]
    inspection: Inspection
    told_by: Callable[[str], str]
    counted: dict[str, int] = field(default_factory=dict)

    def tell_unlabelled(self) -> None:
        """Warn of pairs that overlap and turned out to have no label."""
        found = self.training.unlabelled - self.training.told
        if found:
            first = min(found, key=lambda pair: (pair.a, pair.b))
            warn(
                f"{len(found)} pairs that overlap have no patch that shows the same (the first is "
                f"'{shown(first.a, 80)}' and '{shown(first.b, 80)}'); what they share was taken for different"
            )


def material(config: TrainConfig, backbone: Backbone) -> Material:
    """What a config says is to be learned from."""
    store = Store() if config.store else None
    if config.data.name == LISTS:
        return _lists(config, backbone, store)
    scenes: Scenes = WarpScenes(config, backbone.patch) if config.data.name == WARPS else DepthScenes(config)
    chosen = split(list(scenes.scenes), *_splits(config))
    found = scenes.look_over([*chosen[0], *chosen[1]])
    found.tell()
    learned, validated = ([scene for scene in each if scene in scenes.scenes] for each in chosen)
    if config.data.name == MEGADEPTH:
        warn_of_tests(validated)
    seed, data = config.train.seed, config.data
    shower = Shower(scenes.source, _looks(config), backbone, config.image, store)
    anew = config.train.dataset_callback_fn is not None
    draws = (
        Drawing(scenes, learned, data, "train", seed, anew=anew), Drawing(scenes, validated, data, "val", seed),
    )  # fmt: skip
    training = Sampled(draws[0], shower, seed, _looks(config), same=data.reseed)
    judged = Sampled(draws[1], shower, seed)
    counts = {"scenes": len(learned), "scenes_validated": len(validated)}
    made = _counted(training, judged, found, scenes.told_by, **counts)
    for draw, sampler in zip(draws, (training, judged), strict=True):
        draw.tell(sampler.pairs(0))
    return made


def _counted(training: PairSampler, judged: PairSampler, found: Inspection, told_by: Callable[[str], str],
             **scenes: int) -> Material:  # fmt: skip
    """The material with its numbers; without a pair that overlaps there is nothing to learn."""
    drawn = training.pairs(0)
    positive = sum(pair.overlap > 0 for pair in drawn)
    if not positive:
        why = "by as much as data.min_overlap and as little as data.max_overlap say; widen these bounds, or give other"
        listed = "by what the list says, and can be read; name another list, or mend the"
        raise InputError(f"no pair of photographs overlaps {why if scenes else listed} photographs")
    if not len(judged):
        warn("nothing is validated on, so the last weights are taken for the best")
    found.digests[PAIRS] = _sum_of((*drawn, *judged.pairs(0)))
    counted = {
        "pairs": len(drawn), "pairs_overlapping": positive, "pairs_validated": len(judged), **scenes,
        "photos": found.pictures, "photos_left_out": len(found.broken),
    }  # fmt: skip
    return Material(training, InEpoch(judged), found, told_by, counted)


def _sum_of(pairs: Iterable[Pair]) -> str:
    """One sum for pairs with their overlaps."""
    digest = hashlib.sha256()
    for pair in pairs:
        digest.update(repr((pair.a, pair.b, pair.overlap)).encode())
    return digest.hexdigest()


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


def _lists(config: TrainConfig, backbone: Backbone, store: Store | None) -> Material:
    """Pairs by lists, labels by files."""
    inputs, seed = config.inputs, config.train.seed
    pairs, files = _listed(config)
    names = sorted(_pictures([*pairs["train"], *pairs["val"]]))
    source = ListedPictures(Path(inputs.images), config.image, names)
    found = inspected({name: source.files(name) for name in names})
    found.tell()
    shower = SquareShower(source, _looks(config), backbone, config.image, store)
    training, judged = (
        Labelled(
            [pair for pair in pairs[which] if not {pair.a, pair.b} & set(found.broken)],
            LabelFile(files[which], config.data.roma_supervision, config.data.combine), shower, seed, look,
            same=config.data.reseed,
        )
        for which, look in (("train", _looks(config)), ("val", None))
    )  # fmt: skip
    warn_of_tests([name.split("/")[0] for name in _pictures(judged.pairs(0))])
    _apart(training.pairs(0), judged.pairs(0))
    made = _counted(training, judged, found, lambda name: "by the list")
    for which, sampler in (("train", training), ("val", judged)):
        if len(sampler):
            sampler.look_up()
            found.digests[f"labels ({which})"] = sha256_of(files[which])
    return made


def _listed(config: TrainConfig) -> tuple[Mapping[str, list[Pair]], Mapping[str, Path]]:
    """The pairs of both lists, and the files of their labels."""
    inputs = config.inputs
    if inputs.labels is None or inputs.train_pairs is None:
        missing = "inputs.labels (--labels)" if inputs.labels is None else "inputs.train_pairs"
        raise UsageError(f"data.name: megadepth_easy learns from a list of pairs and a file of labels; give {missing}")
    lists = {"train": inputs.train_pairs, "val": inputs.val_pairs}
    pairs = {which: [] if file is None else read_pairs(Path(file)) for which, file in lists.items()}
    given = Path(inputs.labels)
    return pairs, {which: given / f"supervision_{which}_check.h5" if given.is_dir() else given for which in lists}


def _pictures(pairs: Iterable[Pair]) -> set[str]:
    return {name for pair in pairs for name in (pair.a, pair.b)}


def _apart(learned: Sequence[Pair], judged: Sequence[Pair]) -> None:
    """Warn where pictures are both learned from and validated on."""
    both = _pictures(learned) & _pictures(judged)
    if both:
        warn(
            f"{len(both)} pictures are both learned from and validated on (the first is '{shown(min(both), 80)}'), so "
            "validation says little of other scenes"
        )
