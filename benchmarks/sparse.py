"""Do patch features or SIFT find more of what is homologous? Both beside the true dense correspondence.

    python benchmarks/sparse.py --seeds 100-119

Each seed draws two species, three individuals of each, two photographs of each individual (toy_data/make.py). A few
pairs of each kind are taken: a photograph and a copy of it that was turned, shrunk and lit anew; two photographs of one
individual; of two individuals of a species; of two species. Both methods see the same picture, on the same foreground:
the true mask, or with --masker that of a masker, as `dinosar match` finds it.

A match is right when its end in B lies within 0.05 of the longer side of B's specimen from the true place of its end in
A (in brackets: within one patch); a place that is not on A's specimen, or has no counterpart in B, has no right answer.
First table: how many matches there are, the share that is right, and by how much of the specimen these are off (the
median); of the best 20 and 50, how many are right (one not given is not right); the share of A's patches near a right
one of the best 50. Second table: features against SIFT at the same number of matches, the smaller of both, pair by
pair. Intervals are bootstrapped over seeds. Seeds 100 to 119 are kept for these tables: nothing was tuned on them.
"""

import argparse
import itertools
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from species import interval, toy_data

from dinosar.alignment import warped
from dinosar.config import MatchConfig, Part
from dinosar.contracts import Matcher
from dinosar.data import Features, Photo, Specimen
from dinosar.features import see
from dinosar.grid import box_around
from dinosar.masks import count_patches
from dinosar.matches import answers_to
from dinosar.parts import MatchParts, build, build_match_parts
from dinosar.settings import Layers, settle
from dinosar.shape.fits import moved, turning
from dinosar.sparse.grounds import foregrounds
from dinosar.sparse.inner import without_edge
from dinosar.sparse.matching import beside, in_order, of_patches
from dinosar.sparse.pairs import Pairs
from dinosar.sparse.spread import spread

KINDS = ("copy", "individual", "species", "other")
MATCHERS = {
    "mutual": Part(use="mutual", top=10_000),
    "assignment": Part(use="assignment"),
    "similarity": Part(use="similarity"),
}
RATIOS = {"SIFT": 0.75, "SIFT, no ratio": 1.0}
"""Without the ratio test SIFT has about as many matches as a limited list asks for: its strongest form at 50."""
BEST = (20, 50)
ALPHA = 0.05
HIDDEN = 5.0
"""Canonical units (of about 1000 across) beyond which a place has no counterpart."""
Mask = NDArray[np.bool_]
Points = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Shot:
    """A photograph, its true mask, and the canonical place of every pixel; who is in it."""

    photo: Photo
    mask: Mask
    canonical: NDArray[np.float32]
    species: str
    individual: int


@dataclass(frozen=True, eq=False)
class Judged:
    """The matches of one method on one pair, the best first: how far off (NaN: no right answer), and where on A.

    `off` and `patch`, the width of one, are shares of the longer side of B's specimen.
    """

    off: Points
    patch: float
    places: Points
    a: Specimen

    @property
    def right(self) -> Mask:
        """Which are right."""
        return np.asarray(self.off <= ALPHA)

    def covered(self, best: int) -> float:
        """Share of A's patches near a right one among the best so many."""
        return spread(self.places[:best][self.right[:best]], self.a) or 0.0


class Truth:
    """Where every place of one photograph lies on another."""

    def __init__(self, a: Shot, b: Shot) -> None:
        from scipy.spatial import cKDTree

        pixels = [np.argwhere(each.mask & np.isfinite(each.canonical).all(axis=-1)) for each in (a, b)]
        self.canonical, there = (shot.canonical[tuple(each.T)] for shot, each in zip((a, b), pixels, strict=True))
        on_a, self.on_b = (each[:, ::-1] + 0.5 for each in pixels)
        self.near_a, self.near_b = cKDTree(on_a), cKDTree(there)

    def places(self, ends: Points, reach: float) -> Points:
        """The true places in B of places in A, up to `reach` beside the specimen; NaN where there is none."""
        aside, pixel = self.near_a.query(ends)
        gap, there = self.near_b.query(self.canonical[pixel])
        return np.where(((aside > reach) | (gap > HIDDEN))[:, None], np.nan, self.on_b[there])


def drawn(seed: int) -> list[Shot]:
    """All photographs of a seed."""
    return [
        Shot(Photo(each.pixels, each.name), each.mask, each.canonical, each.species, each.individual)
        for each in toy_data().photographs(seed)
    ]


