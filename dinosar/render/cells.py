"""Pictures of homologous cells: the grid that the landmarks carry onto both specimens, and where they differ."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dinosar.homology.cells import Homology, Side
from dinosar.notices import warn
from dinosar.render.cell_numbers import LEFT_OUT, NOTE, covered_by_names, number_size, say_left_out, write_numbers
from dinosar.render.landmark_names import name_points, names_of, write_key
from dinosar.render.overlays import WIDTH, ceiling, cut_off, pair_sheet, scale_label
from dinosar.render.panels import OUTLINE, View, clip, outline
from dinosar.render.sheet import HEAT, INK, Sheet, picture

if TYPE_CHECKING:
    from dinosar.render.pictures import Scene

Array = NDArray[np.float64]
LANDMARK = "#ffd21f"
GRID, BARE = "#10243e", "#8a8a8a"
HOW = {"proposed": "proposed", "transferred": "carried"}
"""What the features did to the landmarks, where nobody set them."""
MANY_CELLS = 4000
"""Cells beyond which they are drawn as pixels also in SVG and PDF, which else take seconds to open."""


def by_whom(homology: Homology) -> str:
    """The landmarks in words, and that they come from the features, where they do."""
    whose = f" {HOW[homology.source]} by the features" if homology.source in HOW else ""
    return f"{len(homology.names)} landmarks{whose}"


def sides(scene: "Scene") -> tuple[Side, Side]:
    """The grid on both specimens."""
    return scene.homology.a, scene.homology.b


@picture
def homology_grid(scene: "Scene") -> bytes:
    """The grid on both specimens, and the landmarks that carried it there."""
    from matplotlib.lines import Line2D

    found = scene.homology
    names = names_of(found.names, WIDTH)
    below = names.room + NOTE * scene.cell_numbers
    sheet = pair_sheet(scene, f"Homologous cells by {by_whom(found)}", below=below, ghost=True)
    for axes, view, side in zip(sheet.panels, scene.views, sides(scene), strict=True):
        outline(axes, view)
        _lines(axes, view, side, found.counted)
        _landmarks(axes, view, side.landmarks, names.labels)
    if scene.cell_numbers:
        _numbers(sheet, sides(scene), found.counted, names.room)
    write_key(sheet, names)
    dot: dict[str, Any] = {
        "marker": "o",
        "linestyle": "none",
        "markersize": 4.5,
        "color": LANDMARK,
        "markeredgecolor": INK,
    }
    sheet.legend([
        Line2D([], [], color=GRID, linewidth=1.0, label="cell compared"),
        Line2D([], [], color=BARE, linewidth=0.4, label="not compared"),
        Line2D([], [], color=OUTLINE, label="mask"),
        Line2D([], [], label="landmark", markeredgewidth=0.6, **dot),
    ])  # fmt: skip
    return sheet.render()


def edges(corners: Array, chosen: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Sides of cells as lines (n, 2, 2), each once: those of the cells that are chosen, and all others."""
    across = np.pad(chosen, ((1, 0), (0, 0))) | np.pad(chosen, ((0, 1), (0, 0)))
    down = np.pad(chosen, ((0, 0), (1, 0))) | np.pad(chosen, ((0, 0), (0, 1)))
    lines = (np.stack([corners[:, :-1], corners[:, 1:]], axis=2), np.stack([corners[:-1], corners[1:]], axis=2))
    plain = np.concatenate([line[which] for line, which in zip(lines, (across, down), strict=True)])
    faint = np.concatenate([line[~which] for line, which in zip(lines, (across, down), strict=True)])
    return plain, faint


def _lines(axes: Any, view: View, side: Side, counted: NDArray[np.bool_]) -> None:
    from matplotlib.collections import LineCollection

    plain, faint = edges(side.corners, counted)
    fine = min(1.0, 0.1 * _cell_width(axes, side, counted))  # so that small cells are more than their lines
    for lines, look in (
        (faint, {"colors": BARE, "linewidths": 0.35 * fine, "alpha": 0.6}),
        (plain, {"colors": "white", "linewidths": 1.3 * fine, "alpha": 0.45}),  # it shows on what is dark, too
        (plain, {"colors": GRID, "linewidths": 0.55 * fine}),
    ):
        drawn = axes.add_collection(LineCollection(list(lines), zorder=3, capstyle="round", **look), autolim=False)
        drawn.set_rasterized(counted.size > MANY_CELLS)
        clip(drawn, axes, view.specimen.features.grid)


