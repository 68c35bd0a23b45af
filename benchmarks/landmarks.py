"""Do landmarks arrive where they belong when features carry them to another photograph? Every method in one table.

    python benchmarks/landmarks.py --seeds 100-119

Each seed draws two species, three individuals of each, two photographs of each individual (toy_data/make.py) with true
landmarks; masks are those of the masker grabcut. From every seed a few pairs of each kind are drawn: the same
individual, another individual of its species, the other species, and another individual of its species in a photograph
turned by 25 degrees. Right is a landmark within alpha times the longer side of the box around the target's landmarks.
Lost ones are not right; `certain` is the share of v=2, and how many of those are right at 0.1. Intervals of PCK@0.1 are
bootstrapped over seeds. Seeds 100 to 119 are kept for this table: nothing was tuned on them.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from species import interval, toy_data

from dinosar.alignment import warped
from dinosar.config import ImageConfig, MaskConfig, Part, TransferSection
from dinosar.contracts import Backbone
from dinosar.data import Photo
from dinosar.evaluation.landmarks import measured
from dinosar.landmarks.points import SEEN, Landmarks
from dinosar.masks import find_mask
from dinosar.parts import build_backbone, build_masker
from dinosar.shape.fits import moved, turning
from dinosar.transfer import Sight, carry

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "plugins" / "dinosar-pixels"))  # named by module:Class, so that it need not be installed
TURN = 25.0
PCK = (0.05, 0.1, 0.2)
KINDS = ("individual", "species", "other", "turned")
METHODS = {"classic": "classic", "random-test": "random-test", "pixels": "dinosar_pixels:Pixels", "box": ""}
"""Method -> its backbone; `box` lays the box of one mask on that of the other, and knows nothing else."""
Mask = NDArray[np.bool_]
Points = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Shot:
    """A photograph with the mask a user gets and the true landmarks; who is in it."""

    photo: Photo
    mask: Mask
    landmarks: Landmarks
    species: str
    individual: int


@dataclass(frozen=True, eq=False)
class Judged:
    """The landmarks of one pair (K,): errors as shares of the box, infinite where lost, and which were certain."""

    errors: NDArray[np.float64]
    certain: NDArray[np.bool_]


Method = Callable[[Shot, Shot], Landmarks]


def drawn(seed: int, difference: float) -> list[Shot]:
    """All photographs of a seed."""
    masker = build_masker(Part(use="grabcut"))
    shots = []
    for each in toy_data().photographs(seed, difference=difference):
        names = tuple(each.landmarks)
        places = np.array([each.landmarks[name][:2] for name in names], dtype=np.float64)
        photo = Photo(each.pixels, each.name)
        mask = find_mask(photo, [masker], MaskConfig())
        truth = Landmarks(names, places, np.full(len(names), SEEN, np.int8))
        shots.append(Shot(photo, mask, truth, each.species, each.individual))
    return shots


def rotated(shot: Shot, degrees: float) -> Shot:
    """The photograph turned about its middle, whole, its border repeated into the corners; masked anew."""
    movement = turning(degrees, np.array(shot.photo.size) / 2)
    size = np.rint(np.abs(movement[:2, :2]) @ shot.photo.size).astype(int)
    movement[:2, 2] += (size - shot.photo.size) / 2
    pixels = warped(shot.photo.pixels, movement, (int(size[0]), int(size[1])), smooth=True)
    photo = Photo(pixels, f"{shot.photo.name}, turned")
    mask = find_mask(photo, [build_masker(Part(use="grabcut"))], MaskConfig())
    return Shot(
        photo, mask, shot.landmarks.moved_to(moved(movement, shot.landmarks.places)), shot.species, shot.individual
    )


def pairs(shots: list[Shot], seed: int, each: int) -> dict[str, list[tuple[int, int]]]:
    """For each kind some pairs (reference, target), the same for every method."""
    rng = np.random.default_rng(seed)
    found: dict[str, list[tuple[int, int]]] = {kind: [] for kind in KINDS}
    for i, a in enumerate(shots):
        for j, b in enumerate(shots):
            if a.species != b.species:
                found["other"].append((i, j))
            elif a.individual != b.individual:
                found["species"].append((i, j))
            elif i != j:
                found["individual"].append((i, j))
    found["turned"] = list(found["species"])
    return {kind: [every[k] for k in rng.permutation(len(every))[:each]] for kind, every in found.items()}


def by_features(backbone: Backbone, how: TransferSection) -> Method:
    """Landmarks as `dinosar landmarks transfer` carries them."""
    sights: dict[int, Sight] = {}

    def sight(shot: Shot) -> Sight:
        return sights.setdefault(id(shot), Sight(shot.photo, shot.mask, backbone, ImageConfig()))

    def method(reference: Shot, target: Shot) -> Landmarks:
        return carry(sight(reference), reference.landmarks, sight(target), how).landmarks

    return method


def by_box(reference: Shot, target: Shot) -> Landmarks:
    """Landmarks at the same place of the box around the mask."""
    (low, size), (new_low, new_size) = box(reference.mask), box(target.mask)
    return reference.landmarks.moved_to((reference.landmarks.places - low) / size * new_size + new_low)


def box(mask: Mask) -> tuple[Points, Points]:
    """Upper left corner and size of the box around a mask."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    low, high = np.array([columns[0], rows[0]]), np.array([columns[-1] + 1, rows[-1] + 1])
    return low.astype(np.float64), (high - low).astype(np.float64)


