"""What a backbone looks at: its attention, or the saliency that stands in for it."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationInfo, field_validator, model_validator

import dinosar

Map = NDArray[np.float64]
BLOCK = 256
"""Rows of a photo interpolated at a time: a few MB, whatever the size of the photo."""


class Attention(dinosar.Masker):
    """Where the backbone's attention (or saliency) is highest: needs no weights beyond the backbone's own."""

    needs_features = True

    class Options(dinosar.Options):
        """How much of the map counts: a share of the patches, or a level of the map."""

        percentile: float | None = Field(
            85, ge=0, lt=100, description="Patches above this percentile of the map: 85 keeps the highest 15 %."
        )
        threshold: float | None = Field(
            None,
            ge=0,
            lt=1,
            description="Instead of a percentile: a level on the map scaled to 0..1, so that the share is the map's.",
        )

        @model_validator(mode="before")
        @classmethod
        def _threshold_alone(cls, values: Any) -> Any:
            """A threshold given alone stands for itself; the default percentile is meant only where there is none."""
            if isinstance(values, dict) and values.get("threshold") is not None and "percentile" not in values:
                return {**values, "percentile": None}
            return values

        @field_validator("threshold")
        @classmethod
        def _one_of_both(cls, threshold: float | None, info: ValidationInfo) -> float | None:
            if "percentile" in info.data and (threshold is None) == (info.data["percentile"] is None):
                raise ValueError("give either percentile or threshold, and set the other to null")
            return threshold

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self._looked_at = ""

    def mask(self, photo: dinosar.Photo, features: dinosar.Features | None) -> NDArray[np.bool_]:
        """Pixels where the map, interpolated between the centres of patches, is high enough."""
        if features is None or features.focus is None:
            backbone = f"backbone '{features.backbone}'" if features else "no backbone"
            raise dinosar.InputError(f"{backbone} gives neither attention nor saliency here; use another masker")
        self._looked_at = features.attention_kind
        mask = np.zeros(photo.pixels.shape[:2], dtype=bool)
        rows, columns = _of_the_photo(features.grid)
        inside = features.focus[rows, columns].astype(np.float64)
        if not inside.size or inside.min() == inside.max():
            return mask  # nothing stands out
        if self.options.threshold is None:
            values, level = highest(inside, self.options.percentile)
        else:
            values, level = (inside - inside.min()) / (inside.max() - inside.min()), self.options.threshold
        left, top, width, height = features.grid.crop
        for start, soft in _interpolated(values, features.grid, (rows, columns)):
            mask[top + start : top + start + len(soft), left : left + width] = soft > level
        return mask

    def facts(self) -> dict[str, str]:
        """What it looked at, once it has seen a photo: attention, or saliency, by which it then goes."""
        if not self._looked_at:
            return {}
        other = {"id": f"{self.name or 'attention'} ({self._looked_at})"} if self._looked_at != "attention" else {}
        return {"looks_at": self._looked_at} | other


def highest(values: Map, percentile: float) -> tuple[Map, float]:
    """A map and the level above which lie its patches beyond a percentile. The lowest value never does.

    Of equal patches at the edge those first in reading order count; the others are lowered to the value next below.
    """
    flat = values.ravel().copy()
    count = len(flat) - 1 - int(percentile * (len(flat) - 1) / 100)
    order = np.argsort(-flat, kind="stable")
    order = order[flat[order] > flat.min()]
    last = flat[order[:count]].min()
    below = flat[flat < last].max()
    late = order[count:]
    flat[late[flat[late] == last]] = below
    return flat.reshape(values.shape), (last + below) / 2


def _of_the_photo(grid: dinosar.Grid) -> tuple[slice, slice]:
    """Rows and columns of patches whose centre lies in the photo and not in what pads it."""
    centres = grid.centres().reshape(grid.rows, grid.columns, 2)
    left, top, width, height = grid.content
    found = []
    for along, start, length in ((centres[:, 0, 1], top, height), (centres[0, :, 0], left, width)):
        inside = np.flatnonzero((along >= start) & (along <= start + length))
        found.append(slice(int(inside[0]), int(inside[-1]) + 1) if inside.size else slice(0, 0))
    return found[0], found[1]


def _interpolated(values: Map, grid: dinosar.Grid, kept: tuple[slice, slice]) -> Iterator[tuple[int, Map]]:
    """The map at the centre of every pixel of the crop, in blocks: (first row, rows). Beyond the outer centres it is
    constant."""
    _, _, width, height = grid.crop
    upper, down = _between(np.arange(height), grid.scale[1], grid.content[1], grid.patch, kept[0])
    left, right = _between(np.arange(width), grid.scale[0], grid.content[0], grid.patch, kept[1])
    lower, after = np.minimum(upper + 1, len(values) - 1), np.minimum(left + 1, values.shape[1] - 1)
    for start in range(0, height, BLOCK):
        block = slice(start, start + BLOCK)
        lines = values[upper[block]] * (1 - down[block, None]) + values[lower[block]] * down[block, None]
        yield start, lines[:, left] * (1 - right) + lines[:, after] * right


def _between(
    pixels: NDArray[np.int64], scale: float, offset: int, patch: int, kept: slice
) -> tuple[NDArray[np.int64], Map]:
    """For pixels along one axis: the patch whose centre lies before each, and how far on it is to the next (0..1)."""
    place = np.clip(((pixels + 0.5) * scale + offset) / patch - 0.5 - kept.start, 0, kept.stop - kept.start - 1)
    before = place.astype(np.int64)
    return before, place - before
