"""The distribution of the mismatches of two frames' patches, those that are mutual told from those that are not."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.frames.mismatching import FLAT, Mismatch
from dinosar.render.frame_scene import ALARM, CALM, FrameScene, FrameSide, middle_cut
from dinosar.render.sheet import FAINT, INK, Margins, Sheet, picture

Array = NDArray[np.float64]
BINS = 60
SIZE = (10.5, 4.6)
HEADROOM = 0.45
"""Share of the bars' height that is kept free above them for the legend."""


def binned_mismatch(found: Mismatch) -> tuple[Array, dict[str, Array]]:
    """Bin edges, and the share of a picture's patches in each bin: of A and of B, mutual ones and others."""
    pair = {"a": found.there, "b": found.back}
    top = max(FLAT, *(float(each.distance.max(initial=0)) for each in pair.values()))
    edges = np.linspace(0, top * 1.0001, BINS + 1)
    shares = {}
    for letter, matches in pair.items():
        mutual = np.ones(len(matches), bool) if matches.mutual is None else matches.mutual
        for kind, which in (("mutual", mutual), ("not_mutual", ~mutual)):
            shares[f"{letter}_{kind}"] = np.histogram(matches.distance[which], edges)[0] / max(len(matches), 1)
    return edges, shares


@picture
def mismatch_histogram(scene: FrameScene) -> bytes:
    """Share of patches by 1 - cosine to their best answer, of A and of B; lines mark mean and 95th percentile.

    The scale is logarithmic: the few patches that mismatch much are what one looks for.
    """
    edges, shares = binned_mismatch(scene.found)
    sheet = Sheet("How much the patches mismatch", scene.style, SIZE, (1, 1), Margins(0.75, 0.3, 0.5))
    low = 0.5 / max(len(side.matches) for side in scene.sides)
    top = max(float(share.max()) for share in shares.values())
    for axes, side in zip(sheet.panels, scene.sides, strict=True):
        _bars(axes, side, edges, [shares[f"{side.letter.lower()}_{kind}"] for kind in ("mutual", "not_mutual")])
        axes.set(yscale="log", xlim=(0, edges[-1]), ylim=(low, top * (top / low) ** HEADROOM))
        axes.minorticks_off()  # of a logarithmic axis they take half the time of the picture
        axes.set_xticks(_ticks(float(edges[-1])))
        axes.set_xlabel("mismatch of a patch: 1 - cosine to its best answer")
        axes.yaxis.set_major_formatter(lambda share, _: f"{share:g}" if share <= 1 else "")  # above it is the legend
    sheet.panels[0].set_ylabel("share of the picture's patches (log scale)")
    sheet.panels[1].tick_params(labelleft=False)
    return sheet.render()


def _ticks(end: float) -> list[float]:
    """Round numbers along the scale, none where the other panel begins."""
    from matplotlib.ticker import MaxNLocator

    return [float(tick) for tick in MaxNLocator(6).tick_values(0, end) if tick < 0.95 * end]


def _bars(axes: Any, side: FrameSide, edges: Array, shares: list[Array]) -> None:
    """Mutual patches and others before one another, and what both together are on average."""
    values, mutual = side.matches.distance, side.mutual
    for share, colour, words, count in (
        (shares[0], CALM, "mutual", mutual.sum()),
        (shares[1], ALARM, "not mutual", (~mutual).sum()),
    ):
        label = f"{words}: {count} patches ({count / len(values):.0%})"
        axes.stairs(share, edges, fill=True, color=colour, alpha=0.35, linewidth=0)
        axes.stairs(share, edges, color=colour, linewidth=1.3, label=label)
    for value, line, words in ((values.mean(), "--", "mean"), (np.percentile(values, 95), ":", "95th percentile")):
        axes.axvline(float(value), color=INK, linewidth=1.1, linestyle=line, label=f"{words} of all {value:.3f}")
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(color=FAINT, labelsize=8)
    other = "B" if side.letter == "A" else "A"
    axes.set_title(f"{side.letter} against {other}   {middle_cut(side.name, 220, 10)}", loc="left", pad=4, y=1.0)
    axes.legend(loc="upper right", ncols=2, fontsize=8, framealpha=0.85, edgecolor="none")
