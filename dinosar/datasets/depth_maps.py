"""Maps of depths beside photographs: how far what a pixel shows lies before the camera, along its axis."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dinosar.datasets.hdf5_files import array_at, reading
from dinosar.errors import InputError, shown


def depth_of(place: str) -> NDArray[np.float32]:
    """The map (height, width) that `file.h5:/depth` names; 0 where the depth is not known."""
    path, found, key = place.rpartition(":/")
    if not found or not path or not key:
        raise InputError(f"'{shown(place)}' names no map of depths; write it as file.h5:/depth")
    with reading(Path(path)) as file:
        depth = array_at(file, key, (None, None)).astype(np.float32)
    # What cannot be a depth is none: some maps mark what is not known by a negative number, or by NaN.
    return np.where(np.isfinite(depth) & (depth > 0), depth, np.float32(0))
