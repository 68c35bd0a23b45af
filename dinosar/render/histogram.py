"""The distribution of dissimilarities, both ways, before that of random patch pairs."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dinosar.render.sheet import FAINT, Margins, Sheet, picture, readable

if TYPE_CHECKING:
    from dinosar.data import Comparison
    from dinosar.render.pictures import Scene

A_COLOUR, B_COLOUR = "#0072b2", "#d55e00"
BINS = 60


def binned(comparison: "Comparison") -> tuple[NDArray[np.float64], list[NDArray[np.float64]]]:
    """Bin edges, and the share of values in each bin for A to B, B to A and random pairs."""
    series = [comparison.forward.distance, comparison.backward.distance, comparison.random]
    edges = np.linspace(0, max(*(float(s.max(initial=0)) for s in series), 1e-6) * 1.0001, BINS + 1)
    return edges, [np.histogram(values, edges)[0] / max(len(values), 1) for values in series]


@picture
def histogram(scene: "Scene") -> bytes:
    """Share of patches by dissimilarity; lines mark each direction's mean and 95th percentile."""
    comparison = scene.comparison
    edges, shares = binned(comparison)
    sheet = Sheet("How different the patches are", scene.style, (8.6, 5.0), margins=Margins(0.75, 0.3, 0.5))
    axes = sheet.panels[0]
    axes.stairs(shares[2], edges, fill=True, color="#cccccc", label="random patch pairs of the two specimens")
    for name, values, share, colour, width in (
        (f"A to B: {readable(comparison.a.name, 30)}", comparison.forward.distance, shares[0], A_COLOUR, 3.2),
        (f"B to A: {readable(comparison.b.name, 30)}", comparison.backward.distance, shares[1], B_COLOUR, 1.4),
    ):
        if not len(values):
            axes.plot([], [], color=colour, label=f"{name}   no match")
            continue
        mean, p95 = float(values.mean()), float(np.percentile(values, 95))
        # The first is wider, so that it still shows where both are the same, as of mutual matches they are.
        axes.stairs(share, edges, color=colour, linewidth=width, label=f"{name}   mean {mean:.3f}, p95 {p95:.3f}")
        axes.axvline(mean, color=colour, linewidth=1, linestyle="--")
        axes.axvline(p95, color=colour, linewidth=1, linestyle=":")
    axes.set_xlim(0, edges[-1])
    axes.set_xlabel("dissimilarity of a patch to its best answer (1 - cosine)")
    axes.set_ylabel("share of patches")
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(color=FAINT, labelsize=8)
    key = "dashed: mean    dotted: 95th percentile"
    look = {"fontsize": 8, "title_fontsize": 7.5, "alignment": "right", "framealpha": 0.85, "edgecolor": "none"}
    axes.legend(loc="upper right", title=key, **look)
    return sheet.render()
