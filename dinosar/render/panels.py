"""What is drawn inside a panel: a specimen's photo in its own coordinates, colours over its patches, a scale bar."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.data import Specimen
from dinosar.grid import Grid
from dinosar.render.sheet import fitted, width_in_points

OUTLINE = "#e0218a"
"""Pink: no colour of the heat scale, and seldom one of a specimen."""


@dataclass(frozen=True)
class View:
    """A specimen as a panel shows it, `side` device pixels at its longer side.

    `tall` is the height the panel spans in original pixels, where that is more than what the backbone saw; `bar_mm` the
    length of the scale bar, where it is to be the same in both panels. `remark` is said behind the label, and is not
    cut off where a name is long.
    """

    specimen: Specimen
    label: str
    px_per_mm: float | None = None
    side: int = 900
    tall: float = 0.0
    bar_mm: float = 0.0
    remark: str = ""

    @property
    def box(self) -> tuple[int, int, int, int]:
        """The part of the photo that was shown to the backbone: left, top, width, height."""
        return self.specimen.features.grid.crop

    @property
    def height(self) -> float:
        """Height of the panel in original pixels."""
        return max(self.tall, float(self.box[3]))

    @property
    def aspect(self) -> float:
        """Width over height of the panel."""
        return self.box[2] / self.height

    @property
    def room_mm(self) -> float:
        """The longest scale bar that looks well: about a fifth of the panel."""
        room = min(0.22 * max(self.box[2], self.height), 0.6 * self.box[2])
        return room / self.px_per_mm if self.px_per_mm else 0.0


def to_one_scale(a: View, b: View) -> tuple[View, View]:
    """Both views, drawn to one scale where both scales are known: panels are equally high, so both span the same mm."""
    if not (a.px_per_mm and b.px_per_mm):
        return a, b
    span = max(a.box[3] / a.px_per_mm, b.box[3] / b.px_per_mm)
    a, b = replace(a, tall=span * a.px_per_mm), replace(b, tall=span * b.px_per_mm)
    bar = round_length(min(a.room_mm, b.room_mm))
    return replace(a, bar_mm=bar), replace(b, bar_mm=bar)


def show(axes: Any, view: View, *, ghost: bool = False, grey: bool = False) -> None:
    """The photo, cut to what the backbone saw; `ghost` fades the surroundings, `grey` makes room for other colours."""
    left, top, width, height = view.box
    pixels = view.specimen.photo.pixels[top : top + height, left : left + width]
    mask = view.specimen.mask[top : top + height, left : left + width]
    pixels, mask = shrunk(pixels, view.side), shrunk(mask.astype(np.uint8), view.side) > 0
    if grey:
        pixels = greyed(pixels)
    if ghost:
        pixels = np.where(mask[..., None], pixels, faded(pixels))
    opaque = np.full((*pixels.shape[:2], 4), 255, dtype=np.uint8)  # what matplotlib would make of it, only faster
    opaque[..., :3] = pixels
    axes.imshow(opaque, extent=(left, left + width, top + height, top), interpolation="none")
    axes.set_xlim(left, left + width)
    room = (view.height - height) / 2
    axes.set_ylim(top + height + room, top - room)
    axes.set_axis_off()
    axes.set_anchor("W")  # so that the title, which starts where the photo does, has the whole panel
    slot = axes.get_position(original=True).width * axes.figure.get_size_inches()[0] * 72
    axes.set_title(_heading(view, slot), loc="left", pad=4, y=1.0)  # given, y need not be searched for
    if view.px_per_mm:
        scale_bar(axes, view)


def _heading(view: View, room: float) -> str:
    """The label and what is remarked, cut to the room there is; of both the label gives way first."""
    label = fitted(view.label, max(room - width_in_points(view.remark, 10), 60), 10)
    return fitted(label + view.remark, room, 10)


def greyed(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pixels without colour, as bright as before."""
    import cv2

    return np.asarray(cv2.transform(np.ascontiguousarray(pixels), np.full((3, 3), 1 / 3)), dtype=np.uint8)


def faded(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pixels almost gone."""
    return np.asarray(np.arange(256) * 0.35 + 255 * 0.65, dtype=np.uint8)[pixels]


def shrunk(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Pixels, no more of them than `side` at the longer side."""
    import cv2

    scale = side / max(pixels.shape[:2])
    if scale >= 1:
        return pixels
    size = max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale))
    small = cv2.resize(np.ascontiguousarray(pixels), size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8)


def heat(axes: Any, grid: Grid, values: NDArray[Any], colours: dict[str, Any], alpha: float = 0.8) -> Any:
    """Values (rows, columns) painted on their patches; NaN leaves the photo bare. Returns what a colour bar needs."""
    shown = np.ma.masked_invalid(values)
    image = axes.imshow(shown, extent=extent(grid), interpolation="nearest", alpha=alpha, **colours)
    clip(image, axes, grid)
    return image


def clip(image: Any, axes: Any, grid: Grid) -> None:
    """Patches may reach into the padding; the picture ends where the photo does."""
    from matplotlib.patches import Rectangle

    left, top, width, height = grid.crop
    image.set_clip_path(Rectangle((left, top), width, height, transform=axes.transData))


def extent(grid: Grid) -> tuple[float, float, float, float]:
    """The whole lattice of patches in original pixels, as matplotlib wants it: left, right, bottom, top."""
    (left, top), (right, bottom) = grid.to_photo(np.array([[0.0, 0.0], grid.network]))
    return float(left), float(right), float(bottom), float(top)


def outline(axes: Any, view: View, colour: str = OUTLINE) -> None:
    """The edge of the full-size mask, as a line."""
    import cv2

    left, top, width, height = view.box
    mask = view.specimen.mask[top : top + height, left : left + width]
    padded = np.pad(mask.astype(np.uint8), 1)
    contours, _ = cv2.findContours(padded, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_TC89_L1)
    for contour in contours:
        points = np.concatenate([contour[:, 0], contour[:1, 0]]) - 0.5
        axes.plot(points[:, 0] + left, points[:, 1] + top, color=colour, linewidth=1.1)


def scale_bar(axes: Any, view: View) -> None:
    """A bar of a round length, below the specimen on the left."""
    left, top, width, height = view.box
    length = view.bar_mm or round_length(view.room_mm)
    pixels = length * (view.px_per_mm or 0)
    x, y = left + 0.03 * width, top + 0.95 * height
    for colour, weight in (("white", 5.0), ("black", 2.4)):
        axes.plot([x, x + pixels], [y, y], color=colour, linewidth=weight, solid_capstyle="butt")
    text = f"{length:g} mm" if length >= 0.1 else f"{length * 1000:g} µm"
    axes.text(x, y - 0.015 * height, text, ha="left", va="bottom", fontsize=8,
              bbox={"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 1.2})  # fmt: skip


def round_length(length: float) -> float:
    """The largest of 1, 2, 5 times a power of ten that is not longer."""
    length *= 1 + 1e-9  # 9.999999999 is 10
    power = 10.0 ** np.floor(np.log10(length))
    return float(max(step * power for step in (1, 2, 5) if step * power <= length))
