"""Heads that a benchmark compares: none, what can be had without labels, and trained ones, one of them wrongly."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from retrieval_scenes import Bench

from dinosar.features import unit
from dinosar.retrieval.blocks import Block
from dinosar.retrieval.heads import Head, Identity
from dinosar.retrieval.overlap_head import OverlapHead
from dinosar.training.examples import Example
from dinosar.training.loop import fit
from dinosar.training.options import FitOptions

HEADS = ("none", "whitened", "trained", "mirrored", "label flip")
"""`mirrored`: each view of a pair is mirrored by itself, and labels follow; `label flip`: as the original has it, the
labels are mirrored always, whatever was done to the views."""
LESSONS = 1600
"""Pairs in an epoch."""
MIRRORED = 0.475
"""How often the original mirrors a view."""
RECIPE = FitOptions(epochs=12, lr=3e-3, full_epochs=6, tenth_epochs=4, descriptor_dim=128)
"""Chosen on seed 90: the original's head and loss at a rate thirty times its own, since the steps are few."""


@dataclass(frozen=True)
class Mirroring:
    """Pairs drawn anew each epoch; with `mirror` each view is mirrored by itself, as the original does.

    Labels follow the views; or, `as_original`, they are mirrored on both sides whatever was done to the views.
    """

    upright: Sequence[Example]
    turned: Sequence[Example]
    bench: Bench
    seed: int
    mirror: bool = False
    as_original: bool = False

    def __len__(self) -> int:
        return LESSONS

    def example(self, epoch: int, number: int) -> Example:
        """One pair."""
        rng = np.random.default_rng([self.seed, epoch, number])
        chosen = int(rng.integers(len(self.upright)))
        upright, turned = self.upright[chosen], self.turned[chosen]
        first, second = (rng.random(2) < MIRRORED) & self.mirror
        rows, columns = upright.positives.T
        if first or self.as_original:
            rows = turned.positives[:, 0]
        if second or self.as_original:
            columns = turned.positives[:, 1]
        a, b = turned.a if first else upright.a, turned.b if second else upright.b
        return Example(a, b, np.stack([rows, columns], axis=1))


class Whitened:
    """The principal axes of tokens, brought to one spread: what can be had without labels."""

    id = "whitened"

    def __init__(self, blocks: Sequence[Block]) -> None:
        tokens = np.concatenate([block.tokens for block in blocks]).astype(np.float64)
        self.middle = tokens.mean(axis=0)
        spreads, axes = np.linalg.eigh(np.cov(tokens - self.middle, rowvar=False))
        self.axes = axes / np.sqrt(np.maximum(spreads, 1e-4 * spreads.max()))

    def encode(self, tokens: NDArray[np.float32], places: NDArray[np.float32]) -> NDArray[np.float32]:
        """Unit vectors."""
        return unit((tokens - self.middle) @ self.axes)


def head(bench: Bench, name: str, seed: int) -> Head:
    """A head by its name; what is trained is kept, and tells how many seconds it took."""
    if name == "none":
        return Identity()
    upright, turned = bench.lessons(seed)
    if name == "whitened":
        return Whitened([each.a for each in upright[::5]])
    sampler = Mirroring(upright, turned, bench, seed, name != "trained", name == "label flip")
    recipe = FitOptions(**asdict(RECIPE) | {"seed": seed})
    recipe_name = hashlib.sha256(f"{recipe} {LESSONS} {name}".encode()).hexdigest()[:8]
    start = time.perf_counter()

    def learn() -> dict[str, Any]:
        weights = fit(sampler, recipe).last.weights
        return {**weights, "seconds": np.array(time.perf_counter() - start)}

    kept = bench.kept(f"head_{name.replace(' ', '_')}_{seed}_{recipe_name}", learn)
    told = {"seconds": float(kept.pop("seconds"))}
    depth = len(upright[0].a.tokens[0])
    return OverlapHead(recipe.head(depth), {each: np.asarray(kept[each], np.float32) for each in kept}, told, name)
