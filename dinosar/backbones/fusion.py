"""Several layers of a network become one."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dinosar.errors import UsageError

Fusion = Literal["mean", "median"]


def chosen(asked: list[int], depth: int, option: str) -> list[int]:
    """Layers by their number from 0; -1 is the last. One that is not there, or is named twice, is an error."""
    found = [layer + depth if layer < 0 else layer for layer in asked]
    for given, layer in zip(asked, found, strict=True):
        if not 0 <= layer < depth:
            raise UsageError(
                f"{option}: there is no layer {given}; this network has {depth}, 0 to {depth - 1} (or -{depth} to -1)"
            )
        if found.count(layer) > 1:
            raise UsageError(f"{option}: layer {layer} is named twice; name each once")
    return found


def fused(layers: list[NDArray[np.float32]], how: Fusion) -> NDArray[np.float32]:
    """One layer as it is; of several the mean or median, each first brought to unit length so that none outweighs."""
    if len(layers) == 1:
        return layers[0]
    stack = np.stack([layer / np.linalg.norm(layer, axis=-1, keepdims=True) for layer in layers])
    return np.asarray(stack.mean(axis=0) if how == "mean" else np.median(stack, axis=0), dtype=np.float32)
