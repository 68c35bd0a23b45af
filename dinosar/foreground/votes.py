"""Which side of a component is the foreground: the border, attention and the heavier tail each have a vote.

Each fails in a case of its own: the border where a thing crosses it, attention where it looks elsewhere, the tail where
the thing fills most of the picture. So no one of them decides.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from dinosar.foreground.views import Array, Patches, View

RING = ((8, 2), (4, 1))
"""Least short side of the picture in patches -> width of its border ring; at least half of the side stays within."""
STEEP = {"border": 2.0, "attention": 4.0, "skewness": 1.0}
"""How soon a vote is sure of itself: a correlation of 0.25 and a difference of half a standard deviation are much."""
EVEN = 1e-9
"""A difference below this is rounding."""


@dataclass(frozen=True)
class Votes:
    """For or against the positive side, each from -1 to 1; None where it could not be asked."""

    border: float | None = None
    attention: float | None = None
    skewness: float | None = None

    @property
    def cast(self) -> list[float]:
        """Those that could be asked."""
        return [vote for vote in asdict(self).values() if vote is not None]

    def turned(self) -> "Votes":
        """The same for the other side."""
        return Votes(**{name: None if vote is None else -vote for name, vote in asdict(self).items()})


def votes(scores: Array, view: View) -> Votes:
    """The three votes for the positive side of scores (rows, columns)."""
    said = {
        "border": border(scores, view.counted),
        "attention": attention(scores, view),
        "skewness": skewness(scores[view.counted]),
    }
    return Votes(**{name: None if each is None else float(np.tanh(STEEP[name] * each)) for name, each in said.items()})


def summed(every: Sequence[Votes]) -> tuple[float, float]:
    """The sum of all votes cast, and how sure that is: from 0 to 1, where all three are sure and agree.

    One that could not be asked is for neither side: fewer witnesses make nobody surer.
    """
    total = float(sum(vote for each in every for vote in each.cast))
    return total, abs(total) / max(len(STEEP) * len(every), 1)


def oriented(scores: Sequence[Array], views: Sequence[View]) -> list[Array]:
    """Scores turned so that the positive side is what the border has less of.

    A solver gives an axis in either direction; after this it does not matter which. Where the border has as much of
    both, attention decides, else the tail, else the patch that lies farthest out.
    """
    every = [votes(*each) for each in zip(scores, views, strict=True)]
    for name in STEEP:
        told = sum(getattr(each, name) or 0.0 for each in every)
        if abs(told) > EVEN:
            return [each * np.sign(told) for each in scores]
    flat = np.concatenate([each[view.counted] for each, view in zip(scores, views, strict=True)])
    return [each * np.sign(flat[np.abs(flat).argmax()]) for each in scores]


def border(scores: Array, counted: Patches) -> float | None:
    """The mean of scores within less that of the ring of patches along the border; None where there is no room."""
    around = ring(counted)
    if not (around & counted).any() or not (counted & ~around).any():
        return None
    return float(scores[counted & ~around].mean() - scores[around & counted].mean())


def ring(counted: Patches) -> Patches:
    """The outermost patches of the box around those that count: two deep, one in small pictures, none in tiny ones."""
    rows, columns = (np.flatnonzero(counted.any(axis=axis)) for axis in (1, 0))
    found = np.zeros(counted.shape, dtype=bool)
    if not rows.size:
        return found
    short = min(rows[-1] - rows[0], columns[-1] - columns[0]) + 1
    depth = next((depth for least, depth in RING if short >= least), 0)
    if depth:
        found[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = True
        found[rows[0] + depth : rows[-1] + 1 - depth, columns[0] + depth : columns[-1] + 1 - depth] = False
    return found


def attention(scores: Array, view: View) -> float | None:
    """Spearman's correlation of scores with attention or saliency; None where there is none, or it is even."""
    from scipy.stats import rankdata

    if view.focus is None:
        return None
    ranks = [rankdata(values[view.counted]) for values in (scores, view.focus)]
    if min(float(np.ptp(each)) for each in ranks) == 0:
        return None
    return float(np.corrcoef(*ranks)[0, 1])


def skewness(values: Array) -> float | None:
    """Which tail of scores is the heavier one: their third moment; None where they are all the same."""
    deviations = values - values.mean()
    spread = float(np.sqrt((deviations**2).mean()))
    return float((deviations**3).mean() / spread**3) if spread > EVEN else None
