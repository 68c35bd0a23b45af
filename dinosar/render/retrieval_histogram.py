"""How the scores of a search are distributed: the kept answers before all other images that were looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.render.frame_scene import ALARM, CALM, KEY, in_lines, legend_line, middle_cut, said_across, square
from dinosar.render.match_caption import SIZE, caption_height, wrapped, write_caption
from dinosar.render.retrieval_provenance import Searched, counted, images
from dinosar.render.retrieval_sheet import in_figures
from dinosar.render.sheet import FAINT, INK, Margins, Sheet, Style, picture, width_in_points
from dinosar.retrieval.ranking import voted
from dinosar.retrieval.rules import RULES

Floats = NDArray[np.float64]
WIDTH, PANELS, SCALE = 8.6, 3.4, 0.66
"""Inches of the sheet, of the panels, and beneath them for the scale and its words."""
FEWEST, MOST = 10, 60
"""Bins: by Rice's rule, twice the cube root of how many scores there are, within these."""
FEW = 20
"""Images in the fullest bin up to which the scale is an even one; beyond, single images would not be seen."""
OTHERS, GAP, SHEER = "#b8bec5", "#f3e3b3", 0.35
ALIKE = 1e-12
"""Of scores that differ by no more, relative to them, it would be nonsense to draw how they are distributed."""
AIR = 0.03
"""Share of the scores' range that is kept free at both ends."""
STEPS = 2000
"""Places along the scale that ticks may take: what lies closer is not told apart on paper."""
BOTH = Margins(0.85, 0.3)
NAME = 320.0
"""Points that the name of a query may take."""


@dataclass(frozen=True, eq=False)
class Scored:
    """The scores of one query's images, the best first; the first `kept` of them are its answers.

    `missing` are images that have no score.
    """

    name: str
    scores: Floats
    kept: int
    missing: int = 0

    @property
    def gap(self) -> float | None:
        """How far the score falls after the last kept answer; None where there is none, or nothing after it."""
        return float(self.scores[self.kept - 1] - self.scores[self.kept]) if 0 < self.kept < len(self.scores) else None


@dataclass(frozen=True, eq=False)
class Bins:
    """Images by score: edges (n + 1,), and how many (n,) are the best of a query, its other answers, and no answers."""

    edges: Floats
    best: NDArray[np.int64]
    kept: NDArray[np.int64]
    others: NDArray[np.int64]


def scored(name: str, every: Floats, rule: str, k: int) -> Scored:
    """The scores of a query, the best first and NaN last, of which the k best are kept where they are answers."""
    there = every[~np.isnan(every)]
    return Scored(name, there, int(voted(there[:k], rule).sum()), len(every) - len(there))


def binned_scores(several: Sequence[Scored]) -> Bins:
    """The scores of all queries in bins; of a single one an edge lies right beneath its last kept answer."""
    parts = [np.concatenate([each.scores[which(each)] for each in several]) for which in (_best, _kept, _others)]
    whole = np.concatenate(parts)
    low, high = (float(whole.min()), float(whole.max())) if len(whole) else (0.0, 1.0)
    if high - low <= ALIKE * max(1.0, abs(low), abs(high)):
        low, high = low - 0.05 * max(1.0, abs(low)), high + 0.05 * max(1.0, abs(high))
    edges = np.linspace(low, high, 1 + int(np.clip(np.ceil(2 * np.cbrt(len(whole))), FEWEST, MOST)))
    if len(several) == 1 and several[0].gap:
        edges = _aligned(edges, float(several[0].scores[several[0].kept - 1]))
    best, kept, others = (np.histogram(part, edges)[0].astype(np.int64) for part in parts)
    return Bins(edges, best, kept, others)


