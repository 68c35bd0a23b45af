"""Examples small enough to learn from in a second: patches of one image found again, shuffled, in another."""

import numpy as np

from dinosar.grid import fit_grid
from dinosar.retrieval.blocks import Block
from dinosar.training.examples import Example

GRID = fit_grid((64, 48), 8, size=64)
COUNT = GRID.rows * GRID.columns


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def block(name, rows, patches=None, summary=None):
    """A block of these tokens at the first places of the grid."""
    patches = np.arange(len(rows)) if patches is None else patches
    return Block(name, unit(rows), patches, GRID, summary)


def examples(count=12, depth=16, seed=0, summaries=False):
    """Pairs with half of the patches in common but for two numbers of each image's own; a third shares nothing."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(count):
        rows = rng.normal(size=(COUNT, depth))
        other = rng.normal(size=(COUNT, depth)) if number % 3 == 2 else rows + rng.normal(size=rows.shape) * 0.2
        noise = rng.normal(size=(2, depth)) * (np.arange(depth) < 2) * 6
        order = rng.permutation(COUNT)
        cells = np.stack([order, np.arange(COUNT)], axis=1)[: 0 if number % 3 == 2 else COUNT // 2]
        short = COUNT - number % 4
        tokens = rows + noise[0], (other + noise[1])[order][:short]
        means = [unit(each.mean(axis=0, keepdims=True))[0] if summaries else None for each in tokens]
        a, b = (
            block(f"{side}{number}", each, None, mean) for side, each, mean in zip("ab", tokens, means, strict=True)
        )
        found.append(Example(a, b, cells))
    return found
