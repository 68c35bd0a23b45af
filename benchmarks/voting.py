"""Votes of patches over a database: time and memory for a query, and how both grow with the number of images.

    python benchmarks/voting.py
    python benchmarks/voting.py --images 1000 10000 --patches 256 --depth 256

Images are blocks of random unit vectors in half precision, one file each in a temporary folder, as the items of a store
are. A query shares patches with one of them. From which cosine on a patch votes is worked out from the images: one
patch in 100 then finds an answer in an image that has nothing to do with it.

First table: a search of the whole database by `maxsim`, by all that is reported (the overlap both ways, and counts),
and by TF-IDF, whose votes have to be kept; `of 16` is what one query costs where 16 are asked together and every image
is read once. Memory is the largest that the process took beyond what it had at the beginning. The ratio, of processor
seconds, is that to the row above. Second table, with the same images in memory: the same votes by a plain loop of
NumPy, with its own threads and with one, and by faiss (IndexFlatIP.range_search, with its lists of hits summed up for
each image), all in one run. On a machine that does anything else, NumPy's own threads mostly wait for each other.
"""

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dinosar.features import unit
from dinosar.grid import Grid
from dinosar.retrieval.blocks import Block
from dinosar.retrieval.radius import auto_min_cosine, sample
from dinosar.retrieval.searching import Held, search
from dinosar.retrieval.side_by_side import side_by_side

RULES = {
    "maxsim": ("maxsim",),
    "reported": ("maxsim", "coverage", "coverage_back", "coverage_sym", "vop.sum", "vop.count"),
    "vop.tfidf": ("vop.tfidf",),
}
SHARED = (3, 500, 900)
"""Images that show something of the queries, and so must rank before the others."""
SMALL = 300


class Filed:
    """A shelf of files in half precision, without tiles."""

    tiled = False

    def __init__(self, folder: Path, images: int, grid: Grid) -> None:
        self.names, self._folder, self._grid = [f"{i:06}.npy" for i in range(images)], folder, grid

    def block(self, i: int) -> Block:
        """The block of one file."""
        tokens = np.load(self._folder / self.names[i]).astype(np.float32)
        return Block(self.names[i], tokens, np.arange(len(tokens)), self._grid)

    def tiles(self, i: int) -> list[Block]:
        """None."""
        return []


class Watch:
    """The largest memory of this process while a block runs, beyond what it had at the beginning, in MB."""

    def __init__(self, before: float) -> None:
        self.peak, self._before, self._on = 0.0, before, True

    def __enter__(self) -> "Watch":
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def _look(self) -> None:
        while self._on:
            self.peak = max(self.peak, resident() - self._before)
            time.sleep(0.01)

    def __exit__(self, *_: object) -> None:
        self._on = False
        self._thread.join()


def resident() -> float:
    """Memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def drawn(index: int, patches: int, depth: int, shared: Sequence[Block] = ()) -> NDArray[np.float16]:
    """The vectors of one image, a third of them those of a query where it shares any."""
    random = np.random.default_rng([7, index])
    vectors = random.standard_normal((patches, depth), dtype=np.float32)
    if shared and index in SHARED:
        query = shared[SHARED.index(index) % len(shared)]
        own = patches // 3
        vectors[:own] = query.tokens[:own] * depth**0.5 + 0.5 * vectors[:own]
    return unit(vectors).astype(np.float16)


def blocks_of(count: int, patches: int, depth: int, grid: Grid) -> list[Block]:
    """Queries."""
    random = np.random.default_rng(1)
    drawn = [unit(random.standard_normal((patches, depth), dtype=np.float32)) for _ in range(count)]
    return [Block(f"query {i}", tokens, np.arange(patches), grid) for i, tokens in enumerate(drawn)]


def timed(action: Callable[[], object], rounds: int) -> tuple[float, float]:
    """The medians of the seconds and of the processor seconds that an action takes."""
    pairs = []
    for _ in range(rounds):
        start, work = time.perf_counter(), time.process_time()
        action()
        pairs.append((time.perf_counter() - start, time.process_time() - work))
    return medians(pairs)


def medians(pairs: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Of the seconds, and of the processor seconds."""
    return statistics.median(wall for wall, _ in pairs), statistics.median(work for _, work in pairs)


def plain(query: Block, stack: NDArray[np.float32], least: float) -> NDArray[np.float64]:
    """Sums of votes as one writes them down: image by image, the whole matrix, a mask."""
    scores = np.zeros(len(stack))
    for i, tokens in enumerate(stack):
        cosine = query.tokens @ tokens.T
        scores[i] = cosine[cosine > least].sum()
    return scores


