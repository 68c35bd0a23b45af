"""The answers of the protocol `dift` beside PyTorch's: every token enlarged to the photo against none.

    python benchmarks/protocols.py

The plain way makes the map of the target's tokens at the size of the photo, 0.6 GB here, scales every pixel to unit
length and takes the largest cosines, once for all keypoints of the pair. Time is the processor's, as a ratio in one
run; memory is how far the process grew, each way in a process of its own.
"""

import multiprocessing
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

CELLS, DEPTH, SIZE, POINTS = 60, 768, (500, 375), 10
Way = Callable[[NDArray[np.float32], NDArray[np.float64]], NDArray[np.int64]]


def plain(tokens: NDArray[np.float32], vectors: NDArray[np.float64]) -> NDArray[np.int64]:
    """Best pixels from the full map, in single precision."""
    import torch
    import torch.nn.functional as F

    planes = torch.from_numpy(tokens).permute(2, 0, 1)[None]
    full = F.interpolate(planes, size=SIZE[::-1], mode="bilinear", align_corners=False)[0].flatten(1)
    asking = F.normalize(torch.from_numpy(vectors).float(), dim=1)
    index = (asking @ F.normalize(full, dim=0)).argmax(dim=1).numpy()
    return np.stack([index % SIZE[0], index // SIZE[0]], axis=1)


def ours(tokens: NDArray[np.float32], vectors: NDArray[np.float64]) -> NDArray[np.int64]:
    """Best pixels without the map, in double precision."""
    from dinosar.evaluation.protocols.upsampled import best_pixels

    return best_pixels(vectors, tokens, SIZE).astype(np.int64)


def asked() -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Unit tokens of half precision, and what ten keypoints might read."""
    random = np.random.default_rng(0)
    tokens = random.normal(size=(CELLS, CELLS, DEPTH))
    tokens /= np.linalg.norm(tokens, axis=-1, keepdims=True)
    places = random.integers(0, CELLS - 1, size=(POINTS, 2))
    vectors = tokens[places[:, 0], places[:, 1]] + 0.7 * tokens[places[:, 0] + 1, places[:, 1]]
    return tokens.astype(np.float16).astype(np.float32), vectors


def grown(way: Way, tokens: NDArray[np.float32], vectors: NDArray[np.float64]) -> float:
    """How far one call raised the memory of this process at its peak, in MB; told by Linux.

    A tiny call before it pays for the libraries.
    """
    way(tokens[:2, :2, :8].copy(), vectors[:, :8])
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    before = pages * resource.getpagesize() / 2**20
    way(tokens, vectors)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10 - before


def cost(way: Way, tokens: NDArray[np.float32], vectors: NDArray[np.float64]) -> float:
    """Process CPU seconds of one call."""
    start = time.process_time()
    way(tokens, vectors)
    return time.process_time() - start


def main() -> None:
    """Alternate the two and print medians."""
    ways = (plain, ours)
    tokens, vectors = asked()
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        memory = [pool.apply(grown, (way, tokens, vectors)) for way in ways]
    times: list[list[float]] = [[], []]
    for _ in range(3):
        for way, taken in zip(ways, times, strict=True):
            taken.append(cost(way, tokens, vectors))
    theirs, own = (statistics.median(taken) * 1000 for taken in times)
    same = int((plain(tokens, vectors) == ours(tokens, vectors)).all(axis=1).sum())
    sys.stdout.write(
        "       plain ms  ours ms  ratio  plain MB  ours MB  same answers\n"
        f"dift {theirs:>10.0f} {own:>8.0f} {own / theirs:>6.4f} {memory[0]:>9.0f} {memory[1]:>8.0f} "
        f"{same:>9} of {POINTS}\n"
    )


if __name__ == "__main__":
    main()
