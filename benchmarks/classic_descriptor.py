"""How well does the `classic` descriptor find its own places again, next to simpler ones? One command, one table.

    python benchmarks/classic_descriptor.py [--pairs 4] [--json results.json]

Each pair shows one generated picture twice, bent and under another light; the families of pictures are those that the
learned projection never saw. For every patch of the second view whose true place lies in the first, the nearest patch
of the first by cosine is right if its centre is within one patch of that place (PCK1). All methods see the same
images on the same grid. Intervals are bootstrapped over pairs. Times are processor time on one thread.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.backbones.classic.descriptor import (
    WEIGHTS,
    Floats,
    Weights,
    describe,
    gradients_and_colour,
    lab_of,
    unit,
)
from dinosar.backbones.classic.families import HELD_OUT
from dinosar.backbones.classic.generator import EASY, HARD, MEDIUM, Pair, make_pair

STEP = 16
SIDE = 384
FIRST_SEED = 1000
LEVELS = {"easy": EASY, "medium": MEDIUM, "to 45 deg": HARD}
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}

Method = Callable[[NDArray[np.uint8]], Floats]


@dataclass
class Result:
    """Shares of patches found again, by level and pair, and what it cost."""

    found: dict[str, list[float]]
    milliseconds: float
    peak_mib: float


def raw_pixels(image: NDArray[np.uint8]) -> Floats:
    """The 16 x 16 RGB pixels of each patch, less their mean over the image."""
    rows, columns = image.shape[0] // STEP, image.shape[1] // STEP
    patches = image.astype(np.float32).reshape(rows, STEP, columns, STEP, 3).transpose(0, 2, 1, 3, 4)
    return unit((patches - image.mean(axis=(0, 1), dtype=np.float32)).reshape(rows, columns, -1))


def unwhitened(image: NDArray[np.uint8]) -> Floats:
    """Gradients and colour as `classic` has them before its projection."""
    return gradients_and_colour(lab_of(image), STEP)[0]


def root_sift(size: float) -> Method:
    """SIFT at every patch, upright, with keypoints of one size; the square root of its L1-normalised histograms."""

    def encode(image: NDArray[np.uint8]) -> Floats:
        import cv2

        rows, columns = image.shape[0] // STEP, image.shape[1] // STEP
        middle = (STEP - 1) / 2
        places = [(x * STEP + middle, y * STEP + middle) for y in range(rows) for x in range(columns)]
        points = [cv2.KeyPoint(x, y, size, 0) for x, y in places]
        grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        _, found = cv2.SIFT_create().compute(grey, points)
        total = np.maximum(found.sum(axis=1, keepdims=True), np.float32(1))
        return unit(np.sqrt(found / total).reshape(rows, columns, -1))

    return encode


def methods() -> dict[str, Method]:
    """What is compared; the first one is what times are relative to.

    Among keypoints of 8, 12, 16, 24 and 32 px, 12 and 16 found the most on the families for learning.
    """
    weights = Weights.load(WEIGHTS)
    return {
        WEIGHTS.stem: lambda image: describe(image, STEP, weights),
        "gradients + Lab": unwhitened,
        "dense RootSIFT 12 px": root_sift(12),
        "dense RootSIFT 16 px": root_sift(16),
        "raw pixels": raw_pixels,
    }


def found_again(method: Method, pair: Pair) -> float:
    """Share of the visible patches of the second view whose nearest neighbour is within a patch of their place."""
    first, second = method(pair.first), method(pair.second)
    rows, columns, depth = first.shape
    centres = np.arange(rows) * STEP + STEP // 2
    seen = pair.seen[np.ix_(centres, centres)]
    place = pair.place[np.ix_(centres, centres)][seen]
    answer = (second[seen] @ first.reshape(-1, depth).T).argmax(axis=1)
    chosen = np.stack([answer % columns, answer // columns], axis=-1) * STEP + (STEP - 1) / 2
    return float((np.hypot(*(chosen - place).T) <= STEP).mean())


def cost(method: Method, image: NDArray[np.uint8], repeats: int = 5) -> tuple[float, float]:
    """Processor milliseconds (best of some) and peak MiB of arrays for one image of 512 px."""
    method(image)
    times = []
    for _ in range(repeats):
        start = time.process_time()
        method(image)
        times.append(time.process_time() - start)
    tracemalloc.start()
    method(image)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return min(times) * 1000, peak / 2**20


def measure(pairs: int) -> dict[str, Result]:
    """Every method on every level, `pairs` pairs of each family."""
    large = make_pair("wings", FIRST_SEED, 512, EASY).first
    results = {name: Result({}, *cost(method, large)) for name, method in methods().items()}
    for level, warp in LEVELS.items():
        for family in HELD_OUT:
            for seed in range(FIRST_SEED, FIRST_SEED + pairs):
                pair = make_pair(family, seed, SIDE, warp)
                for name, method in methods().items():
                    results[name].found.setdefault(level, []).append(found_again(method, pair))
    return results


def interval(values: NDArray[np.float64], draws: int = 2000) -> tuple[float, float]:
    """Bootstrap 95 % interval of the mean."""
    picks = np.random.default_rng(0).integers(0, len(values), (draws, len(values)))
    low, high = np.percentile(values[picks].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)


def summary(results: dict[str, Result]) -> dict[str, dict[str, Any]]:
    """Means, intervals, how far each method is behind the first on the same pairs, and costs."""
    reference = next(iter(results.values()))
    table: dict[str, dict[str, Any]] = {}
    for name, result in results.items():
        row: dict[str, Any] = {"ms": result.milliseconds, "peak_mib": result.peak_mib}
        row["times_classic"] = result.milliseconds / reference.milliseconds
        for level, values in result.found.items():
            share = np.array(values)
            behind = np.array(reference.found[level]) - share
            row[level] = {"mean": share.mean(), "interval": interval(share)}
            row[level] |= {"behind": behind.mean(), "behind_interval": interval(behind)}
        table[name] = row
    return table


def as_text(table: dict[str, dict[str, Any]], pairs: int) -> str:
    """The table, one method in a row."""
    columns = [*LEVELS, "behind, " + list(LEVELS)[-1]]
    lines = [f"{'PCK1':21}" + "".join(f"{name:>21}" for name in columns) + f"{'CPU ms':>9}{'ratio':>7}{'MiB':>6}"]
    for name, row in table.items():
        cells = [(row[level]["mean"], row[level]["interval"]) for level in LEVELS]
        hardest = row[list(LEVELS)[-1]]
        cells.append((hardest["behind"], hardest["behind_interval"]))
        shares = "".join(f"{mean:.2f} [{low:.2f}, {high:.2f}]".rjust(21) for mean, (low, high) in cells)
        lines.append(f"{name:21}{shares}{row['ms']:9.1f}{row['times_classic']:7.1f}{row['peak_mib']:6.1f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    lines.append(f"{pairs} pairs a level, {SIDE} px, one token for every {STEP} px, families {', '.join(HELD_OUT)}.")
    lines.append("Brackets: 95 % bootstrap intervals over pairs. Behind: below the first method on the same pairs.")
    lines.append(
        f"CPU and MiB of NumPy arrays (not SIFT's own): 512 x 512 px, one thread. Peak of the run: {peak:.0f} MiB."
    )
    return "\n".join(lines) + "\n"


def main() -> int:
    """Measure, print the table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser(description="Compare the classic descriptor with simpler ones.")
    parser.add_argument("--pairs", type=int, default=4, help="pairs of each held-out family and level")
    parser.add_argument("--json", type=Path, help="write the numbers here, too")
    chosen = parser.parse_args()
    if any(os.environ.get(name) != value for name, value in ONE_THREAD.items()):
        # BLAS reads its number of threads when it is loaded, which has already happened here.
        return subprocess.run([sys.executable, *sys.argv], env=os.environ | ONE_THREAD, check=False).returncode
    import cv2

    cv2.setNumThreads(1)
    table = summary(measure(chosen.pairs))
    sys.stdout.write(as_text(table, chosen.pairs * len(HELD_OUT)))
    if chosen.json:
        chosen.json.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