def alone(query: Block, stack: NDArray[np.float32], least: float) -> NDArray[np.float64]:
    """The same without NumPy's own threads."""
    with side_by_side():
        return plain(query, stack, least)


def by_faiss(query: Block, index: object, images: int, least: float) -> NDArray[np.float64]:
    """The same from the lists of a search by radius."""
    _, similar, found = index.range_search(query.tokens, least)  # type: ignore[attr-defined]
    return np.bincount(found // len(query), weights=similar, minlength=images)


def growth(folder: Path, queries: Sequence[Block], sizes: Sequence[int], rounds: int) -> None:
    """The first table."""
    beginning = resident()
    shelf = Filed(folder, sizes[0], queries[0].grid)
    least = auto_min_cosine([shelf.block(i) for i in sample(shelf.names)]).value
    sys.stdout.write(f"least cosine {least}\n")
    sys.stdout.write("rules        images   s a query   processor s   ratio   of 16, s   memory MB   of 16, MB\n")
    for name, rules in RULES.items():
        before = 0.0
        for images in sizes:
            shelf = Filed(folder, images, queries[0].grid)
            with Watch(beginning) as one:
                alone, work = timed(partial(ask, queries[:1], shelf, rules, least), rounds)
            with Watch(beginning) as many:
                together = timed(partial(ask, queries, shelf, rules, least), 1)[0] / len(queries)
            ratio, before = f"{work / before:.1f}" if before else "", work
            sys.stdout.write(f"{name:<10} {images:>8} {alone:>11.2f} {work:>13.2f} {ratio:>7} {together:>10.2f}")
            sys.stdout.write(f" {one.peak:>11.0f} {many.peak:>11.0f}\n")
            sys.stdout.flush()


def ask(queries: Sequence[Block], shelf: Filed, rules: Sequence[str], least: float) -> None:
    """One search; the images that show something of a query must come out first."""
    answers = list(search(queries, shelf, rules=rules, min_cosine=least))
    for place, each in zip(SHARED, answers, strict=False):
        if place < len(shelf.names) and np.argmax(each.scores[rules[0]]) != place:
            raise AssertionError(f"{rules[0]} ranks another image before {place}")


def beside(folder: Path, query: Block, rounds: int) -> None:
    """The second table."""
    import faiss

    shelf = Filed(folder, SMALL, query.grid)
    held = Held([shelf.block(i) for i in range(SMALL)])
    least = auto_min_cosine(held.blocks).value
    stack = np.stack([block.tokens for block in held.blocks])
    index = faiss.IndexFlatIP(stack.shape[2])
    index.add(stack.reshape(-1, stack.shape[2]))
    ways: dict[str, Callable[[], NDArray[np.float64]]] = {
        "plain NumPy": lambda: plain(query, stack, least),
        "plain NumPy, one thread": lambda: alone(query, stack, least),
        "faiss range_search": lambda: by_faiss(query, index, SMALL, least),
        "vop.sum here": lambda: next(search([query], held, rules=["vop.sum"], min_cosine=least)).scores["vop.sum"],
        "maxsim here": lambda: next(search([query], held, rules=["maxsim"], min_cosine=least)).scores["maxsim"],
    }
    expected = ways["plain NumPy"]()
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            times[name].append(timed(way, 1))
    sys.stdout.write(f"\n{SMALL} images in memory      ms an image   ratio   processor ms   ratio   off by\n")
    base = medians(times["plain NumPy"])
    for name, way in ways.items():
        wall, work = medians(times[name])
        off = "" if name == "maxsim here" else f"{np.abs(way() - expected).max():.0e}"
        sys.stdout.write(f"{name:<24} {wall / SMALL * 1000:>14.3f} {wall / base[0]:>7.2f}")
        sys.stdout.write(f" {work / SMALL * 1000:>14.3f} {work / base[1]:>7.2f} {off:>8}\n")


def main() -> None:
    """Draw the images, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--patches", type=int, default=256)
    parser.add_argument("--depth", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    side = 16 * round(asked.patches**0.5)
    grid = Grid((side, side), (0, 0, side, side), (side, side), (0, 0, side, side), 16)
    queries = blocks_of(16, asked.patches, asked.depth, grid)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for i in range(max(*asked.images, SMALL)):
            np.save(folder / f"{i:06}.npy", drawn(i, asked.patches, asked.depth, queries))
        growth(folder, queries, asked.images, asked.rounds)
        beside(folder, queries[0], 5)


if __name__ == "__main__":
    main()
