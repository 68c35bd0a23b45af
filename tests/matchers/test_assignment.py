"""The optimal one-to-one pairs are those of an exhaustive search, also where pairs may be refused."""

import functools
import threading
import time
import tracemalloc
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from drawn_specimens import pairs_of, specimen_of
from hard_tokens import all_distances, cases, often, tokens_of
from hypothesis import given
from hypothesis import strategies as st

from dinosar.data import Features
from dinosar.errors import InputError
from dinosar.features import unit
from dinosar.matchers.assignment import Assignment, assigned, costs


def exhaustive(cost, price=None):
    """The least sum over all one-to-one pairings; without a price every row or column of the smaller side is paired."""
    cost = cost if cost.shape[0] <= cost.shape[1] else cost.T
    rows, columns = cost.shape

    @functools.cache
    def best(row, used):
        if row == rows:
            return 0.0
        found = np.inf if price is None else price + best(row + 1, used)
        for column in range(columns):
            if not used >> column & 1 and (price is None or cost[row, column] <= price):
                found = min(found, float(cost[row, column]) + best(row + 1, used | 1 << column))
        return found

    return best(0, 0)


sizes = st.tuples(st.integers(1, 8), st.integers(1, 8))


@given(size=sizes, seed=st.integers(0, 10_000), ties=st.booleans(), price=st.none() | st.floats(0.05, 1.0))
@often
def test_the_sum_is_that_of_an_exhaustive_search(size, seed, ties, price):
    random = np.random.default_rng(seed)
    cost = random.random(size)
    cost = np.round(cost, 1) if ties else cost
    rows, columns = assigned(cost.copy(), price)
    assert len(set(rows.tolist())) == len(rows)
    assert len(set(columns.tolist())) == len(columns)
    assert np.array_equal(rows, np.sort(rows))
    alone = min(size) - len(rows)
    if price is None:
        assert alone == 0
    assert (cost[rows, columns] < (price or 2)).all()
    assert cost[rows, columns].sum() + alone * (price or 0) == pytest.approx(exhaustive(cost, price), abs=1e-9)


@given(case=cases, block=st.integers(1, 50))
@often
def test_costs_are_those_of_a_plain_computation_whatever_the_block(case, block):
    a, b = tokens_of(*case)
    random = np.random.default_rng(len(a))
    long_a, long_b = (t * random.uniform(0.5, 3, (len(t), 1)).astype(np.float32) for t in (a, b))
    plain = np.sqrt(2 * all_distances(long_a, long_b))
    assert np.allclose(costs(long_a, long_b, "euclidean", block), plain, rtol=1e-6, atol=3e-7)
    assert np.allclose(costs(a, b, "cosine", block), all_distances(a, b), rtol=0, atol=1e-7)
    assert np.array_equal(costs(long_a, long_b, "euclidean", block), costs(long_a, long_b, "euclidean", 65536))


def raw_specimen(tokens, rows, columns, patches=None):
    """A specimen whose tokens keep their lengths."""
    plain = specimen_of(tokens, rows, columns, patches)
    features = plain.features
    lengths = np.linalg.norm(np.asarray(tokens, np.float64), axis=-1).astype(np.float32).reshape(rows, columns)
    whole = Features(features.tokens, features.grid, features.backbone, lengths=lengths)
    return type(plain)(plain.photo, whole, plain.mask, plain.patches, plain.share)


@given(
    n=st.integers(1, 6), m=st.integers(1, 6), seed=st.integers(0, 1000), metric=st.sampled_from(("euclidean", "cosine"))
)
@often
def test_the_matcher_finds_the_pairs_of_an_exhaustive_search(n, m, seed, metric):
    random = np.random.default_rng(seed)
    left, right = random.normal(size=(n, 5)) * 3, random.normal(size=(m, 5)) * 3
    a, b = raw_specimen(left, n, 1), raw_specimen(right, 1, m)
    found = Assignment(Assignment.Options(metric=metric)).match(a, b)
    if metric == "euclidean":
        plain = np.linalg.norm(left[:, None] - right[None], axis=-1)
        assert found.cost_is == "Euclidean distance of raw tokens"
        assert np.allclose(found.cost, plain[found.asked, found.answer], rtol=1e-5)
        went_by = found.cost
    else:
        plain = all_distances(unit(left), unit(right))
        assert found.cost is None
        went_by = found.distance
    assert len(found) == min(n, m)
    assert went_by.sum() == pytest.approx(exhaustive(plain), rel=1e-5)


