"""Where a head may start from: the principal axes of the tokens, each brought to the same spread."""

from typing import Any

import numpy as np

from dinosar.retrieval.overlap_head import HeadOptions
from dinosar.training.examples import Sampler

LOOKED_AT = 256
"""Examples whose tokens the axes are taken from."""
LEAST = 1e-4
"""Of the greatest spread; axes below are not enlarged any more."""
SPREAD = 1 / np.sqrt(3)
"""What torch's own start gives numbers of spread 1."""


def whitened(sampler: Sampler, options: HeadOptions, seed: int) -> dict[str, Any]:
    """Weight and bias of the linear layer, as torch tensors; rows beyond the axes are chance."""
    import torch

    rng = np.random.default_rng(seed)
    chosen = rng.permutation(len(sampler))[:LOOKED_AT]
    examples = [sampler.example(0, int(i)) for i in chosen]
    found = np.concatenate([each.a.tokens for each in examples] + [each.b.tokens for each in examples])
    tokens = found.astype(np.float64) * float(options.input_length or 1.0)
    middle = tokens.mean(axis=0)
    spreads, axes = np.linalg.eigh(np.cov(tokens - middle, rowvar=False))
    order = np.argsort(-spreads)[: options.descriptor_dim]
    scale = SPREAD / np.sqrt(np.maximum(spreads[order], LEAST * spreads.max()))
    weight = rng.normal(0, SPREAD / np.sqrt(options.input_dim), (options.descriptor_dim, options.input_dim))
    weight[: len(order)] = axes[:, order].T * scale[:, None]
    # An axis has no sign of its own: libraries differ in it, and it must not be theirs to choose.
    weight[: len(order)] *= np.sign(weight[np.arange(len(order)), np.abs(weight[: len(order)]).argmax(axis=1)])[:, None]
    return {
        "weight": torch.from_numpy(weight.astype(np.float32)),
        "bias": torch.from_numpy((-weight @ middle).astype(np.float32)),
    }
