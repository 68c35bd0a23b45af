"""Which pairs are learned from: so many of each scene, their overlaps spread evenly, and as many that share nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dinosar.errors import InputError, UsageError, shown, suggestion
from dinosar.notices import note, warn

TESTED_ON = {"0015", "0022"}
"""Scenes of MegaDepth that papers on retrieval and pose report numbers of."""
HELD_OUT = 0.1
"""Share of the scenes that is validated on, where nobody says which."""


@dataclass(frozen=True)
class Pair:
    """Two pictures by name, and how much of the first the second shows."""

    a: str
    b: str
    overlap: float


@dataclass(frozen=True)
class Wanted:
    """How many pairs of a scene are drawn: `positive` with an overlap above `least` and up to `most`, in so many `bins`
    of equal width, and `negative` that share nothing."""  # noqa: D205, D209

    positive: int = 200
    negative: int = 200
    bins: int = 3
    least: float = 0.1
    most: float = 0.7


def drawn_pairs(names: Sequence[str], overlaps: NDArray[np.floating], wanted: Wanted,
                rng: np.random.Generator) -> list[Pair]:  # fmt: skip
    """Pairs of one scene, from how much of each picture each other shows (n, n).

    A bin of overlaps is drawn from when it holds twice its part of the pairs; the bins that do share the number. Where
    none does, all pairs within the bounds are one bin.
    """
    table = np.asarray(overlaps, dtype=np.float64)
    apart = ~np.eye(len(names), dtype=bool)
    found = [cells[rng.permutation(len(cells))[:count]] for cells, count in _positive(table, apart, wanted)]
    none = np.argwhere((table == 0) & (table.T == 0) & apart)
    found.append(none[rng.permutation(len(none))[: wanted.negative]])
    return [Pair(names[i], names[j], float(table[i, j])) for cells in found for i, j in cells]


def _positive(table: NDArray[np.float64], apart: NDArray[np.bool_],
              wanted: Wanted) -> list[tuple[NDArray[np.int64], int]]:  # fmt: skip
    """Cells of each bin that is drawn from, and how many of them."""
    edges = np.linspace(wanted.least, wanted.most, wanted.bins + 1)
    part = wanted.positive // wanted.bins
    bins = [
        np.argwhere((table > low) & (table <= high) & apart) for low, high in zip(edges[:-1], edges[1:], strict=True)
    ]
    full = [cells for cells in bins if part and len(cells) >= 2 * part]
    if not full:
        return [(np.concatenate(bins), wanted.positive)]
    return [(cells, wanted.positive // len(full)) for cells in full]


def across(scenes: Mapping[str, Sequence[str]], count: int, rng: np.random.Generator) -> list[Pair]:
    """Pairs of pictures of different scenes, which share nothing."""
    names = [(scene, name) for scene in sorted(scenes) for name in scenes[scene]]
    if len({scene for scene, _ in names}) < 2:
        return []
    found: list[Pair] = []
    while len(found) < count:
        (one, a), (other, b) = (names[i] for i in rng.integers(0, len(names), 2))
        if one != other:
            found.append(Pair(a, b, 0.0))
    return found


def split(known: Sequence[str], training: Sequence[str] | None,
          validation: Sequence[str] | None) -> tuple[list[str], list[str]]:  # fmt: skip
    """Scenes that are learned from and scenes that are validated on; no scene is both.

    Where nobody says which are validated on, every tenth in a fixed order by chance, at least one where there are two.
    """
    for scene in (*(training or ()), *(validation or ())):
        if scene not in known:
            raise InputError(f"there is no scene '{shown(scene)}'{suggestion(scene, known)}")
    both = sorted(set(training or ()) & set(validation or ()))
    if both:
        raise UsageError(
            f"scene '{shown(both[0])}' is both learned from (data.train_split) and validated on (data.val_split); take "
            "it from one of them"
        )
    if validation is None:
        free = sorted(training if training is not None else known)
        chosen = np.random.default_rng(len(free)).permutation(len(free))[: _held_out(len(free))]
        validation = [free[i] for i in sorted(chosen)]
        note(f"validated on {len(validation)} of {len(free)} scenes, which are not learned from")
    learned = [scene for scene in (known if training is None else training) if scene not in set(validation)]
    return learned, list(validation)


def _held_out(count: int) -> int:
    return 0 if count < 2 else max(1, round(HELD_OUT * count))


def warn_of_tests(validation: Sequence[str]) -> None:
    """Warn where the weights are chosen by the scenes that others report numbers of."""
    tested = sorted(TESTED_ON & set(validation))
    if tested:
        warn(
            f"scene{'s' * (len(tested) > 1)} {' and '.join(tested)} of MegaDepth, on which papers report numbers, "
            f"choose{'s' * (len(tested) == 1)} the best weights here: report no numbers on them"
        )
