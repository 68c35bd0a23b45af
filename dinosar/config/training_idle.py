"""Settings of a training that would have no effect beside the others: refused with the reason, never passed over."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from dinosar.config.training_words import FILES, LISTS, Mistake

if TYPE_CHECKING:
    from dinosar.config.training import TrainConfig

WARPS = "warps"
"""The kind of data whose pairs are views that are cut out of photographs."""


class Row(NamedTuple):
    """Keys of one section, when they say nothing, and why."""

    section: str
    keys: tuple[str, ...]
    when: Callable[[Any], bool]
    why: str


def _drawn(config: Any) -> bool:
    return bool(config.data.name != LISTS)


def _listed(config: Any) -> bool:
    return bool(config.data.name == LISTS)


def _cut_out(config: Any) -> bool:
    return bool(config.data.name == WARPS)


def _looks_the_same(config: Any) -> bool:
    data = config.data
    return not data.aug or data.photometric.name == "identity" or not data.photometric.p


ROWS = (
    Row("data", ("roma_supervision", "combine"), _drawn,
        "labels by RoMa stand in files of labels, which only data.name: megadepth_easy reads"),
    Row("data", ("ccth", "depth_tolerance"), _cut_out,
        "views of a photograph have no depths; what is hidden on them is known"),
    Row("data", ("ccth", "depth_tolerance"), _listed, "labels come from the file as they are"),
    Row("data", ("warps",), lambda config: not _cut_out(config), "only data.name: warps cuts views out of photographs"),
    Row("data", ("train_num_per_scene", "val_num_per_scene", "num_overlap_bins", "min_overlap", "max_overlap",
                 "across_scenes"), _listed, "the pairs are those of the lists, all of them"),
    Row("data", ("reseed",), _looks_the_same, "no looks are drawn: data.photometric.name is identity, its p "
        "is 0, or data.aug is false"),
    Row("inputs", ("labels", "train_pairs", "val_pairs"), _drawn,
        "labels and lists of pairs are read by data.name: megadepth_easy alone"),
    Row("inputs", ("train_scenes", "val_scenes"), _listed, "the pairs are those of the lists"),
    Row("train", ("dataset_callback_fn",), _listed, "the pairs are those of the list, the same in every epoch"),
    Row("train", ("temperature",), lambda config: config.train.loss != "infonce", "it is that of train.loss: infonce"),
    Row("model.matcher", ("n",), lambda config: config.train.loss != "contrastive",
        "it is that of train.loss: contrastive"),
)  # fmt: skip


def idle(config: "TrainConfig", given: Any) -> Iterator[Mistake]:
    """Each setting that says something and has no effect. What is as it is unless told says nothing."""
    for row in ROWS:
        path = tuple(row.section.split("."))
        section: Any = config
        for step in path:
            section = getattr(section, step)
        for key in row.keys if row.when(config) else ():
            if getattr(section, key) not in (None, type(section).model_fields[key].default):
                yield _named((*path, key), given), f"has no effect: {row.why}"
    if _listed(config) and config.data.preprocessing.square_pad is False:
        why = "files of labels count the patches of pictures that were padded to squares"
        yield ("data", "preprocessing", "square_pad"), f"cannot be had: {why}"


def _named(path: tuple[str, ...], given: Any) -> tuple[str, ...]:
    """Where a setting was given: files of the original have some elsewhere."""
    data = given.get("data") if isinstance(given, Mapping) else None
    key = next((key for key, name in FILES.items() if path == ("inputs", name)), None)
    return ("data", key) if key is not None and isinstance(data, Mapping) and key in data else path
