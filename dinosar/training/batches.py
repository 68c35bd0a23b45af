"""Examples side by side: blocks of unequal length padded to one, and what of the table between them counts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dinosar.errors import InputError, shown
from dinosar.grid import Grid
from dinosar.retrieval.blocks import Block, places_of
from dinosar.training.examples import Example


@dataclass(frozen=True, eq=False)
class Batch:
    """Pairs of blocks, the first of each pair in row 0 and the second in row 1 of the leading axis.

    `tokens` (2, pairs, n, depth); `places` (m, 2) of all patches of all grids that occur, `at` (2, pairs, n) which of
    them each token has, and `placed` (2, pairs, n) whether it has one. `positive` and `negative` (pairs, n, n) are the
    cells that should be near and far; padding is neither.
    """

    tokens: NDArray[np.float32]
    places: NDArray[np.float32]
    at: NDArray[np.int64]
    placed: NDArray[np.bool_]
    positive: NDArray[np.bool_]
    negative: NDArray[np.bool_]

    def __len__(self) -> int:
        return int(self.tokens.shape[1])


def batch_of(examples: Sequence[Example], *, summaries: bool = False) -> Batch:
    """Examples as a batch. With `summaries` the summary tokens stand behind the patches, and have no place.

    Every cell that is not positive is negative; but a summary token is near or far to the other summary token alone.
    """
    most = max((len(block) for each in examples for block in (each.a, each.b)), default=0) + summaries
    depth = _depth(examples)
    pairs = len(examples)
    tokens = np.zeros((2, pairs, most, depth), dtype=np.float32)
    at = np.zeros((2, pairs, most), dtype=np.int64)
    begin, places = _lattices(examples)
    placed = np.zeros((2, pairs, most), dtype=bool)
    positive = np.zeros((pairs, most, most), dtype=bool)
    negative = np.zeros_like(positive)
    for i, each in enumerate(examples):
        for side, block in enumerate((each.a, each.b)):
            tokens[side, i, : len(block)] = block.tokens
            at[side, i, : len(block)] = begin[block.grid] + block.patches
            placed[side, i, : len(block)] = True
            if summaries:
                tokens[side, i, len(block)] = _summary(block)
        rows, columns = each.positives.T
        positive[i, rows, columns] = True
        negative[i, : len(each.a), : len(each.b)] = ~positive[i, : len(each.a), : len(each.b)]
        if summaries:
            chosen = positive if len(each.positives) else negative
            chosen[i, len(each.a), len(each.b)] = True
    return Batch(tokens, places, at, placed, positive, negative)


def _lattices(examples: Sequence[Example]) -> tuple[dict[Grid, int], NDArray[np.float32]]:
    """Where the places of each grid begin in the list of all, and that list: most images have the same few grids."""
    grids = list(dict.fromkeys(block.grid for each in examples for block in (each.a, each.b)))
    begin = np.cumsum([0, *(grid.rows * grid.columns for grid in grids)])
    return dict(zip(grids, begin.tolist(), strict=False)), np.concatenate([places_of(grid) for grid in grids])


def _depth(examples: Sequence[Example]) -> int:
    """The depth of all tokens, which must be one."""
    depths = {block.tokens.shape[1]: block.name for each in examples for block in (each.a, each.b)}
    if len(depths) > 1:
        (one, name), (other, also), *_ = depths.items()
        raise InputError(
            f"'{shown(name)}' has tokens of depth {one} and '{shown(also)}' of depth {other}; train on one backbone"
        )
    return int(next(iter(depths)))


def _summary(block: Block) -> NDArray[np.float32]:
    if block.summary is None:
        raise InputError(
            f"'{shown(block.name)}' has no summary token to learn on; set add_cls_tokens: false for this backbone"
        )
    return block.summary