def copied(shot: Shot, seed: int) -> Shot:
    """The photograph turned by up to 15 degrees, at 0.8 of its size, under a dimmer and slanting lamp, with noise."""
    import cv2

    random = np.random.default_rng([seed, 1])
    height, width = shot.mask.shape
    movement = np.diag([0.8, 0.8, 1.0]) @ turning(float(random.uniform(-15, 15)), np.array([width / 2, height / 2]))
    movement[:2, 2] += 0.1 * width, 0.1 * height
    smooth = np.asarray(cv2.GaussianBlur(shot.photo.pixels, (0, 0), 0.4), np.uint8)  # or what is shrunk aliases
    pixels = warped(smooth, movement, (width, height), smooth=True).astype(np.float64)
    slant = random.uniform(-0.25, 0.25, 2)
    y, x = np.mgrid[:height, :width]
    lamp = 0.85 * (1 + slant[0] * (2 * x / width - 1) + slant[1] * (2 * y / height - 1))
    lit = 255 * (pixels / 255 * lamp[..., None]).clip(0, 1) ** 1.15 + random.normal(0, 3, pixels.shape)
    centres = np.column_stack([x.ravel(), y.ravel()]) + 0.5
    column, row = np.floor(moved(np.asarray(np.linalg.inv(movement), np.float64), centres)).astype(int).T
    inside = (column >= 0) & (row >= 0) & (column < width) & (row < height)
    canonical = np.full((height, width, 2), np.nan, np.float32)
    canonical.reshape(-1, 2)[inside] = shot.canonical[row[inside], column[inside]]
    photo = Photo(np.clip(np.rint(lit), 0, 255).astype(np.uint8), f"{shot.photo.name}, copied")
    return replace(shot, photo=photo, mask=np.asarray(np.isfinite(canonical).all(axis=-1)), canonical=canonical)


def pairs(shots: list[Shot], seed: int, each: int) -> Iterator[tuple[str, Shot, Shot]]:
    """Some pairs of every kind, the same for every method."""
    found: dict[str, list[tuple[Shot, Shot]]] = {kind: [] for kind in KINDS}
    found["copy"] = [(shot, shot) for shot in shots]
    for a, b in itertools.permutations(shots, 2):
        kin = "species" if a.individual != b.individual else "individual"
        found["other" if a.species != b.species else kin].append((a, b))
    random = np.random.default_rng(seed)
    for kind, every in found.items():
        for a, b in (every[k] for k in random.permutation(len(every))[:each]):
            yield kind, a, copied(b, seed) if kind == "copy" else b


class Bench:
    """A backbone and a masker, and every method on a pair as they show it."""

    def __init__(self, backbone: str, masker: str | None) -> None:
        given = {"backbone": backbone, "masker": masker or "whole", "inputs": {"a": "-", "b": "-"}, "store": False}
        self.config = settle(MatchConfig, Layers().add(given, "benchmark"))
        self.parts: MatchParts = build_match_parts(self.config)
        self.true_masks = masker is None
        self.matchers = {name: cast(Matcher, build("matcher", part)) for name, part in MATCHERS.items()}

    def seen(self, shots: tuple[Shot, Shot]) -> tuple[Specimen, Specimen]:
        """Both photographs with the foreground of the run."""
        features = [see(each.photo, self.parts.backbone, self.config.image) for each in shots]
        photos = [each.photo for each in shots]
        masks = [each.mask for each in shots]
        if not self.true_masks:
            masks = [each.mask for each in foregrounds(photos, features, self.parts.line, self.config.mask)]
        a, b = map(self._specimen, photos, features, masks)
        return a, b

    def _specimen(self, photo: Photo, features: Features, mask: Mask) -> Specimen:
        share, counted = count_patches(mask, features.grid, self.config.mask)
        return Specimen(photo, features, mask, counted & features.directed, share)

    def found(self, a: Specimen, b: Specimen) -> Iterator[tuple[str, Pairs]]:
        """What every method finds, the best first."""
        one, other = (a, b) if self.true_masks else (without_edge(a), without_edge(b))
        for name, matcher in self.matchers.items():
            yield name, of_patches(one, other, in_order(answers_to(matcher, one, other)), name)
        for name, ratio in RATIOS.items():
            yield name, beside(a, b, ratio)


def judged(found: Pairs, truth: Truth, seen: tuple[Specimen, Specimen], target: Shot) -> Judged:
    """The matches of one method beside the truth."""
    patches = [each.features.grid.patch / min(each.features.grid.scale) for each in seen]
    off = np.hypot(*(truth.places(found.a, patches[0]) - found.b).T)
    side = max(box_around(target.mask, 0.0)[2:])
    return Judged(off / side, patches[1] / side, found.a, seen[0])


def measure(bench: Bench, seed: int, each: int) -> Iterator[tuple[str, dict[str, Judged]]]:
    """(kind, what every method found) of every pair of a seed."""
    for kind, a, b in pairs(drawn(seed), seed, each):
        seen, truth = bench.seen((a, b)), Truth(a, b)
        yield kind, {name: judged(found, truth, seen, b) for name, found in bench.found(*seen)}


