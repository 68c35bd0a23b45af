"""Views with true overlaps as a benchmark needs them: encoded, with what they share, and pairs to learn from.

Everything is a table of arrays that is worked out once and kept in a folder, under the names of what made it.
"""

import hashlib
import itertools
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dinosar.contracts import Backbone
from dinosar.data import Encoding
from dinosar.features import encode, network_image
from dinosar.grid import fit_grid
from dinosar.retrieval.blocks import Block, block_of
from dinosar.retrieval.tiles import tile_boxes
from dinosar.training.examples import Example
from dinosar.training.labels import one_to_one
from toy_data.overlap_scenes import Tier, collection, several, whole, zoomed
from toy_data.overlap_truth import counts
from toy_data.overlap_views import SIZE, View
from toy_data.overlap_worlds import Key

ROOT = Path(__file__).resolve().parent.parent
FAMILIES, MEMBERS, VIEWS = range(10), 4, 8
"""Of a test: 320 views in the database; 24 of each family show another world than a view of it does."""
AMONG = 5
"""Of the pictures that are zoomed into: one of five views in the database, 200 together."""
LEARNED = range(100, 120)
"""Families to learn from: none of them is asked about."""
ZOOMS = (2, 2, 4, 4)
"""Zooms into the whole picture of each world to learn from, beside its views."""
PAIRS = 15
"""Of each world, among its views, and as many with the whole picture or a zoom."""
LEAST = 50
"""Pixels that a pair must share to be worth learning from."""
Arrays = dict[str, NDArray[np.generic]]


@dataclass(frozen=True, eq=False)
class Scene:
    """A test: encoded queries and database, their true overlaps (queries, database, 2), families, pixels.

    `tiles` are parts of the views of the database, each shown to the backbone as a picture of its own, view by view.
    """

    queries: list[Block]
    database: list[Block]
    truth: NDArray[np.float64]
    families: tuple[list[str], list[str]]
    pictures: tuple[NDArray[np.uint8], NDArray[np.uint8]]
    tiles: list[Block]


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
            drawn = collection(seed, tier, FAMILIES, MEMBERS, AMONG if tier == "zooms" else VIEWS)
            found: Arrays = {"truth": drawn.truth()}
            for role, views in (("queries", drawn.queries), ("database", drawn.database)):
                pixels = [view.pixels for view in views]
                found |= {f"{role}_tokens": self.tokens(pixels), f"{role}_names": np.array([v.name for v in views]),
                          f"{role}_pixels": np.stack(pixels)}  # fmt: skip
            tiles = [tile for view in drawn.database for tile in tiles_of(view.pixels)] if tier == "zooms" else []
            return found | {"tiles": self.tokens(tiles)}

        kept = self.kept(f"{tier}_{seed}", make)
        roles = ("queries", "database")
        names = [[str(name) for name in kept[f"{role}_names"]] for role in roles]
        blocks = [self.blocks(kept[f"{role}_tokens"], own) for role, own in zip(roles, names, strict=True)]
        families = [[Path(name).name.split("_")[0] for name in own] for own in names]
        pixels = [np.asarray(kept[f"{role}_pixels"], np.uint8) for role in roles]
        tiles = self.blocks(kept["tiles"], [f"tile {i}" for i in range(len(kept["tiles"]))])
        return Scene(blocks[0], blocks[1], np.asarray(kept["truth"], np.float64), (families[0], families[1]),
                     (pixels[0], pixels[1]), tiles)  # fmt: skip

    def lessons(self, seed: int) -> tuple[list[Example], list[Example]]:
        """Pairs to learn from, and the same with both views mirrored, so that either can be taken from each."""

        def make() -> Arrays:
            views, pairs, labels = self._drawn_lessons(seed)
            pixels = [view.pixels for view in views]
            return {"names": np.array([view.name for view in views]), "pairs": np.array(pairs),
                    "tokens": self.tokens(pixels), "mirrored": self.tokens([each[:, ::-1] for each in pixels]),
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

    def _drawn_lessons(self, seed: int) -> tuple[list[View], list[tuple[int, int]], list[NDArray[np.int64]]]:
        """Views of the families to learn from, pairs of them, and the patches that show the same."""
        views: list[View] = []
        pairs: list[tuple[int, int]] = []
        labels: list[NDArray[np.int64]] = []
        for family, member in itertools.product(LEARNED, range(MEMBERS)):
            key = Key(seed, family, member)
            own = several(key, VIEWS) + [whole(key)] + [zoomed(key, zoom, i) for i, zoom in enumerate(ZOOMS)]
            for a, b in _chosen(len(own), np.random.default_rng([seed, family, member])):
                positives = self._labels(own[a], own[b])
                if len(positives):
                    pairs.append((len(views) + a, len(views) + b))
                    labels.append(positives)
            views += own
        return views, pairs, labels

    def mirrored(self, patches: NDArray[np.int64]) -> NDArray[np.int64]:
        """The flat places of patches on a picture that was mirrored."""
        columns = self.grid.columns
        return patches // columns * columns + columns - 1 - patches % columns

    def blocks(self, tokens: NDArray[np.generic], names: Sequence[str]) -> list[Block]:
        """Blocks of tokens (views, rows, columns, depth)."""
        return [block_of(name, Encoding(np.asarray(each, np.float32)), self.grid)
                for name, each in zip(names, tokens, strict=True)]  # fmt: skip

    def tokens(self, pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.float16]:
        """Unit tokens (pictures, rows, columns, depth), as precise as a store keeps them."""
        seen = [encode(self._shown(each), self.backbone, None).tokens for each in pictures]
        return np.array(seen, np.float16) if seen else np.zeros((0, self.grid.rows, self.grid.columns, 1), np.float16)

    def _shown(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """A square picture, whatever its size, as the backbone sees it."""
        side = len(pixels)
        grid = fit_grid((side, side), self.backbone.patch, size=self.grid.network[0])
        return network_image(np.ascontiguousarray(pixels), grid)

    def _labels(self, a: View, b: View) -> NDArray[np.int64]:
        """Pairs of patches that show the same; none where hardly anything is shared."""
        ab, ba = counts(a, b, (self.grid, self.grid)), counts(b, a, (self.grid, self.grid))
        return np.argwhere(one_to_one(ab, ba)) if ab.sum() >= LEAST else np.zeros((0, 2), np.int64)


def tiles_of(pixels: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """The tiles that a library would hold of a picture."""
    boxes = tile_boxes((pixels.shape[1], pixels.shape[0]))
    return [pixels[top : top + height, left : left + width] for left, top, width, height in boxes]


def _chosen(views: int, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Some pairs of a world's views, and as many with the whole picture or a zoom."""
    pairs = list(itertools.combinations(range(views), 2))
    of_views, others = ([pair for pair in pairs if (pair[1] >= VIEWS) == beyond] for beyond in (False, True))
    return [some[i] for some in (of_views, others) for i in rng.permutation(len(some))[:PAIRS]]
