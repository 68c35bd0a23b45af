"""A specimen as a backbone sees it in some pose, at some detail; each is seen once, however many ask."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dinosar.config import ImageConfig, MaskConfig
from dinosar.contracts import Backbone
from dinosar.data import Features, Photo
from dinosar.features import see
from dinosar.grid import share_per_patch
from dinosar.masks import count_patches, no_patch
from dinosar.shape.fits import moved
from dinosar.store import Store
from dinosar.transfer.turning import Matrix, Pose, turned

Points = NDArray[np.float64]
Bools = NDArray[np.bool_]
SIDE = 512.0
"""Long side of a specimen in the units of this package, whatever its size in pixels: every distance is told in them."""


@dataclass(frozen=True, eq=False)
class View:
    """Unit tokens (rows, columns, depth), where they lie, and which of them are specimen.

    `inside` are tokens most of whose patch is mask; `near` are all that touch it or a neighbour that does, because a
    mask is seldom exact at the tip of a leg. `matrix` leads from the photo's pixels to units.
    """

    features: Features
    inside: Bools
    near: Bools
    matrix: Matrix

    @property
    def places(self) -> Points:
        """Centres of all tokens in units (rows * columns, 2)."""
        return moved(_scaling(self.features), self.features.grid.centres_in_photo())

    @property
    def scale(self) -> float:
        """Units in a pixel of the photo."""
        return float(np.sqrt(abs(np.linalg.det(self.matrix[:2, :2]))))

    def lattice(self, points: Points) -> Points:
        """Points in units as column and row of the lattice of tokens, 0 at the centre of the first."""
        grid = self.features.grid
        pixels = moved(_inverse(_scaling(self.features)), points)
        return grid.to_network(pixels) / grid.patch - 0.5

    def units(self, lattice: Points) -> Points:
        """Columns and rows of the lattice as points in units."""
        grid = self.features.grid
        return moved(_scaling(self.features), grid.to_photo((np.asarray(lattice) + 0.5) * grid.patch))

    def holds(self, points: Points) -> Bools:
        """Which points in units lie on a token near the specimen."""
        rows, columns = self.near.shape
        x, y = np.clip(np.rint(self.lattice(points)), 0, [columns - 1, rows - 1]).astype(np.int64).T
        return np.asarray(self.near[y, x] & self.shows(points))

    def shows(self, points: Points) -> Bools:
        """Which points in units lie on any token: what is farther off was not shown to the backbone."""
        rows, columns = self.near.shape
        lattice = self.lattice(points)
        return np.asarray(((lattice >= -0.5) & (lattice <= np.array([columns, rows]) - 0.5)).all(axis=1))

    def from_photo(self, points: Points) -> Points:
        """Original pixels in units."""
        return moved(self.matrix, points)

    def to_photo(self, points: Points) -> Points:
        """Units in original pixels."""
        return moved(_inverse(self.matrix), points)


@dataclass(eq=False)
class Sight:
    """A photo and its mask, to be seen in any pose."""

    photo: Photo
    mask: Bools
    backbone: Backbone
    image: ImageConfig
    counting: MaskConfig = field(default_factory=MaskConfig)
    store: Store | None = None
    seen: dict[tuple[Pose, int], View] = field(default_factory=dict)

    def view(self, pose: Pose, size: int) -> View:
        """What the backbone sees of the specimen in this pose, its long side `size` pixels."""
        key = pose, size
        if key not in self.seen:
            self.seen[key] = self._view(pose, size)
        return self.seen[key]

    def _view(self, pose: Pose, size: int) -> View:
        photo, mask, matrix = turned(self.photo, self.mask, pose, self.image.crop_margin)
        config = self.image.model_copy(update={"size": size})
        features = see(photo, self.backbone, config, self.store, mask=mask)
        _, counted = count_patches(mask, features.grid, self.counting)
        inside = counted & features.directed
        if not inside.any():
            raise no_patch(photo, self.mask)
        near = touching(share_per_patch(mask, features.grid) > 0) & features.directed
        return View(features, inside, near, _scaling(features) @ matrix)


def touching(cells: Bools) -> Bools:
    """The cells and their eight neighbours."""
    padded = np.pad(cells, 1)
    rows, columns = cells.shape
    shifts = [padded[y : y + rows, x : x + columns] for y in range(3) for x in range(3)]
    return np.asarray(np.logical_or.reduce(shifts))


def _scaling(features: Features) -> Matrix:
    """From the pixels of what was shown to units."""
    scale = SIDE / max(features.grid.photo)
    return np.diag(np.array([scale, scale, 1.0]))


def _inverse(matrix: Matrix) -> Matrix:
    return np.asarray(np.linalg.inv(matrix), np.float64)