def _numbers(sheet: Sheet, both: tuple[Side, Side], counted: NDArray[np.bool_], room: float) -> None:
    """Row and column in each cell that counts, where no name stands; on neither specimen if one has too small cells."""
    pairs = list(zip(sheet.panels, both, strict=True))
    size = min(number_size(counted, _cell_width(axes, side, counted)) for axes, side in pairs)
    if not size:
        say_left_out(sheet, room)
        warn(f"homology_grid: {LEFT_OUT}")
        return
    for axes, side in pairs:
        write_numbers(axes, side.centres, counted, size, covered_by_names(axes))


def _landmarks(axes: Any, view: View, points: Array, labels: tuple[str, ...]) -> None:
    """Dots with what they are called; of those outside the picture it is said that they are."""
    left, top, width, height = view.box
    inside = ((points >= (left, top)) & (points <= (left + width, top + height))).all(axis=1)
    axes.plot(
        *points[inside].T, "o", markersize=4.2, color=LANDMARK, markeredgecolor=INK, markeredgewidth=0.6, zorder=6
    )
    name_points(axes, points[inside], [labels[i] for i in np.flatnonzero(inside)])
    if not inside.all():
        words = "outside the picture: " + ", ".join(labels[i] for i in np.flatnonzero(~inside))
        axes.text(left + width, top + height, words, ha="right", va="bottom", fontsize=7, color=INK, zorder=7,
                  bbox={"facecolor": "white", "alpha": 0.78, "edgecolor": "none", "pad": 1.2})  # fmt: skip


def quads(corners: Array, chosen: NDArray[np.bool_]) -> Array:
    """The four corners (n, 4, 2) of each cell that is chosen, row by row, around it."""
    around = [corners[:-1, :-1], corners[:-1, 1:], corners[1:, 1:], corners[1:, :-1]]
    return np.stack([each[chosen] for each in around], axis=1)


@picture
def homology_dissimilarity(scene: "Scene") -> bytes:
    """Where on the animals the difference lies, like compared with like: each cell in the colour of its value."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    found = scene.homology
    sheet = pair_sheet(scene, f"Dissimilarity of homologous cells ({by_whom(found)})", bar=True, ghost=True, grey=True)
    for axes, view, side in zip(sheet.panels, scene.views, sides(scene), strict=True):
        painted = _painted(axes, view, side, found)
        outline(axes, view, "black")
    sheet.colour_bar(painted, scale_label(found.values), clipped=cut_off(found.values))
    edge = Line2D([], [], color="black", linewidth=1.1, label="edge of the mask")
    sheet.legend([edge, Patch(facecolor="#8c8c8c", label="grey: not compared")])
    return sheet.render()


def _painted(axes: Any, view: View, side: Side, found: Homology) -> Any:
    """The cells that count, with fine lines over the seams between them. Returns what a colour bar needs."""
    from matplotlib.collections import LineCollection, QuadMesh

    mesh = QuadMesh(side.corners, antialiased=False, cmap=HEAT, alpha=0.8, zorder=1.5)
    mesh.set_array(np.ma.masked_invalid(found.dissimilarity))
    mesh.set_clim(0, ceiling(found.values))
    axes.add_collection(mesh, autolim=False)
    seams, _ = edges(side.corners, found.counted)
    width = min(0.5, 0.06 * _cell_width(axes, side, found.counted))
    lines = LineCollection(list(seams), colors="white", linewidths=width, alpha=0.5, zorder=1.6)
    axes.add_collection(lines, autolim=False)
    for artist in (mesh, lines):
        artist.set_rasterized(found.counted.size > MANY_CELLS)
        clip(artist, axes, view.specimen.features.grid)
    return mesh


def _cell_width(axes: Any, side: Side, counted: NDArray[np.bool_]) -> float:
    """How wide a cell is on paper, in points."""
    axes.apply_aspect()
    ends = axes.transData.transform(quads(side.corners, counted).reshape(-1, 2)).reshape(-1, 4, 2)
    return float(np.median(np.ptp(ends[..., 0], axis=1))) * 72 / float(axes.figure.dpi)
