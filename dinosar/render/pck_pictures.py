"""The pictures of an evaluation: PCK by category, and pairs with what was found on them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dinosar.config import EvaluationConfig
from dinosar.evaluation.keypoint_pairs import KeypointPair
from dinosar.evaluation.pck import key
from dinosar.evaluation.reporting import alpha_shown
from dinosar.render.match_caption import ROOM, wrapped
from dinosar.render.pck_chart import PckBar, PckScale, pck_picture
from dinosar.render.pck_pair import Judging, worst_picture
from dinosar.render.sheet import Style

MOST = 5
"""Bars within one another: more shades than that are not told apart."""


def chart(told: dict[str, Any], config: EvaluationConfig) -> bytes:
    """A bar for each category, and beneath them the mean of categories and that of all."""
    alphas: list[float] = told["alphas"]
    sure = alpha_shown(alphas)
    scale = PckScale(tuple(drawn_of(alphas, sure)), sure, told["interval"]["level"])
    categories, overall = [], []
    if told["by_category"]:
        categories = [_bar(name, group, "per_point", scale) for name, group in told["categories"].items()]
        count = told["macro"]["categories"]
        overall = [_bar("mean of categories", told["macro"], "per_point", scale,
                        f"{count} categor{'y' if count == 1 else 'ies'}")]  # fmt: skip
    overall += [_bar("all, by keypoint", told["overall"], "per_point", scale),
                _bar("all, by pair", told["overall"], "per_image", scale)]  # fmt: skip
    return pck_picture(categories, overall, f"PCK by the {told['box_is']}", scale,
                       _style(told, config, _notes(told, scale)))  # fmt: skip


def drawn_of(alphas: Sequence[float], kept: float) -> list[float]:
    """At most five of the alphas, the largest first: both ends, `kept`, and others spread between them."""
    rising = sorted(alphas)
    if len(rising) > MOST:
        places = np.linspace(0, len(rising) - 1, MOST).round().astype(int)
        at = rising.index(kept)
        if at not in places:
            places[1 + np.abs(places[1:-1] - at).argmin()] = at
        rising = [rising[i] for i in places]
    return rising[::-1]


def _bar(name: str, group: dict[str, Any], kind: str, scale: PckScale, beneath: str = "") -> PckBar:
    """A group of the tables as a bar; those that were asked for are all there."""
    found = group["pck"]["box"]
    shares = tuple(found[key(alpha)][kind] for alpha in scale.alphas)
    ends = found[key(scale.sure)][f"{kind}_interval"]
    return PckBar(name, group["pairs"], shares, None if ends is None else (ends[0], ends[1]), beneath)


def _notes(told: dict[str, Any], scale: PckScale) -> list[str]:
    """What a reader of the bars must know beside them."""
    said = [f"{told['pairs']} pair{'s' * (told['pairs'] != 1)} judged"]
    if told["pairs_without_keypoints"]:
        said.append(f"{told['pairs_without_keypoints']} of them without keypoints")
    if told["failed"]:
        said.append(f"{told['failed']} failed, not counted")
    notes = [", ".join(said)]
    if told["by_category"]:
        notes.append("bars of categories and their mean are by keypoint")
    if len(scale.alphas) < len(told["alphas"]):
        notes.append(f"drawn are {len(scale.alphas)} of the {len(told['alphas'])} shares of the box asked for")
    return notes


def pair_picture(pair: KeypointPair, row: dict[str, Any], told: dict[str, Any], config: EvaluationConfig) -> bytes:
    """A pair with its answers beside the truth."""
    found = np.array([[np.nan, np.nan] if each is None else each for each in row["found"]], dtype=np.float64)
    errors = np.array([np.nan if each is None else each for each in row["errors"]], dtype=np.float64)
    pixels = pair.source.load().pixels, pair.target.load().pixels
    alpha = alpha_shown(told["alphas"])
    others = tuple(each for each in drawn_of(told["alphas"], alpha) if each != alpha)
    judging = Judging(alpha, others, told["box_is"], told["by_category"])
    return worst_picture(pair, pixels, found.reshape(-1, 2), errors, _style(told, config), judging)


def _style(told: dict[str, Any], config: EvaluationConfig, notes: Sequence[str] = ()) -> Style:
    """How it is written, what was measured, and who looked for the answers."""
    words = (f"backbone {told['backbone']}   protocol {told['protocol']}   shown at {told['shown_px']} px   "
             f"matcher {told['matcher']}")  # fmt: skip
    lines = [*wrapped([told["counted"]], ROOM), words, *filter(None, ["   ".join(notes)])]
    return Style(config.figures.format, config.figures.dpi, "\n".join(lines))
