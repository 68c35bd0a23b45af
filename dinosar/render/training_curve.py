"""How a training went, as curves: losses above, and below how near patches of one place and of others came to be."""

from collections.abc import Sequence
from typing import Any

from dinosar.config.training import TrainConfig
from dinosar.render.frame_scene import said_across
from dinosar.render.sheet import FAINT, INK, Margins, Sheet, Style, picture
from dinosar.training.curves import Point, best_of

SIZE = (8.6, 6.0)
MARGINS = Margins(0.85, 0.4, 0.42)
LEARNED, JUDGED = "#9aa7b1", "#08519c"
"""Colours of what is learned from, and of what is validated on."""
FEW = 60
"""Points up to which each has a dot."""


@picture
def curve_picture(points: Sequence[Point], config: TrainConfig, footer: str) -> bytes:
    """Both panels over the steps."""
    from matplotlib.ticker import MaxNLocator

    style = Style(config.figures.format, config.figures.dpi, footer)
    sheet = Sheet("How the head learned", style, SIZE, margins=MARGINS)
    (panel,) = sheet.panels
    place: Any = panel.get_subplotspec()
    parts = place.subgridspec(2, 1, height_ratios=(3, 2), hspace=0.22)
    panel.remove()
    upper, lower = sheet.figure.add_subplot(parts[0]), sheet.figure.add_subplot(parts[1])
    _losses(upper, points)
    _cosines(lower, points)
    for axes in (upper, lower):
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(color=FAINT, labelsize=8)
        axes.grid(axis="y", color="#e3e3e3", linewidth=0.6)
        axes.set_axisbelow(True)
        last = max((point.step for point in points), default=1)
        axes.set_xlim(-0.01 * last, 1.01 * last)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    upper.tick_params(labelbottom=False)
    lower.set_xlabel("steps", fontsize=8.5)
    return sheet.render()


def _losses(axes: Any, points: Sequence[Point]) -> None:
    """The loss of both kinds, and where it was lowest."""
    for kind, colour, words in (("training", LEARNED, "learned from"), ("validation", JUDGED, "validated on")):
        _curve(axes, [each for each in points if each.kind == kind], "total", colour, words)
    best = best_of(points)
    if best is not None:
        when = f"after step {best.step}" if best.step else "before the first step: nothing was learned"
        axes.plot([best.step], [best.total], "o", color=JUDGED, markersize=7, markerfacecolor="none",
                  label=f"best: {best.total:.4g} {when}")  # fmt: skip
    if not points:
        said_across(axes, "nothing was learned")
    axes.set_ylim(bottom=0)
    axes.set_ylabel("loss", fontsize=8.5)
    _legend(axes)


def _cosines(axes: Any, points: Sequence[Point]) -> None:
    """Mean cosines of patches that show the same, and of all others, of what is validated on where there is any."""
    kind = "validation" if any(each.kind == "validation" for each in points) else "training"
    shown = [each for each in points if each.kind == kind]
    _curve(axes, shown, "positive_cosine", JUDGED, "patches that show the same")
    _curve(axes, shown, "negative_cosine", JUDGED, "all other patches", "--")
    axes.axhline(0, color=INK, linewidth=0.6)
    axes.set_ylim(top=1)
    axes.set_ylabel(f"mean cosine\n({'validated on' if kind == 'validation' else 'learned from'})", fontsize=8.5)
    _legend(axes)


def _legend(axes: Any) -> None:
    """Above the panel, where no curve comes; nothing where there is none."""
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=8, frameon=False, loc="lower right", bbox_to_anchor=(1.0, 0.98), ncols=3, borderpad=0.2)


def _curve(axes: Any, points: Sequence[Point], what: str, colour: str, words: str, line: str = "-") -> None:
    points = [each for each in points if getattr(each, what) is not None]
    if points:
        dots = "o" if len(points) <= FEW else None
        axes.plot([each.step for each in points], [getattr(each, what) for each in points], line, color=colour,
                  marker=dots, markersize=2.6, linewidth=1.3, label=words)  # fmt: skip
