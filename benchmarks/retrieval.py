"""Does a vote of patches find what a picture shares with others? Drawn views with true overlaps (toy_data/overlap_scenes.py).

    python benchmarks/retrieval.py --seeds 0 1 2 --cache /tmp/retrieval

Each seed draws 320 views of 40 worlds for the database, 31 of every family showing another world than a view does, and 120
queries that are zooms; half of all views are partly hidden. An answer shows at least a tenth of the query. The heads
are trained on views of other families. Against the votes stand one vector for each image, and the number of SIFT
matches that agree on a homography; flat worlds are the home ground of the latter.

First table: each way of scoring, means over seeds and, in brackets, the least and the most. Second: how far
`coverage_sym` is the overlap. Third: what a shortlist costs. Fourth: whether a half and a quarter of a picture find the
whole. Last: the margins. With --cache the drawn, encoded and trained is kept, so that a run goes on where one ended.
Seeds 0 to 9 are kept for these tables: the recipe of the training was chosen on seed 90.
"""

import argparse
import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from retrieval_measures import calibrated, ceiling, firsts, measured
from retrieval_scenes import Bench, Scene
from retrieval_tables import tables
from sift_inliers import counted

from dinosar.backbones.classic import Classic
from dinosar.features import unit
from dinosar.retrieval.blocks import Block
from dinosar.retrieval.heads import Head, Identity
from dinosar.retrieval.overlap_head import OverlapHead
from dinosar.retrieval.radius import auto_min_cosine
from dinosar.retrieval.searching import Held, search
from dinosar.retrieval.shortlist import nearest, pooled
from dinosar.training.examples import Example
from dinosar.training.loop import fit
from dinosar.training.options import FitOptions

RULES = ("maxsim", "coverage", "coverage_sym", "vop.sum", "vop.tfidf")
HEADS = ("none", "whitened", "trained", "mirrored", "label flip")
SHORTLISTS = (5, 10, 20, 50)
PAIRS = 1600
"""Learned from in each epoch."""
MIRRORED = 0.475
"""How often the original mirrors a view."""
RECIPE = FitOptions(
    epochs=8, batch_size=32, lr=1e-3, full_epochs=4, tenth_epochs=3, position=False, threads=2,
)  # fmt: skip
Table = NDArray[np.float64]


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
        return PAIRS

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
    """A head by its name; training is kept."""
    if name == "none":
        return Identity()
    upright, turned = bench.lessons(seed)
    if name == "whitened":
        return Whitened([each.a for each in upright[::5]])
    sampler = Mirroring(upright, turned, bench, seed, name != "trained", name == "label flip")
    recipe = FitOptions(**asdict(RECIPE) | {"seed": seed})
    told = hashlib.sha256(f"{recipe} {PAIRS} {name}".encode()).hexdigest()[:8]
    start = time.perf_counter()

    def learn() -> dict[str, Any]:
        weights = fit(sampler, recipe).last.weights
        return {**weights, "seconds": np.array(time.perf_counter() - start)}

    kept = bench.kept(f"head_{name.replace(' ', '_')}_{seed}_{told}", learn)
    sys.stderr.write(f"seed {seed}: head '{name}' learned in {float(kept.pop('seconds')):.0f} s\n")
    depth = len(upright[0].a.tokens[0])
    return OverlapHead(recipe.head(depth), {each: np.asarray(kept[each], np.float32) for each in kept}, {}, name)


def encoded(blocks: Sequence[Block], by: Head) -> list[Block]:
    """What a head makes of the blocks."""
    return [block.encoded(by.encode(block.tokens, block.places)) for block in blocks]


def global_scores(queries: Sequence[Block], database: Sequence[Block]) -> Table:
    """Cosines of the mean vectors of images."""
    return np.stack([pooled(each) for each in queries]).astype(float) @ np.stack([pooled(each) for each in database]).T


def voted(queries: Sequence[Block], database: Sequence[Block], rules: Sequence[str]) -> tuple[dict[str, Table], float]:
    """Scores by rule, and the least cosine."""
    least = auto_min_cosine(database)
    answers = list(search(queries, Held(database), rules=rules, min_cosine=least))
    return {rule: np.stack([each.scores[rule] for each in answers]) for rule in rules}, float(least)


