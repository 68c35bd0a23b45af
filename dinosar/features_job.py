"""`dinosar features` as a job: one photo in; its tokens, summary and attention or saliency out, as an NPZ file."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.config import FeaturesConfig
from dinosar.contracts import Backbone
from dinosar.data import Features, Photo
from dinosar.errors import UsageError
from dinosar.features import network_image, placed, see, spoken
from dinosar.folders import Output, RunFile
from dinosar.grid import fit_grid
from dinosar.images import load_photo
from dinosar.jobs import Outcome
from dinosar.parts import build_backbone
from dinosar.publishing import npz_bytes
from dinosar.record import photo_facts
from dinosar.store import Store

SUFFIX = ".npz"


def place(config: FeaturesConfig, out: Path | None, overwrite: bool) -> Output:
    """The NPZ file named; its record lies beside it."""
    if out is None or out.suffix != SUFFIX:
        raise UsageError(f"--out '{out or ''}': name the file to write, ending in .npz")
    return RunFile(out, overwrite=overwrite)


def compute(config: FeaturesConfig) -> Outcome:
    """Show the whole photo to the backbone: no crop, no mask."""
    photo = load_photo(config.inputs.image, config.image)
    backbone = build_backbone(config.backbone)
    arrays = raw(photo, backbone, config) if config.raw else kept(photo, backbone, config)
    shape = arrays["tokens"].shape
    result = {
        "image": photo.name, "backbone": backbone.title, "rows": shape[0], "columns": shape[1], "depth": shape[2],
        "raw": config.raw, "arrays": sorted(arrays),
    }  # fmt: skip
    facts = {"inputs": {"image": photo_facts(photo, config.inputs.image)}}
    return Outcome(result, _files(arrays), facts, {"backbone": backbone})


def kept(photo: Photo, backbone: Backbone, config: FeaturesConfig) -> dict[str, NDArray[Any]]:
    """Features as a comparison uses them: unit vectors in storage precision."""
    features = see(photo, backbone, config.image, Store() if config.store else None)
    return _arrays(features, backbone.title)


def raw(photo: Photo, backbone: Backbone, config: FeaturesConfig) -> dict[str, NDArray[Any]]:
    """What the backbone gives, neither normalised nor rounded, past the store."""
    grid = fit_grid(photo.size, backbone.patch, fit=config.image.fit, size=config.image.size)
    word = spoken(backbone, network_image(photo.pixels, grid))
    return _arrays(placed(replace(word, tokens=word.tokens.astype(np.float32)), grid, backbone), backbone.title)


def _arrays(features: Features, title: str) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {
        "tokens": features.tokens, "grid": np.array(json.dumps(features.grid.as_dict())), "backbone": np.array(title),
    }  # fmt: skip
    if features.summary is not None:
        arrays["summary"] = features.summary.astype(np.float32)
    if features.lengths is not None:
        arrays["lengths"] = features.lengths
    if features.attention is not None:
        arrays[features.attention_kind] = features.attention.astype(np.float32)
        arrays["attention_layers"] = np.array(features.attention_layers, dtype=np.int32)
    return arrays


def _files(arrays: dict[str, NDArray[Any]]) -> Iterator[tuple[str, bytes]]:
    yield "", npz_bytes(arrays)
