"""A ranking beside the truth: how often answers are among the first, and how far reported overlaps are off."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.evaluation.overlap_ranking import SharedPair
from dinosar.evaluation.query_intervals import LEVEL
from dinosar.render.frame_scene import CALM, KEY, in_lines, legend_line, said_across, square
from dinosar.render.match_caption import caption_height, wrapped, write_caption
from dinosar.render.retrieval_provenance import counted
from dinosar.render.sheet import FAINT, HEAT, INK, Margins, Sheet, Style, picture

Floats = NDArray[np.float64]
WIDTH, HIGH, SCALE = 10.5, 4.1, 0.5
"""Inches of the sheet, of its panels, which are square on the right, and of the scales beneath them."""
EDGES = Margins(0.75, 0.3)
SERIES = (("recall@", CALM, "", "an answer is among the first k"),
          ("share_of_best@", "#f2c9a6", "///", "share of the k best that are among the first k"))  # fmt: skip
"""What the keys begin with, the colour and hatching of the bars, and what they tell."""
BAR = 0.4
FEW = 1500
"""Pairs up to which each is a dot; of more, squares tell how many."""
SQUARES = 50
NARROW = 6
"""Groups of bars from which on their numbers stand upright."""


@picture
def truth_picture(result: dict[str, Any], pairs: Sequence[SharedPair], style: Style) -> bytes:
    """Recall on the left, with intervals; on the right the reported overlap of each pair over the true one.

    `result` is that of the job: `means`, `ks`, `overlap` and what was asked for.
    """
    kept = [pair for pair in pairs if np.isfinite(pair.reported)]
    words, lines = wrapped(in_words(result, pairs), (WIDTH - 0.7) * 72), in_lines(_key(result), (WIDTH - 0.6) * 72)
    below = caption_height(words) + KEY * len(lines)
    margins = Margins(EDGES.left, 1.15 if len(kept) > FEW else EDGES.right, SCALE + below)
    across = WIDTH - margins.left - margins.right
    sheet = Sheet("How good the ranking is, and the reported overlap", style, (WIDTH, HIGH + 1.3 + SCALE + below),
                  (across - HIGH - 0.85, 0.85, HIGH), margins)  # fmt: skip
    sheet.panels.pop(1).remove()  # the room for the scale of the panel on the right
    _bars(sheet.panels[0], result)
    shown = _pairs(sheet.panels[1], kept)
    if shown is not None:
        sheet.colour_bar(shown, "pairs (log scale)")
        scale = sheet.figure.axes[-1]
        scale.yaxis.set_major_formatter(lambda count, _: counted(round(count)))
        scale.minorticks_off()
    sheet.margins = Margins(margins.left, margins.right, below)  # the words stand beneath the scales
    write_caption(sheet, words)
    for up, line in enumerate(reversed(lines)):
        legend_line(sheet, line, sheet.foot - 0.06 + KEY * up)
    return sheet.render()


def _bars(axes: Any, result: dict[str, Any]) -> None:
    """Two bars for each k, each with its interval and its number."""
    ks = result["k"]
    for at, (begin, colour, hatch, _) in enumerate(SERIES):
        for place, k in enumerate(ks):
            _bar(axes, place + (at - 0.5) * BAR, result["means"][f"{begin}{k}"], (colour, hatch, len(ks) >= NARROW))
    axes.set(xlim=(-0.6, len(ks) - 0.4), ylim=(0, 1.14))
    axes.set_xticks(range(len(ks)), [str(k) for k in ks])
    axes.set_yticks([0, 0.2, 0.4, 0.6, 0.8, 1], ["0", "20", "40", "60", "80", "100"])
    axes.grid(axis="y", color="#dddddd", linewidth=0.6, zorder=0)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines["left"].set_bounds(0, 1)
    axes.tick_params(color=FAINT, labelsize=8)
    axes.set_xlabel("k, the images that are looked at in the order of the ranking", fontsize=8.5)
    axes.set_ylabel("%, mean over queries (higher is better)", fontsize=8.5)


def _bar(axes: Any, place: float, told: dict[str, Any], look: tuple[str, str, bool]) -> None:
    """One bar, its interval with a light rim to be seen on any colour, and its number above both."""
    from matplotlib.patheffects import withStroke

    colour, hatch, upright = look
    turn = {"rotation": 90 if upright else 0, "ha": "center", "va": "bottom", "fontsize": 7.5, "color": INK}
    if told["mean"] is None:
        axes.text(place, 0.015, "not computed", **(turn | {"rotation": 90, "color": FAINT}))
        return
    axes.bar(place, told["mean"], BAR, color=colour, hatch=hatch, edgecolor="#8a5a33" if hatch else colour,
             linewidth=0.6, zorder=2)  # fmt: skip
    top = told["mean"]
    if told["interval"]:
        rim: dict[str, Any] = {"color": INK, "linewidth": 1.1, "zorder": 3,
                               "path_effects": [withStroke(linewidth=2.7, foreground="white")]}  # fmt: skip
        low, top = told["interval"]
        axes.plot([place, place], [low, top], **rim)
        for end in (low, top):
            axes.plot([place - 0.08, place + 0.08], [end, end], **rim)
    axes.text(place, max(top, told["mean"]) + 0.015, f"{100 * told['mean']:.1f}", **turn)


def _pairs(axes: Any, kept: Sequence[SharedPair]) -> Any:
    """The reported overlap over the true one, and the diagonal on which both agree; squares, where these are drawn."""
    from matplotlib.patheffects import withStroke

    axes.plot([0, 1], [0, 1], color=INK, linewidth=0.9, linestyle=(0, (4, 3)), zorder=4,
              path_effects=[withStroke(linewidth=2.2, foreground="white")])  # fmt: skip
    true, reported = (np.array([getattr(pair, which) for pair in kept]) for which in ("true", "reported"))
    shown = None
    if not kept:
        said_across(axes, "no pair has both overlaps")
    elif len(kept) > FEW:
        shown = _squares(axes, true, reported)
    else:
        size = float(np.clip(4000 / len(kept), 5, 28))
        axes.scatter(true, reported, s=size, color=CALM, alpha=0.45, linewidths=0, zorder=3, clip_on=False)
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", anchor="W")
    axes.set_xlabel(_true_in_words(kept), fontsize=8.5)
    axes.set_ylabel("reported overlap (coverage_sym)", fontsize=8.5)
    axes.grid(color="#e3e3e3", linewidth=0.6, zorder=0)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(color=FAINT, labelsize=8)
    return shown


def _squares(axes: Any, true: Floats, reported: Floats) -> Any:
    """How many pairs lie where."""
    from matplotlib.colors import LogNorm

    edges = np.linspace(0, 1, SQUARES + 1)
    counts = np.histogram2d(reported, true, (edges, edges))[0]
    norm = LogNorm(1, max(2.0, float(counts.max())))
    return axes.pcolormesh(edges, edges, np.where(counts > 0, counts, np.nan), cmap=HEAT, norm=norm, zorder=2)


def _true_in_words(kept: Sequence[SharedPair]) -> str:
    """What the true overlap is, by how much is known of it."""
    both = sum(pair.both for pair in kept)
    if not kept:
        return "true overlap"
    if both == len(kept):
        return "true overlap: the smaller share of both directions"
    if not both:
        return "true overlap: share of the query that the image shows"
    return f"true overlap: smaller share, where both are known ({counted(both)})"


def in_words(result: dict[str, Any], pairs: Sequence[SharedPair]) -> list[str]:
    """What the panels show in numbers, and what is in neither."""
    asked, answered = result["queries"], result["with_an_answer"]
    lines = [
        f"Left: recall over the {counted(answered)} of {counted(asked)} queries of which an image shows at least "
        f"{result['relevant']:g}, share of the k best over all of which an image shows anything: where fewer than k "
        "do, these are the best. Of images that show equally much the first by name counts as the better one."
    ]
    if any(ends and ends[0] == ends[1] for ends in (each["interval"] for each in _drawn(result))):
        lines.append("An interval without width says that all queries came out alike, and not how others would.")
    off = result["overlap"]
    if off is None:
        return [*lines, "Right: of no listed pair both a reported and a true overlap are known."]
    lines.append(
        f"Right: {counted(off['pairs'])} pairs of {counted(off['queries'])} queries, of images that show some of the "
        f"query: {straight(off)}; reported is off by {off['mean_absolute_error']:.3f} on average"
        f"{_between(off['mean_absolute_error_interval'])}; the mean difference is {off['mean_difference']:+.3f}."
    )
    nothing, unlisted, without = off["sharing_nothing"], off["not_listed"], len(pairs) - off["pairs"]
    if nothing["pairs"]:
        lines.append(f"Not drawn: {counted(nothing['pairs'])} listed pairs that share nothing by the truth, or of "
                     "which it does not tell; reported as "
                     f"{nothing['mean_reported']:.3f} on average.")  # fmt: skip
    if unlisted or without:
        lines.append(f"Share something and have no reported overlap: {counted(unlisted)} pairs that are not listed, "
                     f"{counted(without)} that are.")  # fmt: skip
    return lines


def _drawn(result: dict[str, Any]) -> list[dict[str, Any]]:
    """The means that are bars."""
    return [result["means"][f"{begin}{k}"] for begin, *_ in SERIES for k in result["k"]]


def straight(off: dict[str, Any]) -> str:
    """Pearson's correlation in words."""
    if off["pearson"] is None:
        return "no correlation, for pairs are too few or all alike"
    return f"Pearson {off['pearson']:.3f}{_between(off['pearson_interval'])}"


def _between(ends: Sequence[float] | None) -> str:
    return "" if ends is None else f" ({ends[0]:.3f} to {ends[1]:.3f})"


def _key(result: dict[str, Any]) -> list[Any]:
    """What bars and lines are, and of how many queries."""
    from matplotlib.lines import Line2D

    key = []
    for begin, colour, hatch, words in SERIES:
        many = max(result["means"][f"{begin}{k}"]["queries"] for k in result["k"])
        key.append(square(colour, f"{words} ({begin}k), of {counted(many)}"))
        key[-1].set_hatch(hatch)
    if any(each["interval"] for each in _drawn(result)):
        key.append(Line2D([], [], color=INK, linewidth=1.1, label=f"{100 * LEVEL:g} % interval, queries resampled"))
    return [*key, Line2D([], [], color=INK, linewidth=0.8, linestyle=(0, (4, 3)), label="reported = true")]
