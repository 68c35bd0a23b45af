"""A pair with known keypoints: those of A that were asked about, and on B what was found beside the truth."""

from collections.abc import Sequence
from dataclasses import dataclass
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
from dinosar.render.pck_chart import in_digits
from dinosar.render.sheet import INK, Margins, Sheet, Style, broken, picture, readable, width_in_points

Array = NDArray[np.float64]
Pixels = tuple[NDArray[np.uint8], NDArray[np.uint8]]
LOST = "#555555"
RIGHT, WRONG, NONE = "right", "wrong", "none"
RING: dict[str, Any] = {"marker": "o", "linestyle": "none", "markersize": 9, "markerfacecolor": "none"}
DISC: dict[str, Any] = {"marker": "o", "linestyle": "none", "markersize": 5.5, "markeredgecolor": "white",
                        "markeredgewidth": 0.8}  # fmt: skip
BOX: dict[str, Any] = {"color": INK, "linestyle": (0, (4, 3))}
EDGE: dict[str, Any] = {"marker": "D", "linestyle": "none", "markersize": 6, "markeredgecolor": "white",
                        "markeredgewidth": 0.8, "clip_on": False}  # fmt: skip
COLOURS = {RIGHT: CALM, WRONG: ALARM, NONE: LOST}


@dataclass(frozen=True)
class Judging:
    """Found within `alpha` of the longer side of the box counts as right; how many are within each of `others` is told.

    `box` says which box it is. The category stands in the title where pairs have categories of their own.
    """

    alpha: float = 0.1
    others: tuple[float, ...] = (0.05, 0.01)
    box: str = "box of the object"
    categories: bool = True


AS_SPAIR = Judging()
"""As SPair-71k has it: PCK@0.10 by the box of the object."""


@picture
def worst_picture(pair: KeypointPair, pixels: Pixels, found: Array, errors: Array, style: Style,
                  judging: Judging = AS_SPAIR) -> bytes:  # fmt: skip
    """Both pictures of a pair, what was found (K, 2) beside the truth, and its errors (K,) in pixels of B.

    Where nothing was found, `found` is NaN and counts as wrong. What was found beyond B is marked at its edge.
    """
    judged, names = verdicts(found, errors, longer_side(pair), judging.alpha), names_of(pair.names, NARROW)
    size = pixels[1].shape[1], pixels[1].shape[0]
    seen = np.array([_ends(*ends, size) for ends in zip(pair.b, found, strict=True)]).reshape(-1, 2)
    off = int((seen != found)[np.isfinite(found).all(axis=1)].any(axis=1).sum())
    below = [*wrapped(_in_words(pair, found, errors, judging, off)), *_key_of_names(pair, names)]
    more, aspects = Margins(0, 0, caption_height(below)), [each.shape[1] / each.shape[0] for each in pixels]
    sheet = sheet_for(_title(pair, judged, judging), style, aspects, key=_key(judged, judging, off), more=more)
    _panels(sheet, pair, pixels)
    _asked(sheet.panels[0], pair, judged, names.labels)
    _answers(sheet.panels[1], pair, (found, seen), judged, names.labels)
    write_caption(sheet, below)
    return sheet.render()


def _ends(truth: Array, place: Array, size: tuple[int, int]) -> Array:
    """The place, or where the line to it from the truth leaves a picture of such a size; NaN of NaN."""
    way, far = place - truth, np.array(size, dtype=np.float64)
    beyond = (place < 0) | (place > far)
    if not beyond.any():
        return place
    edge = np.where(place < 0, 0.0, far)
    shares = (edge - truth)[beyond] / np.where(way == 0, 1.0, way)[beyond]
    share = float(np.clip(shares.min(), 0.0, 1.0))
    return np.clip(truth + share * way, 0.0, far)


