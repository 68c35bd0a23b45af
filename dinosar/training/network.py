"""The head in torch, while it learns: the same layers, under the names that the original gave them."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from dinosar.retrieval.overlap_head import HIDDEN, HeadOptions, OverlapHead


def network(options: HeadOptions) -> Any:
    """The layers, with torch's own first numbers; a `torch.nn.ModuleDict`."""
    from torch import nn

    layers: dict[str, Any] = {"input_proj": nn.Linear(options.input_dim, options.descriptor_dim)}
    if options.position:
        layers["keypoint_encoder"] = nn.Sequential(
            nn.Linear(2, HIDDEN), nn.LayerNorm(HIDDEN), nn.GELU(), nn.Dropout(options.dropout_prob),
            nn.Linear(HIDDEN, options.descriptor_dim),
        )  # fmt: skip
    return nn.ModuleDict(layers)


def encoded(net: Any, options: HeadOptions, put: Mapping[str, Any]) -> Any:
    """Unit vectors (2, pairs, n, depth) of the fields of a `Batch`, as tensors."""
    from torch.nn.functional import normalize

    vectors = net["input_proj"](put["tokens"] * options.input_length)
    if options.position:
        vectors = vectors + _placed(net, options, put) * put["placed"][..., None]
    return normalize(vectors.float(), dim=-1)


def _placed(net: Any, options: HeadOptions, put: Mapping[str, Any]) -> Any:
    """What the places add (2, pairs, n, depth). Each place is worked out once, unless chance tells the tokens apart."""
    places, at = put["places"] + options.shift, put["at"]
    if net.training and options.dropout_prob:
        return net["keypoint_encoder"](places[at])
    found = net["keypoint_encoder"](places)
    return found.index_select(0, at.flatten()).reshape(*at.shape, -1)


def head_of(weights: Mapping[str, Any], options: HeadOptions, told: Mapping[str, Any], title: str) -> OverlapHead:
    """The head with these weights, in NumPy."""
    plain = {name: np.array(tensor.detach().cpu().numpy(), dtype=np.float32) for name, tensor in weights.items()}
    return OverlapHead(options, plain, told, title)
