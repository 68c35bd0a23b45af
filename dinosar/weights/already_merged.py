"""Whether weights hold an adapter already that is about to be added to them: it would count twice.

Some training scripts merge an adapter into its weights whenever they evaluate, and save both then. If W holds the
change D, the part of W that points along D is D itself: <W, D> / <D, D> is about 1, and about 0 if it does not. By
chance that part is off by about |W| / (|D| sqrt(n)) for n numbers, so a faint adapter tells nothing.
"""

import math
from dataclasses import dataclass
from typing import Any

NOISE = 0.1
"""Layers where chance moves the part by more than this do not count."""
NEAR = 0.2
"""How near 1 the part has to be: twice the noise."""
NEARLY_ALL = 0.9


@dataclass(frozen=True)
class Likeness:
    """How much of a change lies in a weight already (1: all of it), and by how much chance alone moves that."""

    part: float
    noise: float


def likeness(weight: Any, change: Any) -> Likeness:
    """How much of a change (not all zero) lies in a weight; both tensors in double precision."""
    size = float(change.norm())
    return Likeness(float((weight * change).sum()) / size**2, float(weight.norm()) / (size * math.sqrt(change.numel())))


def seem_to_hold(found: list[Likeness]) -> bool:
    """Whether weights seem to hold the changes that are to be added, of which at least one must tell.

    This is a reason for a warning and not for a refusal: a training may strengthen what a weight does already, and then
    its change lies in the weight without ever having been added.
    """
    telling = [each for each in found if each.noise < NOISE]
    near = sum(abs(each.part - 1) <= NEAR for each in telling)
    return bool(telling) and near >= NEARLY_ALL * len(telling)
