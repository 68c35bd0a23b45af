"""How the scores of a search are distributed: the kept answers before all other images that were looked at."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.render.frame_scene import ALARM, CALM, KEY, in_lines, legend_line, said_across, square
from dinosar.render.match_caption import caption_height, wrapped, write_caption
from dinosar.render.retrieval_provenance import Searched, counted
from dinosar.render.retrieval_scores import Bins, Scored, binned_scores
from dinosar.render.retrieval_scores_words import in_words, title
from dinosar.render.sheet import FAINT, INK, Margins, Sheet, Style, picture, width_in_points

Floats = NDArray[np.float64]
WIDTH, PANELS, SCALE = 8.6, 3.4, 0.66
"""Inches of the sheet, of the panels, and beneath them for the scale and its words."""
FEW = 20
"""Images in the fullest bin up to which the scale is an even one; beyond, single images would not be seen."""
OTHERS, GAP, SHEER = "#b8bec5", "#f3e3b3", 0.35
AIR = 0.03
"""Share of the scores' range that is kept free at both ends."""
STEPS = 2000
"""Places along the scale that ticks may take: what lies closer is not told apart on paper."""
BOTH = Margins(0.85, 0.3)


@picture
def scores_picture(several: Sequence[Scored], searched: Searched, style: Style) -> bytes:
    """Of one query: its images by score, a tick for each, those of the answers with ranks, and the gap after them.

    Of many: the best answers of all, beside their other answers and all images that are none.
    """
    words = wrapped(in_words(several, searched.rule), (WIDTH - 0.7) * 72)
    lines = in_lines(_key(several), (WIDTH - 0.6) * 72)
    below = caption_height(words) + KEY * len(lines)
    margins = Margins(BOTH.left, BOTH.right, SCALE + below)
    sheet = Sheet(title(several), style, (WIDTH, PANELS + 1.3 + SCALE + below), margins=margins)
    bins = binned_scores(several)
    axes = _one(sheet, several[0], bins) if len(several) == 1 else _many(sheet, bins)
    _scale(axes, bins, searched)
    if not any(len(each.scores) for each in several):
        said_across(axes, "no image has a score")
    sheet.margins = Margins(BOTH.left, BOTH.right, below)  # the words stand beneath the scale
    write_caption(sheet, words)
    for up, line in enumerate(reversed(lines)):
        legend_line(sheet, line, sheet.foot - 0.06 + KEY * up)
    return sheet.render()


def _one(sheet: Sheet, each: Scored, bins: Bins) -> Any:
    """Counts of images by score, beneath a strip with a tick for each of them."""
    from matplotlib.ticker import MaxNLocator

    (panel,) = sheet.panels
    place: Any = panel.get_subplotspec()
    parts = place.subgridspec(2, 1, height_ratios=(1, 4), hspace=0)
    panel.remove()
    strip, axes = sheet.figure.add_subplot(parts[0]), sheet.figure.add_subplot(parts[1])
    answers = bins.best + bins.kept
    axes.stairs(bins.others, bins.edges, fill=True, color=OTHERS, zorder=2)
    _filled(axes, answers, bins.edges)
    top = int(max(bins.others.max(), answers.max(), 1))
    if top > FEW:
        axes.set(yscale="log", ylim=(0.5, 1.6 * top), ylabel="images (log scale)")
        axes.yaxis.set_major_formatter(lambda count, _: counted(round(count)) if count >= 1 else "")
        axes.minorticks_off()
    else:
        axes.set(ylim=(0, 1.08 * top), ylabel="images")
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    for each_axes in (strip, axes):
        each_axes.set_xlim(*_range(bins))
        if each.gap:
            each_axes.axvspan(each.scores[each.kept], each.scores[each.kept - 1], color=GAP, linewidth=0, zorder=0)
    _ticks(strip, each)
    return axes


def _filled(axes: Any, heights: NDArray[Any], edges: Floats) -> None:
    """Bars that let see what is behind them; of empty bins not even a line."""
    shown = np.where(heights > 0, heights, np.nan)
    axes.stairs(shown, edges, fill=True, color=CALM, alpha=SHEER, zorder=3)
    axes.stairs(shown, edges, color=CALM, linewidth=1.3, zorder=4)


