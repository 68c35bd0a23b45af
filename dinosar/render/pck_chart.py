"""How many keypoints are found, category by category, as bars: within 0.10 of the box, within 0.05, within 0.01."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dinosar.render.frame_scene import legend_line, said_across, square
from dinosar.render.sheet import FAINT, INK, Margins, Sheet, Style, fitted, picture

SHADES = {"0.10": "#9ecae1", "0.05": "#4292c6", "0.01": "#08306b"}
"""Light to dark: what is found within less is a part of what is found within more."""
WIDTH, ROW, GAP = 8.6, 0.36, 0.5
"""Inches of the sheet and of a bar with its room, and rows between the categories and what sums them up."""
NAMES, NUMBERS = 2.0, 1.3
"""Inches for the names at the left, and for the numbers at the right."""
BELOW = 0.77
"""Inches for the scale and the legend."""
NOT = "not computed"


@dataclass(frozen=True)
class PckBar:
    """One bar: shares in 0..1 of keypoints found within 0.10, 0.05 and 0.01 of the box, None where not computed.

    `interval` is that of the first, by bootstrap; `pairs` is how many pairs it rests on, which is said beneath the name
    unless something else is to stand `beneath` it.
    """

    name: str
    pairs: int
    shares: tuple[float | None, float | None, float | None]
    interval: tuple[float, float] | None = None
    beneath: str = ""


@picture
def pck_picture(categories: Sequence[PckBar], overall: Sequence[PckBar], what: str, style: Style) -> bytes:
    """A bar for each category in the order given, and beneath them those over all; `what` says what is counted."""
    bars = [*categories, *overall]
    places = [i + GAP * (i >= len(categories) and bool(categories)) for i in range(len(bars))]
    high = ROW * (max(places, default=0) + 1) + 0.1
    margins = Margins(NAMES, NUMBERS, BELOW)
    sheet = Sheet(f"Keypoints found: {what}", style, (WIDTH, high + 1.3 + BELOW), margins=margins)
    axes = sheet.panels[0]
    for place, bar in zip(places, bars, strict=True):
        _draw(axes, place, bar)
    if categories and overall:
        axes.axhline(len(categories) - 0.5 + GAP / 2, color=FAINT, linewidth=0.5)
    if not bars:
        said_across(axes, "no pair was judged")
    _scale(axes, places)
    _legend(sheet, any(bar.interval for bar in bars))
    return sheet.render()


def _draw(axes: Any, place: float, bar: PckBar) -> None:
    """One bar within the other, the interval, and the numbers at both ends."""
    for (alpha, colour), share in zip(SHADES.items(), bar.shares, strict=True):
        if share is not None:
            axes.barh(place, share, height=0.72 if alpha == "0.10" else 0.5, color=colour, zorder=2)
    if bar.interval is not None:
        low, high = bar.interval
        line = {"color": INK, "linewidth": 1.1, "zorder": 3, "clip_on": False}
        axes.plot([low, high], [place, place], **line)
        for end in (low, high):
            axes.plot([end, end], [place - 0.16, place + 0.16], **line)
    across = axes.get_yaxis_transform()
    look: dict[str, Any] = {"transform": across, "ha": "right", "color": INK, "clip_on": False}
    axes.text(-0.012, place - 0.05, fitted(bar.name, (NAMES - 0.45) * 72, 8.5), fontsize=8.5, va="bottom", **look)
    pairs = bar.beneath or f"{bar.pairs} pair{'s' * (bar.pairs != 1)}"
    axes.text(-0.012, place + 0.02, pairs, fontsize=6.5, va="top", **(look | {"color": FAINT}))
    words = NOT if bar.shares[0] is None else " / ".join("–" if s is None else f"{100 * s:.1f}" for s in bar.shares)
    axes.text(1.012, place, words, fontsize=7.5, va="center", **(look | {"ha": "left"}))


def _scale(axes: Any, places: Sequence[float]) -> None:
    """Shares from none to all, the first bar on top."""
    axes.set(xlim=(0, 1), ylim=(max(places, default=0) + 0.6, -0.6))
    axes.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1], ["0", "20", "40", "60", "80", "100"])
    axes.set_yticks([])
    if places:
        above = {"transform": axes.get_yaxis_transform(), "fontsize": 7.5, "color": FAINT}
        axes.text(1.012, -0.62, " / ".join(SHADES), va="bottom", **above)
    axes.grid(axis="x", color="#dddddd", linewidth=0.6, zorder=0)
    axes.set_axisbelow(True)
    axes.tick_params(color=FAINT, labelsize=8)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_xlabel("% of the keypoints found (PCK, higher is better)", fontsize=8.5)


def _legend(sheet: Sheet, intervals: bool) -> None:
    """What the shades are, on one line above the footer."""
    from matplotlib.lines import Line2D

    key: list[Any] = [square(colour, f"within {alpha} of the box") for alpha, colour in SHADES.items()]
    if intervals:
        key.append(Line2D([], [], color=INK, linewidth=1.1, label="interval of the first, by bootstrap over pairs"))
    legend_line(sheet, key, sheet.foot - 0.06)
