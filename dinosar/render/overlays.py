"""Pictures that paint values on the patches of both specimens: dissimilarity, attention or saliency, masks, PCA."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dinosar.components import joint_colours
from dinosar.data import Features, Matches, Specimen
from dinosar.render.panels import OUTLINE, clip, extent, heat, outline, show
from dinosar.render.sheet import BESIDE_BAR, HEAT, Margins, Sheet, picture

if TYPE_CHECKING:
    from dinosar.render.pictures import Scene

WIDTH = 10.5


def pair_sheet(scene: "Scene", title: str, *, bar: bool = False, below: float = 0.0, **look: bool) -> Sheet:
    """A sheet with A on the left and B on the right, both shown (`ghost`, `grey`), as high as they need.

    `below` is room in inches that is kept free beneath them.
    """
    widest = max(view.aspect for view in scene.views)
    aspects = [max(view.aspect, widest / 4) for view in scene.views]  # a narrow one beside a wide one stays legible
    margins = replace(BESIDE_BAR if bar else Margins(), bottom=below)
    inner = WIDTH - margins.left - margins.right
    least = 4.2 if min(view.aspect for view in scene.views) < 0.4 else 2.2  # so that a tall one is legible, too
    height = float(np.clip(inner / sum(aspects), least, 6.0)) + 1.2 + below
    sheet = Sheet(title, scene.style, (WIDTH, height), aspects, margins)
    for axes, view in zip(sheet.panels, scene.views, strict=True):
        show(axes, view, **look)
    return sheet


def dissimilarity_maps(scene: "Scene") -> list[NDArray[np.float64]]:
    """For A and for B: how far each patch is from its best answer in the other."""
    pair: tuple[tuple[Specimen, Matches], ...] = (
        (scene.comparison.a, scene.comparison.forward),
        (scene.comparison.b, scene.comparison.backward),
    )
    return [specimen.spread(matches.asked, matches.distance) for specimen, matches in pair]


def both_ways(scene: "Scene") -> NDArray[np.float64]:
    """The dissimilarities of all patches, A to B and B to A: one scale for every picture of them."""
    return np.concatenate([scene.comparison.forward.distance, scene.comparison.backward.distance])


def ceiling(values: NDArray[np.float64]) -> float:
    """Where the scale of some dissimilarities ends: at their 99th percentile, and never in what is rounding."""
    return max(float(np.percentile(values, 99)), 0.01)


def scale_label(values: NDArray[np.float64]) -> str:
    """What a colour bar of some dissimilarities says, and where its top is."""
    top = ceiling(values)
    if not values.any():
        return "dissimilarity (1 - cosine); all 0"
    end = "99th percentile" if top <= np.percentile(values, 99) else f"{top:g}"
    return f"dissimilarity (1 - cosine); top: {end}"


def cut_off(values: NDArray[np.float64]) -> bool:
    """Whether some dissimilarities lie above the end of their scale."""
    return bool((values > ceiling(values)).any())


@picture
def dissimilarity_map(scene: "Scene") -> bytes:
    """Where on the animals the difference lies: each patch in the colour of its dissimilarity."""
    pair = scene.comparison
    every = len(pair.forward) == len(pair.a.indices) and len(pair.backward) == len(pair.b.indices)
    which = "each patch to its best answer" if every else "the patches that were matched to their answers"
    sheet = pair_sheet(scene, f"Dissimilarity of {which} in the other specimen", bar=True, ghost=True, grey=True)
    scale = {"cmap": HEAT, "vmin": 0, "vmax": ceiling(both_ways(scene))}
    for axes, view, values in zip(sheet.panels, scene.views, dissimilarity_maps(scene), strict=True):
        image = heat(axes, view.specimen.features.grid, values, scale)
        outline(axes, view, "black")
    sheet.colour_bar(image, scale_label(both_ways(scene)), clipped=cut_off(both_ways(scene)))
    return sheet.render()


def focus_maps(features: Features) -> dict[str, Callable[["Scene"], bytes]]:
    """A picture for each layer's map of attention, by file stem; saliency has no layers and is one picture."""
    if features.attention is None:
        return {}
    if not features.attention_layers:
        return {features.attention_kind: focus_map}
    stems = [f"{features.attention_kind}_layer{layer:02d}" for layer in features.attention_layers]
    return {stem: partial(focus_map, number=i) for i, stem in enumerate(stems)}


@picture
def focus_map(scene: "Scene", number: int = -1) -> bytes:
    """Where the backbone looks: one map of attention, or saliency under its own name."""
    features = scene.comparison.a.features
    layer = f", layer {features.attention_layers[number]}" if features.attention_layers else ""
    sheet = pair_sheet(
        scene, f"{features.attention_kind.capitalize()} of {features.backbone}{layer}, all patches", bar=True, grey=True
    )
    for axes, view in zip(sheet.panels, scene.views, strict=True):
        maps = view.specimen.features.attention
        values = (
            np.zeros(view.specimen.patches.shape) if maps is None else maps[number] / max(maps[number].max(), 1e-12)
        )
        image = heat(axes, view.specimen.features.grid, values, {"cmap": "magma", "vmin": 0, "vmax": 1}, alpha=0.6)
        outline(axes, view, "white")
    sheet.colour_bar(image, f"{features.attention_kind}, share of its maximum in the photo")
    return sheet.render()


@picture
def mask_map(scene: "Scene") -> bytes:
    """What counted as specimen: the mask's outline on the photo; patches that were not compared fade."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    sheet = pair_sheet(scene, "Specimen mask and the patches that were compared")
    for axes, view in zip(sheet.panels, scene.views, strict=True):
        veil = np.where(view.specimen.patches, np.nan, 1.0)
        heat(axes, view.specimen.features.grid, veil, {"cmap": "gray", "vmin": 0, "vmax": 1}, alpha=0.62)
        _cells(axes, view.specimen)
        outline(axes, view)
    square = Patch(facecolor="none", edgecolor="#333333", linewidth=0.6, label="patch compared (others fade)")
    sheet.legend([Line2D([], [], color=OUTLINE, label="edge of the mask"), square])
    return sheet.render()


def _cells(axes: Any, specimen: Specimen) -> None:
    """Thin lines around every patch that was compared."""
    from matplotlib.collections import LineCollection

    grid = specimen.features.grid
    rows, columns = np.nonzero(specimen.patches)
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]], dtype=np.float64)
    squares = (np.stack([columns, rows], axis=1)[:, None, :] + corners) * grid.patch
    lines = grid.to_photo(squares.reshape(-1, 2)).reshape(-1, 5, 2)
    axes.add_collection(LineCollection(list(lines), colors="#333333", linewidths=0.35), autolim=False)


@picture
def pca_map(scene: "Scene") -> bytes:
    """The first three principal components of both specimens' tokens as red, green and blue, on one scale."""
    colours = joint_colours(scene.comparison.a, scene.comparison.b)
    title = "First three principal components of the tokens of both specimens, as red, green, blue"
    sheet = pair_sheet(scene, title, ghost=True)
    for axes, view, rgb in zip(sheet.panels, scene.views, colours, strict=True):
        opaque = np.dstack([rgb, view.specimen.patches.astype(np.float64)])
        grid = view.specimen.features.grid
        clip(axes.imshow(opaque, extent=extent(grid), interpolation="nearest"), axes, grid)
        outline(axes, view, "black")
    return sheet.render()
