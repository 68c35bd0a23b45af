"""Where a patch lies: patch <-> network pixel <-> original pixel, both ways.

Coordinates are (x, y), x to the right and y down, measured along the edges of pixels: pixel i covers [i, i + 1), so the
centre of the first pixel is 0.5 and the right edge of the photo is its width. A patch is named by (row, column) or by
its flat index, row by row.
"""

from dataclasses import asdict, dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from dinosar.errors import UsageError

Fit = Literal["letterbox", "stretch", "native"]
Box = tuple[int, int, int, int]
"""Left, top, width, height."""


@dataclass(frozen=True)
class Grid:
    """A lattice of square patches over the network's image, and the way back to the photo.

    `photo` is (width, height) of the original, `crop` the box of it that was shown to the network, `network` the
    (width, height) of the network's image, `content` the box of that image which the crop fills (the rest is padding).
    """

    photo: tuple[int, int]
    crop: Box
    network: tuple[int, int]
    content: Box
    patch: int

    def __post_init__(self) -> None:
        width, height = self.network
        if self.patch < 1 or width < 1 or height < 1 or width % self.patch or height % self.patch:
            raise ValueError(f"a network image of {width} x {height} px is not made of patches of {self.patch} px")
        if min(self.crop[2:]) < 1 or min(self.content[2:]) < 1:
            raise ValueError(f"crop {self.crop} and content {self.content} must each hold at least one pixel")

    @property
    def rows(self) -> int:
        """Rows of patches."""
        return self.network[1] // self.patch

    @property
    def columns(self) -> int:
        """Columns of patches."""
        return self.network[0] // self.patch

    @property
    def scale(self) -> tuple[float, float]:
        """Network pixels per original pixel, along x and along y."""
        return self.content[2] / self.crop[2], self.content[3] / self.crop[3]

    def centres(self) -> NDArray[np.float64]:
        """Centres of all patches in network pixels, (rows * columns, 2), row by row."""
        y, x = np.mgrid[: self.rows, : self.columns]
        return (np.stack([x.ravel(), y.ravel()], axis=1) + 0.5) * float(self.patch)

    def patch_at(self, points: NDArray[np.float64]) -> NDArray[np.int64]:
        """Flat index of the patch under each network point (n, 2); points outside the image get -1."""
        cell = np.floor(np.asarray(points, dtype=np.float64) / self.patch).astype(np.int64)
        inside = (cell >= 0).all(axis=1) & (cell[:, 0] < self.columns) & (cell[:, 1] < self.rows)
        return np.where(inside, cell[:, 1] * self.columns + cell[:, 0], -1)

    def to_photo(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Network points (n, 2) in original pixels."""
        points = np.asarray(points, dtype=np.float64)
        return (points - self.content[:2]) / self.scale + np.asarray(self.crop[:2], dtype=np.float64)

    def to_network(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Original points (n, 2) in network pixels."""
        points = np.asarray(points, dtype=np.float64)
        return (points - self.crop[:2]) * self.scale + np.asarray(self.content[:2], dtype=np.float64)

    def centres_in_photo(self) -> NDArray[np.float64]:
        """Centres of all patches in original pixels, (rows * columns, 2)."""
        return self.to_photo(self.centres())

    def as_dict(self) -> dict[str, object]:
        """The grid as plain data, for JSON."""
        return {**{k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()},
                "rows": self.rows, "columns": self.columns}  # fmt: skip


def fit_grid(
    photo: tuple[int, int], patch: int, *, fit: Fit = "letterbox", size: int = 512, crop: Box | None = None
) -> Grid:
    """The grid for showing a photo (or a crop of it) to a network whose patches are `patch` pixels wide.

    letterbox: aspect kept, long side `size`, padded by less than one patch; stretch: a square of `size`, aspect lost;
    native: the photo's own pixels, padded by less than one patch. `size` is lowered to a multiple of the patch.
    """
    crop = crop or (0, 0, *photo)
    side = size // patch * patch
    if side < patch:
        raise UsageError(f"image.size: {size} px is less than one patch of {patch} px; give at least {patch}")
    if fit == "stretch":
        return Grid(photo, crop, (side, side), (0, 0, side, side), patch)
    if fit not in get_args(Fit):
        raise UsageError(f"image.fit: '{fit}' is none of {', '.join(get_args(Fit))}")
    scale = side / max(crop[2:]) if fit == "letterbox" else 1.0
    width, height = (max(1, round(length * scale)) for length in crop[2:])
    network = tuple(-(-length // patch) * patch for length in (width, height))
    left, top = ((whole - part) // 2 for whole, part in zip(network, (width, height), strict=True))
    return Grid(photo, crop, (network[0], network[1]), (left, top, width, height), patch)


def box_around(mask: NDArray[np.bool_], margin: float) -> Box:
    """The smallest box that holds the mask, widened on every side by `margin` of its longer side, within the photo."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        raise ValueError("an empty mask has no box")
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    pad = round(margin * max(bottom - top, right - left))
    left, top = max(0, left - pad), max(0, top - pad)
    right, bottom = min(mask.shape[1], right + pad), min(mask.shape[0], bottom + pad)
    return int(left), int(top), int(right - left), int(bottom - top)


def share_per_patch(mask: NDArray[np.bool_], grid: Grid) -> NDArray[np.float64]:
    """Share of every patch (rows, columns) that a full-size mask covers; padding and what is cropped away do not.

    Exact: the covered area comes from the mask's integral image, interpolated at the patch edges.
    """
    left, top, width, height = grid.crop
    inside = mask[top : top + height, left : left + width].astype(np.float64)
    integral = np.zeros((height + 1, width + 1))
    integral[1:, 1:] = inside.cumsum(axis=0).cumsum(axis=1)
    columns = _edges(grid.columns, grid.patch, grid.content[0], grid.scale[0], width)
    rows = _edges(grid.rows, grid.patch, grid.content[1], grid.scale[1], height)
    corners = _bilinear(integral, rows, columns)
    area = corners[1:, 1:] - corners[:-1, 1:] - corners[1:, :-1] + corners[:-1, :-1]
    share: NDArray[np.float64] = np.clip(area * grid.scale[0] * grid.scale[1] / grid.patch**2, 0.0, 1.0)
    return share


def _edges(count: int, patch: int, offset: int, scale: float, limit: int) -> NDArray[np.float64]:
    """Patch edges along one axis, in pixels of the crop, kept within it."""
    return np.clip((np.arange(count + 1) * patch - offset) / scale, 0, limit)


def _bilinear(
    table: NDArray[np.float64], rows: NDArray[np.float64], columns: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The table at every crossing of fractional rows and columns."""
    top = np.minimum(rows.astype(int), table.shape[0] - 2)
    left = np.minimum(columns.astype(int), table.shape[1] - 2)
    down, right = (rows - top)[:, None], (columns - left)[None, :]
    upper = table[np.ix_(top, left)] * (1 - right) + table[np.ix_(top, left + 1)] * right
    lower = table[np.ix_(top + 1, left)] * (1 - right) + table[np.ix_(top + 1, left + 1)] * right
    blend: NDArray[np.float64] = upper * (1 - down) + lower * down
    return blend
