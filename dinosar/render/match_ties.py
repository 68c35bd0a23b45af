"""Pairs of places tied between two photos: in the colour of where they lie on A, faint where geometry denies them."""

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.data import Specimen
from dinosar.render.frame_scene import said_across
from dinosar.render.match_scene import patch_outline
from dinosar.sparse.pairs import Agreement, Pairs

Array = NDArray[np.float64]
HUES = (0.0, 0.83)
"""From red at the left of the foreground to violet at its right."""
LIGHT, DARK = 0.66, 0.36
"""Lightness at the top of the foreground, and at its foot."""
MANY = 60
"""Ties beyond which lines and discs become smaller."""
GREY = "#555555"


@dataclass(frozen=True)
class TieLook:
    """How a tie is drawn: its line, and whether it ends in discs or in rings."""

    line: Any
    width: float
    alpha: float
    disc: bool

    def end(self, colour: Any, size: float) -> dict[str, Any]:
        """A disc, or a ring."""
        marker: dict[str, Any] = {"marker": "o", "markersize": 4.6 * size}
        if self.disc:
            return {**marker, "markerfacecolor": colour, "markeredgecolor": "white", "markeredgewidth": 0.6}
        return {**marker, "markerfacecolor": "white", "markeredgecolor": colour, "markeredgewidth": 1.0}


FITS, DENIED, OPEN = range(3)
TIES = (TieLook("-", 0.9, 0.75, True), TieLook((0, (4, 3)), 0.7, 0.55, False), TieLook((0, (1, 1.5)), 1.0, 0.8, True))
"""A pair that geometry bears out, one that it denies, and one that it could not be asked about."""


def place_colours(points: Array, specimen: Specimen) -> Array:
    """A colour (n, 3) for each place on a photo: its hue from left to right, its lightness from top to bottom.

    The ends lie at the edges of the foreground, so that the same place has the same colour whoever found it.
    """
    rows, columns = np.nonzero(specimen.patches)
    if not len(points) or not len(rows):
        return np.zeros((len(points), 3))
    centres = specimen.features.grid.centres_in_photo()[specimen.indices]
    low, high = centres.min(axis=0), centres.max(axis=0)
    x, y = np.clip((points - low) / np.maximum(high - low, 1e-9), 0, 1).T
    hue, light = HUES[0] + (HUES[1] - HUES[0]) * x, LIGHT + (DARK - LIGHT) * y
    return np.array([colorsys.hls_to_rgb(*each, 0.95) for each in zip(hue, light, strict=True)])


def judged_by(pairs: Pairs) -> tuple[str, Agreement] | None:
    """The model that says which pairs are drawn firmly, and its verdict: of a solid scene, then of a flat one."""
    for name, agreement in (("epipolar geometry", pairs.fundamental), ("homography", pairs.homography)):
        if agreement.held is not None:
            return name, agreement
    return None


def draw_ties(panels: Sequence[Any], pairs: Pairs, shown: int, specimens: tuple[Specimen, Specimen]) -> None:
    """Tie the best `shown` pairs between both foregrounds; those that no geometry bears out are dashed, with rings."""
    for axes, specimen in zip(panels, specimens, strict=True):
        patch_outline(axes, specimen, specimen.patches, "#888888", 0.7)
    count = min(shown, len(pairs))
    if not count:
        for axes in panels:
            said_across(axes, "no match")
        return
    stands = _standing(pairs)[:count]
    colours = place_colours(pairs.a, specimens[0])
    for i in np.argsort(stands == FITS, kind="stable"):  # what is borne out lies on top
        _tie(panels, (pairs.a[i], pairs.b[i]), colours[i], TIES[stands[i]], 0.7 if count > MANY else 1.0)


def _standing(pairs: Pairs) -> NDArray[np.int64]:
    """How each pair stands: an index of `TIES`."""
    judged = judged_by(pairs)
    if judged is None or judged[1].held is None:
        return np.full(len(pairs), OPEN, np.int64)
    return np.where(judged[1].held, FITS, DENIED)


def _tie(panels: Sequence[Any], ends: tuple[Array, Array], colour: Any, look: TieLook, size: float) -> None:
    """A line from photo to photo, and what it ends in."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import ConnectionPatch

    figure = panels[0].figure
    line = {"linewidth": look.width * size, "alpha": look.alpha, "linestyle": look.line, "color": colour}
    (a, b), (left, right) = [(float(x), float(y)) for x, y in ends], panels
    figure.add_artist(ConnectionPatch(a, b, "data", "data", axesA=left, axesB=right, zorder=4, **line))
    for axes, (x, y) in ((left, a), (right, b)):
        end = Line2D([x], [y], linestyle="none", **look.end(colour, size))
        end.set(transform=axes.transData, zorder=6)
        figure.add_artist(end)


def tie_key(pairs: Pairs, shown: int) -> list[Any]:
    """What the ties are, and how many of each are drawn; nothing where there are none."""
    from matplotlib.lines import Line2D

    stands, judged = _standing(pairs)[:shown], judged_by(pairs)
    count = len(stands)
    if not count:
        return []
    fits = int((stands == FITS).sum())
    words = {OPEN: f"not judged, for no geometry was found: {count}"}
    if judged is not None:
        words = {FITS: f"fits one {judged[0]}: {fits} of the {count} drawn", DENIED: f"does not fit it: {count - fits}"}
    return [Line2D([], [], color=GREY, linewidth=TIES[i].width, linestyle=TIES[i].line, label=said,
                   **TIES[i].end(GREY, 1.0)) for i, said in words.items()]  # fmt: skip
