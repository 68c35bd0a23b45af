"""The patches that are matched: a foreground that features found, without its edge."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dinosar.data import Specimen
from dinosar.notices import warn


def without_edge(specimen: Specimen) -> Specimen:
    """The foreground without patches that have ground beside, above or below them; beyond the photo there is none.

    Of a foreground so thin that nothing would be left the edge is kept, aloud.
    """
    kept = inner(specimen.patches)
    if kept.any():
        return replace(specimen, patches=kept)
    warn(f"the foreground of '{specimen.name}' is so thin that nothing lies within its edge; all of it is matched")
    return specimen


def inner(patches: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Patches (rows, columns) whose four neighbours are patches, too."""
    wide = np.pad(patches, 1, constant_values=True)
    around = (wide[:-2, 1:-1], wide[2:, 1:-1], wide[1:-1, :-2], wide[1:-1, 2:])
    return np.asarray(np.logical_and.reduce((patches, *around)))
