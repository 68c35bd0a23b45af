"""What was decided on a picture, on what grounds, and by which rule; or why nothing was."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

import numpy as np

from dinosar.arrays import freeze
from dinosar.foreground.views import Patches
from dinosar.foreground.votes import Votes, summed

Method = Literal["pca-joint", "pca", "ncut"]
Sign = Literal["+", "-"]
CALLED: dict[Method, str] = {
    "pca-joint": "the joint principal component",
    "pca": "the principal component",
    "ncut": "the normalised cut",
}


@dataclass(frozen=True)
class Rule:
    """When a foreground is one. The limits were set on seeds below 100 of `benchmarks/foreground.py`."""

    sign: Literal["auto", "+", "-"] = "auto"
    """+: what the border of the picture has less of; -: the rest; auto: as the votes say."""
    ncut: bool = True
    """Whether the normalised cut is asked where the component tells nothing."""
    confidence: float = 0.3
    """Of components with less, two in three or more were not the thing; of those with more, one in seven."""
    separability: float = 0.75
    """What an even ramp has, as of light, that has no sides; a hump of noise has 2 / pi."""
    least: float = 0.02
    most: float = 0.95
    """Least and largest share of the patches."""
    patches: int = 16
    """Patches that must count: in fewer, any noise looks like something."""


@dataclass(frozen=True, eq=False)
class Verdict:
    """The patches (rows, columns) of the foreground, or None; by which method, and what that rests on.

    `votes` are for the side that was taken. `separability` is the share of the variance of scores, or of the entries of
    an eigenvector, that the two sides explain; `area` is the share of the counted patches. `reasons` say why what was
    tried before told nothing. Of a picture without a foreground the reasons are all there is.
    """

    patches: Patches | None
    method: Method | None = None
    sign: Sign | None = None
    votes: Votes = Votes()
    confidence: float | None = None
    area: float | None = None
    separability: float | None = None
    reasons: tuple[str, ...] = ()
    given: bool = False
    """Whether a person said which side; the votes and their confidence may then be against it."""

    def __post_init__(self) -> None:
        freeze(self)

    def as_dict(self) -> dict[str, Any]:
        """All but the patches as plain data, for JSON; what could not be asked is None."""
        plain = {each.name: getattr(self, each.name) for each in fields(self)[1:]}
        return plain | {"votes": asdict(self.votes), "reasons": list(self.reasons)}


def judged(taken: Patches, counted: Patches, found: Verdict, rule: Rule) -> Verdict:
    """A finding with its patches, or with the reason why it tells nothing."""
    area = float(taken.sum() / counted.sum())
    known = {each.name: getattr(found, each.name) for each in fields(found)} | {"area": area}
    why = _against(area, found, rule)
    if why:
        return Verdict(**known | {"reasons": (f"{CALLED[found.method or 'pca']} {why}",)})
    return Verdict(**known | {"patches": taken})


def _against(area: float, found: Verdict, rule: Rule) -> str:
    """Why a finding is not to be believed, in words; nothing if it is."""
    free = rule.sign == "auto"
    if free and (found.confidence or 0.0) < rule.confidence:
        return f"has no clear side: votes of confidence {found.confidence:.2f}, needed are {rule.confidence:g}"
    if free and (found.separability or 0.0) < rule.separability:
        return f"does not fall in two: separability {found.separability:.2f}, needed are {rule.separability:g}"
    if not rule.least <= area <= rule.most:
        return f"would take {area:.1%} of the picture, not {rule.least:.0%} to {rule.most:.0%}"
    return ""


def nothing(*reasons: str) -> Verdict:
    """No foreground, and why."""
    return Verdict(None, reasons=reasons)


def sure(every: Sequence[Votes]) -> float:
    """How sure votes for a side are, from -1 (all against it) to 1."""
    total, size = summed(every)
    return float(np.sign(total)) * size
