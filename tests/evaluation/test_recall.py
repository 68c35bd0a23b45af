"""Rankings beside what images truly share."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from dinosar.evaluation.recall import found_within, mean_of, rank_correlation, share_of_best

TRUTH = np.array([0.0, 0.6, 0.05, 0.3, 0.0, 0.12])


def test_one_relevant_image_is_enough():
    assert found_within([0, 3, 1], TRUTH, 1) is False
    assert found_within([0, 3, 1], TRUTH, 2) is True
    assert found_within([2], TRUTH, 1) is False  # 0.05 is too little
    assert found_within([2], TRUTH, 1, relevant=0.05) is True
    assert found_within([0, 1], np.zeros(6), 2) is None


def test_the_share_of_the_best_as_in_the_original():
    assert share_of_best([1, 3, 5], TRUTH, 3) == 1
    assert share_of_best([5, 0, 1], TRUTH, 3) == pytest.approx(2 / 3)
    assert share_of_best([0, 4, 2], TRUTH, 2) == 0
    assert share_of_best([1], TRUTH, 2) == 0.5  # k counts, not how many were returned
    assert share_of_best([0, 1], TRUTH[:2], 3) is None


def test_only_images_that_share_something_are_among_the_best():
    assert share_of_best([1, 3, 5, 2, 0], TRUTH, 5) == 1  # 0 and 4 share nothing
    assert share_of_best([4, 0, 5, 3, 2], TRUTH, 5) == 0.75  # of 1, 3, 5 and 2 three
    assert share_of_best([0, 4, 1], np.array([0, 0.2, 0, 0, 0]), 3) == 1  # the one that there is, at whatever rank
    assert share_of_best([0, 4, 2], np.array([0, 0.2, 0, 0, 0]), 3) == 0
    assert share_of_best([0, 1, 2], np.zeros(6), 3) is None
    assert share_of_best([2], np.array([0, 0.2, 0.2]), 1) == 0  # of equals the first


def test_rank_correlation_is_spearmans_over_images_that_share_anything():
    scores = np.array([9.0, 3.0, 1.0, 2.0, 8.0, 2.5])
    kept = TRUTH > 0
    assert rank_correlation(scores, TRUTH) == pytest.approx(spearmanr(scores[kept], TRUTH[kept]).statistic)
    assert rank_correlation(np.where(kept, TRUTH, 5), TRUTH) == pytest.approx(1)


def test_what_cannot_be_told_is_none():
    assert rank_correlation(np.arange(6.0), np.array([0, 0.4, 0, 0.2, 0, 0])) is None
    assert rank_correlation(np.ones(6), TRUTH) is None
    assert rank_correlation(np.array([np.nan, np.nan, 1, 2, 3, np.nan]), TRUTH) is None
    assert mean_of([None, None]) == (None, 0)
    assert mean_of([True, False, None, 1.0]) == (pytest.approx(2 / 3), 3)
