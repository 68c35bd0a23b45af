"""Pictures that link places on A with places on B: the strongest matches, and the places that find no good answer."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dinosar.data import Comparison, Matches, Specimen
from dinosar.render.overlays import pair_sheet
from dinosar.render.panels import outline
from dinosar.render.sheet import HEAT

if TYPE_CHECKING:
    from dinosar.render.pictures import Scene

APART = 3.0
"""Shown places on one specimen keep at least this many patches of distance, or one wing vein takes them all."""


@dataclass(frozen=True)
class Link:
    """A match as drawn: flat patch indices on A and B, its dissimilarity, and which specimen asked."""

    a: int
    b: int
    distance: float
    asked_by: str


def strongest(comparison: Comparison, count: int) -> list[Link]:
    """The mutual matches with the least dissimilarity, spread over specimen A."""
    matches = comparison.forward
    assert matches.mutual is not None
    picked = _spread(comparison.a, matches, np.argsort(matches.distance, kind="stable"), count, matches.mutual)
    return [Link(int(matches.asked[i]), int(matches.answer[i]), float(matches.distance[i]), "A") for i in picked]


def most_different(comparison: Comparison, count: int) -> list[Link]:
    """The places of A, then of B, whose best answer in the other is the worst, spread over the asking specimen."""
    links = []
    for matches, specimen, asker in ((comparison.forward, comparison.a, "A"), (comparison.backward, comparison.b, "B")):
        everyone = np.ones(len(matches), dtype=bool)
        for i in _spread(specimen, matches, np.argsort(-matches.distance, kind="stable"), -(-count // 2), everyone):
            ends = int(matches.asked[i]), int(matches.answer[i])
            a, b = ends if asker == "A" else ends[::-1]
            links.append(Link(a, b, float(matches.distance[i]), asker))
    return links


def _spread(
    specimen: Specimen, matches: Matches, order: NDArray[np.int64], count: int, allowed: NDArray[np.bool_]
) -> list[int]:
    """The first allowed matches in an order whose asking patches keep their distance from each other."""
    columns = specimen.patches.shape[1]
    places = np.stack(np.divmod(matches.asked, columns), axis=1)
    picked: list[int] = []
    for i in order[allowed[order]]:
        if all(np.hypot(*(places[i] - places[j])) >= APART for j in picked):
            picked.append(int(i))
        if len(picked) == count:
            break
    return picked


def similar_matches(scene: "Scene") -> bytes:
    """The strongest mutual matches, numbered from the strongest."""
    links = strongest(scene.comparison, scene.top)
    return _draw(scene, links, f"The {len(links)} strongest mutual matches, at least {APART:g} patches apart")


def different_matches(scene: "Scene") -> bytes:
    """The places without a good answer, each linked to the best answer it found."""
    links = most_different(scene.comparison, scene.top)
    return _draw(
        scene, links, f"The {len(links)} most different places, each with its best answer in the other specimen"
    )


def _draw(scene: "Scene", links: list[Link], title: str) -> bytes:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize
    from matplotlib.lines import Line2D
    from matplotlib.patches import ConnectionPatch

    sheet = pair_sheet(scene, title, ghost=True, bar=True)
    left, right = sheet.panels
    for axes, view in zip(sheet.panels, scene.views, strict=True):
        outline(axes, view, "#888888")
    worst = max([link.distance for link in links], default=0.0)
    colours = ScalarMappable(Normalize(0, max(worst, 1e-6)), HEAT)
    ends = [specimen.features.grid.centres_in_photo() for specimen in (scene.comparison.a, scene.comparison.b)]
    for number, link in enumerate(links, 1):
        colour, points = colours.to_rgba(np.array([link.distance]))[0], (tuple(ends[0][link.a]), tuple(ends[1][link.b]))
        style = {"linestyle": "-" if link.asked_by == "A" else "--", "color": colour, "linewidth": 1.1, "alpha": 0.85}
        sheet.figure.add_artist(ConnectionPatch(*points, "data", "data", axesA=left, axesB=right, **style))
        for axes, point, asks in ((left, points[0], link.asked_by == "A"), (right, points[1], link.asked_by == "B")):
            _mark(axes, point, number, colour, asks)
    sheet.colour_bar(colours, "dissimilarity (1 - cosine)")
    keys = {"A": ("-", "A asks (disc), B answers (ring)"), "B": ("--", "B asks, A answers")}
    askers = sorted({link.asked_by for link in links})
    sheet.legend([Line2D([], [], color="#444444", linestyle=keys[n][0], label=keys[n][1]) for n in askers])
    return sheet.render()


def _mark(axes: Any, point: tuple[float, float], number: int, colour: Any, asks: bool) -> None:
    """A numbered disc; the asking end is filled, the answering end is a ring."""
    axes.plot(*point, marker="o", markersize=10.5, markerfacecolor=colour if asks else "white",
              markeredgecolor=colour if not asks else "white", markeredgewidth=1.4, zorder=5)  # fmt: skip
    dark = asks and 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2] < 0.5
    axes.annotate(str(number), point, ha="center", va="center", fontsize=6.5, zorder=6, fontweight="bold",
                  color="white" if dark else "black")  # fmt: skip
