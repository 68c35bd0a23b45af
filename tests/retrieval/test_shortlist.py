"""A shortlist holds the nearest images, decided exactly; faiss gives the same where it looks at all of them."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vote_oracle import around, block, square

from dinosar.errors import UsageError
from dinosar.features import unit
from dinosar.notices import collected
from dinosar.retrieval import shortlist
from dinosar.retrieval.blocks import Block
from dinosar.retrieval.shortlist import how_many, nearest, pooled


def vectors(count, seed=0, depth=16, kinds=None):
    """Unit vectors; of few `kinds`, many are the same."""
    random = np.random.default_rng(seed)
    drawn = unit(random.normal(size=(kinds or count, depth)))
    return drawn[random.integers(0, kinds, count)] if kinds else drawn


def plainly(queries, database, k, exclude=None):
    """The nearest by sorting all cosines."""
    found = []
    for row, query in enumerate(queries):
        cosine = [(-float((query.astype(np.float64) * each).sum()), i) for i, each in enumerate(database)]
        left = [(s, i) for s, i in cosine if exclude is None or i != exclude[row]]
        found.append([i for s, i in sorted(left)[:k] if not np.isnan(s)])
    return found


def listed(found):
    return [each.tolist() for each in found]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 40), st.sampled_from([None, 3, 12]), st.sampled_from([5, 16, 100]))
def test_the_nearest_are_those_of_plain_sorting(seed, k, kinds, rows):
    queries, database = vectors(4, seed), vectors(33, seed + 1, kinds=kinds)
    exclude = [None, 0, 32, seed % 33]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shortlist, "ROWS", rows)
        patch.setattr(shortlist, "QUERIES", 3)
        for engine in ("exact", "flat", "auto"):
            assert listed(nearest(queries, database, k, engine=engine)) == plainly(queries, database, k)
            assert listed(nearest(queries, database, k, exclude, engine=engine)) == plainly(
                queries, database, k, exclude
            )


def test_ties_beyond_what_faiss_was_asked_for_go_to_the_lowest_index():
    database = np.concatenate([vectors(3), vectors(400, kinds=1, seed=4)])
    expected = plainly(database[5:6], database, 20)
    assert listed(nearest(database[5:6], database, 20, engine="flat")) == expected == [list(range(3, 23))]


@pytest.mark.parametrize("engine", ["exact", "flat"])
@pytest.mark.parametrize("rows", [50, 10_000])
def test_what_float32_cannot_tell_apart_is_decided_in_float64(monkeypatch, engine, rows):
    monkeypatch.setattr(shortlist, "ROWS", rows)
    query, ring = around(1.0, count=300)
    assert listed(nearest(query.tokens, ring.tokens, 10, engine=engine)) == plainly(query.tokens, ring.tokens, 10)


@settings(max_examples=25, deadline=None)
@given(st.randoms())
def test_permuting_the_database_permutes_the_choice(random):
    queries, database = vectors(3), vectors(50, seed=1)
    order = list(range(50))
    random.shuffle(order)
    moved = nearest(queries, database[order], 7)
    assert [[order[i] for i in each] for each in moved] == listed(nearest(queries, database, 7))


@pytest.mark.parametrize("engine", ["exact", "flat", "ivf"])
@pytest.mark.parametrize("nothing", [0.0, np.nan])
def test_what_has_no_direction_is_nobodys_neighbour(engine, nothing):
    database = vectors(60)
    database[[0, 7]] = nothing
    queries = database[[0, 3]]
    found = nearest(queries, database, 100, engine=engine)
    assert listed(found)[0] == []
    assert found[1][0] == 3
    assert sorted(found[1]) == [i for i in range(60) if i not in (0, 7)]


@pytest.mark.parametrize("engine", ["exact", "flat", "ivf"])
def test_an_empty_database_and_no_queries(engine):
    assert listed(nearest(vectors(2), np.zeros((0, 16), np.float32), 3, engine=engine)) == [[], []]
    assert nearest(np.zeros((0, 16), np.float32), vectors(60), 3, engine=engine) == []


def test_cells_say_that_they_are_approximate_and_find_most():
    database = vectors(3000, depth=8)
    queries = unit(database[:20] + 0.05 * vectors(20, seed=3, depth=8))
    with collected() as warnings:
        found = nearest(queries, database, 10, engine="ivf")
    assert warnings == ["the shortlist is approximate: it looks into 64 of 219 cells of faiss (ivf)"]
    truth = nearest(queries, database, 10)
    assert np.mean([len(set(a) & set(b)) / 10 for a, b in zip(found, truth, strict=True)]) > 0.9


def test_auto_looks_into_cells_only_beyond_the_stated_size(monkeypatch):
    monkeypatch.setattr(shortlist, "EXACT", 999)
    queries, database = vectors(2), vectors(1000)
    with collected() as warnings:
        nearest(queries, database[:999], 5)
        assert not warnings
        nearest(queries, database, 5)
        assert "approximate" in warnings[0]


def test_without_faiss_every_image_is_looked_at(monkeypatch):
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(UsageError, match=r"pip install 'dinosar\[faiss\]'"):
        nearest(vectors(2), vectors(60), 5, engine="flat")
    monkeypatch.setattr(shortlist, "EXACT", 30)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert listed(nearest(vectors(2), vectors(60, 1), 5)) == plainly(vectors(2), vectors(60, 1), 5)


def test_mistakes_of_a_caller_are_told():
    for wrong in ({"k": 0}, {"exclude": [None]}):
        with pytest.raises(ValueError, match="cannot be told"):
            nearest(vectors(2), vectors(9), **{"k": 3, **wrong})
    with pytest.raises(ValueError, match="cannot be told"):
        nearest(vectors(2, depth=8), vectors(9), 3)
    for one, other in ((vectors(2) * 2, vectors(9)), (vectors(2), vectors(9) * np.float32(0.5))):
        with pytest.raises(ValueError, match="must be unit vectors"):
            nearest(one, other, 3)


def test_the_pooled_vector_is_the_direction_of_the_mean():
    one = block("a", [[1, 0], [0, 1], [1, 0]])
    np.testing.assert_allclose(pooled(one), np.array([2, 1]) / 5**0.5, rtol=1e-6)
    assert pooled(one).dtype == np.float32
    assert np.isnan(pooled(block("b", [[1, 0], [-1, 0]]))).all()
    assert np.isnan(pooled(Block("c", np.zeros((0, 3), np.float32), np.zeros(0, np.int64), square(4)))).all()


def test_how_many_get_onto_the_list():
    assert how_many("auto", 10_000) is None
    assert how_many("auto", 10_001) == 100
    assert how_many("off", 10**7) is None
    assert how_many(20, 21) == 20
    assert how_many(20, 20) is None
    for wrong in (0, -1, "many", 2.5):
        with pytest.raises(UsageError, match="give auto, off, or a number"):
            how_many(wrong, 100)
