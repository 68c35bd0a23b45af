"""Pictures that paint values on the patches of both specimens: dissimilarity, attention or saliency, masks, PCA."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dinosar.components import joint_colours
from dinosar.data import Matches, Specimen
from dinosar.render.panels import OUTLINE, extent, heat, outline, show
from dinosar.render.sheet import BESIDE_BAR, HEAT, Margins, Sheet

if TYPE_CHECKING:
    from dinosar.render.pictures import Scene

WIDTH = 10.5


def pair_sheet(scene: "Scene", title: str, *, ghost: bool = False, bar: bool = False) -> Sheet:
    """A sheet with A on the left and B on the right, both shown, as high as they need."""
    aspects = [view.aspect for view in scene.views]
    margins = BESIDE_BAR if bar else Margins()
    inner = WIDTH - margins.left - margins.right
    height = float(np.clip(inner / sum(aspects), 2.2, 6.0)) + 1.2
    sheet = Sheet(title, scene.style, (WIDTH, height), aspects, margins)
    for axes, view in zip(sheet.panels, scene.views, strict=True):
        show(axes, view, ghost=ghost)
    return sheet


def on_grid(specimen: Specimen, indices: NDArray[np.int64], values: NDArray[Any]) -> NDArray[np.float64]:
    """Values of some patches as a map (rows, columns); the others are NaN."""
    grid = np.full(specimen.patches.size, np.nan)
    grid[indices] = values
    return grid.reshape(specimen.patches.shape)


def dissimilarity_maps(scene: "Scene") -> list[NDArray[np.float64]]:
    """For A and for B: how far each patch is from its best answer in the other."""
    pair: tuple[tuple[Specimen, Matches], ...] = (
        (scene.comparison.a, scene.comparison.forward),
        (scene.comparison.b, scene.comparison.backward),
    )
    return [on_grid(specimen, matches.asked, matches.distance) for specimen, matches in pair]


def dissimilarity_map(scene: "Scene") -> bytes:
    """Where on the animals the difference lies: each patch in the colour of its dissimilarity."""
    maps = dissimilarity_maps(scene)
    top = max(float(np.nanpercentile(np.concatenate([m.ravel() for m in maps]), 99)), 1e-6)
    sheet = pair_sheet(
        scene, "Dissimilarity of each patch to its best answer in the other specimen", ghost=True, bar=True
    )
    for axes, view, values in zip(sheet.panels, scene.views, maps, strict=True):
        image = heat(axes, view.specimen.features.grid, values, {"cmap": HEAT, "vmin": 0, "vmax": top})
        outline(axes, view, "black")
    sheet.colour_bar(image, "1 - cosine   (yellow: different; top of scale = 99th percentile)")
    return sheet.render()


def focus_map(scene: "Scene") -> bytes:
    """Where the backbone looks: attention, or saliency under its own name."""
    features = scene.comparison.a.features
    sheet = pair_sheet(scene, f"{features.attention_kind.capitalize()} of {features.backbone}, all patches", bar=True)
    for axes, view in zip(sheet.panels, scene.views, strict=True):
        focus = view.specimen.features.focus
        values = np.zeros(view.specimen.patches.shape) if focus is None else focus / max(float(focus.max()), 1e-12)
        image = heat(axes, view.specimen.features.grid, values, {"cmap": "magma", "vmin": 0, "vmax": 1}, alpha=0.65)
        outline(axes, view, "white")
    sheet.colour_bar(image, f"{features.attention_kind}, share of its maximum in the photo")
    return sheet.render()


def mask_map(scene: "Scene") -> bytes:
    """What counted as specimen: the mask's outline on the photo, and the patches that were compared."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    sheet = pair_sheet(scene, "Specimen mask and the patches that were compared")
    for axes, view in zip(sheet.panels, scene.views, strict=True):
        counted = np.where(view.specimen.patches, 1.0, np.nan)
        heat(axes, view.specimen.features.grid, counted, {"cmap": "cool_r", "vmin": 0, "vmax": 1}, alpha=0.38)
        _lattice(axes, view.specimen)
        outline(axes, view)
    sheet.legend([Line2D([], [], color=OUTLINE, label="edge of the mask"),
                  Patch(facecolor="#00ffff", alpha=0.38, label="patch compared")])  # fmt: skip
    return sheet.render()


def _lattice(axes: Any, specimen: Specimen) -> None:
    """Thin lines between patches."""
    grid = specimen.features.grid
    left, right, bottom, top = extent(grid)
    axes.vlines(np.linspace(left, right, grid.columns + 1), top, bottom, color="black", linewidth=0.15, alpha=0.6)
    axes.hlines(np.linspace(top, bottom, grid.rows + 1), left, right, color="black", linewidth=0.15, alpha=0.6)


def pca_map(scene: "Scene") -> bytes:
    """The first three principal components of both specimens' tokens as red, green and blue, on one scale."""
    colours = joint_colours(scene.comparison.a, scene.comparison.b)
    title = "First three principal components of the tokens of both specimens, as red, green, blue"
    sheet = pair_sheet(scene, title, ghost=True)
    for axes, view, rgb in zip(sheet.panels, scene.views, colours, strict=True):
        opaque = np.dstack([rgb, view.specimen.patches.astype(np.float64)])
        axes.imshow(opaque, extent=extent(view.specimen.features.grid), interpolation="nearest")
        outline(axes, view, "black")
    return sheet.render()
