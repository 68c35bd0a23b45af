"""How many pairs have their pose right, over how far off still counts as right: a curve for all, one for the best."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.evaluation.pose_auc import THRESHOLDS, recall_curve
from dinosar.render.frame_scene import ALARM, CALM, said_across, sheet_for
from dinosar.render.match_caption import caption_height, wrapped, write_caption
from dinosar.render.sheet import FAINT, INK, Margins, Style, picture

ASPECT = 1.9
LOOKS = ((CALM, "-"), (ALARM, (0, (5, 2))))
"""Told apart without colour, too."""
ROOM = Margins(0.5, 0.2, 0.55)
FEW = 40
"""Pairs up to which each has a dot."""


@dataclass(frozen=True, eq=False)
class PoseCurve:
    """Errors in degrees, infinite where no pose was found, of what `name` says, and their areas by threshold."""

    name: str
    errors: NDArray[np.float64]
    areas: dict[str, float]


@picture
def pose_recall(curves: Sequence[PoseCurve], notes: Sequence[str], style: Style,
                thresholds: Sequence[float] = THRESHOLDS) -> bytes:  # fmt: skip
    """Recall over error up to the largest threshold, by straight lines from pair to pair, and what must be said of it.

    The area under it up to the largest threshold is the one that is told. Those up to others end level, as thin lines.
    """
    judged = [curve for curve in curves if len(curve.errors)]
    words = wrapped([*(in_words(curve) for curve in judged), *(how_drawn(judged, thresholds)), *notes])
    title = "Relative poses: how many are right, by what counts as right"
    below = Margins(ROOM.left, ROOM.right, ROOM.bottom + caption_height(words))
    sheet = sheet_for(title, style, [ASPECT], key=_key(curves), more=below)
    axes = sheet.panels[0]
    most = max(thresholds)
    for each in thresholds[:-1]:
        axes.axvline(each, color=FAINT, linewidth=0.7, linestyle=":", zorder=1)
    for curve, (colour, line) in zip(curves, LOOKS, strict=False):
        if len(curve.errors):
            _draw(axes, curve.errors, thresholds, {"color": colour, "linestyle": line})
    if not any(len(curve.errors) for curve in curves):
        said_across(axes, "no pair could be judged")
    axes.set(xlim=(0, most), ylim=(0, 100))
    axes.set_xlabel("error of the pose, the larger of rotation and translation, in degrees", fontsize=8.5)
    axes.set_ylabel("% of pairs with at most that error", fontsize=8.5)
    axes.set_xticks(sorted({0.0, *thresholds, *np.arange(0, most + 0.1, most / 4)}))
    axes.tick_params(color=FAINT, labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    write_caption(_lowered(sheet), words)
    return sheet.render()


def _draw(axes: Any, errors: NDArray[np.float64], thresholds: Sequence[float], look: dict[str, Any]) -> None:
    """A curve with a dot for each pair where there are few, and the level ends of the areas up to lower thresholds."""
    most = max(thresholds)
    x, y = drawn(errors, most)
    axes.plot(x, 100 * y, zorder=3, linewidth=1.7, clip_on=False, **look)
    if len(errors) <= FEW:
        axes.plot(x[1:-1], 100 * y[1:-1], "o", color=look["color"], markersize=3.5, zorder=4, clip_on=False)
    for start, end, height in level_ends(errors, thresholds):
        axes.plot([start, end], [100 * height] * 2, color=look["color"], linewidth=0.7, zorder=2)


def drawn(errors: NDArray[np.float64], most: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Corners of the curve whose area up to `most` is told: (0, 0), each error below it, and level from the last on."""
    x, y = recall_curve(errors.tolist())
    last = int(np.searchsorted(x, most))
    return np.append(x[:last], most), np.append(y[:last], y[last - 1])


def level_ends(errors: NDArray[np.float64], thresholds: Sequence[float]) -> list[tuple[float, float, float]]:
    """From where to where, and how high, areas up to all but the largest threshold end otherwise than the curve goes.

    The curve rises from the last error below such a threshold to the next; the area up to it is level there.
    """
    most = max(thresholds)
    known = [(each, *drawn(errors, each)) for each in thresholds if each < most]
    # Where no error comes before the largest threshold any more, the curve itself is level.
    return [(float(x[-2]), each, float(y[-1])) for each, x, y in known if ((errors >= each) & (errors < most)).any()]


def how_drawn(curves: Sequence[PoseCurve], thresholds: Sequence[float]) -> list[str]:
    """What the lines between pairs are; nothing where there is no curve."""
    if not curves:
        return []
    ends = any(level_ends(curve.errors, thresholds) for curve in curves)
    lines = "Lines are straight from the error of one pair to that of the next, as the areas are reckoned"
    return [f"{lines}; those up to lower thresholds end level, by the thin lines." if ends else f"{lines}."]


def in_words(curve: PoseCurve) -> str:
    """Areas under a curve, and how many poses there are."""
    areas = ", ".join(f"{area:.3f} up to {most}°" for most, area in curve.areas.items())
    lost = int(np.isinf(curve.errors).sum())
    missing = f"; no pose found for {lost}, which count as wrong" if lost else ""
    return f"{curve.name[0].upper()}{curve.name[1:]}: area {areas}; {len(curve.errors)} judged{missing}."


def _lowered(sheet: Any) -> Any:
    """The sheet with room for the scale between the panel and the caption."""
    from copy import copy

    lower = copy(sheet)
    lower.margins = Margins(sheet.margins.left, sheet.margins.right, sheet.margins.bottom - ROOM.bottom)
    return lower


def _key(curves: Sequence[PoseCurve]) -> list[Any]:
    from matplotlib.lines import Line2D

    looks = zip(curves, LOOKS, strict=False)
    return [
        Line2D([], [], color=colour, linestyle=line, linewidth=1.7, label=curve.name)
        for curve, (colour, line) in looks
        if len(curve.errors)
    ] or [Line2D([], [], color=INK, linewidth=0, label="")]
