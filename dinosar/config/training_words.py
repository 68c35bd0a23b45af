"""Keys of the original's training files that say nothing here, or ask for what there is not; each with the reason."""

from collections.abc import Mapping
from typing import Any

from dinosar.notices import note

NOTED: dict[str, dict[str, str]] = {
    "data": {
        "num_workers": "features are cached, so nothing is loaded by other processes",
        "info_dir": "scene_info is looked for within data_dir",
        "image_subpath": "where photographs lie stands in scene_info",
        "depth_subpath": "where maps of depths lie stands in scene_info",
        "preprocessing.square_pad": "padding never votes, so it need not be learned from",
    },
    "model": {
        "name": "there is one pipeline",
        "extractor": "the backbone is named by --backbone or the setting backbone",
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
        "dataset_callback_fn": "pairs are drawn anew in every epoch by data.reseed: true",
        "load_experiment": "training begins anew, or goes on in the same folder",
        "submodules": "there are none",
        "opt_regexp": "everything that the head has is learned",
        "lr_scaling": "there is one learning rate",
        "pr_curves": "there are none",
        "tensorboard": "the curve is written as losses.csv and losses.png",
    },
}  # fmt: skip
"""Section -> key -> why it cannot be had. Switched off it says what is so, and is passed over."""
OFF: tuple[Any, ...] = (None, False, 0, [], {}, {"name": None})


def read_originals(section: str, values: Any) -> Any:
    """The keys of a section that mean something here; a ValueError where one asks for what there is not."""
    if not isinstance(values, Mapping):
        return values
    kept = dict(values)
    for key, why in REFUSED.get(section, {}).items():
        if key in kept and kept.pop(key) not in OFF:
            raise ValueError(f"{key} cannot be had: {why}")
    for key, why in NOTED.get(section, {}).items():
        if _taken(kept, key.split(".")):
            note(f"{section}.{key} is passed over: {why}")
    return kept


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
    found, data = dict(values), dict(values["data"])
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
    if isinstance(shown, Mapping) and "resize" in shown:
        data["preprocessing"] = {key: value for key, value in shown.items() if key != "resize"}
        found["image"] = {"size": shown["resize"], **(found.get("image") or {})}
    return {**found, "data": data, "inputs": inputs}


FILES = {
    "data_dir": "images", "gt_label_path": "labels", "train_pairs": "train_pairs", "val_pairs": "val_pairs",
    "train_split": "train_scenes", "val_split": "val_scenes",
}  # fmt: skip
"""Key of `data` that names a file -> what it is called among the inputs."""
