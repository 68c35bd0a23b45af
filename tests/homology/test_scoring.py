"""Cells as numbers, against NumPy's own averages."""

from dataclasses import replace

import numpy as np
import pytest
from drawn import drawn, turning

from dinosar.config import HomologyConfig, MaskConfig, ScoreConfig
from dinosar.homology.comparing import compare_cells
from dinosar.homology.scoring import not_computed, score_cells

FOUND = compare_cells(drawn(), drawn(turning(9), difference=0.7), HomologyConfig(), MaskConfig())
RANDOM = np.linspace(0.2, 0.6, 50)


def test_means_and_quantiles_are_those_of_the_cells_that_count():
    score = score_cells(FOUND, RANDOM, ScoreConfig(tail=0.05))["homology"]
    values = FOUND.dissimilarity[FOUND.counted]
    assert score.distance == score.pooled.mean == pytest.approx(values.mean())
    assert (score.pooled.median, score.pooled.p95) == pytest.approx((np.median(values), np.percentile(values, 95)))
    assert score.pooled.n == FOUND.counted.sum()
    assert score.pooled.tail == pytest.approx((values > 0.05).mean())
    assert score.of_random == pytest.approx(values.mean() / 0.4)


def test_the_covered_score_weighs_by_what_is_specimen_on_both():
    score = score_cells(FOUND, RANDOM, ScoreConfig())["homology_covered"]
    weights = np.minimum(FOUND.a.coverage, FOUND.b.coverage)[FOUND.counted]
    assert score.distance == pytest.approx(np.average(FOUND.values, weights=weights))
    assert score.distance != score_cells(FOUND, RANDOM, ScoreConfig())["homology"].distance


def test_only_proposed_landmarks_have_a_score_without_their_cells():
    assert "homology_elsewhere" not in score_cells(FOUND, RANDOM, ScoreConfig())
    seeded = np.zeros(FOUND.shape, dtype=bool)
    seeded[:, ::2] = True
    proposed = replace(FOUND, source="proposed", seeded=seeded)
    score = score_cells(proposed, RANDOM, ScoreConfig())["homology_elsewhere"]
    assert score.distance == pytest.approx(FOUND.dissimilarity[FOUND.counted & ~seeded].mean())


def test_where_every_cell_proposed_there_is_no_number():
    every = replace(FOUND, source="proposed", seeded=np.ones(FOUND.shape, dtype=bool))
    score = score_cells(every, RANDOM, ScoreConfig())["homology_elsewhere"]
    assert score.distance is None
    assert score.not_computed.startswith("every cell had a part in proposing")


def test_what_could_not_be_computed_is_no_number():
    score = not_computed("the specimens share 2 landmarks")["homology"]
    assert (score.distance, score.not_computed) == (None, "the specimens share 2 landmarks")
