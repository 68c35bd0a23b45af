"""A pair with known keypoints: those of A that were asked about, and on B what was found beside the truth."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.evaluation.keypoint_pairs import KeypointPair
from dinosar.evaluation.landmarks import within
from dinosar.render.frame_scene import ALARM, CALM, NARROW, middle_cut, sheet_for
from dinosar.render.landmark_names import Names, name_points, names_of
from dinosar.render.match_caption import ROOM, SIZE, caption_height, wrapped, write_caption
from dinosar.render.panels import shrunk
from dinosar.render.sheet import INK, Margins, Sheet, Style, broken, picture, readable, width_in_points

Array = NDArray[np.float64]
Pixels = tuple[NDArray[np.uint8], NDArray[np.uint8]]
ALPHA = 0.10
"""Found within so much of the longer side of the box counts as right: PCK@0.10 as SPair-71k has it."""
LOST = "#555555"
FINE = (0.05, 0.01)
RIGHT, WRONG, NONE = "right", "wrong", "none"
RING: dict[str, Any] = {"marker": "o", "linestyle": "none", "markersize": 9, "markerfacecolor": "none"}
DISC: dict[str, Any] = {"marker": "o", "linestyle": "none", "markersize": 5.5, "markeredgecolor": "white",
                        "markeredgewidth": 0.8}  # fmt: skip
BOX: dict[str, Any] = {"color": INK, "linestyle": (0, (4, 3))}
COLOURS = {RIGHT: CALM, WRONG: ALARM, NONE: LOST}


@picture
def worst_picture(pair: KeypointPair, pixels: Pixels, found: Array, errors: Array, style: Style) -> bytes:
    """Both pictures of a pair, what was found (K, 2) beside the truth, and its errors (K,) in pixels of B.

    Where nothing was found, `found` is NaN and counts as wrong.
    """
    judged, names = verdicts(found, errors, longer_side(pair)), names_of(pair.names, NARROW)
    below = [*wrapped(_in_words(pair, found, errors)), *_key_of_names(pair, names)]
    more, aspects = Margins(0, 0, caption_height(below)), [each.shape[1] / each.shape[0] for each in pixels]
    sheet = sheet_for(_title(pair, judged), style, aspects, key=_key(judged), more=more)
    _panels(sheet, pair, pixels)
    _asked(sheet.panels[0], pair, judged, names.labels)
    _answers(sheet.panels[1], pair, found, judged, names.labels)
    write_caption(sheet, below)
    return sheet.render()


def _title(pair: KeypointPair, judged: Sequence[str]) -> str:
    """How many were found."""
    if not judged:
        return f"No keypoint to find: {pair.category}"
    many = "s" * (len(judged) > 1)
    return f"{judged.count(RIGHT)} of {len(judged)} keypoint{many} within {ALPHA:.2f} of the box: {pair.category}"


def _key_of_names(pair: KeypointPair, names: Names) -> list[str]:
    """What the numbers mean, where names had to become numbers."""
    if not names.key:
        return []
    named = zip(names.labels, pair.names, strict=True)
    return broken("   ".join(f"{label} {readable(name, 40)}" for label, name in named), ROOM, SIZE)


def longer_side(pair: KeypointPair) -> float:
    """The longer side of the box in B, which errors are measured by."""
    left, top, right, bottom = pair.box
    return float(max(right - left, bottom - top))


def verdicts(found: Array, errors: Array, side: float) -> list[str]:
    """Of each keypoint: right, wrong, or none where no answer was found."""
    right = np.asarray(within(np.nan_to_num(errors, nan=np.inf), side, ALPHA))
    there = np.asarray(np.isfinite(found).all(axis=1))
    return [NONE if not known else RIGHT if good else WRONG for known, good in zip(there, right, strict=True)]


def _in_words(pair: KeypointPair, found: Array, errors: Array) -> list[str]:
    """Which pair it is, what makes it hard, and how near the answers are."""
    flags = "; ".join(f"{name} {value}" for name, value in pair.flags.items())
    said = [f"Pair {pair.id}{f' ({flags})' if flags else ''}."]
    if not len(found):
        return [*said, "No keypoint is on both pictures."]
    side, known = longer_side(pair), np.isfinite(found).all(axis=1)
    finer = [f"{int(within(errors[known], side, alpha).sum())} within {alpha:.2f}" for alpha in FINE]
    middle = [f"median error {np.median(errors[known]) / side:.3f} of the box"] if known.any() else []
    return [*said, f"{', '.join([*finer, *middle])}. The longer side of the box is {side:g} px."]


def _panels(sheet: Sheet, pair: KeypointPair, pixels: Pixels) -> None:
    """Both pictures, each in its own pixels, under its letter and name."""
    for axes, letter, each, shot in zip(sheet.panels, "AB", pixels, (pair.source, pair.target), strict=True):
        height, width = each.shape[:2]
        small = shrunk(each, round(sheet.style.dpi * 6.0))
        axes.imshow(small, extent=(0, width, height, 0), interpolation="none")
        axes.set(xlim=(0, width), ylim=(height, 0), aspect="equal", anchor="NW")
        axes.set_axis_off()
        room = axes.get_position(original=True).width * sheet.width * 72
        name = middle_cut(PurePath(shot.name).name, room - width_in_points(f"{letter}  ", 10), 10)
        axes.set_title(f"{letter}  {name}", loc="left", pad=4, y=1.0)


def _asked(axes: Any, pair: KeypointPair, judged: Sequence[str], labels: Sequence[str]) -> None:
    """The keypoints of A in the colours of what came of them."""
    for point, verdict in zip(pair.a, judged, strict=True):
        axes.plot(*point, color=COLOURS[verdict], zorder=5, **DISC)
    if labels:
        name_points(axes, pair.a, labels)


def _answers(axes: Any, pair: KeypointPair, found: Array, judged: Sequence[str], labels: Sequence[str]) -> None:
    """The true places as rings, what was found as discs, a line between them, and the box."""
    left, top, right, bottom = pair.box
    for edge in ({"color": "white"}, BOX):
        axes.plot([left, right, right, left, left], [top, top, bottom, bottom, top], linewidth=1.0, zorder=3, **edge)
    for truth, place, verdict in zip(pair.b, found, judged, strict=True):
        layers = (("white", 2.4, 3.0), (COLOURS[verdict], 1.3, 1.6))  # a light rim, to be seen on any ground
        for colour, line, ring in layers:
            if verdict != NONE:
                axes.plot(*np.stack([truth, place]).T, color=colour, linewidth=line, zorder=4)
            axes.plot(*truth, markeredgecolor=colour, markeredgewidth=ring, zorder=5, **RING)
        if verdict != NONE:
            axes.plot(*place, color=COLOURS[verdict], zorder=6, **DISC)
    if labels:
        there = found[[verdict != NONE for verdict in judged]]
        name_points(axes, pair.b, labels, 11.0, also=there)


def _key(judged: Sequence[str]) -> list[Any]:
    """What rings, discs and colours are, and how many there are of each."""
    from matplotlib.lines import Line2D

    words = {RIGHT: f"within {ALPHA:.2f}", WRONG: "farther", NONE: "no answer"}
    ring = Line2D([], [], markeredgecolor=INK, markeredgewidth=1.6, label="true place", **RING)
    told = [each for each in words if each != NONE or NONE in judged]
    counted = [
        Line2D([], [], color=COLOURS[each], linewidth=3, label=f"{words[each]}: {judged.count(each)}") for each in told
    ]
    disc = Line2D([], [], color=INK, label="found", **DISC)
    return [ring, disc, *counted, Line2D([], [], linewidth=1.0, label="box of the object", **BOX)]