def judged(found: Landmarks, target: Shot) -> Judged:
    """Every landmark of one pair."""
    measure, _ = measured(target.photo.name, found, target.landmarks)
    return Judged(measure.errors / measure.side, np.asarray(found.visibility == SEEN))


def measure(
    seeds: list[int], methods: list[str], each: int, difference: float, how: TransferSection
) -> Iterator[tuple[int, str, str, list[Judged]]]:
    """(seed, method, kind, the pairs)."""
    backbones = {name: build_backbone(Part(use=METHODS[name])) for name in methods if METHODS[name]}
    for seed in seeds:
        shots = drawn(seed, difference)
        chosen = pairs(shots, seed, each)
        turns = dict(zip((j for _, j in chosen["turned"]), np.resize([TURN, -TURN], each), strict=False))
        aslant = {j: rotated(shots[j], degrees) for j, degrees in turns.items()}
        for name in methods:
            method = by_features(backbones[name], how) if name in backbones else by_box
            for kind, every in chosen.items():
                ends = [(shots[i], aslant[j] if kind == "turned" else shots[j]) for i, j in every]
                yield seed, name, kind, [judged(method(a, b), b) for a, b in ends]


def row(method: str, kind: str, by_seed: dict[int, list[Judged]]) -> dict[str, Any]:
    """One row of the table."""
    errors = np.concatenate([each.errors for pairs_ in by_seed.values() for each in pairs_])
    certain = np.concatenate([each.certain for pairs_ in by_seed.values() for each in pairs_])
    shares = [float(np.mean([(each.errors <= 0.1).mean() for each in pairs_])) for pairs_ in by_seed.values()]
    return {
        "method": method, "kind": kind, "landmarks": len(errors),
        "pck": {alpha: float((errors <= alpha).mean()) for alpha in PCK}, "interval": interval(shares),
        "lost": float(np.isinf(errors).mean()), "certain": float(certain.mean()),
        "certain_right": float((errors[certain] <= 0.1).mean()) if certain.any() else None,
    }  # fmt: skip


def lines(rows: list[dict[str, Any]]) -> Iterator[str]:
    """The table as Markdown."""
    yield "| method | pair | @0.05 | @0.1 | 95 % interval | @0.2 | lost | certain | of these right |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for each in rows:
        low, high = each["interval"]
        right = "-" if each["certain_right"] is None or each["method"] == "box" else f"{each['certain_right']:.3f}"
        certain = "-" if each["method"] == "box" else f"{each['certain']:.3f}"
        yield (
            f"| {each['method']} | {each['kind']} | {each['pck'][0.05]:.3f} | {each['pck'][0.1]:.3f} "
            f"| {low:.3f} to {high:.3f} | {each['pck'][0.2]:.3f} | {each['lost']:.3f} | {certain} | {right} |"
        )


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seeds", default="100-119", help="first-last (default: 100-119)")
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument("--pairs", type=int, default=2, help="of each kind from each seed (default: 2)")
    parser.add_argument("--difference", type=float, default=1.0, help="how far the species differ (default: 1)")
    parser.add_argument("--detail", type=float, default=2.0, help="as --detail of the command (default: 2)")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def main() -> None:
    """Print the table, and write it as JSON when asked."""
    # Threads of a network that wait for each other sleep, as under the command line; spinning, they stop the others.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    given = options()
    first, _, last = given.seeds.partition("-")
    seeds = list(range(int(first), int(last or first) + 1))
    start = time.perf_counter()
    found: dict[tuple[str, str], dict[int, list[Judged]]] = {}
    how = TransferSection(detail=given.detail)
    for seed, method, kind, every in measure(seeds, given.methods, given.pairs, given.difference, how):
        found.setdefault((method, kind), {})[seed] = every
        sys.stderr.write(f"seed {seed}: {method}, {kind}: {time.perf_counter() - start:.0f} s\n")
    rows = [row(method, kind, found[method, kind]) for method in given.methods for kind in KINDS]
    sys.stdout.write(
        "\n".join([f"{len(seeds)} seeds ({given.seeds}), difference {given.difference:g}", "", *lines(rows)])
    )
    sys.stdout.write(f"\n\n{time.perf_counter() - start:.0f} s\n")
    if given.json:
        given.json.write_text(json.dumps({"seeds": seeds, "rows": rows}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
