"""Does a vote of patches find what a picture shares with others? On drawn views whose overlaps are known.

    python benchmarks/retrieval.py --seeds 0 1 2 --cache /tmp/retrieval

Each seed draws (toy_data/overlap_scenes.py) 320 views of 40 worlds for the database, for each of which 24 show worlds
with the same palette and shapes in another layout, and 120 queries that are zooms; half of all views are partly hidden.
An answer shows at least a tenth of the query. The heads are trained on views of other families. Against the votes stand
one vector for each image, and the number of SIFT matches that agree on a homography: flat worlds are its home ground.

First table: each way of scoring, means over seeds and, in brackets, the least and the most. Second: how far
`coverage_sym` is the overlap. Third: what a shortlist costs. Fourth: whether a half and a quarter of a picture find the
whole. Last: the margins. With --cache the drawn, encoded and trained is kept, so that a run goes on where one ended.
Seeds 0 to 9 are kept for these tables: the recipe of the training was chosen on seed 90.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from retrieval_heads import HEADS, head
from retrieval_measures import calibrated, ceiling, firsts, measured
from retrieval_scenes import Bench, Scene, Tier
from retrieval_tables import tables
from sift_inliers import counted

from dinosar.backbones.classic import Classic
from dinosar.retrieval.blocks import Block
from dinosar.retrieval.heads import Head
from dinosar.retrieval.overlap_head import OverlapHead
from dinosar.retrieval.radius import auto_min_cosine
from dinosar.retrieval.searching import Held, search
from dinosar.retrieval.shortlist import nearest, pooled
from dinosar.retrieval.tiles import BEST

RULES = ("maxsim", "coverage", "coverage_sym", "vop.sum", "vop.tfidf")
PLAIN = ("none", "trained")
"""Heads of which everything is measured."""
SHORTLISTS = (5, 10, 20, 50)
Table = NDArray[np.float64]
Row = dict[str, Any]


def encoded(blocks: Sequence[Block], by: Head) -> list[Block]:
    """What a head makes of the blocks."""
    return [block.encoded(by.encode(block.tokens, block.places)) for block in blocks]


def global_scores(queries: Sequence[Block], database: Sequence[Block]) -> Table:
    """Cosines of the mean vectors of images."""
    return np.stack([pooled(each) for each in queries]).astype(float) @ np.stack([pooled(each) for each in database]).T


def voted(queries: Sequence[Block], database: Sequence[Block], rules: Sequence[str]) -> tuple[dict[str, Table], Row]:
    """Scores by rule; the least cosine, and the seconds that all rules take for a query."""
    least = auto_min_cosine(database)
    start = time.perf_counter()
    answers = list(search(queries, Held(database), rules=rules, min_cosine=least))
    took = (time.perf_counter() - start) / len(queries)
    scores = {rule: np.stack([each.scores[rule] for each in answers]) for rule in rules}
    return scores, {"least cosine": float(least), "s a query": took}


def with_head(bench: Bench, seed: int, name: str, tier: Tier) -> Iterator[Row]:
    """Every way of scoring with one head: rows of all tables but that of zooms."""
    by, scene = head(bench, name, seed), bench.scene(seed, tier)
    queries, database = encoded(scene.queries, by), encoded(scene.database, by)
    names = [block.name for block in database]
    rules = RULES if name in PLAIN else RULES[:3]
    scores, cost = voted(queries, database, rules)
    scores["one vector"] = global_scores(queries, database)
    row: Row = {"seed": seed, "tier": tier, "head": name}
    for rule, table in scores.items():
        yield row | {"table": "scores", "rule": rule} | measured(table, scene.truth, names, scene.families)
    learned = by.told.get("seconds") if isinstance(by, OverlapHead) else None
    told = calibrated(scores["coverage_sym"], scene.truth)
    yield row | {"table": "overlap"} | told | cost | {"s to learn": learned}
    means = [np.stack([pooled(each) for each in blocks]) for blocks in (queries, database)]
    for k in SHORTLISTS if name in PLAIN else ():
        lost = ceiling(nearest(means[0], means[1], k), scores["maxsim"], scene.truth, names)
        yield row | {"table": "shortlist", "of 320": k} | lost


def on_zooms(bench: Bench, seed: int, name: str) -> Iterator[Row]:
    """Whether the whole picture comes first for a half and a quarter of its breadth."""
    by, scene = head(bench, name, seed), bench.scene(seed, "zooms")
    queries, database = encoded(scene.queries, by), encoded(scene.database, by)
    scores, _ = voted(queries, database, ("maxsim", "coverage", "coverage_sym"))
    scores["one vector"] = global_scores(queries, database)
    tiles, each = encoded(scene.tiles, by), len(scene.tiles) // len(database)
    shelf = Held(database, [tiles[i : i + each] for i in range(0, len(tiles), each)])
    found = search(queries, shelf, rules=("maxsim",), min_cosine=0.0)
    scores["maxsim, with tiles"] = np.stack([answers.scores[BEST] for answers in found])
    for rule, table in scores.items():
        yield {"table": "zooms", "seed": seed, "head": name, "rule": rule, **zoomed(table, scene)}


def zoomed(scores: Table, scene: Scene) -> dict[str, float]:
    """The share of queries of each zoom that find their picture first."""
    first = firsts(scores, scene.truth)
    zooms = np.array([block.name.rsplit("_", 1)[1].removesuffix(".png") for block in scene.queries])
    return {zoom: float(first[zooms == zoom].mean()) for zoom in sorted(set(zooms.tolist()))}


def sift(bench: Bench, seed: int, tier: Tier) -> Row:
    """The baseline that looks at keypoints."""
    scene = bench.scene(seed, tier)

    def count() -> dict[str, Any]:
        found, seconds = counted(*scene.pictures)
        return {"inliers": found, "seconds": np.array(seconds)}

    kept = bench.kept(f"sift_{tier}_{seed}", count)
    table = np.asarray(kept["inliers"], np.float64)
    row = {"table": "zooms" if tier == "zooms" else "scores", "seed": seed, "head": "-", "rule": "SIFT + RANSAC"}
    if tier == "zooms":
        return row | zoomed(table, scene)
    found = measured(table, scene.truth, [block.name for block in scene.database], scene.families)
    return row | {"tier": tier} | found | {"s a query": float(kept["seconds"])}


def measurements(bench: Bench, seed: int, heads: Sequence[str], also: Sequence[Tier]) -> Iterator[Row]:
    """All rows of a seed; of tiers beside the hard one and the zooms only what is measured of plain heads."""
    for tier in ("hard", *also):
        yield sift(bench, seed, tier)
        for name in heads:
            if tier == "hard" or name in PLAIN:
                yield from with_head(bench, seed, name, tier)
    yield sift(bench, seed, "zooms")
    for name in heads:
        if name in PLAIN:
            yield from on_zooms(bench, seed, name)


def main() -> None:
    """Print the tables, and write the rows as JSON when asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--heads", nargs="+", choices=HEADS, default=list(HEADS))
    parser.add_argument("--also", nargs="+", choices=("occluded", "tiled"), default=[], help="tiers to look at as well")
    parser.add_argument("--size", type=int, default=224, help="at which the backbone sees a view (default: 224)")
    parser.add_argument("--cache", type=Path, help="a folder for what is drawn, encoded and trained")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    start, rows = time.perf_counter(), []
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Classic(), given.size, given.cache or Path(folder))
        for seed in given.seeds:
            rows += list(measurements(bench, seed, given.heads, given.also))
            sys.stderr.write(f"seed {seed}: {time.perf_counter() - start:.0f} s\n")
    sys.stdout.write(f"classic at {given.size} px, seeds {' '.join(map(str, given.seeds))}\n")
    sys.stdout.write("\n".join(tables(rows)) + f"\n\n{time.perf_counter() - start:.0f} s\n")
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
