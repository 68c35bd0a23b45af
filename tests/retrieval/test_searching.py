"""Every rule against plain loops, with and without a shortlist, of queries and of a collection that asks itself."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vote_oracle import block, collection, drawn, look, scores_of, square

from dinosar.errors import InputError, UsageError
from dinosar.retrieval import searching
from dinosar.retrieval.blocks import Block
from dinosar.retrieval.gathering import joined, settled
from dinosar.retrieval.rules import RULES
from dinosar.retrieval.searching import Held, gather, search

LEAST = (-0.2, 0.3, 0.6)
ALL = list(RULES)
WIDTH = 8


def asked(queries, database, rules=ALL, least=0.3, **options):
    return list(search(queries, Held(database), rules=rules, min_cosine=least, **options))


def same(one, other):
    """Two answers are equal to the bit."""
    assert (one.query, one.shortlisted) == (other.query, other.shortlisted)
    np.testing.assert_array_equal(one.candidates, other.candidates)
    for rule in one.scores:
        np.testing.assert_array_equal(one.scores[rule], other.scores[rule])


@pytest.mark.parametrize("least", LEAST)
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("short", [False, True])
@pytest.mark.parametrize("own", [False, True])
def test_every_rule_equals_plain_loops(least, seed, short, own):
    queries, database = collection(seed)
    queries = database if own else queries
    random = np.random.default_rng(seed)
    lists = [random.permutation(len(database))[: random.integers(1, 6)] if short else None for _ in queries]
    for place, answers in enumerate(asked(queries, database, ALL, least, candidates=lists, own=own)):
        query = queries[place]
        met = sorted(lists[place].tolist()) if short else list(range(len(database)))
        met = [i for i in met if not (own and database[i].name == query.name)]
        assert (answers.query, answers.shortlisted, answers.min_cosine) == (query.name, short, least)
        assert answers.candidates.tolist() == met
        seen = look(query, database, met, least)
        for rule in ALL:
            expected = scores_of(rule, query, database, met, seen, least)
            np.testing.assert_allclose(answers.scores[rule], expected, rtol=2e-6, atol=2e-6, err_msg=rule)


def test_all_rules_at_once_say_what_each_says_alone():
    queries, database = collection(11)
    together = asked(queries, database)
    for rule in ALL:
        for one, alone in zip(together, asked(queries, database, [rule]), strict=True):
            np.testing.assert_array_equal(one.scores[rule], alone.scores[rule])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.randoms())
def test_permuting_the_database_permutes_the_scores(seed, random):
    queries, database = collection(seed, images=6, queries=2)
    order = list(range(len(database)))
    random.shuffle(order)
    plain, moved = asked(queries, database), asked(queries, [database[i] for i in order])
    for one, other in zip(plain, moved, strict=True):
        for rule in ALL:
            np.testing.assert_array_equal(one.scores[rule][order], other.scores[rule])


def test_the_shortlist_of_all_equals_no_shortlist():
    queries, database = collection(3)
    everyone = [np.arange(len(database))] * len(queries)
    for one, other in zip(asked(queries, database), asked(queries, database, candidates=everyone), strict=True):
        for rule in ALL:
            np.testing.assert_array_equal(one.scores[rule], other.scores[rule])


def test_votes_land_on_the_image_that_they_belong_to():
    queries, database = collection(5, images=12)
    for place in (2, 7, 11):
        planted = list(database)
        planted[place] = block("planted", queries[0].tokens, queries[0].patches, side=6)
        short = np.array([11, 2, 7, 4])
        for lists in (None, [short]):
            (answers,) = asked(queries[:1], planted, ALL, 0.9, candidates=lists)
            for rule in set(ALL) - {"vop.0", "vop.1", "vop.5"}:
                assert answers.candidates[np.nanargmax(answers.scores[rule])] == place


def test_an_image_is_never_more_like_another_than_itself():
    _, database = collection(8, images=10)
    for place, answers in enumerate(asked(database, database, least=0.5)):
        for rule in ("maxsim", "coverage", "coverage_back", "coverage_sym", "mutual_nn", "vop.0", "vop.6"):
            scores = answers.scores[rule]
            assert scores[place] == pytest.approx(1.0, abs=1e-6)
            assert np.nanmax(scores) == pytest.approx(1.0, abs=1e-6)


def test_what_an_image_finds_in_itself_counts_nowhere():
    _, database = collection(2, images=5)
    others = [each for each in database if each.name != "d3"]
    met = asked(database[3:4], database, own=True)[0]
    alone = asked(database[3:4], others)[0]
    assert met.candidates.tolist() == [0, 1, 2, 4]
    for rule in ALL:
        np.testing.assert_array_equal(met.scores[rule], alone.scores[rule])


@pytest.mark.parametrize("rule", sorted(set(ALL) - {"vop.1"}))
def test_the_order_of_the_patches_says_nothing(rule):
    queries, database = collection(4)
    random = np.random.default_rng(0)

    def mixed(each):
        order = random.permutation(len(each))
        return Block(each.name, each.tokens[order], each.patches[order], each.grid)

    plain = asked(queries, database, [rule])
    shuffled = asked([mixed(q) for q in queries], [mixed(d) for d in database], [rule])
    for one, other in zip(plain, shuffled, strict=True):
        np.testing.assert_allclose(one.scores[rule], other.scores[rule], rtol=1e-6, atol=1e-6)


def test_neither_companions_nor_the_cut_of_the_database_change_a_bit(monkeypatch):
    queries, database = collection(6, images=9, queries=5, depth=32)
    lists = [None, np.array([3, 1]), np.array([], dtype=int), np.arange(9), np.array([8])]
    whole = asked(queries, database, candidates=lists)
    for together, votes, at_hand in ((1, 10**9, 32), (2, 10**9, 1), (64, 1, 32), (64, 10**9, 4)):
        monkeypatch.setattr(searching, "TOGETHER", together)
        monkeypatch.setattr(searching, "VOTES", votes)
        monkeypatch.setattr(searching, "AT_HAND", at_hand)
        for one, other in zip(whole, asked(queries, database, candidates=lists), strict=True):
            same(one, other)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.lists(st.integers(0, 3), min_size=9, max_size=9))
def test_parts_of_a_database_join_to_the_answers_of_all(seed, owner):
    queries, database = collection(seed, images=9)
    options = {"rules": ALL, "min_cosine": 0.3}
    parts = [np.flatnonzero(np.array(owner) == part) for part in range(4)]
    gathered = [list(gather(queries, Held(database), candidates=[part] * 3, **options)) for part in parts]
    for place, whole in enumerate(asked(queries, database)):
        same(whole, settled(joined([part[place] for part in gathered]), ALL, 0.3, False))


def test_votes_on_one_image_are_not_joined_twice():
    queries, database = collection(1)
    found = list(gather(queries, Held(database), rules=["maxsim"], min_cosine=0.3))
    for parts in ([found[0], found[0]], [found[0], found[1]]):
        with pytest.raises(ValueError, match="one query on different images"):
            joined(parts)


def test_an_image_alone_has_no_answers():
    _, database = collection(0, images=1)
    (answers,) = asked(database, database, own=True)
    assert not len(answers.candidates)
    assert all(not len(answers.scores[rule]) for rule in ALL)
    assert [len(each.candidates) for each in asked(database, [])] == [0]
    assert asked([], database) == []


def test_no_hit_anywhere_is_0_and_no_warning():
    queries, database = collection(0)
    (answers,) = asked(queries[:1], database, least=1.0)
    for rule in set(ALL) - {"maxsim", "vop.6"}:
        assert (answers.scores[rule] == 0).all()


def test_what_has_no_patches_has_no_score_and_is_not_counted():
    queries, database = collection(7)
    empty = Block("empty", np.zeros((0, WIDTH), dtype=np.float32), np.zeros(0, dtype=np.int64), square(6))
    with_it, without = asked(queries[:1], [*database, empty])[0], asked(queries[:1], database)[0]
    for rule in ALL:
        assert np.isnan(with_it.scores[rule][-1])
        np.testing.assert_array_equal(with_it.scores[rule][:-1], without.scores[rule])
        assert np.isnan(asked([empty], database)[0].scores[rule]).all()


def test_tfidf_gives_no_vote_a_negative_weight():
    one = block("q", [[1, 0], [0, 1]])
    database = [block(f"d{i}", [[1, 0], [0.9, 0.1]]) for i in range(5)]
    (answers,) = asked([one], database, ["vop.tfidf", "idf_coverage"], 0.5)
    assert (answers.scores["vop.tfidf"] == 0).all()
    assert (answers.scores["idf_coverage"] == 0).all()


def test_mistakes_are_told():
    queries, database = collection(0)
    with pytest.raises(UsageError, match="'maxim' is no voting rule; did you mean 'maxsim'"):
        search(queries, Held(database), rules=["maxim"], min_cosine=0.3)
    for least in (1.0001, 1.5, -2, float("inf")):
        with pytest.raises(UsageError, match="between -1 and 1"):
            search(queries, Held(database), rules=["maxsim"], min_cosine=least)
    for wrong in ([-1], [len(database)]):
        with pytest.raises(ValueError, match="indices of the 7 images"):
            search(queries, Held(database), rules=["maxsim"], min_cosine=0.3, candidates=[np.array(wrong)] * 3)
    with pytest.raises(ValueError, match="3 queries cannot have 1 list"):
        search(queries, Held(database), rules=["maxsim"], min_cosine=0.3, candidates=[None])


def test_another_depth_is_told_with_both_names():
    queries, database = collection(0)
    odd = drawn(np.random.default_rng(0), "odd one", depth=5)
    with pytest.raises(InputError, match="'q0' has 8 numbers and one of 'odd one' has 5"):
        asked(queries, [*database, odd])


@pytest.mark.parametrize("wrong", [2.0, 0.5, np.nan])
def test_what_is_no_unit_vector_does_not_vote(wrong):
    queries, database = collection(0)
    long = Block("long", database[0].tokens * np.float32(wrong), database[0].patches, database[0].grid)
    for ask, answer in ((queries, [*database, long]), ([long], database)):
        with pytest.raises(InputError, match="'long' are no unit vectors"):
            asked(ask, answer)


def test_a_block_that_cannot_be_had_is_told_by_the_shelf():
    class Broken(Held):
        def block(self, i):
            raise InputError("the item of 'd0' is damaged")

    queries, database = collection(0)
    with pytest.raises(InputError, match="damaged"):
        list(search(queries, Broken(database), rules=["maxsim"], min_cosine=0.3))


def test_an_image_is_read_once_for_all_queries_and_only_when_asked():
    queries, database = collection(0)
    read = []

    class Counted(Held):
        def block(self, i):
            read.append(i)
            return self.blocks[i]

    list(search(queries, Counted(database), rules=["maxsim"], min_cosine=0.3))
    assert read == list(range(len(database)))
    read.clear()
    lists = [np.array([4, 1]), np.array([1]), np.array([6])]
    list(search(queries, Counted(database), rules=["maxsim"], min_cosine=0.3, candidates=lists))
    assert read == [1, 4, 6]
