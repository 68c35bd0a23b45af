"""Where the cells of the mean shape lie on a specimen, and how much of each is specimen."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dinosar.data import Specimen
from dinosar.grid import Grid
from dinosar.homology.cells import Side
from dinosar.homology.lattice import Lattice
from dinosar.masks import on_mask
from dinosar.shape.spline import Spline, fit_spline

Array = NDArray[np.float64]
PER_SIDE = 8
"""Points along each side of a cell that are looked up in the mask: coverage is known to a sixty-fourth."""


@dataclass(frozen=True)
class Frame:
    """Network pixels in the photo's own proportions, so that a photo stretched for the network keeps its shape."""

    grid: Grid

    @property
    def scale(self) -> float:
        """Pixels of this frame per pixel of the photo."""
        return float(np.sqrt(self.grid.scale[0] * self.grid.scale[1]))

    def from_photo(self, points: Array) -> Array:
        """Photo points (..., 2) in this frame; for a photo shown in its proportions they are network pixels."""
        return np.asarray((points - np.array(self.grid.crop[:2])) * self.scale + np.array(self.grid.content[:2]))

    def to_photo(self, points: Array) -> Array:
        """The way back."""
        return np.asarray((points - np.array(self.grid.content[:2])) / self.scale + np.array(self.grid.crop[:2]))


def warp(specimen: Specimen, consensus: Array, landmarks: Array, smoothing: float) -> Spline:
    """The thin-plate spline that carries the mean shape onto the specimen's landmarks, in the specimen's frame.

    Smoothing counts in patches, so that it means the same at every size.
    """
    patch = specimen.features.grid.patch
    return fit_spline(consensus, Frame(specimen.features.grid).from_photo(landmarks), smoothing * patch**2)


def laid_over(
    specimen: Specimen, lattice: Lattice, spline: Spline, landmarks: tuple[Array, Array], mask: NDArray[np.bool_]
) -> Side:
    """The grid on the specimen, whose `landmarks` are given on its photo and in the frame of the mean shape.

    `mask` says which pixels of the photo count.
    """
    frame = Frame(specimen.features.grid)
    corners, centres = (frame.to_photo(spline(points)) for points in (lattice.corners, lattice.centres))
    within = frame.to_photo(spline(lattice.inside(PER_SIDE)))
    return Side(*landmarks, corners, centres, on_mask(within, mask).mean(axis=-1), turned_over(corners))


def spread_within(corners: Array) -> Array:
    """Points spread evenly over every warped cell (cells, n, 2), between its four corners."""
    steps = (np.arange(PER_SIDE) + 0.5) / PER_SIDE
    v, u = (each.reshape(-1, 1) for each in np.meshgrid(steps, steps, indexing="ij"))
    ends = [corners[y : y + corners.shape[0] - 1, x : x + corners.shape[1] - 1].reshape(-1, 1, 2)
            for y, x in ((0, 0), (0, 1), (1, 0), (1, 1))]  # fmt: skip
    upper, lower = (ends[i] * (1 - u) + ends[i + 1] * u for i in (0, 2))
    return np.asarray(upper * (1 - v) + lower * v)


def turned_over(corners: Array) -> NDArray[np.bool_]:
    """Cells (rows, columns) of a warped grid that lie wrong side up at any of their corners: the landmarks cross."""
    across, down = np.diff(corners, axis=1), np.diff(corners, axis=0)
    first = across[:-1, :, 0] * down[:, :-1, 1] - across[:-1, :, 1] * down[:, :-1, 0]
    last = across[1:, :, 0] * down[:, 1:, 1] - across[1:, :, 1] * down[:, 1:, 0]
    return np.asarray((first <= 0) | (last <= 0))
