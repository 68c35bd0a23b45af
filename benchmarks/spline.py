"""The thin-plate spline on the grid of a whole image, beside SciPy's: time as a ratio in one run, and memory.

    python benchmarks/spline.py

Both are fitted to the same landmarks; the answers are compared as well.
"""

import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import RBFInterpolator

from dinosar.shape.spline import fit_spline

SIZES = ((20, 128), (20, 512), (100, 256))
Warp = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def cost(warp: Warp, points: NDArray[np.float64]) -> float:
    """Process CPU seconds of one call."""
    start = time.process_time()
    warp(points)
    return time.process_time() - start


def peak(warp: Warp, points: NDArray[np.float64]) -> float:
    """Largest memory of NumPy arrays during one call, in MB."""
    tracemalloc.start()
    warp(points)
    size = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return size / 1e6


def main() -> None:
    """Alternate the two and print medians."""
    random = np.random.default_rng(0)
    sys.stdout.write("landmarks    points   scipy ms  ours ms  ratio  scipy MB  ours MB  largest difference px\n")
    for landmarks, side in SIZES:
        source = random.uniform(0, side, size=(landmarks, 2))
        target = source + random.normal(size=source.shape) * side / 20
        points = np.stack(np.meshgrid(np.arange(side) + 0.5, np.arange(side) + 0.5), axis=-1).reshape(-1, 2)
        warps = [RBFInterpolator(source, target, kernel="thin_plate_spline", degree=1), fit_spline(source, target)]
        times: list[list[float]] = [[], []]
        for _ in range(7):
            for warp, taken in zip(warps, times, strict=True):
                taken.append(cost(warp, points))
        theirs, ours = (statistics.median(taken) * 1000 for taken in times)
        apart = float(np.abs(warps[0](points) - warps[1](points)).max())
        sys.stdout.write(
            f"{landmarks:>9} {side:>4} x {side:<3} {theirs:>10.1f} {ours:>8.1f} {ours / theirs:>6.2f} "
            f"{peak(warps[0], points):>9.1f} {peak(warps[1], points):>8.1f} {apart:>22.1e}\n"
        )


if __name__ == "__main__":
    main()
