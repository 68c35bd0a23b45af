"""Both specimens turned half-way to each other before the backbone is asked what it makes of their cells.

A descriptor of ten degrees more is another descriptor, whatever the backbone. The turn goes in steps: photographs in
much the same pose are seen as they are, and a specimen is seen in a few poses however many it is compared with.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dinosar.alignment import aligned
from dinosar.data import Outlined, Specimen
from dinosar.homology.anchors import Anchors
from dinosar.homology.warping import Frame
from dinosar.poses import ROOM
from dinosar.shape.fits import fit_movement, moved, turn_of, turning

Array = NDArray[np.float64]
Look = Callable[[Outlined], Specimen]
"""What the backbone makes of a photo and its mask."""
STEP = 5.0
"""Degrees. Half a step on each side is the most that is left; it costs less than the difference of two photographs."""


@dataclass(frozen=True, eq=False)
class Turned:
    """A specimen as it is asked about its cells: itself, or turned by `degrees`; `movement` leads there."""

    specimen: Specimen
    degrees: float = 0.0
    movement: Array | None = None

    def there(self, points: Array) -> Array:
        """Points of the photo in that of the turned specimen."""
        return points if self.movement is None else moved(self.movement, points)


def turned_to_meet(a: Specimen, b: Specimen, anchors: Anchors, look: Look | None) -> tuple[Turned, Turned]:
    """Both, turned towards each other; as they are where the turn is less than half a step, or nobody looks again."""
    if look is None:
        return Turned(a), Turned(b)
    left, right = (Frame(each.features.grid).from_photo(points) for each, points in ((a, anchors.a), (b, anchors.b)))
    degrees = STEP * round(turn_of(fit_movement("similarity", left, right)) / 2 / STEP)
    return turned(a, degrees, look), turned(b, -degrees, look)


def turned(specimen: Specimen, degrees: float, look: Look) -> Turned:
    """The specimen turned about the middle of its photo, and seen anew."""
    if degrees == 0:
        return Turned(specimen)
    movement = turning(degrees, np.array(specimen.photo.size) / 2)
    there = aligned(specimen.photo, specimen.mask, movement, specimen.photo.size, room=ROOM)
    return Turned(look(Outlined(there.photo, there.mask)), degrees, there.movement)