def _aligned(edges: Floats, place: float) -> Floats:
    """Bins as wide or a little narrower, one of which begins at a place, the first at the least score if it can."""
    low, high, wide = float(edges[0]), float(edges[-1]), float(edges[1] - edges[0])
    before = int(np.ceil((place - low) / wide))
    if before > 1:  # else they might become so narrow that there are thousands
        wide = (place - low) / before
    found = place + wide * np.arange(-before, max(1, int(np.ceil((high - place) / wide))) + 1)
    found[[0, -1]] = min(low, found[0]), max(high, found[-1])  # whatever was rounded
    return np.asarray(found)


def _best(each: Scored) -> slice:
    return slice(0, min(1, each.kept))


def _kept(each: Scored) -> slice:
    return slice(1, max(1, each.kept))


def _others(each: Scored) -> slice:
    return slice(each.kept, None)


@picture
def scores_picture(several: Sequence[Scored], searched: Searched, style: Style) -> bytes:
    """Of one query: its images by score, a tick for each, those of the answers with ranks, and the gap after them.

    Of many: the best answers of all, beside their other answers and all images that are none.
    """
    words = wrapped(in_words(several, searched.rule), (WIDTH - 0.7) * 72)
    lines = in_lines(_key(several), (WIDTH - 0.6) * 72)
    below = caption_height(words) + KEY * len(lines)
    margins = Margins(BOTH.left, BOTH.right, SCALE + below)
    sheet = Sheet(_title(several), style, (WIDTH, PANELS + 1.3 + SCALE + below), margins=margins)
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


def _title(several: Sequence[Scored]) -> str:
    """How many images have a score, of how many queries."""
    if len(several) == 1:
        kept, all_of = several[0].kept, len(several[0].scores)
        words = "none" if not kept else "all" if kept == all_of else counted(kept)
        return f"Scores of {images(all_of)}, {words} of them kept" if all_of else "No image has a score"
    return f"Best scores of {counted(sum(each.kept > 0 for each in several))} queries beside all others"


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


def in_words(several: Sequence[Scored], rule: str) -> list[str]:
    """What the picture shows in numbers, and what it leaves out."""
    lines = _words_of_one(several[0]) if len(several) == 1 else _words_of_many(several)
    silent = sum(int((each.scores == 0).sum()) for each in several) if RULES[rule].silent else 0
    if silent:
        lines.append(f"A score of 0 says that no patch votes: {counted(silent)}.")
    missing = sum(each.missing for each in several)
    if missing:
        lines.append(f"Left out, for no score could be computed: {counted(missing)}.")
    return lines


def _words_of_one(each: Scored) -> list[str]:
    name = middle_cut(each.name, NAME, SIZE)
    if not each.kept:
        return [f"Query {name}: no image is an answer."]
    first, last = (in_figures(float(each.scores[i])) for i in (0, each.kept - 1))
    ranks = f"rank 1 has {first}" if each.kept == 1 else f"ranks 1 to {each.kept} have {first} to {last}"
    if each.gap is None:
        return [f"Query {name}: {ranks}; all are kept."]
    following = in_figures(float(each.scores[each.kept]))
    return [f"Query {name}: {ranks}, and rank {each.kept + 1} has {following}: a gap of {each.gap:.3g}."]


def _words_of_many(several: Sequence[Scored]) -> list[str]:
    lines = ["A score is comparable within its query; here those of all queries stand on one scale."]
    best, others = (np.concatenate([each.scores[which(each)] for each in several]) for which in (_best, _others))
    if len(best) and len(others):
        middle = [in_figures(float(np.median(part))) for part in (best, others)]
        lines.insert(0, f"Median: {middle[0]} of the best answers, {middle[1]} of what is not kept.")
    gaps = [each.gap for each in several if each.gap is not None]
    if gaps:
        low, median, high = (f"{value:.3g}" for value in np.quantile(gaps, [0, 0.5, 1]))
        lines.insert(1, f"After the last kept answer of a query the score falls by {median} (median; {low} to {high}).")
    without = sum(not each.kept for each in several)
    if without:
        lines.append(f"Queries to which no image is an answer: {counted(without)}.")
    return lines
