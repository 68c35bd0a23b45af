"""Every picture of a comparison, by file stem, in the order a reader wants them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from dinosar.config import CompareConfig
from dinosar.data import Comparison
from dinosar.render.histogram import histogram
from dinosar.render.links import different_matches, similar_matches
from dinosar.render.overlays import dissimilarity_map, focus_maps, mask_map, pca_map
from dinosar.render.panels import View, to_one_scale
from dinosar.render.sheet import Style


@dataclass(frozen=True)
class Scene:
    """What every picture is drawn from."""

    comparison: Comparison
    a: View
    b: View
    style: Style
    top: int

    @property
    def views(self) -> tuple[View, View]:
        """Both specimens."""
        return self.a, self.b


def scene(comparison: Comparison, config: CompareConfig) -> Scene:
    """The comparison set up for drawing."""
    side = round(config.figures.dpi * 5.2)
    a, b = to_one_scale(
        View(comparison.a, f"A  {comparison.a.name}", config.inputs.a_px_per_mm, side),
        View(comparison.b, f"B  {comparison.b.name}", config.inputs.b_px_per_mm, side),
    )
    style = Style(config.figures.format, config.figures.dpi, footer(comparison, config))
    return Scene(comparison, a, b, style, config.figures.top)


def footer(comparison: Comparison, config: CompareConfig) -> str:
    """Two lines that say how the picture came about."""
    grid_a, grid_b = comparison.a.features.grid, comparison.b.features.grid
    image = config.image
    best = comparison.scores[comparison.headline]
    of_random = "" if best.of_random is None else f", {best.of_random:.2f} of random patch pairs"
    crop = f"crop +{image.crop_margin:.0%}" if image.crop else "no crop"
    return (
        f"distance {best.require():.4f} ({comparison.headline}; 0 = identical{of_random})   "
        f"backbone {comparison.a.features.backbone}   masker {config.masking}   matcher {config.matcher.use}\n"
        f"image {image.size} px, {image.fit}, {crop}, surroundings {image.surroundings}   patch {grid_a.patch} px   "
        f"grid A {grid_a.rows} x {grid_a.columns}, B {grid_b.rows} x {grid_b.columns}   "
        f"patches A {len(comparison.a.indices)}, B {len(comparison.b.indices)}   "
        + f"A and B {'' if config.inputs.a_px_per_mm and config.inputs.b_px_per_mm else 'not '}to one scale"
    )


def pictures(comparison: Comparison, config: CompareConfig) -> Iterator[tuple[str, bytes]]:
    """(stem, bytes) of every picture, drawn one at a time."""
    stage = scene(comparison, config)
    drawings: dict[str, Callable[[Scene], bytes]] = {
        "dissimilarity": dissimilarity_map,
        "histogram": histogram,
        "matches_similar": similar_matches,
        "matches_different": different_matches,
        "masks": mask_map,
        "pca": pca_map,
    }
    for stem, draw in (drawings | focus_maps(comparison.a.features)).items():
        yield stem, draw(stage)
