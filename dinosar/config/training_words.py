"""Keys of the original's training files that say nothing here, or ask for what there is not; each with the reason."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from dinosar.notices import note

LISTS = "megadepth_easy"
"""The kind of data whose pairs stand in lists, and whose labels stand in files."""

NOTED: dict[str, dict[str, str]] = {
    "data": {
        "num_workers": "features are cached, so nothing is loaded by other processes",
        "info_dir": "scene_info is looked for within data_dir",
        "image_subpath": "where photographs lie stands in scene_info",
        "depth_subpath": "where maps of depths lie stands in scene_info",
    },
    "model": {
        "name": "there is one pipeline",
    },
    "train": {
        "median_metrics": "losses and mean cosines are written of every point of the curve",
        "recall_metrics": "losses and mean cosines are written of every point of the curve",
        "pr_metrics": "losses and mean cosines are written of every point of the curve",
        "plot": "pictures are set by figures",
    },
}
"""Section -> key -> why it is passed over; the run says so."""
REFUSED: dict[str, dict[str, str]] = {
    "data": {
        "p_rotate": "pictures are not turned; data.name: warps learns from turned views",
        "test_split": "a training tests nothing; see dinosar evaluate retrieval",
        "test_pairs": "a training tests nothing; see dinosar evaluate retrieval",
        "sort_by_overlap": "pairs come in another order in every epoch",
        "grayscale": "networks see colours; data.photometric.name: lightglue takes some of them away",
        "load_features": "features are kept in the store by themselves; store: false does without",
    },
    "model": {
        "filter": "nothing is filtered here",
        "solver": "nothing is solved here; see dinosar retrieve verify",
        "ground_truth": "labels come from data.name",
        "triplet": "triplets are not learned from; the loss is contrastive or infonce (train.loss)",
    },
    "model.matcher": {
        "embedding_dim": "the original passes it over; say descriptor_dim",
        "n_layers": "this head has no attention layers; the original does not build them either",
        "num_heads": "this head has no attention layers; the original does not build them either",
        "flash": "this head has no attention layers; the original does not build them either",
        "patch_size": "the patch is that of the backbone",
        "attentions": "this head has no attention layers",
        "add_score_head": "this head has no score head; scores are votes",
        "add_voting_head": "this head has no voting head; votes are counted",
        "bce_loss": "there is no score to judge; the loss is contrastive or infonce (train.loss)",
        "weights": "training begins anew; a finished head is used with --head",
    },
    "train": {
        "dropout_prob": "it belongs to model.matcher",
        "dataset_callback_on_val": "pairs that are validated on stay the same, so that losses can be compared",
        "load_experiment": "training begins anew, or goes on in the same folder",
        "submodules": "there are none",
        "opt_regexp": "everything that the head has is learned",
        "lr_scaling": "there is one learning rate",
        "pr_curves": "there are none",
        "tensorboard": "the curve is written as losses.csv and losses.png",
    },
}  # fmt: skip
"""Section -> key -> why it cannot be had. Switched off it says what is so, and is passed over."""
ONLY: dict[str, dict[str, tuple[tuple[Any, ...], str]]] = {
    "data": {
        "views": ((2,), "pictures are compared in pairs"),
        "one_to_one": ((True,), "scores count partners, so a patch has one at most"),
        "preprocessing.side": (("long",), "the longer side gets the size, so that nothing is cropped"),
    },
    "model.matcher": {"name": (("overlap_predictor",), "there is one kind of head, that of the original")},
    "model": {
        "extractor.name": ((None, "extractors.mixed"), "features are those of a frozen backbone on a grid"),
        "extractor.detector.name": ((None, "extractors.grid_extractor"), "patches lie on a grid"),
        "extractor.descriptor.name": ((None, "backbones.dinov2"), "other networks are named by --backbone"),
    },
    "train": {
        "optimizer": (("adamw",), "a head learns with AdamW, by which the original's learned as well"),
        "best_key": (("loss/total",), "the best head is that of the lowest validation loss"),
        "lr_schedule.on_epoch": ((True,), "the learning rate falls from epoch to epoch"),
    },
}  # fmt: skip
"""Section -> key -> the values there are, and why there is no other."""
OFF: tuple[Any, ...] = (None, False, 0, [], {}, {"name": None})


Mistake = tuple[tuple[str, ...], str]
"""The keys that lead to a setting, and what is wrong with it."""


def read_originals(section: str, values: Any) -> Any:
    """The keys of a section that mean something here; an error for each that asks for what there is not."""
    if not isinstance(values, Mapping):
        return values
    kept = dict(values)
    mistakes: list[Mistake] = [
        ((key,), f"cannot be had: {why}")
        for key, why in REFUSED.get(section, {}).items()
        if key in kept and kept.pop(key) not in OFF
    ]
    mistakes += [
        (tuple(key.split(".")), f"cannot be had: {why}")
        for key, (known, why) in ONLY.get(section, {}).items()
        if _at(kept, key.split("."), known[0]) not in known
    ]
    refuse(mistakes)
    for key, why in NOTED.get(section, {}).items():
        if _taken(kept, key.split(".")):
            note(f"{section}.{key} is passed over: {why}")
    return kept


def refuse(mistakes: Iterable[Mistake]) -> None:
    """Raise all of them, each at its own key, so that each is told with its line; nothing where there is none."""
    # An empty mapping as what was given: the key and the reason say enough.
    found: list[InitErrorDetails] = [
        {"type": PydanticCustomError("refused", "{why}", {"why": why}), "loc": path, "input": {}}
        for path, why in mistakes
    ]
    if found:
        raise ValidationError.from_exception_data("training", found)


def _at(values: Any, path: list[str], usual: Any) -> Any:
    """What is said of a key; the usual where nothing is, or nothing that could hold it."""
    for step in path:
        if not isinstance(values, Mapping) or step not in values:
            return usual
        values = values[step]
    return values


def _taken(values: dict[str, Any], path: list[str]) -> bool:
    """Whether a key was there and said something; it is not, any more."""
    inner = values.get(path[0])
    if len(path) == 1:
        return values.pop(path[0], None) not in OFF
    if not isinstance(inner, Mapping):
        return False
    values[path[0]] = further = dict(inner)
    return _taken(further, path[1:])


def moved(values: Any) -> Any:
    """A whole config whose files stand under `inputs` and whose picture size stands under `image`, as here."""
    if not isinstance(values, Mapping) or not isinstance(values.get("data"), Mapping):
        return values
    found, data = dict(values), _without_splits(dict(values["data"]))
    inputs = dict(found.get("inputs") or {})
    for key, name in FILES.items():
        given = data.get(key)
        if isinstance(given, str):
            del data[key]
            if inputs.get(name) is not None:
                note(f"data.{key} gives way to inputs.{name}")
            else:
                inputs[name] = given
    shown = data.get("preprocessing")
    if isinstance(shown, Mapping) and shown.get("square_pad") is True and data.get("name") != LISTS:
        note("data.preprocessing.square_pad is passed over: padding is less than a patch, and never counts")
    if isinstance(shown, Mapping) and "resize" in shown:
        data["preprocessing"] = {key: value for key, value in shown.items() if key != "resize"}
        found["image"] = {"size": shown["resize"], **(found.get("image") or {})}
    return {**found, "data": data, "inputs": inputs}


def _without_splits(data: dict[str, Any]) -> dict[str, Any]:
    """The section without scenes where pairs are not drawn from scenes: the original's file has them all the same."""
    for key in SPLITS if data.get("name") == LISTS else ():
        if data.pop(key, None) is not None:
            note(f"data.{key} is passed over: the pairs are those of the lists")
    return data


SPLITS = ("train_split", "val_split")
"""Keys of `data` that say which scenes pairs are drawn from."""
FILES = {
    "data_dir": "images", "gt_label_path": "labels", "train_pairs": "train_pairs", "val_pairs": "val_pairs",
    "train_split": "train_scenes", "val_split": "val_scenes",
}  # fmt: skip
"""Key of `data` that names a file -> what it is called among the inputs."""
