"""Every picture of a comparison, by file stem, in the order a reader wants them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from dinosar.config import CompareConfig
from dinosar.data import Comparison, Specimen
from dinosar.homology.cells import Homology
from dinosar.render.cell_histogram import homology_histogram
from dinosar.render.cell_links import different_cells, similar_cells
from dinosar.render.cells import homology_dissimilarity, homology_grid
from dinosar.render.consensus import homology_consensus
from dinosar.render.histogram import histogram
from dinosar.render.links import different_matches, similar_matches
from dinosar.render.overlays import dissimilarity_map, focus_maps, mask_map, pca_map
from dinosar.render.panels import View, to_one_scale
from dinosar.render.provenance import footer
from dinosar.render.sheet import Style


@dataclass(frozen=True)
class Scene:
    """What every picture is drawn from."""

    comparison: Comparison
    a: View
    b: View
    style: Style
    top: int
    cell_numbers: bool = False

    @property
    def views(self) -> tuple[View, View]:
        """Both specimens."""
        return self.a, self.b

    @property
    def homology(self) -> Homology:
        """The cells; only of a comparison that has some."""
        assert self.comparison.homology is not None
        return self.comparison.homology


Drawings = dict[str, Callable[[Scene], bytes]]
BY_LIKENESS: Drawings = {
    "dissimilarity": dissimilarity_map,
    "histogram": histogram,
    "matches_similar": similar_matches,
    "matches_different": different_matches,
}
BY_HOMOLOGY: Drawings = {
    "homology_dissimilarity": homology_dissimilarity,
    "homology_histogram": homology_histogram,
    "homology_similar": similar_cells,
    "homology_different": different_cells,
    "homology_grid": homology_grid,
    "homology_consensus": homology_consensus,
}
ALWAYS: Drawings = {"masks": mask_map, "pca": pca_map}


def scene(comparison: Comparison, config: CompareConfig) -> Scene:
    """The comparison set up for drawing."""
    side, figures = round(config.figures.dpi * 5.2), config.figures
    a, b = to_one_scale(
        View(comparison.a, f"A  {comparison.a.name}", config.inputs.a_px_per_mm, side, remark=_moved(comparison.a)),
        View(comparison.b, f"B  {comparison.b.name}", config.inputs.b_px_per_mm, side),
    )
    style = Style(figures.format, figures.dpi, footer(comparison, config))
    return Scene(comparison, a, b, style, figures.top, figures.cell_numbers)


def _moved(a: Specimen) -> str:
    """That A does not lie as in its photo, where it does not."""
    if not a.posed:
        return ""
    return f" ({'mask alone ' if a.movement is None else ''}moved into the pose of B)"


def drawings(comparison: Comparison) -> Drawings:
    """The pictures there are of a comparison."""
    likeness = BY_LIKENESS if comparison.matches is not None else {}
    homology = BY_HOMOLOGY if comparison.homology is not None else {}
    return likeness | homology | ALWAYS | focus_maps(comparison.a.features)


def pictures(comparison: Comparison, config: CompareConfig) -> Iterator[tuple[str, bytes]]:
    """(stem, bytes) of every picture, drawn one at a time."""
    stage = scene(comparison, config)
    for stem, draw in drawings(comparison).items():
        yield stem, draw(stage)