def _title(pair: KeypointPair, judged: Sequence[str], judging: Judging) -> str:
    """How many were found."""
    of = f": {pair.category}" if judging.categories else ""
    if not judged:
        return f"No keypoint to find{of}"
    many, box = "s" * (len(judged) > 1), "box" if judging.categories else judging.box
    return f"{judged.count(RIGHT)} of {len(judged)} keypoint{many} within {in_digits(judging.alpha)} of the {box}{of}"


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


def verdicts(found: Array, errors: Array, side: float, alpha: float = AS_SPAIR.alpha) -> list[str]:
    """Of each keypoint: right, wrong, or none where no answer was found."""
    right = np.asarray(within(np.nan_to_num(errors, nan=np.inf), side, alpha))
    there = np.asarray(np.isfinite(found).all(axis=1))
    return [NONE if not known else RIGHT if good else WRONG for known, good in zip(there, right, strict=True)]


def _in_words(pair: KeypointPair, found: Array, errors: Array, judging: Judging, off: int) -> list[str]:
    """Which pair it is, what makes it hard, and how near the answers are."""
    flags = "; ".join(f"{name} {value}" for name, value in pair.flags.items())
    said = [f"Pair {pair.id}{f' ({flags})' if flags else ''}."]
    if not len(found):
        return [*said, "No keypoint is on both pictures."]
    side, known = longer_side(pair), np.isfinite(found).all(axis=1)
    told = [f"{int(within(errors[known], side, alpha).sum())} within {in_digits(alpha)}" for alpha in judging.others]
    if known.any():
        middle = float(np.median(errors[known])) / side
        told.append(f"median error {middle:.3f} of the box, of the {int(known.sum())} answered")
    if off:
        told.append(f"{off} answer{'s' * (off > 1)} beyond the photo")
    return [*said, f"{', '.join(told)}{'. ' * bool(told)}The longer side of the box is {round(side, 1):.10g} px."]


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


def _answers(axes: Any, pair: KeypointPair, places: tuple[Array, Array], judged: Sequence[str],
             labels: Sequence[str]) -> None:  # fmt: skip
    """The true places as rings, what was found as discs, a line between them, and the box.

    `places` are those found, and those of them that can be seen: at the edge what lies beyond.
    """
    left, top, right, bottom = pair.box
    for edge in ({"color": "white"}, BOX):
        axes.plot([left, right, right, left, left], [top, top, bottom, bottom, top], linewidth=1.0, zorder=3, **edge)
    for truth, place, seen, verdict in zip(pair.b, *places, judged, strict=True):
        layers = (("white", 2.4, 3.0), (COLOURS[verdict], 1.3, 1.6))  # a light rim, to be seen on any ground
        for colour, line, ring in layers:
            if verdict != NONE:
                axes.plot(*np.stack([truth, seen]).T, color=colour, linewidth=line, zorder=4)
            axes.plot(*truth, markeredgecolor=colour, markeredgewidth=ring, zorder=5, **RING)
        if verdict != NONE:
            axes.plot(*seen, color=COLOURS[verdict], zorder=6, **(DISC if (seen == place).all() else EDGE))
    if labels:
        there = places[1][[verdict != NONE for verdict in judged]]
        name_points(axes, pair.b, labels, 11.0, also=there)


def _key(judged: Sequence[str], judging: Judging, off: int) -> list[Any]:
    """What rings, discs and colours are, and how many there are of each."""
    from matplotlib.lines import Line2D

    words = {RIGHT: f"within {in_digits(judging.alpha)}", WRONG: "farther", NONE: "no answer"}
    ring = Line2D([], [], markeredgecolor=INK, markeredgewidth=1.6, label="true place", **RING)
    told = [each for each in words if each != NONE or NONE in judged]
    counted = [
        Line2D([], [], color=COLOURS[each], linewidth=3, label=f"{words[each]}: {judged.count(each)}") for each in told
    ]
    disc = Line2D([], [], color=INK, label="found", **DISC)
    edge = [Line2D([], [], color=INK, label="found beyond the photo", **EDGE)] if off else []
    return [ring, disc, *edge, *counted, Line2D([], [], linewidth=1.0, label=judging.box, **BOX)]
