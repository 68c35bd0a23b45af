"""Cosines with all tokens, and the first of the best."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from dinosar.evaluation.protocols.cosines import cosines, first_best


def test_cosines_are_those_of_scipy_whatever_the_lengths():
    random = np.random.default_rng(0)
    vectors, tokens = random.normal(size=(5, 7)), random.normal(size=(9, 7)).astype(np.float32)
    assert cosines(3 * vectors, tokens) == pytest.approx(1 - cdist(vectors, tokens, "cosine"), abs=1e-12)


def test_vectors_without_direction_have_no_cosine_with_any():
    vectors = np.array([[1.0, 0], [0, 0], [1e-8, 0]])
    tokens = np.array([[-1.0, 0], [0, 0]])
    assert cosines(vectors, tokens).tolist() == [[-1, -np.inf], [-np.inf, -np.inf], [-np.inf, -np.inf]]


def test_nothing_is_changed_in_what_is_given():
    vectors, tokens = np.array([[2.0, 0]]), np.array([[0, 3.0]])
    cosines(vectors, tokens)
    assert vectors.tolist() == [[2, 0]]
    assert tokens.tolist() == [[0, 3]]


def test_the_first_of_equals_and_none_where_there_is_none():
    values = np.array([[0.1, 0.5, 0.5 + 1e-16, 0.5 + 1e-15], [0.1, 0.5, 0.5 + 1e-9, 0.2], [-np.inf] * 4])
    assert first_best(values).tolist() == [1, 2, -1]
