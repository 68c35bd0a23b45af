"""Where a query and an image it found show the same: the patches of both that have a hit, by how good it is."""

from typing import Any

import numpy as np

from dinosar.render.frame_scene import said_across, sheet_for
from dinosar.render.match_caption import caption_height, wrapped, write_caption
from dinosar.render.panels import heat
from dinosar.render.retrieval_provenance import counted, per_cent
from dinosar.render.retrieval_scene import NO_HIT, NO_PATCH, AnsweredScene, spread, squares
from dinosar.render.sheet import HEAT, Margins, picture
from dinosar.retrieval.blocks import Block
from dinosar.retrieval.telling import Answered, BestHits

STEP = 0.05
"""The scale begins at the minimum cosine and ends at a multiple of this, so that pictures of one ranking agree."""
LINE = "white"


@picture
def votes_picture(scene: AnsweredScene) -> bytes:
    """Both photos in grey; over each patch that has a hit in the other the colour of its cosine."""
    told = scene.told
    below = wrapped(in_words(scene))
    sheet = sheet_for(title_of(scene), scene.style, scene.aspects, bar=True, key=_key(scene),
                      more=Margins(0, 0, caption_height(below)))  # fmt: skip
    scene.shown_on(sheet.panels, "grey")
    low, high = scale_of(told)
    scale = {"cmap": HEAT, "vmin": low, "vmax": high}
    for axes, block, hits in zip(sheet.panels, scene.blocks, (told.there, told.back), strict=True):
        image = heat(axes, block.grid, spread(block, np.where(hits.hit, hits.cosine, np.nan)), scale, alpha=0.72)
        _outlined(axes, block, hits)
    sheet.colour_bar(image, "cosine of the best hit\nhigher: more alike")
    write_caption(sheet, below)
    return sheet.render()


def scale_of(told: Answered) -> tuple[float, float]:
    """The ends of the scale: the minimum cosine, and the best cosine of the pair rounded up, at most 1."""
    found = np.concatenate([hits.cosine[hits.hit] for hits in (told.there, told.back)])
    best = min(float(found.max()), 1.0) if len(found) else 1.0
    high = min(1.0, np.ceil(best / STEP - 1e-9) * STEP)
    return min(told.min_cosine, high - 1e-6), float(high)


def title_of(scene: AnsweredScene) -> str:
    """How much of the scene both share."""
    overlap = scene.told.overlap
    if overlap is None:
        return "Overlap not computed: an image has no patch that votes"
    if scene.tile:
        return f"Query and {scene.tile} part of the image: {per_cent(overlap)} of patches have a hit in the other"
    return f"Overlap {per_cent(overlap)}: patches that have a hit in the other image"


def in_words(scene: AnsweredScene) -> list[str]:
    """How many patches of each have a hit, and which share counts."""
    told = scene.told
    ours = _counted("query", told.query, told.there, scene.answer)
    theirs = _counted(scene.answer, told.other, told.back, "query")
    last = "" if told.overlap is None else "The smaller share is the overlap. "
    if scene.tile and last:
        last = "The title tells of the smaller share; the overlap in tables is that of the whole image. "
    return [ours, theirs, f"{last}A hit is a patch whose cosine is above {told.min_cosine:.4g}."]


def _counted(name: str, block: Block, hits: BestHits, other: str) -> str:
    """So many of one image's patches have a hit in the other."""
    if not len(block):
        return f"The {name} has no patch that votes."
    share = f"{counted(int(hits.hit.sum()))} of {counted(len(block))} ({per_cent(float(hits.hit.mean()))})"
    return f"Patches of the {name} that have a hit in the {other}: {share}."


def _outlined(axes: Any, block: Block, hits: BestHits) -> None:
    """A fine line around each patch that votes, a firm one around those that have a hit; or that there is none."""
    from matplotlib.collections import LineCollection

    for rows, width, alpha in ((~hits.hit, 0.3, 0.4), (hits.hit, 0.6, 0.9)):
        lines = LineCollection(squares(block, np.flatnonzero(rows)), colors=LINE, linewidths=width, alpha=alpha)
        axes.add_collection(lines, autolim=False)
    if not hits.hit.any():
        said_across(axes, NO_HIT if len(block) else NO_PATCH)


def _key(scene: AnsweredScene) -> list[Any]:
    """What bare patches are."""
    from matplotlib.patches import Patch

    bare: dict[str, Any] = {"facecolor": "#9a9a9a", "edgecolor": LINE, "linewidth": 0.5}
    words = f"not coloured: best cosine not above {scene.told.min_cosine:.4g}"
    return [Patch(label=words, **bare)]
