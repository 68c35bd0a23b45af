"""Pieces of work come out in their order, on as many threads as products may have, each with one of its own."""

import sys
import threading
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import pytest
from vote_oracle import collection

from dinosar.errors import InputError
from dinosar.retrieval.rules import RULES
from dinosar.retrieval.searching import Held, search
from dinosar.retrieval.side_by_side import MOST, side_by_side


class Library:
    """A stand-in for threadpoolctl that says how many threads products have."""

    def __init__(self, threads):
        self.threads, self.limits = threads, []

    def select(self, user_api):
        assert user_api == "blas"
        return self

    def info(self):
        return [{"num_threads": each} for each in self.threads]

    @contextmanager
    def limit(self, limits):
        self.limits.append(limits)
        try:
            yield
        finally:
            self.limits.append(None)


@pytest.fixture
def products(monkeypatch):
    def install(*threads):
        library = Library(threads)
        monkeypatch.setitem(sys.modules, "threadpoolctl", SimpleNamespace(ThreadpoolController=lambda: library))
        return library

    return install


@pytest.mark.parametrize(("threads", "expected"), [((), 1), ((1,), 1), ((3, 2), 3), ((64,), MOST)])
def test_there_are_as_many_threads_as_products_may_have(products, threads, expected):
    library = products(*threads)
    barrier = threading.Barrier(expected)

    def work(piece):
        if piece < expected:
            barrier.wait(timeout=20)  # passes only when so many work at once
        assert library.limits == [1]
        return threading.get_ident(), piece

    with side_by_side() as spread:
        done = list(spread(work, range(3 * MOST)))
    assert [piece for _, piece in done] == list(range(3 * MOST))
    assert len({thread for thread, _ in done}) <= expected
    assert library.limits == [1, None]


def test_without_threadpoolctl_pieces_follow_each_other(monkeypatch):
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    with side_by_side() as spread:
        assert list(spread(lambda piece: threading.get_ident(), range(5))) == [threading.get_ident()] * 5


def test_what_goes_wrong_in_a_thread_is_told_and_threads_are_given_back(products):
    library = products(4)

    def work(piece):
        raise InputError("no use")

    with pytest.raises(InputError, match="no use"), side_by_side() as spread:
        list(spread(work, range(9)))
    assert library.limits == [1, None]


def test_threads_change_no_bit_of_a_search(products, monkeypatch):
    queries, database = collection(0, images=40, depth=32)

    def scores():
        return [each.scores for each in search(queries, Held(database), rules=list(RULES), min_cosine=0.2)]

    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    alone = scores()
    products(6)
    for one, other in zip(alone, scores(), strict=True):
        for rule in RULES:
            np.testing.assert_array_equal(one[rule], other[rule])
