"""Views with true overlaps as a benchmark needs them: encoded, with what they share, and pairs to learn from.

Everything is a table of arrays that is worked out once and kept in a folder, under the names of what made it.
"""

import hashlib
import itertools
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from dinosar.contracts import Backbone
from dinosar.data import Encoding
from dinosar.features import encode, network_image
from dinosar.grid import Grid, fit_grid
from dinosar.retrieval.blocks import Block, block_of
from dinosar.training.examples import Example, example_of
from toy_data.overlap_scenes import QUERIES, Tier, collection, several, whole, zoomed
from toy_data.overlap_truth import counts, overlap
from toy_data.overlap_views import SIZE, View
from toy_data.overlap_worlds import Key

FAMILIES, MEMBERS, VIEWS = range(10), 4, 8
"""Of a test: 320 views in the database, of which 31 of the same family show another member."""
LEARNED = range(100, 120)
"""Families to learn from: none of them is asked about."""
ZOOMS = (2, 2, 4, 4)
"""Zooms into the whole picture of each world to learn from, beside its views."""
LEAST = 0.02
"""The larger overlap of a pair that is worth learning from."""
Arrays = dict[str, NDArray[np.generic]]


@dataclass(frozen=True, eq=False)
class Scene:
    """A test: encoded queries and database, their true overlaps (queries, database, 2), and the family of each."""

    queries: list[Block]
    database: list[Block]
    truth: NDArray[np.float64]
    families: tuple[list[str], list[str]]
    pictures: tuple[NDArray[np.uint8], NDArray[np.uint8]]


class Bench:
    """A backbone, the size at which it sees the views, and where what it saw is kept."""

    def __init__(self, backbone: Backbone, size: int, cache: Path) -> None:
        self.backbone, self.cache = backbone, cache
        self.grid = fit_grid((SIZE, SIZE), backbone.patch, size=size)
        made = hashlib.sha256(f"{backbone.title} {backbone.facts()} {size}".encode())
        for source in (*sorted((ROOT / "toy_data").glob("overlap_*.py")), Path(__file__)):
            made.update(source.read_bytes())
        self.made = made.hexdigest()[:12]

    def kept(self, name: str, make: Callable[[], Arrays]) -> Arrays:
        """Arrays from the cache; those that are not there are made, and kept."""
        path = self.cache / f"{name}_{self.made}.npz"
        if not path.is_file():
            self.cache.mkdir(parents=True, exist_ok=True)
            arrays = make()
            part = path.with_suffix(".part.npz")
            np.savez(part, **arrays)
            part.replace(path)
        with np.load(path) as stored:
            return dict(stored)

    def scene(self, seed: int, tier: Tier) -> Scene:
        """The test of a seed."""

        def make() -> Arrays:
            drawn = collection(seed, tier, FAMILIES, MEMBERS, VIEWS)
            found: Arrays = {"truth": drawn.truth()}
            for role, views in (("queries", drawn.queries), ("database", drawn.database)):
                found |= {f"{role}_tokens": self._tokens(views), f"{role}_names": np.array([v.name for v in views]),
                          f"{role}_pixels": np.stack([view.pixels for view in views])}  # fmt: skip
            return found

        kept = self.kept(f"{tier}_{seed}", make)
        names = [[str(name) for name in kept[f"{role}_names"]] for role in ("queries", "database")]
        blocks = [self.blocks(kept[f"{role}_tokens"], own)
                  for role, own in zip(("queries", "database"), names, strict=True)]  # fmt: skip
        families = [[Path(name).name.split("_")[0] for name in own] for own in names]
        pixels = [np.asarray(kept[f"{role}_pixels"], np.uint8) for role in ("queries", "database")]
        return Scene(blocks[0], blocks[1], np.asarray(kept["truth"], np.float64), (families[0], families[1]),
                     (pixels[0], pixels[1]))  # fmt: skip

    def lessons(self, seed: int) -> tuple[list[Example], list[Example]]:
        """Pairs to learn from, and the same with both views mirrored, so that patches can be taken from either."""

        def make() -> Arrays:
            views, pairs = _drawn_lessons(seed)
            labels = [self._labels(views[a], views[b]) for a, b in pairs]
            mirror = [replace(view, pixels=np.ascontiguousarray(view.pixels[:, ::-1])) for view in views]
            return {"names": np.array([view.name for view in views]), "pairs": np.array(pairs),
                    "tokens": self._tokens(views), "mirrored": self._tokens(mirror),
                    "positives": np.concatenate(labels), "ends": np.cumsum([len(each) for each in labels])}  # fmt: skip

        kept = self.kept(f"lessons_{seed}", make)
        names = [str(name) for name in kept["names"]]
        upright, mirrored = (self.blocks(kept[each], names) for each in ("tokens", "mirrored"))
        labels = np.split(kept["positives"].astype(np.int64), kept["ends"][:-1].astype(int))
        as_is, turned = [], []
        for (a, b), positives in zip(kept["pairs"].astype(int).tolist(), labels, strict=True):
            as_is.append(Example(upright[a], upright[b], positives))
            turned.append(Example(mirrored[a], mirrored[b], self.mirrored(positives)))
        return as_is, turned

    def mirrored(self, patches: NDArray[np.int64]) -> NDArray[np.int64]:
        """The flat places of patches on a picture that was mirrored."""
        columns = self.grid.columns
        return patches // columns * columns + columns - 1 - patches % columns

    def blocks(self, tokens: NDArray[np.generic], names: Sequence[str]) -> list[Block]:
        """Blocks of tokens (views, rows, columns, depth)."""
        return [block_of(name, Encoding(np.asarray(each, np.float32)), self.grid)
                for name, each in zip(names, tokens, strict=True)]  # fmt: skip

    def _tokens(self, views: Sequence[View]) -> NDArray[np.float16]:
        """Unit tokens (views, rows, columns, depth), as precise as a store keeps them."""
        return np.stack([self._encoded(view) for view in views]).astype(np.float16)

    def _encoded(self, view: View) -> NDArray[np.float32]:
        return np.asarray(encode(network_image(view.pixels, self.grid), self.backbone, None).tokens, np.float32)

    def _labels(self, a: View, b: View) -> NDArray[np.int64]:
        grids: tuple[Grid, Grid] = (self.grid, self.grid)
        whole_a, whole_b = (self.blocks(np.ones((1, self.grid.rows, self.grid.columns, 1)), [""])[0] for _ in (a, b))
        return example_of(whole_a, whole_b, counts(a, b, grids), counts(b, a, grids)).positives


def _drawn_lessons(seed: int) -> tuple[list[View], list[tuple[int, int]]]:
    """Views of the families to learn from, and the pairs of them that share enough."""
    views: list[View] = []
    pairs: list[tuple[int, int]] = []
    for family, member in itertools.product(LEARNED, range(MEMBERS)):
        key = Key(seed, family, member)
        own = several(key, VIEWS) + [whole(key)] + [zoomed(key, zoom, i) for i, zoom in enumerate(ZOOMS)]
        for a, b in itertools.combinations(range(len(own)), 2):
            if max(overlap(own[a], own[b])) > LEAST:
                pairs.append((len(views) + a, len(views) + b))
        views += own
    return views, pairs
