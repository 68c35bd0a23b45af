"""What the rules mean, in examples small enough to work out by hand, and the order they give."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vote_oracle import block, collection

from dinosar.errors import UsageError
from dinosar.retrieval.ranking import ranked, voted
from dinosar.retrieval.rules import RULES, rules_named
from dinosar.retrieval.searching import Held, search

X, Y, Z = [1, 0, 0], [0, 1, 0], [0, 0, 1]


def scores(query, database, least=0.5, **options):
    """Every rule's scores."""
    (answers,) = search([block("q", query)], Held(database), rules=list(RULES), min_cosine=least, **options)
    return {rule: values.tolist() for rule, values in answers.scores.items()}


def test_every_rule_by_hand():
    found = scores([X, X, Y, Z], [block("a", [X, [0.8, 0, 0.6]]), block("b", [Y])])
    log = [math.log(2 / (n + 1e-5)) for n in (1, 1, 1, 1)]
    assert found["maxsim"] == pytest.approx([(1 + 1 + 0 + 0.6) / 4, 1 / 4])
    assert found["coverage"] == [3 / 4, 1 / 4]
    assert found["coverage_back"] == [1, 1]
    assert found["coverage_sym"] == [3 / 4, 1 / 4]
    assert found["mutual_nn"] == [2 / 4, 1 / 4]
    assert found["vop.0"] == [1, 1]
    assert found["vop.1"] == pytest.approx([1, 1])
    assert found["vop.2"] == found["vop.count"] == [5, 1]
    assert found["vop.3"] == found["vop.sum"] == pytest.approx([1 + 0.8 + 1 + 0.8 + 0.6, 1])
    assert found["vop.4"] == found["vop.tfidf"]
    assert found["vop.tfidf"] == pytest.approx([(2 * 1.8 * 2 + 0.6 * 1) / 4 * log[0], 1 / 4 * log[0]])
    assert found["vop.5"] == pytest.approx([1.8 / 2 * 2 + 0.6, 1], rel=1e-4)
    assert found["vop.6"] == pytest.approx([1, 0])
    assert found["idf_coverage"] == pytest.approx([3 / 4, 1 / 4])


def test_the_hit_listed_first_is_not_the_best_one():
    assert scores([X, Y], [block("a", [[0, 1, 0], [0.6, 0, 0.8], X])])["vop.1"] == pytest.approx([0.6])


def test_common_patches_count_less_by_tfidf_and_not_at_all_when_all_images_have_them():
    database = [block("a", [X, Y]), block("b", [X, Z]), block("c", [X])]
    found = scores([X, Y], database)
    assert found["vop.sum"] == pytest.approx([2, 1, 1])
    assert found["vop.tfidf"] == pytest.approx([math.log(3) / 2, 0, 0], abs=1e-5)
    assert found["idf_coverage"] == pytest.approx([1, 0, 0], abs=1e-5)


def test_the_census_is_that_of_the_candidates():
    database = [block("a", [X, Y]), block("b", [X, Z]), block("c", [X]), block("d", [Y])]
    assert (
        scores([X, Y], database, candidates=[np.array([0, 2])])["vop.tfidf"]
        == scores([X, Y], [database[0], database[2]])["vop.tfidf"]
    )


def test_one_image_alone_has_no_rare_patch():
    found = scores([X, Y], [block("a", [X])])
    assert found["vop.tfidf"] == [0]
    assert np.isnan(found["idf_coverage"]).all()


def test_the_same_place_needs_grids_of_one_shape_and_a_place_in_common():
    database = [block("a", [X], side=16), block("b", [X], side=15), block("c", [X], [7], side=16)]
    np.testing.assert_allclose(scores([X], database)["vop.6"], [1, np.nan, np.nan])


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 0.9))
def test_scores_lie_where_they_say(seed, least):
    queries, database = collection(seed)
    for answers in search(queries, Held(database), rules=list(RULES), min_cosine=least):
        for rule in ("coverage", "coverage_back", "coverage_sym", "mutual_nn", "idf_coverage", "vop.0"):
            known = answers.scores[rule][~np.isnan(answers.scores[rule])]
            assert ((known >= 0) & (known <= 1 + 1e-12)).all()
            assert len(known) == len(database) or rule == "idf_coverage"
        assert (np.abs(answers.scores["maxsim"]) <= 1 + 1e-6).all()
        for rule in ("vop.sum", "vop.tfidf", "vop.5", "vop.count"):
            assert (answers.scores[rule] >= 0).all()


def test_rules_are_known_by_name():
    assert list(rules_named(["coverage", "maxsim", "coverage"])) == ["coverage", "maxsim"]
    for wrong in ("vop.7", "MaxSim!", ""):
        with pytest.raises(UsageError, match="is no voting rule"):
            rules_named([wrong])
    assert all(rule.meaning and (rule.alone is None) != (rule.weights is None) for rule in RULES.values())


@pytest.mark.parametrize("rule", sorted(RULES))
def test_only_rules_that_say_so_look_at_the_least_cosine(rule):
    queries, database = collection(3)
    one, other = (
        [answers.scores[rule].tolist() for answers in search(queries, Held(database), rules=[rule], min_cosine=least)]
        for least in (0.2, 0.7)
    )
    assert (str(one) != str(other)) == RULES[rule].needs_min_cosine


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0.0, -0.0, 0.5, 1.0, -1.0, np.nan]), st.text(max_size=3)), max_size=12))
def test_the_order_is_by_score_then_by_name_and_without_a_score_last(rows):
    values, names = np.array([score for score, _ in rows]), [name for _, name in rows]
    order = ranked(values, names)
    keys = [(bool(np.isnan(values[i])), 0.0 if np.isnan(values[i]) else -values[i], names[i]) for i in order]
    assert sorted(order.tolist()) == list(range(len(rows)))
    assert keys == sorted(keys)


def test_an_order_needs_a_name_for_each_score():
    with pytest.raises(ValueError, match="2 scores cannot be those of 1 names"):
        ranked(np.zeros(2), ["a"])


def test_without_a_vote_an_image_is_no_answer():
    values = np.array([0.4, 0.0, np.nan, -0.2])
    assert voted(values, "vop.sum").tolist() == [True, False, False, True]
    assert voted(values, "coverage").tolist() == [True, False, False, True]
    assert voted(values, "maxsim").tolist() == [True, True, False, True]
    assert voted(values, "vop.6").tolist() == [True, True, False, True]
