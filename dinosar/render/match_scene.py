"""What the pictures of two matched photos are drawn from, and the sheet on which A and B stand side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dinosar.data import Specimen
from dinosar.render.frame_scene import sheet_for
from dinosar.render.match_caption import caption_height, write_caption
from dinosar.render.panels import View, clip, extent, heat, show
from dinosar.render.sheet import Margins, Sheet, Style
from dinosar.sparse.matched import Ground, Matched

Photo = Literal["plain", "grey", "faded"]
"""How a photo stands beneath what is drawn: as it is, without colour, or faded where it is not foreground."""
NOTHING_BELOW: Sequence[str] = ()


@dataclass(frozen=True)
class MatchLook:
    """How the pictures are written, and how many matches are drawn in each."""

    style: Style
    shown: int = 50


@dataclass(frozen=True, eq=False)
class MatchScene:
    """Two matched photos, set up for drawing."""

    matched: Matched
    a: View
    b: View
    look: MatchLook

    @property
    def views(self) -> tuple[View, View]:
        """Both photos."""
        return self.a, self.b

    @property
    def style(self) -> Style:
        """How the pictures are written."""
        return self.look.style

    def side(self, letter: Literal["A", "B"]) -> tuple[View, Ground]:
        """One of the photos, and where its foreground comes from."""
        i = "AB".index(letter)
        return self.views[i], self.matched.grounds[i]


def match_scene(matched: Matched, look: MatchLook) -> MatchScene:
    """The pair, its photos shrunk to what a sheet can show."""
    side = round(look.style.dpi * 5.2)
    a, b = (View(each, f"{letter}  {each.name}", side=side) for letter, each in (("A", matched.a), ("B", matched.b)))
    return MatchScene(matched, a, b, look)


def pair_of_photos(scene: MatchScene, title: str, *, photo: Photo = "plain", bar: bool = False,
                   key: Sequence[Any] = (), below: Sequence[str] = NOTHING_BELOW) -> Sheet:  # fmt: skip
    """A on the left and B on the right, with lines of words `below` them and a legend."""
    more = Margins(0, 0, caption_height(below))
    sheet = sheet_for(title, scene.style, [view.aspect for view in scene.views], bar=bar, key=key, more=more)
    for axes, view in zip(sheet.panels, scene.views, strict=True):
        show_photo(axes, view, photo)
    write_caption(sheet, below)
    return sheet


def show_photo(axes: Any, view: View, photo: Photo = "plain") -> None:
    """A photo under its letter and name."""
    show(axes, view, grey=photo == "grey")
    axes.set_anchor("NW")
    if photo == "faded":
        veil = np.where(view.specimen.patches, np.nan, 1.0)
        heat(axes, view.specimen.features.grid, veil, {"cmap": "gray", "vmin": 0, "vmax": 1}, alpha=0.68)


def patch_outline(axes: Any, specimen: Specimen, patches: NDArray[np.bool_], colour: str, width: float = 1.2) -> None:
    """A line around patches (rows, columns): every side that one of them shares with one that is none of them."""
    from matplotlib.collections import LineCollection

    grid = specimen.features.grid
    sides = [*_sides(patches), *(line[:, ::-1] for line in _sides(patches.T))]
    places = [grid.to_photo(line * float(grid.patch)) for line in sides]
    lines = LineCollection(places, colors=colour, linewidths=width, capstyle="projecting", zorder=3)
    axes.add_collection(lines, autolim=False)
    clip(lines, axes, grid)


def _sides(patches: NDArray[np.bool_]) -> list[NDArray[np.float64]]:
    """The upright sides (2, 2), as (x, y) counted in patches, between what is in and what is not."""
    padded = np.pad(patches, ((0, 0), (1, 1)))
    rows, columns = np.nonzero(padded[:, 1:] != padded[:, :-1])
    return [np.array([[x, y], [x, y + 1]], dtype=np.float64) for y, x in zip(rows, columns, strict=True)]


def colours_on_patches(axes: Any, specimen: Specimen, rgb: NDArray[np.float64], patches: NDArray[np.bool_]) -> None:
    """Paint patches in colours (rows, columns, 3); the others stay bare."""
    grid = specimen.features.grid
    opaque = np.dstack([rgb, patches.astype(np.float64)])
    clip(axes.imshow(opaque, extent=extent(grid), interpolation="nearest"), axes, grid)
