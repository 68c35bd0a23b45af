"""PCK over many pairs: the share of keypoints whose answer lies within alpha times a side, in the ways papers count it.

The side is the longer one of the target's box (`box`) or of the target image (`image`). `per_image` is the mean over
pairs of each pair's share, `per_point` counts all keypoints alike; they differ wherever pairs have unequal numbers of
keypoints. Macro is the mean over categories of either. An answer exactly at the distance is right, and no answer is
wrong. A pair without keypoints is counted at the top, and is in no group and no mean.

Intervals are percentiles of the bootstrap: pairs of a group are drawn again with replacement, those of each category by
themselves for macro. A group of one pair says nothing of its spread and has none.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from dinosar.arrays import expect, freeze
from dinosar.evaluation.landmarks import within

Floats = NDArray[np.float64]
Scale = Literal["box", "image"]
SCALES: tuple[Scale, ...] = get_args(Scale)
ALPHAS = (0.01, 0.05, 0.1, 0.15, 0.2)
DRAWS = 2000
"""Resamplings: the ends of an interval are then good to a twentieth of its width or so."""
LEVEL = 0.95
_AT_ONCE = 1 << 21
"""Drawn pairs held at once, 16 MB."""
HEADER = (
    "group", "name", "scale", "alpha", "pairs", "keypoints", "answered",
    "per_image", "per_image_low", "per_image_high", "per_point", "per_point_low", "per_point_high",
)  # fmt: skip
KEYPOINT_HEADER = ("category", "keypoint", "scale", "alpha", "keypoints", "answered", "pck")


@dataclass(frozen=True, eq=False)
class PairErrors:
    """One pair: how far (K,) the answers lie from the truth, in px of the target, infinite where there is none."""

    id: str
    category: str
    names: tuple[str, ...]
    errors: Floats
    side_box: float
    side_image: float
    flags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        expect("PairErrors.errors", self.errors, "f", (len(self.names),))
        if np.isnan(self.errors).any() or (self.errors < 0).any():
            raise ValueError(f"pair {self.id}: an error is a distance, or infinite where there is no answer")
        if not all(0 < side < np.inf for side in (self.side_box, self.side_image)):
            raise ValueError(f"pair {self.id}: the sides must be finite and above 0")
        freeze(self)


@dataclass(frozen=True, eq=False)
class _Counts:
    """Pairs as rows: how many keypoints (P,), how many answered (P,), how many right (P, 2, A) by scale and alpha."""

    keypoints: NDArray[np.int64]
    answered: NDArray[np.int64]
    right: NDArray[np.int64]

    def of(self, which: NDArray[np.int64]) -> "_Counts":
        """Only some of the pairs."""
        return _Counts(self.keypoints[which], self.answered[which], self.right[which])

    @property
    def shares(self) -> Floats:
        """Each pair's own share of right ones (P, 2, A); every pair must have keypoints."""
        return np.asarray(self.right / self.keypoints[:, None, None])


def tables(pairs: Sequence[PairErrors], alphas: Sequence[float] = ALPHAS, *, draws: int = DRAWS,
           seed: int = 0) -> dict[str, Any]:  # fmt: skip
    """Everything as plain data: `overall`, `macro`, `categories`, `flags` and `keypoints`, None where nothing is known.

    A category's interval does not change with the other categories there are.
    """
    counts = _counted(pairs, alphas)
    used = np.flatnonzero(counts.keypoints).astype(np.int64)
    table = _Tables(pairs, counts, tuple(alphas), draws, seed)
    categories = {
        name: table.drawn(rows, f"category {name}") for name, rows in table.by(lambda each: each.category, used)
    }
    flags = dict.fromkeys(flag for i in used.tolist() for flag in pairs[i].flags)
    return {
        "alphas": [float(alpha) for alpha in alphas],
        "pairs": len(pairs),
        "pairs_without_keypoints": len(pairs) - len(used),
        "interval": {"level": LEVEL, "draws": draws, "seed": seed},
        "overall": table.group(table.drawn(used, "overall")),
        "macro": table.macro(list(categories.values())),
        "categories": {name: table.group(drawn) for name, drawn in categories.items()},
        "flags": {flag: table.flag(flag, used) for flag in flags},
        "keypoints": _by_keypoint([pairs[i] for i in used.tolist()], alphas),
    }


