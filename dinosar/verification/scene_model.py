"""A model of COLMAP as places in the world and where the photographs of the model show them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.arrays import freeze
from dinosar.datasets.colmap_models import registered
from dinosar.datasets.upright import Header
from dinosar.errors import InputError, shown
from dinosar.verification.file_pixels import at, to_upright

Points = NDArray[np.float64]
_FAULTS = (ValueError, RuntimeError, IndexError, OSError, KeyError, TypeError)


@dataclass(frozen=True, eq=False)
class Observed:
    """What a photograph shows of a model: pixels (n, 2), and the places (n, 3) in the world that they show."""

    pixels: Points
    places: Points
    numbers: NDArray[np.int64]

    def __post_init__(self) -> None:
        freeze(self)


class SceneModel:
    """The photographs of a model by name, and what each shows, in the pixels of the model.

    `header` tells what is known of the file of a photograph: with it, places are asked about on photographs upright and
    of the size in which they are stored, as they are looked at.
    """

    def __init__(self, folder: Path, header: Callable[[str], Header | None] = lambda name: None) -> None:
        model = _read(folder)
        self.header = header
        self.observed: dict[str, Observed] = {}
        self.sizes: dict[str, tuple[int, int]] = {}
        self._upright: dict[str, Observed] = {}
        places = {number: np.asarray(point.xyz, dtype=np.float64) for number, point in model.points3D.items()}
        for image in model.images.values():
            seen = [(point.xy, point.point3D_id) for point in image.points2D if point.has_point3D()]
            numbers = np.array([number for _, number in seen], dtype=np.int64)
            pixels = np.array([xy for xy, _ in seen], dtype=np.float64).reshape(-1, 2)
            world = np.array([places[int(number)] for number in numbers], dtype=np.float64).reshape(-1, 3)
            camera = model.cameras[image.camera_id]
            self.sizes[str(image.name)] = int(camera.width), int(camera.height)
            self.observed[str(image.name)] = Observed(pixels, world, numbers)
        if not places:
            raise InputError(
                f"the model of COLMAP in '{shown(folder)}' holds no points, so nothing can be placed in it; name one "
                "with points3D"
            )

    def lifted(self, name: str, pixels: Points, reach: float) -> tuple[NDArray[np.int64], NDArray[np.int64], Points]:
        """Of places (n, 2) in a photograph: which have an observation within `reach` px, and number and place of it."""
        seen = self.upright(name)
        if seen is None or not len(seen.pixels) or not len(pixels):
            return np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, 3))
        from scipy.spatial import cKDTree

        off, nearest = cKDTree(seen.pixels).query(pixels, distance_upper_bound=np.nextafter(reach, np.inf))
        which = np.flatnonzero(np.isfinite(off))
        return which, seen.numbers[nearest[which]], seen.places[nearest[which]]

    def upright(self, name: str) -> Observed | None:
        """What a photograph shows, as it is looked at; None of one that the model does not hold."""
        if name in self.observed and name not in self._upright:
            self._upright[name] = self._as_looked_at(name)
        return self._upright.get(name)

    def _as_looked_at(self, name: str) -> Observed:
        seen, header = self.observed[name], self.header(name)
        if header is None:
            return seen
        move = to_upright(header, self.sizes[name], name, "the model of COLMAP")
        return replace(seen, pixels=at(move, seen.pixels))


def _read(folder: Path) -> Any:
    """The model with its points, as pycolmap reads it; an InputError where there is none, or it is damaged."""
    registered(folder)  # complains about all but the points, and about pycolmap where it is missing
    import pycolmap

    try:
        return pycolmap.Reconstruction(str(folder))
    except _FAULTS as fault:
        raise InputError(
            f"the points of the model of COLMAP in '{shown(folder)}' cannot be read ({shown(fault, 120)}); copy it "
            "again, or make it anew"
        ) from None
