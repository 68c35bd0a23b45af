"""The pictures of an evaluation: PCK by category, and pairs with what was found on them."""

from typing import Any

import numpy as np

from dinosar.config import EvaluationConfig
from dinosar.evaluation.keypoint_pairs import KeypointPair
from dinosar.evaluation.pck import key
from dinosar.render.pck_chart import PckBar, pck_picture
from dinosar.render.pck_pair import worst_picture
from dinosar.render.sheet import Style

DRAWN = (0.1, 0.05, 0.01)


def chart(told: dict[str, Any], config: EvaluationConfig) -> bytes:
    """A bar for each category, and beneath them the mean of categories and that of all."""
    categories = [_bar(name, group, "per_point") for name, group in told["categories"].items()]
    count = told["macro"]["categories"]
    overall = [
        _bar("mean of categories", told["macro"], "per_point", f"{count} categories"),
        _bar("all, by keypoint", told["overall"], "per_point"),
        _bar("all, by pair", told["overall"], "per_image"),
    ]
    return pck_picture(categories, overall, "PCK by the box of the object", _style(told, config))


def _bar(name: str, group: dict[str, Any], kind: str, beneath: str = "") -> PckBar:
    found = [group["pck"]["box"].get(key(alpha)) for alpha in DRAWN]
    shares = [None if each is None else each[kind] for each in found]
    first = found[0]
    interval = None if first is None else first[f"{kind}_interval"]
    return PckBar(name, group["pairs"], (shares[0], shares[1], shares[2]),
                  None if interval is None else (interval[0], interval[1]), beneath)  # fmt: skip


def pair_picture(pair: KeypointPair, row: dict[str, Any], told: dict[str, Any], config: EvaluationConfig) -> bytes:
    """A pair with its answers beside the truth."""
    found = np.array([[np.nan, np.nan] if each is None else each for each in row["found"]], dtype=np.float64)
    errors = np.array([np.nan if each is None else each for each in row["errors"]], dtype=np.float64)
    pixels = pair.source.load().pixels, pair.target.load().pixels
    return worst_picture(pair, pixels, found, errors, _style(told, config))


def _style(told: dict[str, Any], config: EvaluationConfig) -> Style:
    """How it is written, and who looked for the answers."""
    size = "" if told["size"] is None else f" at {told['size']} px"
    words = f"backbone {told['backbone']}   protocol {told['protocol']}{size}   matcher {told['matcher']}"
    return Style(config.figures.format, config.figures.dpi, words)
