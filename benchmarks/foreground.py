"""Does the vote find the right side of the first component, and what comes of it? Every rule in one run.

    python benchmarks/foreground.py --seeds 100-199

Two kinds of pictures, each in four regimes (small and centred, large, across the border, attention elsewhere): grids of
generated tokens (toy_data/token_fields.py), and specimens of toy_data/make.py cut out, turned, scaled and laid on drawn
grounds, seen by the backbone `classic`, whose saliency stands in for attention. The component is an object axis where
its scores part the thing from its ground with an area under the ROC curve of at least 0.9, whichever end is the thing;
only there can a side be right. A mask is right where its intersection with the truth is at least half of their union.
Seeds below 100 served to choose the limits; 100 and above are kept for this table.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from dinosar.config import ImageConfig, Part
from dinosar.data import Photo
from dinosar.features import see
from dinosar.foreground import Rule, Verdict, View, decide, inside
from dinosar.foreground.axis import scores
from dinosar.foreground.cut import otsu, tidied
from dinosar.foreground.votes import oriented, summed, votes
from dinosar.grid import share_per_patch
from dinosar.parts import build_backbone

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the toy data are no part of the package
from toy_data.photograph import photographs
from toy_data.token_fields import AREAS, REGIMES, field, pair

AXIS, RIGHT = 0.9, 0.5
SHOWN = (448, 336)
Array = NDArray[np.float64]
Patches = NDArray[np.bool_]
Case = tuple[View, Patches]


def of_tokens(seed: int, regime: str) -> Case:
    """A generated grid of tokens and its truth."""
    return _as_case(field(seed, regime))


def _as_case(drawn: Any) -> Case:
    return View(drawn.tokens, np.ones(drawn.truth.shape, bool), drawn.attention, drawn.lengths), drawn.truth


def of_picture(seed: int, regime: str) -> Case:
    """A drawn picture as `classic` sees it, and the patches that are specimen."""
    pixels, mask = picture(seed, regime)
    seen = see(Photo(pixels, "drawn"), build_backbone(Part(use="classic")), ImageConfig(size=max(SHOWN)))
    view = View(seen.tokens, inside(seen.grid) & seen.directed, seen.focus, seen.lengths)
    return view, share_per_patch(mask, seen.grid) > 0.5


def picture(seed: int, regime: str) -> tuple[NDArray[np.uint8], Patches]:
    """A specimen laid on a drawn ground, and its mask."""
    rng = np.random.default_rng([seed, 7, REGIMES.index(regime)])
    ground = _ground(rng)
    if regime == "misdirected":  # something glaring that is not the specimen
        centre = tuple(int(each) for each in rng.uniform(0.1, 0.9, 2) * SHOWN)
        cv2.circle(ground, centre, int(rng.integers(22, 40)), rng.uniform(0, 255, 3).tolist(), -1)
        cv2.circle(ground, centre, int(rng.integers(6, 16)), rng.uniform(0, 255, 3).tolist(), -1)
    pixels, mask = specimen(seed // 10, int(rng.integers(2)))
    place = _placed(rng, mask, regime)
    soft = cv2.warpAffine(mask.astype(np.float32), place, SHOWN, flags=cv2.INTER_LINEAR)
    shown = cv2.warpAffine(pixels, place, SHOWN, flags=cv2.INTER_LINEAR)
    mixed = soft[..., None] * shown + (1 - soft[..., None]) * ground
    return np.clip(mixed + rng.normal(0, 3, mixed.shape), 0, 255).astype(np.uint8), soft > 0.5


@lru_cache(maxsize=64)
def specimen(seed: int, number: int) -> tuple[NDArray[np.uint8], Patches]:
    """A photographed specimen, cut to its box."""
    shot = list(photographs(seed, individuals=1, photos=1))[number]
    x, y, width, height = cv2.boundingRect(shot.mask.astype(np.uint8))
    box = (slice(y, y + height), slice(x, x + width))
    return shot.pixels[box], shot.mask[box]


def _placed(rng: np.random.Generator, mask: Patches, regime: str) -> Array:
    """Where the specimen is laid (2, 3): the area it should have, then a turn, then a place."""
    wanted = rng.uniform(*AREAS[regime]) * SHOWN[0] * SHOWN[1]
    # What lies beyond the picture is lost, so a large one must be larger still, and so must one across the border.
    scale = float(np.sqrt(wanted / mask.sum())) * {"large": 1.25, "border": 1.3}.get(regime, 1.0)
    turned = cv2.getRotationMatrix2D((mask.shape[1] / 2, mask.shape[0] / 2), float(rng.uniform(0, 360)), scale)
    spread = {"small": 0.15, "large": 0.05, "misdirected": 0.1, "border": 0.3}[regime]
    middle = 0.5 + rng.uniform(-spread, spread, 2)
    if regime == "border":
        middle[int(rng.integers(2))] = rng.choice([0.02, 0.98])
    turned[:, 2] += middle * SHOWN - np.array([mask.shape[1], mask.shape[0]]) / 2
    return np.asarray(turned)


def _ground(rng: np.random.Generator) -> Array:
    """One to four materials, each with its colour and its texture, in light from one side."""
    size = SHOWN[::-1]
    heights = np.stack([_smooth(rng, rng.uniform(30, 90)) for _ in range(int(rng.integers(1, 5)))])
    which = heights.argmax(axis=0)
    ground = np.zeros((*size, 3))
    middle = rng.uniform(60, 220) + rng.normal(0, 25, 3)
    for kind in range(len(heights)):
        grain = rng.uniform(0, 14) * _smooth(rng, rng.uniform(0.8, 6)) + rng.uniform(0, 8) * _smooth(rng, 12)
        colour = np.clip(middle + rng.normal(0, 18, 3), 20, 240)
        ground[which == kind] = (colour + grain[..., None])[which == kind]
    y, x = np.mgrid[: size[0], : size[1]] / np.array(size).reshape(2, 1, 1) - 0.5
    angle = rng.uniform(0, 2 * np.pi)
    return ground * (1 + rng.uniform(0, 0.5) * (x * np.cos(angle) + y * np.sin(angle)))[..., None]


def _smooth(rng: np.random.Generator, wide: float) -> Array:
    finer = max(1, int(wide / 4))  # coarse noise is drawn coarsely, which is as good and much quicker
    small = rng.standard_normal((SHOWN[1] // finer + 1, SHOWN[0] // finer + 1))
    noise = cv2.resize(cv2.GaussianBlur(small, (0, 0), wide / finer), SHOWN, interpolation=cv2.INTER_CUBIC)
    return np.asarray((noise - noise.mean()) / noise.std())


def measured(view: View, truth: Patches) -> dict[str, Any] | None:
    """What the component, each rule alone and the whole of it make of a picture; None where there is no truth."""
    if not 0 < (truth & view.counted).sum() < view.counted.sum():
        return None
    found = scores([view])
    assert found is not None, "what is drawn is never all alike"
    turned = oriented(found, [view])[0]
    said = votes(turned, view)
    flat, true = turned[view.counted], truth[view.counted]
    area = under_curve(flat, true)
    signs = {
        "vote": summed([said])[0], "border": said.border, "attention": said.attention, "skewness": said.skewness,
        "solver": float(found[0][view.counted] @ flat),
    }  # fmt: skip
    sides = {name: None if sign is None else (1.0 if sign >= 0 else -1.0) for name, sign in signs.items()}
    level, _ = otsu(flat)
    alone = {name: overlap(tidied(side * turned > side * level, view.counted), truth)
             for name, side in sides.items() if side}  # fmt: skip
    alone["PC1 > 0"] = overlap(found[0] > 0, truth)
    return {
        "axis": max(area, 1 - area) >= AXIS,
        "right": {name: side == (1.0 if area > 0.5 else -1.0) for name, side in sides.items() if side},
        "alone": alone,
        "decided": {name: verdict_on(decide([view], rule)[0], truth) for name, rule in RULES.items()},
    }


RULES = {"component": Rule(ncut=False), "and cut": Rule(), "first limits": Rule(confidence=0.2, separability=0.35)}


def verdict_on(verdict: Verdict, truth: Patches) -> float | None:
    """The overlap of what was decided with the truth; None where nothing was."""
    return None if verdict.patches is None else overlap(verdict.patches, truth)


def under_curve(values: Array, true: Patches) -> float:
    """The share of pairs, one of the thing and one not, in which the first has the higher value."""
    ranks, count = rankdata(values), int(true.sum())
    return float((ranks[true].sum() - count * (count + 1) / 2) / (count * (len(true) - count)))


def overlap(a: Patches, b: Patches) -> float:
    """Intersection over union."""
    return float((a & b).sum() / max((a | b).sum(), 1))


def mean(values: list[Any]) -> str:
    """The mean of what there is."""
    return f"{np.mean(values):.3f}" if values else "-"


def lines(kind: str, found: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    """Three tables of a kind of picture, a line for each regime and one for all."""
    found = found | {"all": [each for every in found.values() for each in every]}
    signs = ("vote", "border", "attention", "skewness", "solver")
    yield f"\n## {kind}: is the side right, where the component is an object axis?\n"
    yield from _head("regime", "pictures", "object axis", "vote, unless it abstains", *signs)
    for regime, every in found.items():
        there = [each for each in every if each["axis"]]
        shares = [mean([each["right"][name] for each in there if name in each["right"]]) for name in signs]
        told = [each["right"]["vote"] for each in there if each["decided"]["component"] is not None]
        yield _line(regime, len(every), mean([each["axis"] for each in every]), mean(told), *shares)
    yield f"\n## {kind}: masks. Abstained, right of those decided, their mean IoU\n"
    yield from _head("regime", *(f"{name}: {what}" for name in RULES for what in ("abstained", "right", "IoU")))
    for regime, every in found.items():
        yield _line(regime, *(number for name in RULES for number in _decided([e["decided"][name] for e in every])))
    names = ("PC1 > 0", "solver", "border", "attention", "skewness", "vote")
    yield f"\n## {kind}: mean IoU of a rule that never abstains\n"
    yield from _head("regime", *names)
    for regime, every in found.items():
        yield _line(regime, *(mean([each["alone"][n] for each in every if n in each["alone"]]) for n in names))


def _decided(every: list[float | None]) -> tuple[str, str, str]:
    told = [each for each in every if each is not None]
    return mean([each is None for each in every]), mean([each >= RIGHT for each in told]), mean(told)


def _head(*names: str) -> Iterator[str]:
    yield _line(*names)
    yield "|" + "---|" * len(names)


def _line(*cells: object) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"


def pairs(seeds: list[int]) -> Iterator[str]:
    """Pictures of the same thing, two by two: each alone, or together where that is surer."""
    yield "\n## tokens, in pairs: each picture alone, or both together where that is surer\n"
    yield from _head("regime", *(f"{how}: {what}" for how in ("alone", "together")
                                 for what in ("abstained", "right", "IoU", "both right")), "joint used")  # fmt: skip
    total: dict[str, list[list[float | None]]] = {"alone": [], "together": []}
    joint: list[bool] = []
    for regime in REGIMES:
        for seed in seeds:
            views, truths = zip(*(_as_case(each) for each in pair(seed, regime)), strict=True)
            together = decide(views)
            joint.append(together[0].method == "pca-joint")
            for how, verdicts in (("alone", [decide([view])[0] for view in views]), ("together", together)):
                total[how].append([verdict_on(*each) for each in zip(verdicts, truths, strict=True)])
        last = {how: every[-len(seeds) :] for how, every in total.items()}
        yield _line(regime, *_paired(last), mean(list(joint[-len(seeds) :])))
    yield _line("all", *_paired(total), mean(list(joint)))


def _paired(found: dict[str, list[list[float | None]]]) -> Iterator[str]:
    for every in found.values():
        yield from _decided([each for two in every for each in two])
        yield mean([all(each is not None and each >= RIGHT for each in two) for two in every])


def main() -> None:
    """Print the tables, and write what stands behind them as JSON when asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seeds", default="100-199", help="first-last (default: 100-199)")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    first, _, last = given.seeds.partition("-")
    seeds = list(range(int(first), int(last or first) + 1))
    start, kept = time.perf_counter(), {}
    for kind in given.kinds:
        cases = {regime: [measured(*KINDS[kind](seed, regime)) for seed in seeds] for regime in REGIMES}
        kept[kind] = {regime: [each for each in every if each] for regime, every in cases.items()}
        sys.stdout.write("\n".join(lines(kind, kept[kind])) + "\n")
        sys.stderr.write(f"{kind}: {time.perf_counter() - start:.0f} s\n")
    if "tokens" in given.kinds:
        sys.stdout.write("\n".join(pairs(seeds)) + "\n")
    if given.json:
        given.json.write_text(json.dumps({"seeds": seeds, "found": kept}, indent=1) + "\n", encoding="utf-8")


KINDS: dict[str, Callable[[int, str], Case]] = {"tokens": of_tokens, "pictures": of_picture}

if __name__ == "__main__":
    main()
