"""Two photographs with the matches that a pose, or another model of two views, explains, and those that it does not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.render.frame_scene import ALARM, CALM, middle_cut, sheet_for
from dinosar.render.match_caption import caption_height, wrapped, write_caption
from dinosar.render.panels import greyed, shrunk
from dinosar.render.sheet import Margins, Sheet, Style, picture, width_in_points

Array = NDArray[np.float64]
HELD, NOT_HELD = 80, 25
"""Matches drawn at most: more are a web in which none can be followed."""
HIGH = 6.0


@dataclass(frozen=True, eq=False)
class PosePair:
    """Pixels and names of both photographs, matches in their pixels (n, 2), and which are explained, by what.

    `held` is None where nothing was found that explains any; `by` is empty where nothing was looked for.
    """

    pixels: tuple[NDArray[np.uint8], NDArray[np.uint8]]
    names: tuple[str, str]
    a: Array
    b: Array
    held: NDArray[np.bool_] | None
    by: str = "the pose"


@picture
def pose_pair(pair: PosePair, title: str, said: Sequence[str], style: Style) -> bytes:
    """The photographs side by side, without colour, and their matches as lines."""
    groups = shown(pair)
    some = f"Drawn are {len(groups[0])} of those explained and {len(groups[1])} of the others, evenly over A."
    if pair.held is None:
        some = f"Drawn are {sum(map(len, groups))}, evenly over A."
    every = [] if sum(map(len, groups)) == len(pair.a) else [some]
    words = wrapped([*said, *every])
    aspects = [each.shape[1] / each.shape[0] for each in pair.pixels]
    sheet = sheet_for(title, style, aspects, key=_key(pair), more=Margins(0, 0, caption_height(words)))
    for axes, pixels, letter, name in zip(sheet.panels, pair.pixels, "AB", pair.names, strict=True):
        _photo(sheet, axes, pixels, (letter, name))
    for which, colour, width in zip(groups, (CALM, ALARM), (0.9, 0.6), strict=True):
        _tied(sheet, pair, which, {"color": colour, "linewidth": width})
    write_caption(sheet, words)
    return sheet.render()


def shown(pair: PosePair) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which matches are drawn: of those that are explained, and of the others, evenly by their place on A.

    Where nothing was looked for that explains any, all are of one kind.
    """
    held = np.full(len(pair.a), not pair.by) if pair.held is None else pair.held
    order = np.lexsort((pair.a[:, 1], pair.a[:, 0]))
    return _some(order[held[order]], HELD), _some(order[~held[order]], NOT_HELD)


def _some(which: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    if len(which) <= most:
        return which
    return which[np.linspace(0, len(which) - 1, most).round().astype(np.int64)]


def _photo(sheet: Sheet, axes: Any, pixels: NDArray[np.uint8], heading: tuple[str, str]) -> None:
    """A photograph under its letter and name."""
    height, width = pixels.shape[:2]
    letter, name = heading
    axes.imshow(
        greyed(shrunk(pixels, round(sheet.style.dpi * HIGH))), extent=(0, width, height, 0), interpolation="none"
    )
    axes.set(xlim=(0, width), ylim=(height, 0), aspect="equal", anchor="NW")
    axes.set_axis_off()
    room = axes.get_position(original=True).width * sheet.width * 72
    name = middle_cut(name, room - width_in_points(f"{letter}  ", 10), 10)
    axes.set_title(f"{letter}  {name}", loc="left", pad=4, y=1.0)


def _tied(sheet: Sheet, pair: PosePair, which: NDArray[np.int64], look: dict[str, Any]) -> None:
    """Lines from A to B, with a dot at both ends."""
    from matplotlib.patches import ConnectionPatch

    first, second = sheet.panels
    for i in which:
        ends: dict[str, Any] = {"xyA": tuple(pair.a[i]), "xyB": tuple(pair.b[i]), "axesA": first, "axesB": second}
        sheet.figure.add_artist(ConnectionPatch(coordsA="data", coordsB="data", alpha=0.75, **ends, **look))
    for axes, places in ((first, pair.a), (second, pair.b)):
        axes.plot(*places[which].T, "o", color=look["color"], markersize=3, markeredgecolor="white",
                  markeredgewidth=0.4, zorder=5)  # fmt: skip


def _key(pair: PosePair) -> list[Any]:
    """What the colours are, and how many there are of each."""
    from matplotlib.lines import Line2D

    if pair.held is None:
        told = [(ALARM if pair.by else CALM, f"matches: {len(pair.a)}")]
    else:
        count = int(pair.held.sum())
        told = [(CALM, f"explained by {pair.by}: {count}"), (ALARM, f"not explained: {len(pair.a) - count}")]
    return [Line2D([], [], color=colour, linewidth=2, label=label) for colour, label in told]
