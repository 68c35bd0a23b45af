"""Pictures that link places on A with places on B: the strongest matches, and the places that find no good answer."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dinosar.data import Comparison, Matches, Specimen
from dinosar.render.overlays import SCALE_LABEL, pair_sheet, top_of_scale
from dinosar.render.panels import outline
from dinosar.render.sheet import HEAT, picture

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
    """The mutual matches with the least dissimilarity, spread over both specimens."""
    matches = comparison.forward
    assert matches.mutual is not None
    order = np.argsort(matches.distance, kind="stable")
    picked = _spread((comparison.a, comparison.b), matches, order[matches.mutual[order]], count)
    return [Link(int(matches.asked[i]), int(matches.answer[i]), float(matches.distance[i]), "A") for i in picked]


def most_different(comparison: Comparison, count: int) -> list[Link]:
    """The places of A, then of B, whose best answer in the other is the worst, spread over both specimens."""
    a, b = comparison.a, comparison.b
    links = []
    for matches, ends, asker, share in (
        (comparison.forward, (a, b), "A", -(-count // 2)),
        (comparison.backward, (b, a), "B", count // 2),
    ):
        for i in _spread(ends, matches, np.argsort(-matches.distance, kind="stable"), share):
            pair = int(matches.asked[i]), int(matches.answer[i])
            links.append(Link(*(pair if asker == "A" else pair[::-1]), float(matches.distance[i]), asker))
    return links


def _spread(ends: tuple[Specimen, Specimen], matches: Matches, order: NDArray[np.int64], count: int) -> list[int]:
    """The first matches in an order whose patches keep their distance from each other at both ends."""
    sides = ((ends[0], matches.asked), (ends[1], matches.answer))
    places = np.hstack([np.stack(np.divmod(patch, end.patches.shape[1]), axis=1) for end, patch in sides])
    picked: list[int] = []
    for i in order:
        if len(picked) == count:
            break
        gaps = places[picked] - places[i]
        if (np.minimum(np.hypot(*gaps[:, :2].T), np.hypot(*gaps[:, 2:].T)) >= APART).all():
            picked.append(int(i))
    return picked


@picture
def similar_matches(scene: "Scene") -> bytes:
    """The strongest mutual matches, numbered from the strongest."""
    links = strongest(scene.comparison, scene.top)
    return _draw(scene, links, f"The {len(links)} strongest mutual matches")


@picture
def different_matches(scene: "Scene") -> bytes:
    """The places without a good answer, each linked to the best answer it found."""
    links = most_different(scene.comparison, scene.top)
    return _draw(scene, links, f"The {len(links)} most different places and their best answers")


def _draw(scene: "Scene", links: list[Link], title: str) -> bytes:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize
    from matplotlib.lines import Line2D
    from matplotlib.patches import ConnectionPatch

    sheet = pair_sheet(scene, title, ghost=True, bar=True)
    left, right = sheet.panels
    for axes, view in zip(sheet.panels, scene.views, strict=True):
        outline(axes, view, "#888888")
    colours = ScalarMappable(Normalize(0, top_of_scale(scene)), HEAT)
    ends = [specimen.features.grid.centres_in_photo() for specimen in (scene.comparison.a, scene.comparison.b)]
    for number, link in enumerate(links, 1):
        colour, points = colours.to_rgba(np.array([link.distance]))[0], (tuple(ends[0][link.a]), tuple(ends[1][link.b]))
        style = {"linestyle": "-" if link.asked_by == "A" else "--", "color": colour, "linewidth": 1.1, "alpha": 0.85}
        sheet.figure.add_artist(
            ConnectionPatch(*points, "data", "data", axesA=left, axesB=right, shrinkA=5.5, shrinkB=5.5, **style)
        )
        for axes, point, asks in ((left, points[0], link.asked_by == "A"), (right, points[1], link.asked_by == "B")):
            _mark(axes, point, number, colour, asks)
    sheet.colour_bar(colours, SCALE_LABEL, clipped=True)
    keys = {"A": ("-", "A asks (disc), B answers (ring)"), "B": ("--", "B asks (disc), A answers (ring)")}
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
