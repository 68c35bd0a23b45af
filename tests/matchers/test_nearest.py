"""The nearest answers and their rivals are those of a plain float64 search, to the bit."""

import numpy as np
import pytest
from hard_tokens import all_distances, cases, often, tokens_of
from hypothesis import given
from hypothesis import strategies as st

from dinosar.features import unit
from dinosar.matchers.nearest import answers, nearest, rivals


def test_ties_go_to_the_lowest_index_among_equal_tokens():
    b = unit(np.array([[0, 1.0], [1, 0], [1, 0], [0, 1]]))
    answers, distances = nearest(unit(np.array([[2.0, 0], [0, 3]])), b, 3)
    assert answers.tolist() == [1, 0]
    assert distances[:, :2].tolist() == [[0, 0], [0, 0]]
    assert distances[:, 2] == pytest.approx(1)


@given(case=cases, k=st.integers(1, 8))
@often
def test_the_best_few_are_those_of_a_plain_search(case, k):
    a, b = tokens_of(*case)
    k = min(k, len(b))
    answer, distance = nearest(a, b, k)
    assert np.array_equal(answer, all_distances(a, b).argmin(axis=1))
    assert np.array_equal(distance, np.sort(all_distances(a, b), axis=1)[:, :k])


def test_runners_up_want_as_many_answers_as_are_averaged():
    a, b = tokens_of(5, 4, 16, "random", 0)
    assert answers(a, b, 5, 3)[2] is None
    assert answers(a, b, 4, 3)[2] == pytest.approx(all_distances(a, b).mean(axis=1))


@given(case=cases, apart=st.integers(1, 5), columns=st.integers(1, 7), block=st.integers(1, 50))
@often
def test_a_rival_is_the_nearest_answer_that_is_no_neighbour_of_the_best(case, apart, columns, block):
    a, b = tokens_of(*case)
    best, matrix = all_distances(a, b).argmin(axis=1), all_distances(a, b)
    places = np.stack(np.divmod(np.arange(len(b)), columns), axis=1)
    expected = [
        min((row[j] for j in range(len(b)) if max(abs(places[j] - places[i])) >= apart), default=np.inf)
        for row, i in zip(matrix, best, strict=True)
    ]
    assert rivals(a, b, best, places, apart, block).tolist() == expected


def test_a_rival_next_to_the_best_counts_only_when_neighbours_do():
    b = unit(np.array([[1.0, 0, 0], [1.0, 0.1, 0], [1.0, 1.0, 0], [0, 0, 1.0]]))
    places = np.array([[0, 0], [1, 1], [0, 2], [3, 0]])
    expected = all_distances(b[:1], b)[0, 1:]
    found = [rivals(b[:1], b, np.array([0]), places, apart, 8)[0] for apart in (1, 2, 3, 4)]
    assert found == [*expected, np.inf]
