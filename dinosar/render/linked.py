"""Places on A linked with places on B: numbered ends and a line between them, in the colour of their dissimilarity."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dinosar.render.overlays import ceiling, cut_off, pair_sheet, scale_label
from dinosar.render.panels import outline
from dinosar.render.sheet import HEAT, Sheet

if TYPE_CHECKING:
    from dinosar.render.pictures import Scene

Point = tuple[float, float]


@dataclass(frozen=True)
class Tie:
    """Two places that belong together, in pixels of their photos. `filled` says which ends are discs, not rings."""

    a: Point
    b: Point
    distance: float
    filled: str = "AB"
    dashed: bool = False


def linked_sheet(scene: "Scene", title: str, ties: Sequence[Tie], values: NDArray[np.float64]) -> Sheet:
    """Both specimens with their ties, numbered in their order, on the scale of all `values` there are."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    sheet = pair_sheet(scene, title, ghost=True, bar=True)
    for axes, view in zip(sheet.panels, scene.views, strict=True):
        outline(axes, view, "#888888")
    colours = ScalarMappable(Normalize(0, ceiling(values)), HEAT)
    for number, tie in enumerate(ties, 1):
        _draw(sheet, tie, number, colours.to_rgba(np.array([tie.distance]))[0])
    sheet.colour_bar(colours, scale_label(values), clipped=cut_off(values))
    return sheet


def _draw(sheet: Sheet, tie: Tie, number: int, colour: Any) -> None:
    from matplotlib.patches import ConnectionPatch

    left, right = sheet.panels
    style = {"linestyle": "--" if tie.dashed else "-", "color": colour, "linewidth": 1.1, "alpha": 0.85}
    sheet.figure.add_artist(
        ConnectionPatch(tie.a, tie.b, "data", "data", axesA=left, axesB=right, shrinkA=5.5, shrinkB=5.5, **style)
    )
    for side, axes, point in (("A", left, tie.a), ("B", right, tie.b)):
        _mark(axes, point, number, colour, side in tie.filled)


def _mark(axes: Any, point: Point, number: int, colour: Any, filled: bool) -> None:
    """A numbered disc, or a ring. Above all lines, also those of others."""
    from matplotlib.lines import Line2D
    from matplotlib.text import Text

    disc = Line2D([point[0]], [point[1]], marker="o", markersize=10.5, markerfacecolor=colour if filled else "white",
                  markeredgecolor=colour if not filled else "white", markeredgewidth=1.4)  # fmt: skip
    dark = filled and 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2] < 0.5
    text = Text(*point, str(number), ha="center", va="center", fontsize=6.5, fontweight="bold",
                color="white" if dark else "black")  # fmt: skip
    for above, artist in enumerate((disc, text), 5):
        artist.set(transform=axes.transData, zorder=above)
        axes.figure.add_artist(artist)
