"""A search from shortlist to ranking, over a library of noise."""

import numpy as np
import pytest
from small_library import filled, painted

from dinosar.config import QueryConfig
from dinosar.errors import InputError
from dinosar.retrieval import asking
from dinosar.retrieval.asking import Asked, here, rankings, way_of
from dinosar.retrieval.heads import Identity
from dinosar.retrieval.shelf import LibraryShelf

COUNT = 12


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    folder = tmp_path_factory.mktemp("noise")
    library, _ = filled(folder / "db", painted(folder / "photos", [f"{i:02d}.png" for i in range(COUNT)]))
    return LibraryShelf(library, library.names, Identity())


def way(shelf, *, own=False, size="off", rule="maxsim"):
    told = {"shortlist": {"size": size, "by": "pooled"}, "voting": {"rule": rule, "min_cosine": 0.5}}
    return way_of(QueryConfig.model_validate({"inputs": {"store": "db"}, **told}), shelf, own=own)


def asked(shelf, *places):
    return [Asked(shelf.block(i), scene=f"s{i % 2}") for i in places]


def everywhere(each):
    return None


def odd(each):
    return np.arange(1, COUNT, 2)


def test_a_shortlist_of_all_is_no_shortlist(shelf):
    whole = list(rankings(asked(shelf, 3, 7), shelf, way(shelf), everywhere, here(shelf)))
    short = list(rankings(asked(shelf, 3, 7), shelf, way(shelf, size=COUNT), everywhere, here(shelf)))
    for one, other in zip(whole, short, strict=True):
        assert np.array_equal(one.places, other.places)
        assert np.array_equal(one.scores["maxsim"], other.scores["maxsim"])
    assert [each.places[0] for each in whole] == [3, 7]


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("allowed", [everywhere, odd])
def test_the_shortlist_holds_the_nearest_of_those_that_may_answer(shelf, own, allowed):
    vectors = shelf.vectors("pooled").each
    for each in rankings(asked(shelf, 2, 5), shelf, way(shelf, own=own, size=4), allowed, here(shelf)):
        me = shelf.places[each.asked.name]
        may = [i for i in range(COUNT) if (allowed is everywhere or i % 2) and not (own and i == me)]
        near = sorted(may, key=lambda i: (-float(vectors[i] @ vectors[me]), i))[:4]
        assert sorted(each.places.tolist()) == sorted(near)


def test_queries_go_along_in_batches_and_no_batch_matters(shelf, monkeypatch):
    every = list(rankings(asked(shelf, *range(COUNT)), shelf, way(shelf, own=True), everywhere, here(shelf)))
    monkeypatch.setattr(asking, "TOGETHER", 5)
    again = list(rankings(asked(shelf, *range(COUNT)), shelf, way(shelf, own=True), everywhere, here(shelf)))
    for one, other in zip(every, again, strict=True):
        assert one.asked.name == other.asked.name
        assert np.array_equal(one.places, other.places)
        assert shelf.places[one.asked.name] not in one.places


def test_a_query_without_the_vector_that_the_shortlist_goes_by_is_told(shelf):
    chosen = way(shelf, size=3)
    with pytest.raises(InputError, match="no summary token"):
        asking.global_vector(asked(shelf, 0)[0], "summary")
    assert chosen.size == 3


def test_scores_of_the_first_are_those_of_all(shelf):
    (whole,) = rankings(asked(shelf, 4), shelf, way(shelf, rule="vop.sum"), everywhere, here(shelf))
    first = whole.first(3)
    assert len(first.places) == 3
    assert first.among == whole.among == COUNT
    assert np.array_equal(first.scores["coverage"], whole.scores["coverage"][:3])
    assert list(np.sort(whole.scores["vop.sum"])[::-1]) == list(whole.scores["vop.sum"])
