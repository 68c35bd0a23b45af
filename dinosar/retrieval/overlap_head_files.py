"""Trained heads in files: `.safetensors` with everything that is known of the head beside its weights.

    data = head_bytes(head)
    head = read_head(Path("head.safetensors"))

Checkpoints of the original are read by `overlap_checkpoints.py`.
"""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from dinosar.errors import WeightsError, shown
from dinosar.retrieval.overlap_head import HeadOptions, OverlapHead, Weights
from dinosar.weights.formats import BROKEN, header, kind_of

SAID = "dinosar_overlap_head"
"""Under what the file speaks of its head."""
LAYOUT = 1


def head_bytes(head: OverlapHead) -> bytes:
    """A head as a file of weights; the same head gives the same bytes."""
    from safetensors.numpy import save

    said = {"layout": LAYOUT, "options": asdict(head.options), "told": dict(head.told)}
    plain = {name: np.ascontiguousarray(array) for name, array in head.weights.items()}
    return bytes(save(plain, metadata={SAID: json.dumps(said, sort_keys=True)}))


def read_head(path: Path) -> OverlapHead:
    """The head in a file of ours, or in a checkpoint of the original; told apart by what they hold."""
    if kind_of(path) == "torch":
        from dinosar.retrieval.overlap_checkpoints import read_checkpoint

        return replace(read_checkpoint(path), file=str(path))
    table, beside = header(path)
    options, told = _said(path, beside)
    if {name: tuple(shape) for name, shape in table.items()} != options.shapes():
        raise WeightsError(f"head '{shown(path)}' holds other tensors than it says; it was changed, take another copy")
    return OverlapHead(options, checked(path, _arrays(path)), told, path.stem, str(path))


def _said(path: Path, beside: dict[str, Any]) -> tuple[HeadOptions, dict[str, Any]]:
    """What a file says of its head: how it is made, and on what it was trained."""
    if SAID not in beside:
        raise WeightsError(
            f"'{shown(path)}' holds weights, but not those of a head; name the head.safetensors of a training, or a "
            "checkpoint of the original"
        )
    try:
        said = json.loads(beside[SAID])
        if said["layout"] != LAYOUT:
            raise WeightsError(f"head '{shown(path)}' was written by a newer version; update dinosar to read it")
        HeadOptions(**said["options"])  # which refuses what no head has
        options: HeadOptions = TypeAdapter(HeadOptions).validate_python(said["options"])
        return options, dict(said["told"])
    except (ValueError, KeyError, TypeError, ValidationError, RecursionError) as problem:
        raise WeightsError(f"head '{shown(path)}' does not say how it is made; take another copy of it") from problem


def _arrays(path: Path) -> Weights:
    """Name -> array of all that a .safetensors file holds."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        return dict(load_file(path))
    except (SafetensorError, *BROKEN) as problem:
        raise WeightsError(f"head '{shown(path)}' is damaged or cut short; take another copy of it") from problem


def checked(path: Path, arrays: dict[str, Any]) -> Weights:
    """The same arrays in float32, if each is one that a training leaves behind."""
    for name, array in arrays.items():
        if array.dtype.kind != "f":
            raise WeightsError(
                f"head '{shown(path)}' holds {array.dtype} as {shown(name, 80)}, where numbers are needed"
            )
        if not np.isfinite(array).all() or (array.ndim > 1 and not array.any()):
            what = "nothing but zeros" if np.isfinite(array).all() else "NaN or infinity"
            raise WeightsError(
                f"head '{shown(path)}' is damaged: {shown(name, 80)} holds {what}; take another copy of it"
            )
    return {name: array.astype(np.float32) for name, array in arrays.items()}
