"""The whole photo is specimen."""

import numpy as np
from numpy.typing import NDArray

import dinosar


class Whole(dinosar.Masker):
    """Everything counts: for scenes, frames, and photos that are cut out already."""

    def mask(self, photo: dinosar.Photo, features: dinosar.Features | None) -> NDArray[np.bool_]:
        """All true."""
        return np.ones(photo.pixels.shape[:2], dtype=bool)
