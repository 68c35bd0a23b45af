"""Are cells laid between landmarks nearer within a species than between two, and do proposed landmarks lie right?

    python benchmarks/homology.py --seeds 100-119

Each seed draws two species, three individuals of each, two photographs of each individual (toy_data/make.py); masks
are those of the masker grabcut. Landmarks are the true ones, those of the first photograph carried to all others by the
same features (dinosar landmarks transfer), or what the features propose for each pair.

First table: for every photograph, every photograph of another individual of its species and every one of the other
species: is the first the nearer? Averaged within a seed, the interval is a bootstrap over seeds; comparisons that could
not be computed are counted and take no part. Second table: proposed landmarks beside the true dense correspondence, as
a share of the longer side of the target's landmark box. Third: a photograph against its copy turned by 10 degrees, at
0.8 of its size and shifted, its landmarks moved along, as a share of the mean between species. Seeds 100 to 119 are
kept for these tables: nothing was tuned on them.
"""

import argparse
import itertools
import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from species import interval, toy_data

from dinosar.alignment import warped
from dinosar.config import CompareConfig, TransferSection
from dinosar.data import Outlined, Photo, Specimen
from dinosar.errors import InputError
from dinosar.homology.comparing import By, compare_cells
from dinosar.homology.proposed import propose
from dinosar.landmarks.points import SEEN, Landmarks
from dinosar.parts import Parts, build_parts
from dinosar.settings import Layers, settle
from dinosar.shape.fits import moved, turning
from dinosar.specimens import seen, specimen
from dinosar.transfer import Sight, carry

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "plugins" / "dinosar-pixels"))  # named by module:Class, so that it need not be installed
BACKBONES = {"classic": "classic", "random-test": "random-test", "pixels": "dinosar_pixels:Pixels"}
LANDMARKS = ("true", "transferred", "proposed")
ALPHAS = (0.05, 0.1)
Floats = NDArray[np.float64]


class Bench:
    """One backbone, and what it does with the photographs of a seed."""

    def __init__(self, backbone: str) -> None:
        given = {"backbone": backbone, "masker": "grabcut", "mode": "tps_homology", "inputs": {"a": "-", "b": "-"}}
        self.config = settle(CompareConfig, Layers().add({**given, "homology": {"landmarks": "proposed"}}, "benchmark"))
        self.parts: Parts = build_parts(self.config)

    def seen(self, photo: Photo, landmarks: Landmarks | None) -> Specimen:
        """A photograph with its landmarks."""
        return replace(specimen(photo, self.parts, self.config, None), landmarks=landmarks)

    def look(self, outlined: Outlined) -> Specimen:
        """What the backbone makes of a specimen that was turned."""
        return seen(outlined, self.parts, self.config, None)

    def distance(self, a: Specimen, b: Specimen, *, proposed: bool = False) -> float:
        """Mean dissimilarity of the cells; NaN where it cannot be computed."""
        by = By(self.parts.proposer if proposed else None, None, self.look)
        try:
            return float(compare_cells(a, b, self.config.homology, self.config.mask, by).values.mean())
        except InputError:
            return float("nan")

    def transferred(self, seen: list[Specimen]) -> list[Specimen]:
        """The landmarks of the first, carried to all others."""
        sights = [Sight(s.photo, s.mask, self.parts.backbone, self.config.image) for s in seen]
        assert seen[0].landmarks is not None
        first = seen[0].landmarks
        carried = [carry(sights[0], first, sight, TransferSection()).landmarks for sight in sights[1:]]
        return [seen[0], *(replace(s, landmarks=points) for s, points in zip(seen[1:], carried, strict=True))]


def true_landmarks(shot: Any) -> Landmarks:
    """All landmarks of a drawn photograph."""
    places = np.array([place[:2] for place in shot.landmarks.values()], dtype=np.float64)
    return Landmarks(tuple(shot.landmarks), places, np.full(len(places), SEEN, np.int8))


def distances(shots: list[Any], seen: list[Specimen], distance: Callable[[Specimen, Specimen], float]) -> Floats:
    """Between photographs of different individuals."""
    far = np.full((len(shots), len(shots)), np.nan)
    for i, j in itertools.combinations(range(len(shots)), 2):
        if (shots[i].species, shots[i].individual) != (shots[j].species, shots[j].individual):
            far[i, j] = far[j, i] = distance(seen[i], seen[j])
    return far


def share_right(shots: list[Any], far: Floats) -> tuple[float, int]:
    """Share of (photo, same species, other species) in which the same is nearer, and how many could not be told."""
    same = np.array([[a.species == b.species for b in shots] for a in shots])
    own = np.array([[(a.species, a.individual) == (b.species, b.individual) for b in shots] for a in shots])
    gaps = np.concatenate(
        [(far[i, ~same[i]][None, :] - far[i, same[i] & ~own[i]][:, None]).ravel() for i in range(len(shots))]
    )
    told = gaps[np.isfinite(gaps)]
    share = float(np.where(told == 0, 0.5, told > 0).mean()) if len(told) else float("nan")
    return share, len(gaps) - len(told)


def off(bench: Bench, pair: tuple[Specimen, Specimen], shots: tuple[Any, Any]) -> list[float] | None:
    """How far proposed landmarks on B lie from where the dense truth has those on A; None where there are none."""
    assert bench.parts.proposer
    try:
        left, right = propose(*pair, bench.parts.proposer, bench.config.homology)
    except InputError:
        return None
    side = np.ptp(true_landmarks(shots[1]).places, axis=0).max()
    canonical = np.nan_to_num(shots[1].canonical, nan=1e6)
    errors = []
    for here, there in zip(left, right, strict=True):
        place = shots[0].canonical[int(here[1]), int(here[0])]
        if np.isnan(place).any():
            continue  # the centre of a patch at the edge may lie beside the true specimen
        gaps = np.hypot(*(canonical - place).transpose(2, 0, 1))
        row, column = np.unravel_index(int(gaps.argmin()), gaps.shape)
        if gaps[row, column] < 5:  # else it is hidden in B
            errors.append(float(np.hypot(*(there - (column + 0.5, row + 0.5))) / side))
    return errors


