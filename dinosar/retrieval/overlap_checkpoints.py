"""Checkpoints of the original: the head taken out of the whole training that they hold, strictly, and nothing run.

A checkpoint is a pickle of torch with tables `model` (weights), `conf` and more. Its head learned on tokens as long as
DINOv2 makes them, and on places half a pixel aside; both are kept up here, so that it computes what it computed there.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.errors import WeightsError, shown
from dinosar.notices import note
from dinosar.retrieval.overlap_head import HeadOptions, OverlapHead
from dinosar.retrieval.overlap_head_files import checked
from dinosar.weights.formats import unpickled

HALF_A_PIXEL = 1 / 224
"""By which its places lie aside, in half long sides of its images of 224 px."""
MATCHER, BACKBONE, AROUND = "matcher.", "extractor.", "module."
LAST = {"keypoint_encoder.3": "keypoint_encoder.4"}
"""Trained without dropout its last layer has another number."""
OLDER = {
    "attentions": "attention layers", "self_attn": "attention layers", "cross_attn": "attention layers",
    "transformers": "attention layers", "score": "a score head", "voting": "a voting head",
}  # fmt: skip
"""What names of tensors that this head has not tell."""


def read_checkpoint(path: Path) -> OverlapHead:
    """The head of a checkpoint; older heads that compute more than this one are refused."""
    with _plain_numbers():
        content = unpickled(path)
    table = content.get("model") if isinstance(content, Mapping) else None
    if not isinstance(table, Mapping):
        raise WeightsError(
            f"'{shown(path)}' is no checkpoint of the original: there is no table 'model' in it; name its "
            "checkpoint_best.tar, or the head.safetensors of a training"
        )
    weights = _layers(path, _of_matcher(path, table))
    arrays = checked(path, {name: _array(path, name, tensor) for name, tensor in weights.items()})
    matcher, network = _conf(content.get("conf"))
    options = _options(path, arrays, matcher)
    return OverlapHead(options, arrays, {"origin": "a checkpoint of the original", "network": network}, path.stem)


def _of_matcher(path: Path, table: Mapping[Any, Any]) -> dict[str, Any]:
    """The tensors of the matcher by their own names; those of the frozen backbone are left out, which is told."""
    names = {str(name).removeprefix(AROUND): tensor for name, tensor in table.items()}
    others = [name for name in names if not name.startswith(MATCHER)]
    strange = [name for name in others if not name.startswith(BACKBONE)]
    if strange:
        raise WeightsError(
            f"'{shown(path)}' holds tensors of something else than a head and its backbone: {_some(strange)}; name a "
            "checkpoint of the original"
        )
    if others:
        note(f"'{shown(path)}': the backbone in it ({len(others)} tensors {BACKBONE}*) is left out")
    return {name.removeprefix(MATCHER): tensor for name, tensor in names.items() if name.startswith(MATCHER)}


def _layers(path: Path, found: dict[str, Any]) -> dict[str, Any]:
    """The head's tensors under the names that we give them; anything beyond or missing is refused."""
    wanted = set(HeadOptions(1).shapes())
    told = any(name.startswith("keypoint_encoder.4.") for name in found)
    renamed = {name if told else _renumbered(name): tensor for name, tensor in found.items()}
    beyond, missing = sorted(set(renamed) - wanted), sorted(wanted - set(renamed))
    if beyond:
        what = next((words for part, words in OLDER.items() if any(part in name for name in beyond)), "other layers")
        raise WeightsError(
            f"'{shown(path)}' is an older head with {what} ({_some(beyond)}), and what these compute is not known; "
            "take a checkpoint of 2025 or later, or train a head"
        )
    if missing:
        raise WeightsError(f"'{shown(path)}' holds no whole head: {_some(missing)} missing; take another copy of it")
    return renamed


def _renumbered(name: str) -> str:
    layer, _, kind = name.rpartition(".")
    return f"{LAST.get(layer, layer)}.{kind}"


def _some(names: list[str]) -> str:
    return shown(", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else ""), 160)


def _array(path: Path, name: str, tensor: Any) -> NDArray[Any]:
    """A tensor as an array."""
    try:
        return np.asarray(tensor.detach().float().numpy())
    except (AttributeError, RuntimeError, TypeError, NotImplementedError) as problem:
        raise WeightsError(
            f"'{shown(path)}' holds no plain numbers as {shown(name, 80)}; take another copy"
        ) from problem


def _options(path: Path, arrays: Mapping[str, NDArray[Any]], matcher: Mapping[str, Any]) -> HeadOptions:
    """How the head is made: by its tensors, and by what its config says beyond them."""
    weight = arrays["input_proj.weight"]
    if weight.ndim != 2:
        raise WeightsError(f"'{shown(path)}' is damaged: input_proj.weight is no table; take another copy of it")
    depth, depth_in = weight.shape
    dropout = matcher.get("dropout_prob", 0.0)
    for key, has in (("input_dim", depth_in), ("descriptor_dim", depth)):
        if matcher.get(key, has) != has:
            raise WeightsError(f"'{shown(path)}' says {key} {shown(matcher[key], 40)}, and its tensors have {has}")
    return HeadOptions(
        depth_in, depth, float(dropout) if isinstance(dropout, float | int) else 0.0,
        add_cls_tokens=matcher.get("add_cls_tokens") is True, input_length=None, shift=HALF_A_PIXEL,
    )  # fmt: skip


def _conf(conf: Any) -> tuple[Mapping[str, Any], str]:
    """The options of the matcher, and the name of the backbone; nothing of either where the file does not say."""
    model = _at(conf, "model")
    network = _at(model, "extractor", "descriptor").get("weights", "")
    return _at(model, "matcher"), shown(network, 80)


def _at(table: Any, *keys: str) -> Mapping[str, Any]:
    for key in keys:
        table = table.get(key) if isinstance(table, Mapping) else None
    return table if isinstance(table, Mapping) else {}


def _plain_numbers() -> AbstractContextManager[Any]:
    """Lets torch read the numbers of NumPy that a checkpoint holds beside its weights (losses, scores)."""
    import torch

    kinds = [type(np.dtype(kind)) for kind in ("f8", "f4", "f2", "i8", "i4", "b1")]
    scalars = [(_number, f"numpy.{core}.multiarray.scalar") for core in ("core", "_core")]
    return torch.serialization.safe_globals([np.dtype, *kinds, *scalars])  # type: ignore[no-any-return]


def _number(kind: Any, data: Any) -> Any:
    """A number of NumPy from its bytes, and nothing else that could be asked for in its name."""
    if not isinstance(kind, np.dtype) or kind.kind not in "fib" or not isinstance(data, bytes):
        raise TypeError("no number")
    return np.frombuffer(data, kind, 1)[0]
