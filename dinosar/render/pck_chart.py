"""How many keypoints are found, category by category, as bars: one within the other for each share of the box."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dinosar.render.frame_scene import KEY, in_lines, legend_line, said_across, square
from dinosar.render.sheet import FAINT, INK, Margins, Sheet, Style, fitted, picture, width_in_points

SHADES = ("#c6dbef", "#8fc0dd", "#4a98c9", "#1f65ab", "#08306b")
"""Light to dark: what is found within less is a part of what is found within more."""
OF_FIVE = {1: (2,), 2: (1, 4), 3: (1, 2, 4), 4: (0, 1, 3, 4), 5: (0, 1, 2, 3, 4)}
"""Which shades so many bars take, far enough apart to be told from each other."""
WIDTH, ROW, GAP = 8.6, 0.36, 0.5
"""Inches of the sheet and of a bar with its room, and rows between the categories and what sums them up."""
NAMES, COLUMN, BESIDE = 2.0, 0.4, 0.25
"""Inches for the names at the left, for a column of numbers at the right, and for the air around these."""
SCALE = 0.58
"""Inches for the scale, above the legend."""
NOT = "not computed"


@dataclass(frozen=True)
class PckScale:
    """Within which shares of the box answers count, at most five, the largest first; and of which the intervals are."""

    alphas: tuple[float, ...]
    sure: float
    level: float = 0.95

    @property
    def colours(self) -> tuple[str, ...]:
        """A shade for each."""
        return tuple(SHADES[i] for i in OF_FIVE[len(self.alphas)])

    @property
    def heads(self) -> tuple[str, ...]:
        """Each in digits."""
        return tuple(map(in_digits, self.alphas))

    @property
    def column(self) -> float:
        """Inches of each column of numbers."""
        return max(COLUMN, *((width_in_points(head, 7.5) + 7) / 72 for head in self.heads))


@dataclass(frozen=True)
class PckBar:
    """One bar: shares in 0..1 of keypoints found, in the order of the scale's alphas, None where not computed.

    `interval` is that of the alpha the scale names, by bootstrap; `pairs` is how many pairs it rests on, which is said
    beneath the name unless something else is to stand `beneath` it.
    """

    name: str
    pairs: int
    shares: tuple[float | None, ...]
    interval: tuple[float, float] | None = None
    beneath: str = ""


def in_digits(alpha: float) -> str:
    """A share of the box with two decimals, or with as many as it needs."""
    return f"{alpha:.2f}" if float(f"{alpha:.2f}") == alpha else repr(alpha)


@picture
def pck_picture(categories: Sequence[PckBar], overall: Sequence[PckBar], what: str, scale: PckScale,
                style: Style) -> bytes:  # fmt: skip
    """A bar for each category in the order given, and beneath them those over all; `what` says what is counted."""
    bars = [*categories, *overall]
    places = [i + GAP * (i >= len(categories) and bool(categories)) for i in range(len(bars))]
    key = in_lines(_key(scale, any(bar.interval for bar in bars)), (WIDTH - 0.6) * 72)
    high, below = ROW * (max(places, default=0) + 1) + 0.1, SCALE + KEY * len(key)
    margins = Margins(NAMES, BESIDE + scale.column * len(scale.alphas), below)
    sheet = Sheet(f"Keypoints found: {what}", style, (WIDTH, high + 1.3 + below), margins=margins)
    axes = sheet.panels[0]
    for place, bar in zip(places, bars, strict=True):
        _draw(axes, place, bar, scale)
        _write(axes, place, bar, scale)
    if categories and overall:
        axes.axhline(len(categories) - 0.5 + GAP / 2, color=FAINT, linewidth=0.5)
    if not bars:
        said_across(axes, "no pair was judged")
    _scale(axes, places, scale)
    for up, line in enumerate(reversed(key)):
        legend_line(sheet, line, sheet.foot - 0.06 + KEY * up)
    return sheet.render()


def _draw(axes: Any, place: float, bar: PckBar, scale: PckScale) -> None:
    """One bar within the other, and the interval, with a light rim to be seen on any shade."""
    from matplotlib.patheffects import withStroke

    for i, (colour, share) in enumerate(zip(scale.colours, bar.shares, strict=True)):
        if share is not None:
            axes.barh(place, share, height=0.5 if i else 0.72, color=colour, zorder=2)
    if bar.interval is None:
        return
    rim = [withStroke(linewidth=2.7, foreground="white")]
    line: dict[str, Any] = {"color": INK, "linewidth": 1.1, "clip_on": False, "path_effects": rim}
    axes.plot(bar.interval, [place, place], zorder=3, **line)
    for end in bar.interval:
        axes.plot([end, end], [place - 0.16, place + 0.16], zorder=3, **line)


def _write(axes: Any, place: float, bar: PckBar, scale: PckScale) -> None:
    """The name at the left, and the numbers at the right, each in its column."""
    across = axes.get_yaxis_transform()
    look: dict[str, Any] = {"transform": across, "ha": "right", "color": INK, "clip_on": False}
    axes.text(-0.012, place - 0.05, fitted(bar.name, (NAMES - 0.45) * 72, 8.5), fontsize=8.5, va="bottom", **look)
    pairs = bar.beneath or f"{bar.pairs} pair{'s' * (bar.pairs != 1)}"
    axes.text(-0.012, place + 0.02, pairs, fontsize=6.5, va="top", **(look | {"color": FAINT}))
    if all(share is None for share in bar.shares):
        axes.text(1.012, place, NOT, fontsize=7.5, va="center", **(look | {"ha": "left"}))
        return
    for at, share in zip(_columns(axes, scale), bar.shares, strict=True):
        axes.text(at, place, "–" if share is None else f"{100 * share:.1f}", fontsize=7.5, va="center", **look)


def _columns(axes: Any, scale: PckScale) -> list[float]:
    """Where the columns of numbers end at the right, as shares of the panel."""
    inches = axes.get_position().width * WIDTH
    return [1 + scale.column * (i + 1) / inches for i in range(len(scale.alphas))]


def _scale(axes: Any, places: Sequence[float], scale: PckScale) -> None:
    """Shares from none to all, the first bar on top."""
    axes.set(xlim=(0, 1), ylim=(max(places, default=0) + 0.6, -0.6))
    axes.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1], ["0", "20", "40", "60", "80", "100"])
    axes.set_yticks([])
    above = {"transform": axes.get_yaxis_transform(), "fontsize": 7.5, "color": FAINT, "va": "bottom", "ha": "right"}
    for at, head in zip(_columns(axes, scale), scale.heads, strict=True):
        if places:
            axes.text(at, -0.62, head, **above)
    axes.grid(axis="x", color="#dddddd", linewidth=0.6, zorder=0)
    axes.set_axisbelow(True)
    axes.tick_params(color=FAINT, labelsize=8)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_xlabel("% of the keypoints found (PCK, higher is better)", fontsize=8.5)


def _key(scale: PckScale, intervals: bool) -> list[Any]:
    """What the shades and the lines are."""
    from matplotlib.lines import Line2D

    words = [f"within {head} of the longer side of the box" if i == 0 else head for i, head in enumerate(scale.heads)]
    key: list[Any] = [square(colour, each) for colour, each in zip(scale.colours, words, strict=True)]
    if intervals:
        sure = f"{100 * scale.level:g} % interval of {in_digits(scale.sure)}, by bootstrap over pairs"
        key.append(Line2D([], [], color=INK, linewidth=1.1, label=sure))
    return key
