"""The similarity matcher beside a full matrix product: time as a ratio in one run, and memory.

    python benchmarks/matching.py

The plain way holds the whole matrix and takes its largest entries: fast, and its answers depend on rounding. The
matcher goes block by block and decides near ties exactly.
"""

import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from dinosar.features import unit
from dinosar.matchers.nearest import nearest

BLOCK = 512
SIZES = ((1024, 128), (1024, 384), (4096, 384))


def plain(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.int64]:
    """The largest entry of each row of the full matrix."""
    return (a @ b.T).argmax(axis=1)


def blockwise(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.int64]:
    """As the matcher does it."""
    return np.concatenate([nearest(a[i : i + BLOCK], b, 5)[0] for i in range(0, len(a), BLOCK)])


def cost(way: Callable[..., NDArray[np.int64]], a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Process CPU seconds of one call."""
    start = time.process_time()
    way(a, b)
    return time.process_time() - start


def peak(way: Callable[..., NDArray[np.int64]], a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Largest memory of NumPy arrays during one call, in MB."""
    tracemalloc.start()
    way(a, b)
    size = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return size / 1e6


def main() -> None:
    """Alternate the two ways and print medians."""
    random = np.random.default_rng(0)
    sys.stdout.write("patches depth   plain ms  blockwise ms  ratio   plain MB  blockwise MB  same answers\n")
    for patches, depth in SIZES:
        a = unit(random.normal(size=(patches, depth)).astype(np.float32))
        b = unit((a[random.permutation(patches)] + 0.05 * random.normal(size=a.shape)).astype(np.float32))
        times: dict[str, list[float]] = {"plain": [], "blockwise": []}
        for _ in range(7):
            times["plain"].append(cost(plain, a, b))
            times["blockwise"].append(cost(blockwise, a, b))
        one, two = (statistics.median(times[name]) * 1000 for name in ("plain", "blockwise"))
        same = float((plain(a, b) == blockwise(a, b)).mean())
        sys.stdout.write(
            f"{patches:>7} {depth:>5} {one:>10.1f} {two:>13.1f} {two / one:>6.1f} {peak(plain, a, b):>10.1f} "
            f"{peak(blockwise, a, b):>13.1f} {same:>13.4f}\n"
        )


if __name__ == "__main__":
    main()