def alone(by_seed: list[list[Judged]]) -> dict[str, Any]:
    """How one method does on one kind of pairs."""
    every = [each for some in by_seed for each in some]
    shares = [each.right.mean() for each in every if len(each.right)]
    off = np.concatenate([each.off[each.right] for each in every])
    found: dict[str, Any] = {
        "matches": float(np.mean([len(each.right) for each in every])),
        "right": float(np.mean(shares)) if shares else None,
        "off": float(np.median(off)) if len(off) else None,
        "covered": float(np.mean([each.covered(max(BEST)) for each in every])),
    }
    for n in BEST:
        by_seeds = [float(np.mean([each.right[:n].sum() / n for each in some])) for some in by_seed]
        by_patch = float(np.mean([(each.off[:n] <= each.patch).sum() / n for each in every]))
        found |= {f"right_of_{n}": float(np.mean(by_seeds)), f"interval_of_{n}": interval(by_seeds),
                  f"by_patch_of_{n}": by_patch}  # fmt: skip
    return found


def against(by_seed: list[list[tuple[Judged, Judged]]]) -> dict[str, Any]:
    """Features and SIFT at the same number of matches; a pair on which either finds nothing takes no part."""
    told = [[(one, other, min(len(one.off), len(other.off))) for one, other in some] for some in by_seed]
    rows = [[(n, one.right[:n].mean(), other.right[:n].mean(), one.covered(n), other.covered(n))
             for one, other, n in some if n] for some in told]  # fmt: skip
    every = np.array([row for some in rows for row in some]).reshape(-1, 5)
    gaps = [float(np.mean([row[1] - row[2] for row in some])) for some in rows if some]
    names = ("matches", "right", "right_sift", "covered", "covered_sift")
    means = every.mean(axis=0).tolist() if gaps else [float("nan")] * 5
    return {"pairs": len(every), "of": sum(map(len, by_seed)), **dict(zip(names, means, strict=True)),
            "more_right": float(np.mean(gaps)) if gaps else float("nan"),
            "interval": interval(gaps) if gaps else (float("nan"),) * 2}  # fmt: skip


def tabled(found: dict[str, list[list[dict[str, Judged]]]]) -> dict[str, Any]:
    """Both tables as plain data, from what was found of every kind, seed by seed and pair by pair."""
    rows: dict[str, list[Any]] = {"alone": [], "against": []}
    for kind, seeds in found.items():
        for name in (*MATCHERS, *RATIOS):
            told = alone([[each[name] for each in some] for some in seeds])
            rows["alone"].append({"kind": kind, "method": name, **told})
        for name, sift in itertools.product(MATCHERS, RATIOS):
            beaten = against([[(each[name], each[sift]) for each in some] for some in seeds])
            rows["against"].append({"kind": kind, "method": name, "sift": sift, **beaten})
    return rows


def lines(tables: dict[str, Any]) -> Iterator[str]:
    """The tables as Markdown."""
    yield "| pair | method | matches | right | off | of best 20 (by patch) | of best 50 (by patch) | 95 % | near |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for row in tables["alone"]:
        best = [f"{row[f'right_of_{n}']:.3f} ({row[f'by_patch_of_{n}']:.3f})" for n in BEST]
        right, off = ("-" if row[key] is None else f"{row[key]:.3f}" for key in ("right", "off"))
        low, high = row[f"interval_of_{BEST[-1]}"]
        yield (
            f"| {row['kind']} | {row['method']} | {row['matches']:.0f} | {right} | {off} | {' | '.join(best)} "
            f"| {low:.3f} to {high:.3f} | {row['covered']:.3f} |"
        )
    yield "\n| pair | features | against | pairs | matches | right | SIFT's | more right, 95 % | near | SIFT's |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for row in tables["against"]:
        low, high = row["interval"]
        yield (
            f"| {row['kind']} | {row['method']} | {row['sift']} | {row['pairs']} of {row['of']} "
            f"| {row['matches']:.0f} | {row['right']:.3f} | {row['right_sift']:.3f} | {row['more_right']:+.3f}, "
            f"{low:+.3f} to {high:+.3f} | {row['covered']:.3f} | {row['covered_sift']:.3f} |"
        )


def main() -> None:
    """Print the tables, and write them as JSON when asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seeds", default="100-119", help="first-last (default: 100-119)")
    parser.add_argument("--backbone", default="classic", help="by name (default: classic)")
    parser.add_argument("--masker", help="whose foreground is matched (default: the true masks)")
    parser.add_argument("--pairs", type=int, default=2, help="of each kind from each seed (default: 2)")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    first, _, last = given.seeds.partition("-")
    start, bench = time.perf_counter(), Bench(given.backbone, given.masker)
    found: dict[str, list[list[dict[str, Judged]]]] = {kind: [] for kind in KINDS}
    for seed in range(int(first), int(last or first) + 1):
        every = list(measure(bench, seed, given.pairs))
        for kind, of_kind in found.items():
            of_kind.append([methods for its, methods in every if its == kind])
        sys.stderr.write(f"seed {seed}: {time.perf_counter() - start:.0f} s\n")
    tables = tabled(found)
    sys.stdout.write(f"seeds {given.seeds}, {given.backbone}, {given.masker or 'true'} masks\n\n")
    sys.stdout.write("\n".join(lines(tables)) + f"\n\n{time.perf_counter() - start:.0f} s\n")
    if given.json:
        given.json.write_text(json.dumps(tables, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
