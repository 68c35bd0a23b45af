"""What a landmark file says of one photo (a Sheet), and of all of them (a LandmarkFile)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dinosar.errors import UsageError, shown
from dinosar.landmarks.points import Landmarks, Points

Kind = Literal["coco", "tps", "morphoj", "slicer", "csv"]
KIND_NAMES: dict[Kind, str] = {
    "coco": "COCO keypoints", "tps": "TPS", "morphoj": "MorphoJ text", "slicer": "3D Slicer's markup", "csv": "CSV",
}  # fmt: skip
OUTSIDE = 0.5
"""Pixels by which a landmark may lie outside the photo: programs disagree by half a pixel on where a pixel begins."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """The landmarks of one photo as a file states them.

    `image` is the photo's name as it stands in the file, `where` the place in the file for messages. With
    `from_bottom` y still runs upwards from the photo's lower edge, until `upright` is told how high the photo is.
    `units_per_px` is the scale in whatever unit the file means. `curves` are semilandmarks (TPS), never NaN. `kept` is
    what only this kind of file knows and gets back when it is written again. A photo that is `listed_only` stands in
    the file without anybody having looked for its landmarks: the file does not speak of it.
    """

    image: str
    landmarks: Landmarks
    size: tuple[int, int] | None = None
    id: str | None = None
    from_bottom: bool = False
    units_per_px: float | None = None
    curves: tuple[Points, ...] = ()
    kept: Mapping[str, Any] = field(default_factory=dict)
    where: str = ""
    listed_only: bool = False


@dataclass(frozen=True, eq=False)
class LandmarkFile:
    """A file of landmarks, or a folder of them. `skeleton` are the pairs of names that COCO draws lines between.

    `carried` says that features carried the landmarks to these photos, and nobody set them.
    """

    kind: Kind
    path: Path
    sheets: tuple[Sheet, ...]
    skeleton: tuple[tuple[str, str], ...] = ()
    unnamed: bool = False
    carried: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Every landmark's name, in the order in which they first appear."""
        return tuple(dict.fromkeys(name for sheet in self.sheets for name in sheet.landmarks.names))


def landmarks_from(names: Sequence[str], places: Points, visibility: NDArray[np.int8]) -> Landmarks:
    """Landmarks with names; those that are only called 1, 2, 3, … count as known by their position."""
    positions = tuple(str(i) for i in range(1, len(names) + 1))
    return Landmarks(tuple(names), places, visibility, named=tuple(names) != positions)


def upright(sheet: Sheet, size: tuple[int, int]) -> Sheet:
    """The sheet with y running down from the photo's upper edge, now that its size is known."""
    if not sheet.from_bottom:
        return replace(sheet, size=size)
    return replace(
        sheet,
        landmarks=sheet.landmarks.moved_to(turned_over(sheet.landmarks.places, size[1])),
        curves=tuple(turned_over(curve, size[1]) for curve in sheet.curves),
        size=size,
        from_bottom=False,
    )


def turned_over(places: Points, height: int) -> Points:
    """Places (n, 2) with y measured from the opposite edge."""
    return np.stack([places[:, 0], height - places[:, 1]], axis=1)


def check_size(sheet: Sheet, size: tuple[int, int]) -> None:
    """Complain when the file says another size than the photo has."""
    if sheet.size is None or sheet.size == size:
        return
    said, has = (f"{width} x {height} px" for width, height in (sheet.size, size))
    if sheet.size == size[::-1]:
        advice = (
            "the landmarks seem to have been set on the photo as it is stored, without the turn its EXIF orientation "
            "asks for; set them on the upright photo, or remove the orientation from the photo"
        )
    else:
        advice = "the landmarks belong to another version of it; give the photo they were set on"
    raise UsageError(f"{sheet.where}: '{shown(sheet.image)}' is said to be {said}, but the photo has {has}: {advice}")


def check_bounds(sheet: Sheet, size: tuple[int, int]) -> None:
    """Complain about the first landmark that lies outside a photo of this size."""
    for i in outside(sheet.landmarks, size)[:1]:
        x, y = sheet.landmarks.places[i]
        raise UsageError(
            f"{sheet.where}: landmark '{shown(sheet.landmarks.names[i])}' of '{shown(sheet.image)}' lies at x={x:g}, "
            f"y={y:g}, outside the photo of {size[0]} x {size[1]} px; give the photo the landmarks were set on"
        )


def outside(landmarks: Landmarks, size: tuple[int, int]) -> list[int]:
    """Which landmarks lie outside a photo by more than half a pixel."""
    out = (landmarks.places < -OUTSIDE) | (landmarks.places > np.asarray(size) + OUTSIDE)
    return [int(i) for i in np.flatnonzero(out.any(axis=1))]
