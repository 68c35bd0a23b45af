"""Cells as numbers: the same kind of scores as those of patches, beside the same random patch pairs."""

import numpy as np
from numpy.typing import NDArray

from dinosar.config import ScoreConfig
from dinosar.homology.cells import Homology
from dinosar.scores import Score, Values, relative, summarize

MEANINGS = {
    "homology": "mean over the cells of the grid of 1 - cosine of the two specimens' tokens",
    "homology_covered": "as homology, each cell weighted by how much of it is specimen, on the side with less of it",
    "homology_elsewhere": "as homology, of the cells alone that had no part in proposing or carrying the landmarks",
}


def score_cells(homology: Homology, random: Values, config: ScoreConfig) -> dict[str, Score]:
    """Scores by name; the last only where features proposed the landmarks, or carried them there."""
    values, chance = homology.values, float(random.mean())
    scores = {
        "homology": _scored("homology", values, None, chance, config),
        "homology_covered": _scored("homology_covered", values, homology.weights, chance, config),
    }
    if homology.source != "file":
        scores["homology_elsewhere"] = _scored("homology_elsewhere", homology.independent, None, chance, config)
    return scores


def not_computed(reason: str) -> dict[str, Score]:
    """What stands in their place where cells could not be compared."""
    return {"homology": Score("homology", MEANINGS["homology"], not_computed=reason)}


def _scored(
    name: str, values: Values, weights: NDArray[np.float64] | None, chance: float, config: ScoreConfig
) -> Score:
    if not len(values):
        reason = "every cell had a part in proposing the landmarks; more cells or fewer proposals leave some"
        return Score(name, MEANINGS[name], not_computed=reason)
    pooled = summarize(values, config.tail, weights)
    return Score(name, MEANINGS[name], pooled.mean, pooled=pooled, random_mean=chance,
                 of_random=relative(pooled.mean, chance))  # fmt: skip
