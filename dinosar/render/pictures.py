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
    """Three lines that say how the picture came about."""
    pair, image = (comparison.a, comparison.b), config.image
    grids = [each.features.grid for each in pair]
    best = comparison.scores[comparison.headline]
    of_random = "" if best.of_random is None else f", {best.of_random:.2f} of random patch pairs"
    counts = [len(each.indices) for each in pair]
    matched = [len(each) for each in (comparison.forward, comparison.backward)]
    fewer = f", of which {matched[0]} and {matched[1]} were matched" if matched != counts else ""
    if comparison.headline == "verified" and best.a_to_b:
        fewer += f", {best.a_to_b.n} verified"
    sides = zip("AB", grids, strict=True)
    sizes = [f"{side} {g.network[0]} x {g.network[1]} px (x {max(g.scale):.2f})" for side, g in sides]
    crop = f"crop +{image.crop_margin:.0%}" if image.crop else "no crop"
    return "\n".join([
        f"distance {best.require():.4f} ({comparison.headline}; 0 = identical{of_random})   "
        f"patches A {counts[0]}, B {counts[1]}{fewer}",
        "   ".join(f"{slot} {words}" for slot, words in comparison.parts.items()),
        f"shown to it: {', '.join(sizes)}, patch {grids[0].patch} px; {image.fit}, {crop}, surroundings "
        f"{image.surroundings}   A and B {'' if all_scaled(config) else 'not '}to one scale",
    ])  # fmt: skip


def all_scaled(config: CompareConfig) -> bool:
    """Whether both photos' scales are known."""
    return bool(config.inputs.a_px_per_mm and config.inputs.b_px_per_mm)


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
