"""Do two individuals of one species come out closer than two of different species? Every method in one table.

    python benchmarks/species.py --seeds 100-119

Each seed draws two species, three individuals of each, two photographs of each individual (toy_data/make.py). For every
photograph, every photograph of another individual of its species and every photograph of the other species: is the
first the nearer? Ties count half. The share is averaged within a seed; the interval is a bootstrap over seeds.
Seeds 100 to 119 are kept for this table: nothing was tuned on them.
"""

import argparse
import importlib.util
import itertools
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dinosar.config import CompareConfig, PairInputs
from dinosar.data import Photo, Specimen
from dinosar.matches import both_ways
from dinosar.parts import build_parts
from dinosar.settings import Layers, settle
from dinosar.specimens import specimen

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "plugins" / "dinosar-pixels"))  # named by module:Class, so that it need not be installed
Distance = Callable[[Specimen, Specimen], float]


@dataclass(frozen=True)
class Method:
    """How photographs are seen, and how a pair is measured."""

    backbone: str
    matcher: str = "similarity"
    verified: bool = False
    colour: bool = False


METHODS = {
    "classic": Method("classic"),
    "mutual": Method("classic", "mutual"),
    "verified": Method("classic", "mutual", verified=True),
    "salient": Method("classic", "salient"),
    "random-test": Method("random-test"),
    "pixels": Method("dinosar_pixels:Pixels"),
    "mean colour": Method("classic", colour=True),
}


def toy_data() -> Any:
    """The script that draws the photographs."""
    spec = importlib.util.spec_from_file_location("toy_make", ROOT / "toy_data" / "make.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def prepared(method: Method, settings: dict[str, Any]) -> tuple[Callable[[Photo], Specimen], Distance]:
    """How a method sees a photo, and how it measures a pair of what it saw."""
    inputs = PairInputs(a="-", b="-").model_dump()
    own = {"backbone": method.backbone, "matcher": method.matcher, "inputs": inputs}
    config = settle(CompareConfig, Layers().add({**settings, **own}, "benchmark"))
    parts = build_parts(config)

    def distance(a: Specimen, b: Specimen) -> float:
        values = [m.distance[m.verified] if method.verified else m.distance for m in both_ways(parts.matcher, a, b)]
        if not all(map(len, values)):
            return float("nan")  # not computed: no verdict that rests on this pair is right
        return float(values[0].mean() + values[1].mean()) / 2

    return lambda photo: specimen(photo, parts, config, None), mean_colour if method.colour else distance


def mean_colour(a: Specimen, b: Specimen) -> float:
    """Distance of the mean colours of two specimens."""
    means = [each.photo.pixels[each.mask].mean(axis=0) for each in (a, b)]
    return float(np.linalg.norm(means[0] - means[1]))


def share_right(shots: list[Any], seen: list[Specimen], distance: Distance) -> float:
    """Share of (photo, same species, other species) triples in which the same species is nearer."""
    n = len(shots)
    far = np.zeros((n, n))
    for i, j in itertools.combinations(range(n), 2):
        if (shots[i].species, shots[i].individual) != (shots[j].species, shots[j].individual):
            far[i, j] = far[j, i] = distance(seen[i], seen[j])
    verdicts = []
    for i in range(n):
        kin = [
            j for j in range(n) if shots[j].species == shots[i].species and shots[j].individual != shots[i].individual
        ]
        others = [j for j in range(n) if shots[j].species != shots[i].species]
        gap = far[i, others][None, :] - far[i, kin][:, None]
        verdicts.append(np.where(gap == 0, 0.5, gap > 0).mean())
    return float(np.mean(verdicts))


def interval(values: list[float]) -> tuple[float, float]:
    """95 % bootstrap interval of the mean over seeds."""
    draws = np.random.default_rng(0).choice(values, (4000, len(values))).mean(axis=1)
    low, high = np.percentile(draws, (2.5, 97.5))
    return float(low), float(high)


def measure(
    seeds: list[int], methods: tuple[str, ...], difference: float, settings: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """One row for each seed."""
    make, ready = toy_data(), {method: prepared(METHODS[method], settings) for method in methods}
    for seed in seeds:
        shots = list(make.photographs(seed, difference=difference))
        photos = [Photo(shot.pixels, shot.name) for shot in shots]
        row: dict[str, Any] = {"seed": seed}
        seen: dict[str, list[Specimen]] = {}  # methods with one backbone see alike
        for method, (see, distance) in ready.items():
            backbone = METHODS[method].backbone
            if backbone not in seen:
                seen[backbone] = [see(photo) for photo in photos]
            row[method] = share_right(shots, seen[backbone], distance)
        yield row


def main() -> None:
    """Print the table, and write it as JSON when asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seeds", default="100-119", help="first-last (default: 100-119)")
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument("--difference", type=float, default=1.0, help="how far the species differ (default: 1)")
    parser.add_argument(
        "--settings",
        default="{}",
        help="settings of the comparison as JSON, but for backbone and matcher, which are the method's",
    )
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    first, _, last = options.seeds.partition("-")
    seeds = list(range(int(first), int(last or first) + 1))
    start = time.perf_counter()
    rows = []
    for row in measure(seeds, tuple(options.methods), options.difference, json.loads(options.settings)):
        rows.append(row)
        shares = "  ".join(f"{method} {row[method]:.3f}" for method in options.methods)
        sys.stderr.write(f"seed {row['seed']}: {shares}\n")
    lines = [f"{len(seeds)} seeds ({options.seeds}), species difference {options.difference:g}", ""]
    lines += [f"{'method':<14} {'share right':>11} {'95 % interval':>16} {'worst seed':>11}"]
    for method in options.methods:
        values = [row[method] for row in rows]
        low, high = interval(values)
        lines.append(f"{method:<14} {np.mean(values):>11.3f} {f'{low:.3f} to {high:.3f}':>16} {min(values):>11.3f}")
    sys.stdout.write("\n".join(lines) + f"\n\n{time.perf_counter() - start:.0f} s\n")
    if options.json:
        options.json.write_text(json.dumps({"difference": options.difference, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