def _ticks(strip: Any, each: Scored) -> None:
    """A tick for each image, those of the answers long and under their ranks as far as there is room."""
    low, high = strip.get_xlim()
    others = np.unique(np.round((each.scores[each.kept :] - low) / (high - low) * STEPS)) / STEPS * (high - low) + low
    strip.vlines(others, 0, 0.3, color="#7d868f", linewidth=0.5)
    strip.vlines(each.scores[: each.kept], 0, 0.5, color=CALM, linewidth=1.1)
    per_unit = strip.get_position().width * strip.figure.get_size_inches()[0] * 72 / (high - low)
    taken: list[tuple[float, float]] = []
    ranks = _ranks(each)
    for words, score in [*ranks[:1], *ranks[:0:-1][:1], *ranks[1:-1]]:
        middle, half = (score - low) * per_unit, width_in_points(words, 8) / 2 + 1.5
        if all(middle + half <= left or middle - half >= right for left, right in taken):
            taken.append((middle - half, middle + half))
            strip.text(score, 0.56, words, ha="center", va="bottom", fontsize=8, color=INK)
    strip.set(ylim=(0, 1), yticks=[], xticks=[])
    strip.spines[["top", "right", "left", "bottom"]].set_visible(False)


def _ranks(each: Scored) -> list[tuple[str, float]]:
    """The ranks of the answers, those of equal scores together, and their scores."""
    scores, first = np.unique(-each.scores[: each.kept], return_index=True)
    if not len(scores):
        return []
    ends = [*first[1:].tolist(), each.kept]
    return [
        (str(end) if end - start == 1 else f"{start + 1}\N{EN DASH}{end}", -float(score))
        for score, start, end in zip(scores, first.tolist(), ends, strict=True)
    ]


def _many(sheet: Sheet, bins: Bins) -> Any:
    """The share of images by score: of those that are no answers, of other answers, of the best ones."""
    (axes,) = sheet.panels
    parts = bins.others, bins.kept, bins.best
    shares = [part / max(int(part.sum()), 1) for part in parts]
    axes.stairs(shares[0], bins.edges, fill=True, color=OTHERS, zorder=2)
    if bins.kept.any():
        axes.stairs(shares[1], bins.edges, color=ALARM, linewidth=1.3, linestyle=(0, (4, 2)), zorder=5)
    _filled(axes, shares[2], bins.edges)
    low = 0.5 / max(1, *(int(part.sum()) for part in parts))
    axes.set(yscale="log", ylim=(low, 1.6 * max(float(share.max()) for share in [*shares, np.array([low * 4])])))
    axes.set(xlim=_range(bins), ylabel="share of the images (log scale)")
    axes.yaxis.set_major_formatter(lambda share, _: f"{share:g}")
    axes.minorticks_off()
    return axes


def _range(bins: Bins) -> tuple[float, float]:
    """Where the scale begins and ends."""
    low, high = float(bins.edges[0]), float(bins.edges[-1])
    return low - AIR * (high - low), high + AIR * (high - low)


def _scale(axes: Any, bins: Bins, searched: Searched) -> None:
    """What is measured, and which way is better."""
    meaning = f"\n{searched.meaning}" if searched.meaning else ""
    axes.set_xlabel(f"score by {searched.rule}: higher is better \N{RIGHTWARDS ARROW}{meaning}", fontsize=8.5)
    axes.yaxis.label.set_size(8.5)
    axes.tick_params(color=FAINT, labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)


def _key(several: Sequence[Scored]) -> list[Any]:
    """What the colours are, and how many images each stands for."""
    from matplotlib.lines import Line2D

    kept, others = sum(each.kept for each in several), sum(len(each.scores) - each.kept for each in several)
    if len(several) == 1:
        key = [_sheer(f"kept answers, with their ranks: {counted(kept)}"),
               square(OTHERS, f"other images: {counted(others)}")]  # fmt: skip
        return key + ([square(GAP, "gap after the last kept answer")] if several[0].gap else [])
    best = sum(each.kept > 0 for each in several)
    key = [_sheer(f"best answer of each query: {counted(best)}")]
    if kept > best:
        words = f"other kept answers: {counted(kept - best)}"
        key.append(Line2D([], [], color=ALARM, linewidth=1.3, linestyle=(0, (4, 2)), label=words))
    return [*key, square(OTHERS, f"images that are not kept: {counted(others)}")]


def _sheer(words: str) -> Any:
    """A square of a legend as bars are drawn."""
    from matplotlib.patches import Patch

    return Patch(facecolor=(CALM, SHEER), edgecolor=CALM, linewidth=1.3, label=words)