def moved_copy(shot: Any) -> tuple[Photo, Landmarks]:
    """The photograph turned by 10 degrees, at 0.8 of its size and shifted, on a larger sheet; its landmarks with it."""
    import cv2

    height, width = shot.mask.shape
    middle = np.array([width / 2, height / 2])
    smaller = np.diag([0.8, 0.8, 1.0])
    smaller[:2, 2] = 0.2 * middle + (37, 21)
    movement = smaller @ turning(10.0, middle)
    blurred = cv2.GaussianBlur(shot.pixels, (0, 0), 0.4)  # or what is shrunk aliases
    pixels = warped(np.asarray(blurred, np.uint8), movement, (width + 60, height + 60), smooth=True)
    truth = true_landmarks(shot)
    return Photo(pixels, f"{shot.name}, moved"), truth.moved_to(moved(movement, truth.places))


def one_seed(bench: Bench, shots: list[Any], pairs: list[tuple[int, int]]) -> dict[str, Any]:
    """Everything about one seed."""
    seen = [bench.seen(Photo(shot.pixels, shot.name), true_landmarks(shot)) for shot in shots]
    found: dict[str, Any] = {"right": {}}
    for landmarks in LANDMARKS:
        given = bench.transferred(seen) if landmarks == "transferred" else seen
        far = distances(shots, given, lambda a, b: bench.distance(a, b, proposed=landmarks == "proposed"))  # noqa: B023
        found["right"][landmarks] = share_right(shots, far)
        if landmarks == "true":
            other = np.array([[a.species != b.species for b in shots] for a in shots])
            between = float(np.nanmean(far[other]))
    found["copy"] = bench.distance(seen[0], bench.seen(*moved_copy(shots[0]))) / between
    found["proposed"] = [off(bench, (seen[i], seen[j]), (shots[i], shots[j])) for i, j in pairs]
    return found


def pairs_of(shots: list[Any], seed: int, each: int) -> list[tuple[int, int]]:
    """Some pairs of photographs of different individuals, the same for every method."""
    every = [
        (i, j) for i, j in itertools.permutations(range(len(shots)), 2)
        if (shots[i].species, shots[i].individual) != (shots[j].species, shots[j].individual)
    ]  # fmt: skip
    return [every[k] for k in np.random.default_rng(seed).permutation(len(every))[:each]]


def report(rows: dict[str, list[dict[str, Any]]]) -> str:
    """The three tables as Markdown."""
    lines = ["| features | landmarks | same species nearer | 95 % interval | worst seed | not computed |",
             "|---|---|---|---|---|---|"]  # fmt: skip
    for name, seeds in rows.items():
        for landmarks in LANDMARKS:
            shares = [seed["right"][landmarks][0] for seed in seeds if np.isfinite(seed["right"][landmarks][0])]
            lost = sum(seed["right"][landmarks][1] for seed in seeds)
            low, high = interval(shares) if shares else (float("nan"),) * 2
            worst = min(shares, default=float("nan"))
            mean = float(np.mean(shares)) if shares else float("nan")
            lines.append(f"| {name} | {landmarks} | {mean:.3f} | {low:.3f} to {high:.3f} | {worst:.3f} | {lost} |")
    lines += [
        "",
        "| features | proposed landmarks | within 0.05 | within 0.1 | pairs without any |",
        "|---|---|---|---|---|",
    ]
    for name, seeds in rows.items():
        pairs = [pair for seed in seeds for pair in seed["proposed"]]
        errors = np.array([error for pair in pairs if pair is not None for error in pair])
        within = [f"{(errors <= alpha).mean():.3f}" if len(errors) else "-" for alpha in ALPHAS]
        lines.append(
            f"| {name} | {len(errors)} | {' | '.join(within)} | {sum(p is None for p in pairs)} of {len(pairs)} |"
        )
    lines += ["", "| features | moved copy, of the mean between species | worst seed |", "|---|---|---|"]
    for name, seeds in rows.items():
        copies = [seed["copy"] for seed in seeds]
        lines.append(f"| {name} | {np.mean(copies):.3f} | {np.max(copies):.3f} |")
    return "\n".join(lines)


def main() -> None:
    """Print the tables, and write them as JSON when asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seeds", default="100-119", help="first-last (default: 100-119)")
    parser.add_argument("--methods", nargs="+", choices=BACKBONES, default=list(BACKBONES))
    parser.add_argument("--pairs", type=int, default=6, help="pairs of a seed for the second table (default: 6)")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    first, _, last = options.seeds.partition("-")
    seeds = list(range(int(first), int(last or first) + 1))
    start = time.perf_counter()
    benches = {name: Bench(BACKBONES[name]) for name in options.methods}
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in options.methods}
    for seed in seeds:
        shots = list(toy_data().photographs(seed))
        for name, bench in benches.items():
            rows[name].append({"seed": seed, **one_seed(bench, shots, pairs_of(shots, seed, options.pairs))})
            shares = "  ".join(f"{key} {value[0]:.3f}" for key, value in rows[name][-1]["right"].items())
            sys.stderr.write(f"seed {seed} {name}: {shares}\n")
    sys.stdout.write(report(rows) + f"\n\n{len(seeds)} seeds ({options.seeds}), {time.perf_counter() - start:.0f} s\n")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