@given(seed=st.integers(0, 1000), metric=st.sampled_from(("euclidean", "cosine")),
       most=st.none() | st.floats(0.5, 8))  # fmt: skip
@often
def test_exchanging_the_specimens_exchanges_the_pairs(seed, metric, most):
    random = np.random.default_rng(seed)
    tokens = np.round(random.normal(size=(21, 4)))  # many ties
    tokens[(tokens == 0).all(axis=1)] = 1
    a, b = raw_specimen(tokens[:9], 3, 3), raw_specimen(tokens[9:], 3, 4)
    matcher = Assignment(Assignment.Options(metric=metric, max_distance=most))
    there, back = matcher.match(a, b), matcher.match(b, a)
    assert sorted(pairs_of(there)) == sorted((i, j) for j, i in pairs_of(back))
    assert pairs_of(there) == sorted(pairs_of(there))


def test_no_forced_pair_is_farther_apart_than_allowed():
    a = raw_specimen([[1.0, 0], [0, 1.0], [-5.0, 0.0]], 3, 1)
    b = raw_specimen([[1.0, 0.01], [0.01, 1.0], [9.0, 9.0]], 3, 1)
    assert len(Assignment().match(a, b)) == 3
    assert pairs_of(Assignment(Assignment.Options(max_distance=0.5)).match(a, b)) == [(0, 0), (1, 1)]
    assert not len(Assignment(Assignment.Options(max_distance=1e-3)).match(a, b))


def test_only_patches_that_count_are_paired():
    patches = np.array([[True, False], [True, False]])
    a = raw_specimen(np.eye(4), 2, 2, patches)
    b = raw_specimen(np.eye(4)[::-1], 2, 2)
    assert pairs_of(Assignment().match(a, b)) == [(0, 3), (2, 1)]


def test_unknown_lengths_are_no_lengths_of_one():
    a = specimen_of(np.eye(2), 2, 1)
    with pytest.raises(InputError, match="matcher.metric=cosine"):
        Assignment().match(a, a)
    assert pairs_of(Assignment(Assignment.Options(metric="cosine")).match(a, a)) == [(0, 0), (1, 1)]


MEMORY = Path("/proc/self/statm")


def resident():
    """Megabytes that this process holds now."""
    return int(MEMORY.read_text(encoding="ascii").split()[1]) * 4096 / 1e6


def test_at_4096_patches_there_is_one_matrix_and_a_block():
    random = np.random.default_rng(0)
    left, right = (unit(random.normal(size=(4096, 64))) for _ in "ab")
    tracemalloc.start()
    costs(left, right, "euclidean", 512)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4096 * 4096 * 8 + 3 * 512 * 4096 * 8


@pytest.mark.skipif(not MEMORY.exists(), reason="this system does not tell how much memory a process holds")
def test_at_4096_patches_scipy_makes_no_other_matrix_of_it():
    cost = np.random.default_rng(0).random((4095, 4096))
    before, most, done = resident(), [0.0], threading.Event()

    def watch():
        while not done.is_set():
            most[0] = max(most[0], resident())
            time.sleep(0.002)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        assigned(cost, 0.9)
    finally:
        done.set()
        watcher.join()
    assert most[0] - before < 16, "128 MB would be a copy"


def test_the_smaller_side_is_that_of_the_rows():
    """A matrix with more rows than columns would be copied."""
    a, b = raw_specimen(np.eye(6)[:5] + 1, 5, 1), raw_specimen(np.eye(6)[1:3] + 1, 2, 1)
    with mock.patch("dinosar.matchers.assignment.costs", wraps=costs) as computed:
        Assignment().match(a, b)
        Assignment().match(b, a)
    assert [len(call.args[0]) for call in computed.call_args_list] == [2, 2]
