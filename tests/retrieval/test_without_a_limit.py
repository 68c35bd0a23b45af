"""A library that says nothing of unrelated images: maxsim ranks, and what needs a limit is not made up."""

import csv
import json

import numpy as np
import pytest
from small_library import filled, painted
from vote_oracle import block

from dinosar.config import QueryConfig
from dinosar.errors import InputError
from dinosar.notices import collected
from dinosar.retrieval.asking import Asked, here, rankings, way_of
from dinosar.retrieval.gathering import joined, settled
from dinosar.retrieval.heads import Identity
from dinosar.retrieval.ranking_tables import answers_told, kept_pairs, ranking_csv
from dinosar.retrieval.rules import RULES
from dinosar.retrieval.searching import Held, gather, search
from dinosar.retrieval.shelf import LibraryShelf
from dinosar.retrieval.tiles import HIT

NEEDY = [name for name, rule in RULES.items() if rule.needs_min_cosine]
NAN = float("nan")


def blocks(count, seed=0):
    random = np.random.default_rng(seed)
    return [block(f"image {seed} {i}", random.normal(size=(16, 8))) for i in range(count)]


def test_rules_that_need_a_limit_have_no_score_without_one_and_the_others_have_theirs():
    queries, database = blocks(2, 1), Held(blocks(5))
    without = list(search(queries, database, rules=list(RULES), min_cosine=NAN))
    with_one = list(search(queries, database, rules=list(RULES), min_cosine=0.3))
    for one, other in zip(without, with_one, strict=True):
        for name in RULES:
            expected = np.full(5, NAN) if name in NEEDY else other.scores[name]
            assert np.array_equal(one.scores[name], expected, equal_nan=True)
    assert {"maxsim", "vop.6"} == set(RULES) - set(NEEDY)


def test_what_is_gathered_apart_has_no_score_either():
    (query,), database = blocks(1, 1), Held(blocks(6))
    parts = [next(gather([query], database, rules=list(RULES), min_cosine=NAN, candidates=[np.array(some)]))
             for some in ([0, 3], [1, 2, 4, 5])]  # fmt: skip
    found = settled(joined(parts), list(RULES), NAN, False)
    assert all(np.isnan(found.scores[name]).all() for name in NEEDY)
    assert np.isfinite(found.scores["maxsim"]).all()


def test_tiles_are_told_apart_without_a_limit():
    (query,), database = blocks(1, 1), blocks(3)
    (found,) = search([query], Held(database, [blocks(2, 7 + i) for i in range(3)]), rules=["maxsim"], min_cosine=NAN)
    assert np.isfinite(found.scores["view"]).all()
    assert np.isnan(found.scores[HIT]).all()


@pytest.fixture
def shelf(tmp_path):
    library, _ = filled(tmp_path / "db", painted(tmp_path / "photos", ["one.png"]))
    return LibraryShelf(library, library.names, Identity())


def way(shelf, rule="maxsim", **told):
    config = QueryConfig.model_validate({"inputs": {"store": "db"}, "voting": {"rule": rule, **told}})
    return way_of(config, shelf, own=False)


def test_a_library_of_one_image_answers_by_maxsim(shelf):
    with collected() as warnings:
        chosen = way(shelf)
    assert "fewer than two images" in warnings[0]
    assert "--min-cosine" in warnings[0]
    assert not chosen.limited
    (found,) = rankings([Asked(shelf.block(0))], shelf, chosen, lambda each: None, here(shelf))
    (row,) = csv.DictReader(ranking_csv([found], shelf.names, chosen, None).decode().splitlines())
    assert (row["image"], row["voted"], row["coverage_sym"], row["vop.tfidf"]) == ("one.png", "NA", "NA", "NA")
    assert float(row["score"]) == pytest.approx(1, abs=1e-3)
    (answer,) = answers_told([found], shelf.names, chosen, 5)["one.png"]
    assert (answer["overlap"], answer["voted"]) == (None, None)
    json.dumps(answer, allow_nan=False)
    assert kept_pairs([found], shelf.names, chosen, 5) == [("one.png", "one.png")]


def test_a_rule_that_needs_a_limit_asks_for_one(shelf):
    with pytest.raises(InputError, match="--min-cosine"):
        way(shelf, "coverage")
    assert way(shelf, "coverage", min_cosine=0.5).limited
