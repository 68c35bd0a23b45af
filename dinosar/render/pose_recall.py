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


@dataclass(frozen=True, eq=False)
class PoseCurve:
    """Errors in degrees, infinite where no pose was found, of what `name` says, and their areas by threshold."""

    name: str
    errors: NDArray[np.float64]
    areas: dict[str, float]


@picture
def pose_recall(curves: Sequence[PoseCurve], notes: Sequence[str], style: Style,
                thresholds: Sequence[float] = THRESHOLDS) -> bytes:  # fmt: skip
    """Recall over error up to the largest threshold, a step for each pair, with what must be said beside it."""
    words = wrapped([*(in_words(curve) for curve in curves if len(curve.errors)), *notes])
    title = "Relative poses: how many are right, by what counts as right"
    below = Margins(ROOM.left, ROOM.right, ROOM.bottom + caption_height(words))
    sheet = sheet_for(title, style, [ASPECT], key=_key(curves), more=below)
    axes = sheet.panels[0]
    most = max(thresholds)
    for each in thresholds[:-1]:
        axes.axvline(each, color=FAINT, linewidth=0.7, linestyle=":", zorder=1)
    for curve, (colour, line) in zip(curves, LOOKS, strict=False):
        if len(curve.errors):
            x, y = drawn(curve.errors, most)
            look: dict[str, Any] = {"color": colour, "linestyle": line, "linewidth": 1.7, "drawstyle": "steps-post"}
            axes.plot(x, 100 * y, zorder=3, clip_on=False, **look)
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


def drawn(errors: NDArray[np.float64], most: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Corners of the steps: each error up to the end, and the share of pairs with at most that."""
    x, y = recall_curve(errors.tolist())
    inside = x <= most
    return np.append(x[inside], most), np.append(y[inside], y[inside][-1])


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