def on_hard(bench: Bench, seed: int, name: str, scene: Scene) -> Iterator[dict[str, Any]]:
    """Every way of scoring with one head: rows of all tables but that of zooms."""
    by = head(bench, name, seed)
    queries, database = encoded(scene.queries, by), encoded(scene.database, by)
    names = [block.name for block in database]
    rules = RULES if name in ("none", "trained") else RULES[:3]
    start = time.perf_counter()
    scores, least = voted(queries, database, rules)
    took = (time.perf_counter() - start) / len(queries)
    scores["one vector"] = global_scores(queries, database)
    for rule, table in scores.items():
        row = {"table": "scores", "seed": seed, "head": name, "rule": rule}
        yield row | measured(table, scene.truth, names, scene.families)
    told = calibrated(scores["coverage_sym"], scene.truth)
    yield {"table": "overlap", "seed": seed, "head": name, "least cosine": least, "s a query": took, **told}
    means = [np.stack([pooled(each) for each in blocks]) for blocks in (queries, database)]
    for k in SHORTLISTS if name in ("none", "trained") else ():
        cost = ceiling(nearest(means[0], means[1], k), scores["maxsim"], scene.truth, names)
        yield {"table": "shortlist", "seed": seed, "head": name, "of 320": k, **cost}


def on_zooms(bench: Bench, seed: int, name: str, scene: Scene) -> Iterator[dict[str, Any]]:
    """Whether the whole picture comes first for a half and a quarter of its breadth."""
    by = head(bench, name, seed)
    queries, database = encoded(scene.queries, by), encoded(scene.database, by)
    scores, _ = voted(queries, database, ("maxsim", "coverage", "coverage_sym"))
    scores["one vector"] = global_scores(queries, database)
    for rule, table in scores.items():
        yield {"table": "zooms", "seed": seed, "head": name, "rule": rule, **zoomed(table, scene)}


def zoomed(scores: Table, scene: Scene) -> dict[str, float]:
    """The share of queries of each zoom that find their picture first."""
    first = firsts(scores, scene.truth)
    zooms = np.array([block.name.rsplit("_", 1)[1].removesuffix(".png") for block in scene.queries])
    return {zoom: float(first[zooms == zoom].mean()) for zoom in sorted(set(zooms.tolist()))}


def sift(bench: Bench, seed: int, tier: str, scene: Scene) -> dict[str, Any]:
    """The baseline that looks at keypoints."""
    start = time.perf_counter()

    def count() -> dict[str, Any]:
        found = counted(*scene.pictures)
        return {"inliers": found, "seconds": np.array((time.perf_counter() - start) / len(found))}

    kept = bench.kept(f"sift_{tier}_{seed}", count)
    table = np.asarray(kept["inliers"], np.float64)
    row = {"table": "scores" if tier == "hard" else "zooms", "seed": seed, "head": "", "rule": "SIFT + RANSAC"}
    if tier != "hard":
        return row | zoomed(table, scene)
    names = [block.name for block in scene.database]
    return row | measured(table, scene.truth, names, scene.families) | {"s a query": float(kept["seconds"])}


def measurements(bench: Bench, seed: int, heads: Sequence[str]) -> Iterator[dict[str, Any]]:
    """All rows of a seed."""
    scene, zooms = bench.scene(seed, "hard"), bench.scene(seed, "zooms")
    yield sift(bench, seed, "hard", scene)
    yield sift(bench, seed, "zooms", zooms)
    for name in heads:
        yield from on_hard(bench, seed, name, scene)
    for name in ("none", "trained"):
        yield from on_zooms(bench, seed, name, zooms)


def main() -> None:
    """Print the tables, and write the rows as JSON when asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--heads", nargs="+", choices=HEADS, default=list(HEADS))
    parser.add_argument("--size", type=int, default=224, help="at which the backbone sees a view (default: 224)")
    parser.add_argument("--cache", type=Path, help="a folder for what is drawn, encoded and trained")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    start, rows = time.perf_counter(), []
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Classic(), given.size, given.cache or Path(folder))
        for seed in given.seeds:
            rows += list(measurements(bench, seed, given.heads))
            sys.stderr.write(f"seed {seed}: {time.perf_counter() - start:.0f} s\n")
    sys.stdout.write(f"classic at {given.size} px, seeds {' '.join(map(str, given.seeds))}\n")
    sys.stdout.write("\n".join(tables(rows)) + f"\n\n{time.perf_counter() - start:.0f} s\n")
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
