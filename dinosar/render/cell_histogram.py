"""The distribution of the dissimilarities of cells, before that of random patch pairs."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dinosar.homology.cells import Homology
from dinosar.render.histogram import BINS
from dinosar.render.sheet import FAINT, Margins, Sheet, picture, readable
from dinosar.scores import summarize

if TYPE_CHECKING:
    from dinosar.render.pictures import Scene

Array = NDArray[np.float64]
LOOKS = {
    "cells": ("cells, each counted once", "#333333", 2.8),
    "covered": ("cells, each weighted by how much of it is specimen", "#e69f00", 1.5),
    "elsewhere": ("cells that had no part in {} the landmarks", "#009e73", 1.5),
}
MAKING = {"proposed": "proposing", "transferred": "carrying"}
"""What the features did to get the landmarks."""


def series_of(homology: Homology) -> dict[str, tuple[Array, Array | None]]:
    """Dissimilarities with their weights, if any: of all cells, by coverage, and of those that made no landmark."""
    series: dict[str, tuple[Array, Array | None]] = {
        "cells": (homology.values, None),
        "covered": (homology.values, homology.weights),
    }
    if homology.source != "file":
        series["elsewhere"] = (homology.independent, None)
    return series


def binned_cells(homology: Homology, random: Array) -> tuple[Array, dict[str, Array]]:
    """Bin edges, and the share in each bin of each of `series_of` and of random patch pairs, by name."""
    top = max(float(homology.values.max(initial=0)), float(random.max(initial=0)), 1e-6)
    edges = np.linspace(0, top * 1.0001, BINS + 1)
    every = series_of(homology) | {"random": (random, None)}
    shares = {}
    for name, (values, weights) in every.items():
        total = len(values) if weights is None else weights.sum()
        shares[name] = np.histogram(values, edges, weights=weights)[0] / max(float(total), 1e-12)
    return edges, shares


@picture
def homology_histogram(scene: "Scene") -> bytes:
    """Share of cells by dissimilarity; lines mark mean and 95th percentile."""
    found, comparison = scene.homology, scene.comparison
    edges, shares = binned_cells(found, comparison.random)
    sheet = Sheet("How different the homologous cells are", scene.style, (8.6, 5.0), margins=Margins(0.75, 0.3, 0.5))
    axes = sheet.panels[0]
    axes.stairs(shares["random"], edges, fill=True, color="#cccccc", label="random patch pairs of the two specimens")
    for name, (values, weights) in series_of(found).items():
        words, colour, width = LOOKS[name]
        words = words.format(MAKING.get(found.source))
        if not len(values):
            axes.plot([], [], color=colour, label=f"{words}: none")
            continue
        said = summarize(values, 0.0, weights)
        label = f"{words}   mean {said.mean:.3f}, p95 {said.p95:.3f}"
        used = int(np.flatnonzero(shares[name])[-1]) + 1  # so that no line runs along the axis
        axes.stairs(shares[name][:used], edges[: used + 1], color=colour, linewidth=width, label=label)
        axes.axvline(said.mean, color=colour, linewidth=1, linestyle="--")
        axes.axvline(said.p95, color=colour, linewidth=1, linestyle=":")
    axes.set_xlim(0, edges[-1])
    axes.set_xlabel("dissimilarity of a cell of A to the same cell of B (1 - cosine)")
    axes.set_ylabel("share of cells")
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(color=FAINT, labelsize=8)
    pair = f"A {readable(comparison.a.name, 30)}    B {readable(comparison.b.name, 30)}"
    key = f"{pair}\ndashed: mean    dotted: 95th percentile"
    look = {"fontsize": 8, "title_fontsize": 7.5, "alignment": "right", "framealpha": 0.85, "edgecolor": "none"}
    axes.legend(loc="upper right", title=key, **look).get_title().set_multialignment("right")
    return sheet.render()
