"""The matcher `assignment` beside what the notebook did: SciPy's distances in double precision, and SciPy's assignment.

    python benchmarks/assignment.py [--sizes 1024 4096]

As many raw tokens on each side as a square of patches has, 768 numbers each. Time is the processor's, as a ratio in one
run; memory is how far the process grew, each way in a process of its own. SciPy's assignment works in double precision,
128 MiB of 4096 x 4096, and takes a matrix as it is unless it is of another precision or has more rows than columns.
"""

import argparse
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DEPTH = 768
Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]
Way = Callable[[NDArray[np.float32], NDArray[np.float32]], Pairs]


def plain(first: NDArray[np.float32], second: NDArray[np.float32]) -> Pairs:
    """As the notebook does it."""
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    rows, columns = linear_sum_assignment(cdist(first, second))
    return rows.astype(np.int64), columns.astype(np.int64)


def ours(first: NDArray[np.float32], second: NDArray[np.float32]) -> Pairs:
    """As the matcher does it."""
    from dinosar.matchers.assignment import assigned, costs

    return assigned(costs(first, second, "euclidean", 512))


def tokens(count: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Two sides that resemble each other, as photos of one thing do."""
    random = np.random.default_rng(0)
    first = random.normal(size=(count, DEPTH))
    second = random.permutation(first) + 0.8 * random.normal(size=(count, DEPTH))
    return first.astype(np.float32), second.astype(np.float32)


def total(first: NDArray[np.float32], second: NDArray[np.float32], pairs: Pairs) -> float:
    """The sum of the distances of all pairs."""
    difference = first[pairs[0]].astype(np.float64) - second[pairs[1]]
    return float(np.sqrt((difference**2).sum(axis=1)).sum())


def measured(way: Way, count: int) -> tuple[float, float, float]:
    """(CPU seconds, MiB that the process grew by at its peak, sum of distances), in a process of its own; by Linux."""
    first, second = tokens(count)
    way(first[:4], second[:4])  # pays for the libraries
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    before = pages * resource.getpagesize() / 2**20
    start = time.process_time()
    pairs = way(first, second)
    seconds = time.process_time() - start
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10 - before
    return seconds, grown, total(first, second, pairs)


def main() -> None:
    """Print both ways at each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1024, 4096], help="patches on each side")
    sizes = parser.parse_args().sizes
    out = sys.stdout.write
    out("patches  way      CPU s  ratio  MiB grown  float64 matrices  sum of distances\n")
    for count in sizes:
        with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
            found = [pool.apply(measured, (way, count)) for way in (plain, ours)]
        for name, (seconds, grown, summed) in zip(("cdist", "dinosar"), found, strict=True):
            matrices = grown / (count**2 * 8 / 2**20)
            out(f"{count:7d}  {name:7s}  {seconds:5.2f}  {seconds / found[0][0]:5.2f}  {grown:9.0f}  {matrices:16.2f}"
                f"  {summed:.4f}\n")  # fmt: skip


if __name__ == "__main__":
    main()