def rows(found: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """The groups of `tables` as rows under HEADER."""
    yield from _group_rows("overall", "all", found["overall"])
    yield from _group_rows("macro", "all", found["macro"])
    for name, group in found["categories"].items():
        yield from _group_rows("category", name, group)
    for flag, values in found["flags"].items():
        for value, group in values.items():
            yield from _group_rows(flag, value, group)


def keypoint_rows(found: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """The keypoints of `tables` as rows under KEYPOINT_HEADER."""
    for category, points in found["keypoints"].items():
        for name, point in points.items():
            for scale, by_alpha in point["pck"].items():
                for alpha, pck in by_alpha.items():
                    yield category, name, scale, float(alpha), point["keypoints"], point["answered"], pck


def key(alpha: float) -> str:
    """An alpha as the tables name it."""
    return repr(float(alpha))


@dataclass(frozen=True, eq=False)
class _Drawn:
    """Pairs that have keypoints, and both numbers of each resampling (draws, 2, A), None where there can be none."""

    counts: _Counts
    per_image: Floats | None
    per_point: Floats | None


@dataclass(frozen=True, eq=False)
class _Tables:
    pairs: Sequence[PairErrors]
    counts: _Counts
    alphas: tuple[float, ...]
    draws: int
    seed: int

    def by(self, what: Callable[[PairErrors], str | None],
           among: NDArray[np.int64]) -> Iterator[tuple[str, NDArray[np.int64]]]:  # fmt: skip
        """Numbers of the pairs of each group, in the order in which groups first appear."""
        found: dict[str, list[int]] = {}
        for i in among.tolist():
            name = what(self.pairs[i])
            if name is not None:
                found.setdefault(name, []).append(i)
        yield from ((name, np.array(numbers, np.int64)) for name, numbers in found.items())

    def drawn(self, among: NDArray[np.int64], name: str) -> _Drawn:
        """A group and what came of drawing its pairs again; its name decides the draws."""
        counts = self.counts.of(among)
        if len(among) < 2:
            return _Drawn(counts, None, None)
        shares, right = (each.reshape(len(among), -1) for each in (counts.shares, counts.right))
        columns = np.hstack([shares, right, counts.keypoints[:, None]]).astype(np.float64)
        rng = np.random.default_rng([self.seed, *name.encode()])
        sums = np.vstack([times @ columns for times in _resampled(rng, len(among), self.draws)])
        n, shape = shares.shape[1], (self.draws, *counts.right.shape[1:])
        per_image, per_point = sums[:, :n] / len(among), sums[:, n:-1] / sums[:, -1:]
        return _Drawn(counts, per_image.reshape(shape), per_point.reshape(shape))

    def group(self, drawn: _Drawn) -> dict[str, Any]:
        """One group as plain data."""
        image, point = _per_image(drawn.counts), _per_point(drawn.counts)
        return self._plain([drawn.counts], (image, drawn.per_image), (point, drawn.per_point))

    def macro(self, categories: Sequence[_Drawn]) -> dict[str, Any]:
        """The mean over categories, each with the same weight."""
        image = _mean([_per_image(each.counts) for each in categories])
        point = _mean([_per_point(each.counts) for each in categories])
        again_image, again_point = _mean([c.per_image for c in categories]), _mean([c.per_point for c in categories])
        found = self._plain([each.counts for each in categories], (image, again_image), (point, again_point))
        return {"categories": len(categories)} | found

    def flag(self, flag: str, used: NDArray[np.int64]) -> dict[str, Any]:
        """The pairs by the values of a flag; those without it are in none."""
        values = self.by(lambda each: each.flags.get(flag), used)
        return {value: self.group(self.drawn(numbers, f"{flag} {value}")) for value, numbers in values}

    def _plain(self, counts: Sequence[_Counts], image: tuple[Floats | None, Floats | None],
               point: tuple[Floats | None, Floats | None]) -> dict[str, Any]:  # fmt: skip
        total = sum(int(each.keypoints.sum()) for each in counts)
        answered = sum(int(each.answered.sum()) for each in counts)
        return {
            "pairs": sum(len(each.keypoints) for each in counts),
            "keypoints": total,
            "answered": answered / total if total else None,
            "pck": {
                scale: {key(alpha): _numbers("per_image", image, s, a) | _numbers("per_point", point, s, a)
                        for a, alpha in enumerate(self.alphas)}
                for s, scale in enumerate(SCALES)
            },
        }  # fmt: skip


def _per_image(counts: _Counts) -> Floats | None:
    """The mean of the pairs' shares (2, A)."""
    return np.asarray(counts.shares.mean(axis=0)) if len(counts.keypoints) else None


def _per_point(counts: _Counts) -> Floats | None:
    """The share among all keypoints (2, A)."""
    return np.asarray(counts.right.sum(axis=0) / counts.keypoints.sum()) if len(counts.keypoints) else None


def _mean(values: Sequence[Floats | None]) -> Floats | None:
    """The mean of arrays; None where one is not known, or there is none."""
    known = [each for each in values if each is not None]
    return np.mean(known, axis=0) if known and len(known) == len(values) else None


def _counted(pairs: Sequence[PairErrors], alphas: Sequence[float]) -> _Counts:
    keypoints = np.array([len(each.errors) for each in pairs], np.int64)
    errors = np.concatenate([np.empty(0), *(each.errors for each in pairs)])
    of = np.repeat(np.arange(len(pairs)), keypoints)
    right = np.zeros((len(pairs), len(SCALES), len(alphas)), np.int64)
    for s, sides in enumerate(_sides(pairs)):
        for a, alpha in enumerate(alphas):
            right[:, s, a] = np.bincount(of[within(errors, sides[of], alpha)], minlength=len(pairs))
    return _Counts(keypoints, np.bincount(of[np.isfinite(errors)], minlength=len(pairs)), right)


def _sides(pairs: Sequence[PairErrors]) -> tuple[Floats, Floats]:
    """The sides of all pairs, in the order of SCALES."""
    return np.array([each.side_box for each in pairs], float), np.array([each.side_image for each in pairs], float)


def _resampled(rng: np.random.Generator, n: int, draws: int) -> Iterator[NDArray[np.float64]]:
    """How often each of n is drawn when n are drawn with replacement: (some, n), until there are as many as `draws`."""
    while draws > 0:
        some = min(draws, max(1, _AT_ONCE // n))
        drawn = rng.integers(0, n, (some, n)) + n * np.arange(some)[:, None]
        yield np.bincount(drawn.ravel(), minlength=some * n).reshape(some, n).astype(np.float64)
        draws -= some


def _numbers(name: str, values: tuple[Floats | None, Floats | None], s: int, a: int) -> dict[str, Any]:
    """One number and its interval."""
    value, again = values
    ends = None if again is None else np.quantile(again[:, s, a], [(1 - LEVEL) / 2, (1 + LEVEL) / 2]).tolist()
    return {name: None if value is None else float(value[s, a]), f"{name}_interval": ends}


def _by_keypoint(pairs: Sequence[PairErrors], alphas: Sequence[float]) -> dict[str, Any]:
    """Each keypoint by its name within its category, over all pairs that have it."""
    held: dict[tuple[str, str], list[tuple[float, float, float]]] = {}
    for each in pairs:
        for name, error in zip(each.names, each.errors.tolist(), strict=True):
            held.setdefault((each.category, name), []).append((error, each.side_box, each.side_image))
    found: dict[str, Any] = {}
    for (category, name), values in held.items():
        errors, *sides = (np.array(column) for column in zip(*values, strict=True))
        found.setdefault(category, {})[name] = {
            "keypoints": len(values),
            "answered": float(np.isfinite(errors).mean()),
            "pck": {scale: {key(alpha): float(within(errors, side, alpha).mean()) for alpha in alphas}
                    for scale, side in zip(SCALES, sides, strict=True)},
        }  # fmt: skip
    return found


def _group_rows(group: str, name: str, found: Mapping[str, Any]) -> Iterable[tuple[Any, ...]]:
    """A row for each scale and alpha of a group."""
    for scale, by_alpha in found["pck"].items():
        for alpha, each in by_alpha.items():
            image, point = (each[f"{kind}_interval"] or (None, None) for kind in ("per_image", "per_point"))
            yield (
                group, name, scale, float(alpha), found["pairs"], found["keypoints"], found["answered"],
                each["per_image"], *image, each["per_point"], *point,
            )  # fmt: skip
