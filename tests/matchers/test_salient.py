"""The patches that ask are those with most attention or saliency, and their answers those of a plain search."""

from dataclasses import replace

import numpy as np
import pytest
from drawn_specimens import specimen_of
from hard_tokens import all_distances, cases, often, tokens_of
from hypothesis import given
from hypothesis import strategies as st

from dinosar.errors import InputError
from dinosar.matchers.salient import Salient
from dinosar.matchers.similarity import Similarity
from dinosar.matches import both_ways
from dinosar.testing import toy_specimen

A, B = toy_specimen(1), toy_specimen(2)


def with_map(specimen, attention, kind="saliency"):
    return replace(specimen, features=replace(specimen.features, attention=attention, attention_kind=kind))


@given(case=cases, top=st.integers(1, 50), seed=st.integers(0, 99), block=st.integers(1, 9))
@often
def test_the_first_so_many_ask_and_are_answered_by_all(case, top, seed, block):
    a, b = tokens_of(*case)
    levels = np.random.default_rng(seed).integers(1, 4, len(a))
    first = sorted(sorted(range(len(a)), key=lambda i: (-levels[i], i))[:top])
    asking, answering = specimen_of(a, 1, len(a), attention=levels), specimen_of(b, len(b), 1)
    found, matrix = Salient(Salient.Options(top=top, topk=1, block=block)).match(asking, answering), all_distances(a, b)
    assert found.asked.tolist() == first
    assert found.answer.tolist() == matrix.argmin(axis=1)[first].tolist()
    assert found.distance.tolist() == matrix.min(axis=1)[first].tolist()


def test_only_specimen_patches_are_ranked():
    focus = A.features.focus.ravel()
    ranked = sorted(np.flatnonzero(A.patches).tolist(), key=lambda i: (-focus[i], i))
    assert Salient(Salient.Options(top=7)).match(A, B).asked.tolist() == sorted(ranked[:7])


def test_where_every_patch_asks_it_is_the_matcher_similarity():
    found, expected = Salient(Salient.Options(top=1000)).match(A, B), Similarity().match(A, B)
    for name in ("asked", "answer", "distance", "runners_up"):
        assert np.array_equal(getattr(found, name), getattr(expected, name))


def test_the_last_of_several_maps_ranks():
    first = with_map(A, np.concatenate([1 - A.features.attention, A.features.attention]))
    assert np.array_equal(Salient().match(first, B).asked, Salient().match(A, B).asked)


def test_patches_without_any_do_not_fill_the_ranks():
    some = np.zeros_like(A.features.attention)
    chosen = np.flatnonzero(A.patches)[[3, 8]]
    some[0].ravel()[chosen] = 0.5
    assert Salient().match(with_map(A, some), B).asked.tolist() == chosen.tolist()


def test_mutual_marks_join_what_both_ask():
    forward, backward = both_ways(Salient(Salient.Options(top=20)), A, B)
    assert len(forward) == len(backward) == 20
    assert 0 < forward.mutual.sum() == backward.mutual.sum() < 20


@pytest.mark.parametrize("kind", ["attention", "saliency"])
def test_without_a_map_there_is_nothing_to_rank_by(kind):
    with pytest.raises(InputError, match=f"ranks patches by {kind}, but backbone toy gives none"):
        both_ways(Salient(), with_map(A, None, kind), with_map(B, None, kind))


def test_a_map_of_zeros_ranks_nothing():
    with pytest.raises(InputError, match="'toy-1': the saliency of every specimen patch is zero"):
        Salient().match(with_map(A, np.zeros_like(A.features.attention)), B)
