"""Heat maps of two frames, patch by patch: how like the best answer of each patch is, and how far it is from it."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dinosar.frames.mismatching import FLAT
from dinosar.render.bare_overlay import palette
from dinosar.render.frame_scene import (
    BARE,
    UNKNOWN,
    FrameScene,
    FrameSide,
    pair_of_frames,
    said_across,
    sheet_for,
    show_frame,
    square,
)
from dinosar.render.overlays import ceiling
from dinosar.render.panels import heat
from dinosar.render.sheet import FAINT, HEAT, Margins, picture

Array = NDArray[np.float64]
TICKS = Margins(0.45, 0, 0.42)
"""Inches for the numbers along two sides of a panel."""


@dataclass(frozen=True)
class Shades:
    """What the colours of a map mean: a colour map from `low` to `high`, and what stands beside it."""

    colormap: str
    low: float
    high: float
    label: str

    @property
    def colours(self) -> dict[str, Any]:
        """The same, for matplotlib."""
        return {"cmap": self.colormap, "vmin": self.low, "vmax": self.high}

    def cut(self, values: Array) -> dict[str, bool]:
        """Whether values lie beyond the ends, for the arrows of a colour bar."""
        known = values[np.isfinite(values)]
        return {"clipped": bool((known > self.high + 1e-9).any()), "below": bool((known < self.low - 1e-9).any())}


@picture
def similarity_map(scene: FrameScene, which: Literal["A", "B"]) -> bytes:
    """How like its best answer in the other picture each patch of A, or of B, is: its cosine, on a scale of its own."""
    side, other = scene.sides if which == "A" else scene.sides[::-1]
    values = 1 - side.raw
    high = float(np.nanmax(values))
    low = min(float(np.nanmin(values)), high - FLAT)  # a spread of mere rounding keeps one colour
    shades = Shades(HEAT, low, high, "cosine similarity to the best answer\nhigher: more alike")
    remark = f"no pattern: all within {FLAT:g} of {np.nanmean(values):.4g}" if side.flat else ""
    return _beside_photo(scene, side, values, shades, (f"Similarity of {side.letter} to {other.letter}", remark))


@picture
def mismatch_map(scene: FrameScene, which: Literal["A", "B"]) -> bytes:
    """The map of mismatch of A or of B as it is normalised, on the scale all pairs share."""
    side, other = scene.sides if which == "A" else scene.sides[::-1]
    return _beside_photo(scene, side, side.shown, _scale_of_map(scene),
                         (f"Mismatch of {side.letter} against {other.letter}", _no_pattern(scene, side)))  # fmt: skip


@picture
def mismatch_maps(scene: FrameScene) -> bytes:
    """A and B in grey under the distances of their patches as they are: neither raised nor stretched."""
    shades = _scale_of_distances(scene)
    sheet = pair_of_frames(scene, "Mismatch of each patch with its best answer", "grey", _maps_key(scene), bar=True)
    for axes, side in zip(sheet.panels, scene.sides, strict=True):
        image = heat(axes, side.features.grid, side.raw, shades.colours, alpha=0.7)
        _dots(axes, side)
        if side.flat:
            said_across(axes, f"no pattern: all within {FLAT:g} of {np.nanmean(side.raw):.4g}")
    sheet.colour_bar(image, shades.label, **shades.cut(_both(scene)))
    return sheet.render()


def _scale_of_map(scene: FrameScene) -> Shades:
    """What the colours of a normalised map mean."""
    look = scene.look
    palette(look.colormap)
    raised = look.boost != 1
    if look.absolute:
        label = f"1 - cosine{f', x {look.boost:g} where not mutual' * raised}"
        return Shades(look.colormap, *look.ends, f"{label}\nhigher: less alike")
    steps = [f"x {look.boost:g} where not mutual"] * raised
    if look.normalization == "per-direction":
        return Shades(look.colormap, 0.0, look.boost, _in_steps(["0 to 1 in this picture", *steps]))
    return Shades(look.colormap, 0.0, 1.0, _in_steps([*steps, "0 to 1 over A and B"]))


def _in_steps(steps: list[str]) -> str:
    """What was made of the distances, one after the other."""
    return "mismatch: " + ",\nthen ".join(steps) + "\nhigher: less alike"


def _scale_of_distances(scene: FrameScene) -> Shades:
    """What the colours of bare distances mean, up to their 99th percentile or between the ends that were set."""
    if scene.look.absolute:
        return Shades(HEAT, *scene.look.ends, "1 - cosine, on a set scale\nhigher: less alike")
    values = _both(scene)
    top = ceiling(values)
    end = "99th percentile" if top <= np.percentile(values, 99) else f"{top:g}"
    return Shades(HEAT, 0.0, top, f"1 - cosine; top: {end}\nhigher: less alike")


def _both(scene: FrameScene) -> Array:
    """The distances of all patches of both."""
    return np.concatenate([side.matches.distance for side in scene.sides])


def _no_pattern(scene: FrameScene, side: FrameSide) -> str:
    """That a map holds no pattern, where it holds none."""
    look = scene.look
    if look.normalization == "per-direction" and not look.absolute:
        return f"no pattern: all within {FLAT:g}, drawn as 0" if side.flat else ""
    if not scene.found.degenerate:
        return ""
    return f"no pattern: A and B within {FLAT:g}" + ("" if look.absolute else ", drawn as 0")


def _beside_photo(scene: FrameScene, side: FrameSide, values: Array, shades: Shades, words: tuple[str, str]) -> bytes:
    """A map as large as its photo and beside it, with the pixels of the photo along both."""
    title, remark = words
    key = [] if side.complete else [square(BARE, UNKNOWN)]
    sheet = sheet_for(title, scene.style, [side.aspect] * 2, bar=True, key=key, more=TICKS)
    photo, panel = sheet.panels
    grid = side.features.grid
    show_frame(photo, side, "plain", scene.style.dpi)
    show_frame(panel, side, "none", scene.style.dpi, f"{grid.columns} x {grid.rows} patches")
    panel.set_facecolor(BARE)
    image = heat(panel, grid, values, shades.colours, alpha=1.0)
    for axes in sheet.panels:
        axes.tick_params(color=FAINT, labelsize=7.5)
        axes.locator_params(nbins=4, steps=[1, 2, 5, 10])
        axes.set_xlabel("px of the picture", fontsize=8)
    photo.set_ylabel("px of the picture", fontsize=8)
    panel.tick_params(labelleft=False)
    if remark:
        said_across(panel, remark)
    sheet.colour_bar(image, shades.label, **shades.cut(values))
    return sheet.render()


def _dots(axes: Any, side: FrameSide) -> None:
    """A dot on each patch whose best answer has a better one itself."""
    grid = side.features.grid
    alone = side.matches.asked[~side.mutual]
    room, (width, height) = axes.get_position(original=True), axes.figure.get_size_inches()
    inches = min(room.height * height, room.width * width / side.aspect)
    patch = 72 * inches * grid.patch / grid.scale[1] / grid.crop[3]
    axes.plot(*grid.centres_in_photo()[alone].T, "o", color="white", markersize=min(2.2, 0.22 * patch),
              markeredgewidth=0, zorder=4, clip_on=True)  # fmt: skip


def _maps_key(scene: FrameScene) -> list[Any]:
    """What dots and bare patches mean."""
    from matplotlib.lines import Line2D

    alone = sum(int((~side.mutual).sum()) for side in scene.sides)
    every = sum(len(side.matches) for side in scene.sides)
    dot: dict[str, Any] = {"marker": "o", "markersize": 3.5, "markerfacecolor": "white", "markeredgecolor": "#555555",
           "markeredgewidth": 0.5, "linestyle": "none"}  # fmt: skip
    key = [Line2D([], [], label=f"not mutual: its answer has a better one ({alone} of {every} patches)", **dot)]
    if not all(side.complete for side in scene.sides):
        key.append(square("white", f"bare: {UNKNOWN}"))
    return key
