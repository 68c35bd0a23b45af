"""The mean shape of the landmarks, and how both specimens depart from it."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dinosar.homology.cells import Homology
from dinosar.render.cells import MANY_CELLS, by_whom, quads
from dinosar.render.histogram import A_COLOUR, B_COLOUR
from dinosar.render.landmark_names import name_points, names_of, write_key
from dinosar.render.sheet import FAINT, INK, Margins, Sheet, picture, readable

if TYPE_CHECKING:
    from dinosar.render.pictures import Scene

WIDTH = 8.6
LEFT, RIGHT, BOTTOM = 0.75, 0.3, 0.5
Array = NDArray[np.float64]


@picture
def homology_consensus(scene: "Scene") -> bytes:
    """Both configurations laid on their mean, each landmark joined to where it is on average."""
    found = scene.homology
    names = names_of(found.names, WIDTH)
    low, high = _box(found)
    inner = (WIDTH - LEFT - RIGHT) * (high[1] - low[1]) / (high[0] - low[0])
    height = float(np.clip(inner, 2.6, 6.0)) + 1.3 + BOTTOM + names.room
    title = f"Mean shape of {by_whom(found)}, and how both depart from it"
    sheet = Sheet(title, scene.style, (WIDTH, height), margins=Margins(LEFT, RIGHT, BOTTOM + names.room))
    axes = sheet.panels[0]
    axes.set(
        xlim=(low[0], high[0]), ylim=(high[1], low[1]), aspect="equal", xlabel="network px, half-way between A and B"
    )
    axes.tick_params(color=FAINT, labelsize=8)
    axes.spines[:].set_color("#bbbbbb")
    _draw(axes, found, (readable(scene.comparison.a.name, 40), readable(scene.comparison.b.name, 40)))
    name_points(axes, found.consensus, names.labels, *_reach(axes, found))
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, fontsize=8, frameon=False, borderpad=0.2)
    write_key(sheet, names)
    return sheet.render()


def _box(found: Homology) -> tuple[Array, Array]:
    """What the picture spans: every landmark and every cell that counts, with some air."""
    cells = quads(found.lattice, found.counted).reshape(-1, 2)
    points = np.concatenate([cells, found.a.aligned, found.b.aligned, found.consensus])
    low, high = points.min(axis=0), points.max(axis=0)
    air = 0.03 * float((high - low).max())
    return low - air, high + air


def _reach(axes: Any, found: Homology) -> tuple[float, Array]:
    """How wide most landmarks are with both ends of their lines, in points of paper; and the ends that go farther."""
    axes.apply_aspect()
    ends, mean = np.concatenate([found.a.aligned, found.b.aligned]), np.tile(found.consensus, (2, 1))
    arms = np.abs(axes.transData.transform(ends) - axes.transData.transform(mean)).max(axis=1) * 72 / axes.figure.dpi
    wide = float(np.clip(2 * np.percentile(arms, 75) + 4, 6, 20))
    return wide, ends[arms > wide / 2 - 2]


def _draw(axes: Any, found: Homology, names: tuple[str, str]) -> None:
    from matplotlib.collections import LineCollection

    lattice = [*found.lattice, *found.lattice.swapaxes(0, 1)]
    faint = LineCollection(lattice, colors="#e3e3e3", linewidths=0.5, zorder=1)
    faint.set_rasterized(found.counted.size > MANY_CELLS)
    axes.add_collection(faint, autolim=False)
    for side, letter, name, colour in zip((found.a, found.b), "AB", names, (A_COLOUR, B_COLOUR), strict=True):
        lines = np.stack([found.consensus, side.aligned], axis=1)
        axes.add_collection(LineCollection(list(lines), colors=colour, linewidths=1.2, zorder=2), autolim=False)
        axes.plot(*side.aligned.T, "o", color=colour, markersize=3.8, zorder=3, label=f"{letter}  {name}")
    axes.plot(
        *found.consensus.T,
        "o",
        color="white",
        markeredgecolor=INK,
        markersize=3.6,
        markeredgewidth=0.8,
        zorder=4,
        label="mean",
    )
