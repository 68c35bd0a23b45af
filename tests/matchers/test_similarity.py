"""The nearest neighbours are those of a plain float64 search, to the bit, and the full matrix is never held."""

import tracemalloc
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
from hard_tokens import all_distances, cases, often, tokens_of
from hypothesis import given
from hypothesis import strategies as st

from dinosar.features import unit
from dinosar.matchers.nearest import exact
from dinosar.matchers.similarity import Similarity
from dinosar.testing import toy_specimen


def match(a, b, **options):
    """What the matcher says about two lists of tokens."""
    a, b = (SimpleNamespace(tokens=t, indices=np.arange(len(t))) for t in (a, b))
    return Similarity(Similarity.Options(**options)).match(a, b)


def same(first, second):
    return all(
        np.array_equal(getattr(first, name), getattr(second, name))
        for name in ("asked", "answer", "distance", "runners_up")
        if getattr(first, name) is not None or getattr(second, name) is not None
    )


@given(case=cases, topk=st.integers(1, 8))
@often
def test_answers_are_those_of_a_plain_search(case, topk):
    a, b = tokens_of(*case)
    found, matrix = match(a, b, topk=topk), all_distances(a, b)
    assert np.array_equal(found.asked, np.arange(len(a)))
    assert np.array_equal(found.answer, matrix.argmin(axis=1))
    assert np.array_equal(found.distance, matrix.min(axis=1))
    if len(b) < topk:
        assert found.runners_up is None
    else:
        assert np.allclose(found.runners_up, np.sort(matrix, axis=1)[:, :topk].mean(axis=1), rtol=0, atol=1e-15)


@given(case=cases, block=st.integers(1, 50))
@often
def test_the_block_size_changes_no_bit(case, block):
    a, b = tokens_of(*case)
    assert same(match(a, b, topk=2, block=block), match(a, b, topk=2, block=65536))


@given(case=cases)
@often
def test_a_pair_has_the_same_distance_both_ways(case):
    a, b = tokens_of(*case)
    there, back = match(a, b, topk=1), match(b, a, topk=1)
    assert np.array_equal(exact(a[there.asked], b[there.answer]), exact(b[there.answer], a[there.asked]))
    assert there.distance.min() == back.distance.min()


@given(case=cases)
@often
def test_a_specimen_is_at_distance_zero_from_itself(case):
    a, _ = tokens_of(*case)
    found = match(a, a)
    assert not found.distance.any()
    assert np.array_equal(a[found.answer], a)


@given(case=cases)
@often
def test_distance_is_one_minus_the_cosine(case):
    a, b = tokens_of(*case)
    cosine = a.astype(np.float64) @ b.astype(np.float64).T
    assert np.allclose(match(a, b).distance, 1 - cosine.max(axis=1), rtol=0, atol=1e-6)


def test_a_difference_that_float32_cannot_see_is_seen():
    near, nearer = [1.0, 3e-5, 0], [1.0, 1e-5, 0]
    b = unit(np.array([near, nearer]))
    asking = unit(np.array([[1.0, 0, 0]]))
    assert np.ptp(asking @ b.T) == 0
    assert match(asking, b, topk=1).answer.tolist() == [1]


def test_indices_are_those_of_the_grid_and_name_only_patches_that_count():
    a, b = toy_specimen(1), toy_specimen(2)
    found = Similarity().match(a, b)
    matrix = all_distances(a.features.flat, b.features.flat)
    matrix[:, ~b.patches.ravel()] = np.inf
    assert np.array_equal(found.asked, np.flatnonzero(a.patches))
    assert np.array_equal(found.answer, matrix[found.asked].argmin(axis=1))


def test_too_few_patches_for_the_best_few_give_no_runners_up():
    a = toy_specimen(1)
    patches = np.zeros_like(a.patches)
    patches[0, :4] = True
    few = replace(a, patches=patches)
    assert Similarity(Similarity.Options(topk=5)).match(a, few).runners_up is None
    assert Similarity(Similarity.Options(topk=5)).match(few, a).runners_up is not None
    assert Similarity(Similarity.Options(topk=4)).match(a, few).runners_up is not None


def peak_of(work):
    """Megabytes that a piece of work held at its worst, beside what was there before."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def test_memory_stays_below_the_full_matrix_by_far():
    tokens = unit(np.random.default_rng(0).normal(size=(4096, 64)))
    match(tokens[:8], tokens)  # what is imported or kept on first use does not count
    full = 4096 * 4096 * 4 / 1e6
    assert peak_of(lambda: match(tokens, tokens, block=256)) < 0.35 * full


def test_memory_stays_bounded_where_every_token_ties_with_every_other():
    tokens = np.repeat(unit(np.ones((1, 1024))), 512, axis=0)
    assert peak_of(lambda: match(tokens[:64], tokens, block=64)) < 200
