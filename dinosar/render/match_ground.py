"""The foreground of one photo: its patches outlined, the rest faded, and in words what it rests on."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from dinosar.data import Specimen
from dinosar.render.frame_scene import WIDTH, sheet_for, square
from dinosar.render.match_caption import caption_height, wrapped, write_caption
from dinosar.render.match_scene import MatchScene, patch_outline, show_photo
from dinosar.render.panels import OUTLINE, outline
from dinosar.render.sheet import Margins, picture
from dinosar.sparse.matched import Ground

METHODS = {
    "pca-joint": "first principal component of the tokens of both photos together",
    "pca": "first principal component of the tokens of this photo",
    "ncut": "normalised cut of the tokens of this photo",
    "whole": "the whole photo, nothing left out",
}
SIGNS = {"+": "+ (what the border of the photo has less of)", "-": "- (what the border of the photo has more of)"}
EDGE = "#222222"


@picture
def ground_picture(scene: MatchScene, letter: Literal["A", "B"]) -> bytes:
    """A photo with its foreground."""
    view, ground = scene.side(letter)
    specimen = view.specimen
    below = wrapped(ground_in_words(ground, specimen))
    fine = _finer_than_patches(specimen)
    sheet = sheet_for(f"The foreground of {letter}", scene.style, [view.aspect], key=_key(fine),
                      more=Margins(0, 0, caption_height(below)))  # fmt: skip
    show_photo(sheet.panels[0], replace(view, side=round(scene.style.dpi * WIDTH)), "faded")
    if fine:
        outline(sheet.panels[0], view, EDGE)
    patch_outline(sheet.panels[0], specimen, specimen.patches, OUTLINE)
    write_caption(sheet, below)
    return sheet.render()


def _finer_than_patches(specimen: Specimen) -> bool:
    """Whether the mask has an edge of its own: not every pixel is what the patch under its centre is."""
    grid = specimen.features.grid
    left, top, width, height = grid.crop
    x, y = left + np.arange(width) + 0.5, top + np.arange(height) + 0.5
    columns = grid.to_network(np.stack([x, np.full(width, y[0])], axis=1))[:, 0] // grid.patch
    rows = grid.to_network(np.stack([np.full(height, x[0]), y], axis=1))[:, 1] // grid.patch
    whole = specimen.patches[np.ix_(rows.astype(np.int64), columns.astype(np.int64))]
    return not np.array_equal(whole, specimen.mask[top : top + height, left : left + width])


def _key(fine: bool) -> list[Any]:
    """What the lines are."""
    from matplotlib.lines import Line2D

    key = [Line2D([], [], color=OUTLINE, label="edge of the patches that count"),
           square("#e4e4e4", "not foreground (faded)")]  # fmt: skip
    return [*key, Line2D([], [], color=EDGE, linewidth=1.1, label="edge of the mask")] if fine else key


def ground_in_words(ground: Ground, specimen: Specimen) -> list[str]:
    """What the foreground is and how large, what it rests on, and why what was asked before could not tell."""
    size = f"{ground.area:.1%} of the photo, {specimen.patches.sum()} of {specimen.patches.size} patches"
    lines = [f"Foreground: {_method(ground)}.", "; ".join([size, *_evidence(ground.evidence)]) + "."]
    reasons = list(dict.fromkeys([*ground.reasons, *ground.evidence.get("reasons", ())]))
    if reasons:
        lines.append(f"Asked before, without a result: {'; '.join(str(each).rstrip('.') for each in reasons)}.")
    return lines


def _method(ground: Ground) -> str:
    """Who said so, and which side of a component it is."""
    method = METHODS.get(ground.method, f"masker {ground.method}")
    sign = ground.evidence.get("sign")
    given = ", as somebody said" if ground.evidence.get("given") else ""
    return method if sign is None else f"{method}, sign {SIGNS.get(str(sign), sign)}{given}"


def _evidence(evidence: Mapping[str, Any]) -> list[str]:
    """The votes on the sign, and how sure they are; nothing of a masker that says nothing."""
    kind = str(evidence.get("attention_kind") or "attention")
    votes = {kind if name == "attention" else str(name): value for name, value in _votes(evidence).items()}
    told = ", ".join(f"{name} {_signed(value)}" for name, value in votes.items())
    parts = [f"votes for this side: {told}"] if any(each is not None for each in votes.values()) else []
    for name in ("separability",) if evidence.get("given") else ("confidence", "separability"):
        if isinstance(evidence.get(name), int | float):
            parts.append(f"{name} {evidence[name]:.2f}")
    return parts


def _votes(evidence: Mapping[str, Any]) -> Mapping[str, Any]:
    """The votes, where there are some."""
    votes = evidence.get("votes")
    return votes if isinstance(votes, Mapping) else {}


def _signed(value: Any) -> str:
    """A vote with its sign; that there is none, where it could not be asked."""
    return "not asked" if value is None else f"{value:+.2f}"
