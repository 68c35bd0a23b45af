"""Learn the projection of the `classic` backbone from generated pairs, and check the shipped weights against it.

    python -m dinosar.backbones.classic.fit --check
    python -m dinosar.backbones.classic.fit --out weights.npz

The projection is closed-form and has no iterations. Tokens of the same place in two views differ by D; whitening by
the covariance of D makes every direction in which views differ for no good reason equally small (Mikolajczyk and
Matas called it learned whitening), and the principal axes of what is left are kept. The axes are not scaled.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dinosar.backbones.classic.descriptor import DEPTH, WEIGHTS, Floats, Weights, gradients_and_colour, lab_of, unit
from dinosar.backbones.classic.families import LEARNING
from dinosar.backbones.classic.generator import LEARNING as WARP
from dinosar.backbones.classic.generator import make_pair

KEPT = 128  # 64 axes and 256 both matched fewer patches
RIDGE = 0.02  # of the mean variance: directions in which generated views never differ must not be blown up
PAIRS = 24  # 32, or larger pictures, matched photographs no better
SIDE = 384
STEP = 16
SAME_PLATFORM = 1e-6

Doubles = NDArray[np.float64]


def same_places(pair_number: int) -> tuple[Floats, Floats, Floats]:
    """Tokens of the first view read between its grid points, of the second view at the same places, and all tokens."""
    names = sorted(LEARNING)
    pair = make_pair(names[pair_number % len(names)], pair_number, SIDE, WARP)
    first, _ = gradients_and_colour(lab_of(pair.first), STEP)
    second, _ = gradients_and_colour(lab_of(pair.second), STEP)
    centres = np.arange(SIDE // STEP) * STEP + STEP // 2
    seen = pair.seen[np.ix_(centres, centres)]
    place = pair.place[np.ix_(centres, centres)][seen]
    return between(first, (place - (STEP - 1) / 2) / STEP), second[seen], second.reshape(-1, DEPTH)


def between(tokens: Floats, places: NDArray[np.floating]) -> Floats:
    """Unit tokens at places (n, 2) in x and y of the token grid, interpolated; outside it, those of the border."""
    rows, columns, _ = tokens.shape
    held = np.clip(places, 0, np.array([columns - 1, rows - 1])).astype(np.float32)
    low = np.minimum(held.astype(np.int64), np.maximum(np.array([columns - 2, rows - 2]), 0))
    part = (held - low).astype(np.float32)[:, :, None]
    x, y = low.T
    right, below = np.minimum(x + 1, columns - 1), np.minimum(y + 1, rows - 1)
    above = tokens[y, x] * (1 - part[:, 0]) + tokens[y, right] * part[:, 0]
    under = tokens[below, x] * (1 - part[:, 0]) + tokens[below, right] * part[:, 0]
    return unit(above * (1 - part[:, 1]) + under * part[:, 1])


def fit() -> Weights:
    """The projection, the same one every time."""
    within, total = np.zeros((DEPTH, DEPTH)), np.zeros((DEPTH, DEPTH))
    mean, differences, count = np.zeros(DEPTH), 0, 0
    for here, there, every in (same_places(number) for number in range(PAIRS)):
        apart = (here - there).astype(np.float64)
        tokens = every.astype(np.float64)
        within += apart.T @ apart
        total += tokens.T @ tokens
        mean += tokens.sum(axis=0)
        differences, count = differences + len(apart), count + len(tokens)
    mean /= count
    return solve(within / differences, total / count - np.outer(mean, mean), mean)


def solve(within: Doubles, total: Doubles, mean: Doubles) -> Weights:
    """Whiten by the covariance within places, keep the principal axes of the total, and turn them to be repeatable.

    Principal axes of nearly equal variance turn into one another at the least difference of rounding between two
    processors. The space they span does not, and only that decides cosines; so within it we take the axes nearest to
    a fixed set of random ones (orthogonal Procrustes), which cut that difference by a factor of about 25.
    """
    ridge = RIDGE * np.trace(within) / len(within) * np.eye(len(within))
    spread, axes = np.linalg.eigh(within + ridge)
    whitening = (axes / np.sqrt(spread)) @ axes.T
    principal = np.linalg.eigh(whitening @ total @ whitening)[1][:, -KEPT:]
    left, _, right = np.linalg.svd(principal.T @ np.random.default_rng(1).standard_normal((len(within), KEPT)))
    kept = whitening @ principal @ left @ right
    kept /= np.linalg.norm(kept, 2)  # the size does not matter: tokens end at length one
    return Weights(mean.astype(np.float32), kept.astype(np.float32))


def difference(ours: Weights, theirs: Weights) -> float:
    """The largest difference between two projections; the sign of an axis does not count."""
    sign = np.sign((ours.axes * theirs.axes).sum(axis=0))
    return float(max(np.abs(ours.mean - theirs.mean).max(), np.abs(ours.axes - theirs.axes * sign).max()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit, then write or compare; 0 where all is well, 1 where the shipped weights are not the ones fitted."""
    parser = argparse.ArgumentParser(description="Learn the projection of the classic backbone.")
    parser.add_argument("--check", action="store_true", help="compare with the shipped weights")
    parser.add_argument("--out", type=Path, help="write the weights here")
    chosen = parser.parse_args(arguments)
    if not chosen.check and chosen.out is None:
        parser.error("nothing to do: give --check, --out F or both")
    weights = fit()
    if chosen.out is not None:
        with chosen.out.open("wb") as file:
            np.savez(file, mean=weights.mean, axes=weights.axes)
    if not chosen.check:
        return 0
    largest = difference(weights, Weights.load(WEIGHTS))
    sys.stdout.write(f"largest difference from {WEIGHTS.name}: {largest:.2e} (at most {SAME_PLATFORM:.0e})\n")
    return int(largest > SAME_PLATFORM)


if __name__ == "__main__":
    sys.exit(main())
