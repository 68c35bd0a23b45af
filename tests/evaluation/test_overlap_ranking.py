"""Rankings held against true overlaps: every number against plain loops, and intervals against another bootstrap."""

import math
import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy.stats import bootstrap, pearsonr, spearmanr

from dinosar.evaluation.overlap_ranking import (
    _pearson,
    apart,
    calibration,
    database,
    judged,
    one_collection,
    shared_pairs,
    sharing_nothing,
    summary,
)
from dinosar.evaluation.overlap_tables import Overlaps, Ranked
from dinosar.evaluation.query_intervals import interval, interval_of_mean

KS = (1, 2, 4, 7)


@some.composite
def collections(draw, own=None):
    """A ranking and the truth, of queries among the database or apart from it; lists may be cut."""
    random = np.random.default_rng(draw(some.integers(0, 2**32)))
    own = draw(some.booleans()) if own is None else own
    images = [f"d{i}" for i in random.permutation(draw(some.integers(3, 7)))]
    queries = images if own else ["q2", "q0", "q1"]
    ranking, truth = {}, Overlaps()
    for query in queries:
        others = [image for image in images if image != query]
        order = [str(each) for each in random.permutation(others)][: draw(some.integers(1, len(others)))]
        scores = random.choice([0.0, 0.25, 0.5, 1.0, np.nan], len(order), p=[0.3, 0.2, 0.2, 0.2, 0.1])
        ranking[query] = Ranked(order, {"coverage_sym": scores.tolist(), "maxsim": random.random(len(order)).tolist()})
        for image in images:
            if random.random() < 0.6:
                truth.shown.setdefault(query, {})[image] = float(random.choice([0.0, 0.05, 0.1, 0.5, 1.0]))
            if not own and random.random() < 0.5:
                truth.back[query, image] = float(random.choice([0.0, 0.2, 1.0]))
    return ranking, truth


def by_hand(ranking, truth, k, relevant):
    """The same numbers in plain loops, with the database spelled out."""
    known = {image for each in ranking.values() for image in each.images}
    known |= {image for query in ranking for image in truth.shown.get(query, {})}
    own = not any(query in each.images for query, each in ranking.items())
    for query, each in ranking.items():
        names = sorted(known - {query}) if own else sorted(known)
        share = {name: truth.shown.get(query, {}).get(name, 0.0) for name in names}
        answers = {name for name in names if share[name] >= relevant}
        best = [name for name in sorted(names, key=lambda name: (-share[name], name)) if share[name] > 0][:k]
        first = each.images[:k]
        yield {
            "query": query, "listed": len(each.images), "answers": len(answers),
            "sharing": sum(value > 0 for value in share.values()), "not_listed": len(answers - set(each.images)),
            f"recall@{k}": float(bool(answers & set(first))) if answers else None,
            f"share_of_best@{k}": len(set(best) & set(first)) / len(best) if best and len(names) >= k else None,
        }  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(collections(), some.sampled_from(KS), some.sampled_from([0.05, 0.1, 0.5]))
def test_recall_is_what_plain_loops_say(made, k, relevant):
    ranking, truth = made
    for row, expected in zip(judged(ranking, truth, [k], relevant), by_hand(ranking, truth, k, relevant), strict=True):
        assert {key: row[key] for key in expected} == expected


@settings(max_examples=100, deadline=None)
@given(collections())
def test_the_order_of_queries_changes_no_number(made):
    ranking, truth = made
    turned = dict(reversed(ranking.items()))
    rows = {row["query"]: row for row in judged(ranking, truth, KS, 0.1)}
    assert rows == {row["query"]: row for row in judged(turned, truth, KS, 0.1)}


def test_what_shares_nothing_is_not_among_the_best():
    """Of eight images two share anything: whichever others stand between them, both are among the first five."""
    names = [f"d{i}" for i in range(8)]
    truth = Overlaps({"q": {"d6": 0.5, "d7": 0.4}})
    one = judged({"q": Ranked(["d7", "d6", "d5", "d4", "d3", *names[:3]], {})}, truth, [1, 5], 0.1)[0]
    other = judged({"q": Ranked(["d6", *names[:3], "d7", "d3", "d4", "d5"], {})}, truth, [1, 5], 0.1)[0]
    late = judged({"q": Ranked(["d6", *names[:4], "d7", "d4", "d5"], {})}, truth, [1, 5], 0.1)[0]
    assert [each["share_of_best@5"] for each in (one, other, late)] == [1, 1, 0.5]
    assert [each["share_of_best@1"] for each in (one, other, late)] == [0, 1, 1]


def test_no_image_is_an_answer_to_itself():
    ranking = {"a": Ranked(["b", "c"]), "b": Ranked(["c", "a"]), "c": Ranked(["a", "b"])}
    truth = Overlaps({"a": {"a": 1.0}, "b": {"b": 1.0, "c": 0.5}})
    rows = judged(ranking, truth, [1, 2, 3], 0.1)
    assert [row["answers"] for row in rows] == [0, 1, 0]
    assert [row["recall@1"] for row in rows] == [None, 1.0, None]
    assert [row["share_of_best@2"] for row in rows] == [None, 1.0, None]
    assert [row["share_of_best@3"] for row in rows] == [None, None, None]  # there are but two others


def test_where_a_query_lists_its_own_name_it_is_that_of_another_image():
    ranking = {"0.png": Ranked(["0.png", "1.png"]), "1.png": Ranked(["0.png", "1.png"])}
    assert not one_collection(ranking)
    rows = judged(ranking, Overlaps({"0.png": {"0.png": 0.25}, "1.png": {"1.png": 0.25}}), [1, 2], 0.1)
    assert [row["recall@1"] for row in rows] == [1.0, 0.0]
    assert [row["recall@2"] for row in rows] == [1.0, 1.0]


def test_what_was_not_listed_is_in_the_database_all_the_same():
    ranking, truth = {"q": Ranked(["b"])}, Overlaps({"q": {"a": 0.5}, "another": {"z": 1.0}})
    assert database(ranking, truth) == ["a", "b"]
    (row,) = judged(ranking, truth, [1], 0.1)
    assert (row["answers"], row["not_listed"], row["recall@1"]) == (1, 1, 0.0)


def test_names_of_which_only_one_tells_are_counted():
    ranking = {"q1": Ranked(["a", "b"]), "q2": Ranked(["b"]), "q3": Ranked(["a"])}
    truth = Overlaps({"q1": {"a": 0.5, "gone": 0.2, "far": 0.0}, "q2": {"lost": 1.0}, "q9": {"elsewhere": 1.0}})
    assert apart(ranking, truth) == (["gone", "lost"], ["q9"], ["q3"])
    assert apart({"q1": Ranked(["a"])}, Overlaps({"q1": {"a": 0.5}})) == ([], [], [])


def test_an_image_that_asks_is_known_though_no_list_names_it():
    cut = {"a": Ranked(["b"]), "b": Ranked(["a"]), "c": Ranked(["a"])}
    assert apart(cut, Overlaps({"a": {"c": 0.5}})).in_no_ranking == []
    two = {"a": Ranked(["a"]), "c": Ranked(["a"])}  # its own name answers: queries are others than images
    assert apart(two, Overlaps({"a": {"c": 0.5}})).in_no_ranking == ["c"]


def test_correlation_is_spearmans_over_listed_images_that_share_anything():
    scores = [0.9, 0.8, math.nan, 0.6, 0.5, 0.4]
    truth = Overlaps({"q": {"a": 0.2, "b": 0.9, "c": 0.8, "d": 0.3, "e": 0.0, "f": 0.1, "unlisted": 1.0}})
    (row,) = judged({"q": Ranked(list("abcdef"), {"maxsim": scores})}, truth, [1], 0.1)
    assert row["rho_maxsim"] == pytest.approx(spearmanr([0.9, 0.8, 0.6, 0.4], [0.2, 0.9, 0.3, 0.1]).statistic)


def test_means_leave_out_what_could_not_be_told():
    rows = [{"query": "a", "recall@1": 1.0, "rho_x": None}, {"query": "b", "recall@1": None, "rho_x": None},
            {"query": "c", "recall@1": 0.0, "rho_x": None}]  # fmt: skip
    found = summary(rows)
    assert (found["recall@1"]["mean"], found["recall@1"]["queries"]) == (0.5, 2)
    assert found["rho_x"] == {"mean": None, "interval": None, "queries": 0}
    assert summary(rows[:1])["recall@1"] == {"mean": 1.0, "interval": None, "queries": 1}


# intervals


@pytest.mark.parametrize("count", [5, 40, 400])
def test_intervals_are_those_of_another_bootstrap(count):
    values = np.random.default_rng(count).random(count) ** 2
    low, high = interval_of_mean("recall@1", values)
    other = bootstrap((values,), np.mean, n_resamples=20_000, method="percentile", random_state=1).confidence_interval
    wide = other.high - other.low
    assert low == pytest.approx(other.low, abs=0.08 * wide)
    assert high == pytest.approx(other.high, abs=0.08 * wide)


def test_intervals_are_the_same_every_time_and_none_of_one_query():
    values = np.random.default_rng(0).random(30)
    assert interval_of_mean("x", values) == interval_of_mean("x", values)
    assert interval_of_mean("x", values) != interval_of_mean("y", values)
    assert interval_of_mean("x", values[:1]) is None
    assert interval_of_mean("x", np.full(4, 0.25)) == (0.25, 0.25)


def test_a_number_that_a_draw_does_not_have_has_no_interval():
    assert interval("x", np.array([[1.0], [2.0]]), lambda sums: np.where(sums[:, 0] > 3.5, np.nan, 1.0)) is None


# the reported overlap


@settings(max_examples=150, deadline=None)
@given(collections())
def test_pairs_are_those_that_share_something_and_are_listed(made):
    ranking, truth = made
    own = not any(query in each.images for query, each in ranking.items())
    expected = []
    for query, each in ranking.items():
        for image, reported in zip(each.images, each.scores["coverage_sym"], strict=True):
            share = truth.shown.get(query, {}).get(image, 0)
            back = truth.back.get((query, image), truth.shown.get(image, {}).get(query) if own else None)
            if share > 0:
                expected.append((query, image, reported, min(share, share if back is None else back), back is not None))
    found = shared_pairs(ranking, truth)
    assert [pair[:2] + pair[3:] for pair in found] == [each[:2] + each[3:] for each in expected]
    assert np.array_equal([pair.reported for pair in found], [each[2] for each in expected], equal_nan=True)
    nothing = sharing_nothing(ranking, truth)
    told = sum(np.isfinite(each.scores["coverage_sym"]).sum() for each in ranking.values())
    assert nothing["pairs"] == told - sum(np.isfinite(pair.reported) for pair in found)


def test_equal_names_of_two_collections_are_no_other_direction():
    """Query 1.png and image 0.png tell nothing of query 0.png and image 1.png."""
    ranking = {"0.png": Ranked(["0.png", "1.png"], {"coverage_sym": [1, 1]}),
               "1.png": Ranked(["0.png"], {"coverage_sym": [1]})}  # fmt: skip
    truth = Overlaps({"0.png": {"1.png": 0.5}, "1.png": {"0.png": 0.1}})
    assert [(pair.true, pair.both) for pair in shared_pairs(ranking, truth)] == [(0.5, False), (0.1, False)]
    registered = {"0.png": Ranked(["1.png"], {"coverage_sym": [1]}), "1.png": ranking["1.png"]}
    assert [(pair.true, pair.both) for pair in shared_pairs(registered, truth)] == [(0.1, True), (0.1, True)]


def test_a_ranking_without_a_reported_overlap_has_none():
    ranking, truth = {"q": Ranked(["a"], {"maxsim": [0.5]})}, Overlaps({"q": {"a": 0.5}})
    (pair,) = shared_pairs(ranking, truth)
    assert math.isnan(pair.reported)
    assert calibration([pair]) is None
    assert sharing_nothing(ranking, truth) == {"pairs": 0, "mean_reported": None}


def drawn_pairs(queries, each, seed=0):
    random = np.random.default_rng(seed)
    ranking, truth = {}, Overlaps()
    for i in range(queries):
        true = random.uniform(0.01, 1, each)
        told = np.clip(0.3 + 0.4 * true + random.normal(0, 0.1, each) + random.normal(0, 0.1), 0, 1)
        names = [f"d{j}" for j in range(each)]
        ranking[f"q{i}"] = Ranked(names, {"coverage_sym": told.tolist()})
        truth.shown[f"q{i}"] = dict(zip(names, true.tolist(), strict=True))
    return shared_pairs(ranking, truth)


def test_calibration_is_pearson_and_the_mean_of_what_it_is_off_by():
    pairs = drawn_pairs(20, 6)
    found = calibration(pairs)
    told, true = [pair.reported for pair in pairs], [pair.true for pair in pairs]
    assert found["pearson"] == pytest.approx(pearsonr(told, true).statistic)
    assert found["mean_absolute_error"] == pytest.approx(
        statistics.fmean(abs(a - b) for a, b in zip(told, true, strict=True))
    )
    assert found["mean_difference"] == pytest.approx(statistics.fmean(told) - statistics.fmean(true))
    assert (found["pairs"], found["queries"], found["both_directions"]) == (120, 20, 0)


def test_its_intervals_draw_whole_queries():
    """Against a bootstrap that gathers the pairs of drawn queries and correlates them with SciPy."""
    pairs = drawn_pairs(15, 4, seed=3)
    by_query = [[pair for pair in pairs if pair.query == f"q{i}"] for i in range(15)]
    random, straight, off = np.random.default_rng(5), [], []
    for _ in range(1500):
        told = [pair for i in random.integers(0, 15, 15) for pair in by_query[i]]
        x, y = (np.array([getattr(pair, which) for pair in told]) for which in ("reported", "true"))
        straight.append(pearsonr(x, y).statistic)
        off.append(np.abs(x - y).mean())
    found = calibration(pairs)
    for key, values in (("pearson", straight), ("mean_absolute_error", off)):
        expected = np.quantile(values, [0.025, 0.975])
        assert found[f"{key}_interval"] == pytest.approx(expected, abs=0.12 * np.ptp(expected))


@pytest.mark.parametrize("told", [[(0.5, 0.5), (0.5, 0.2), (0.5, 0.9)], [(0.1, 0.5), (0.2, 0.5), (0.3, 0.5)],
                                  [(0.1, 0.2), (0.3, 0.4)]])  # fmt: skip
def test_where_there_is_no_correlation_the_error_is_told_all_the_same(told):
    pairs = [pair._replace(reported=a, true=b) for pair, (a, b) in zip(drawn_pairs(3, 1), told, strict=False)]
    found = calibration(pairs)
    assert (found["pearson"], found["pearson_interval"]) == (None, None)
    assert found["mean_absolute_error"] == pytest.approx(np.mean([abs(a - b) for a, b in told]))


def test_draws_of_one_and_the_same_pair_have_no_correlation():
    """Of three queries with a pair each one draw in nine is all one pair: no interval is better than a made-up one."""
    found = calibration(drawn_pairs(3, 1))
    assert found["pearson"] is not None
    assert found["pearson_interval"] is None
    assert found["mean_absolute_error_interval"] is not None


@pytest.mark.parametrize("rounded", [-1e-15, 0, 1e-15])
def test_a_spread_that_is_only_rounding_is_none(rounded):
    """Sums of a pair drawn three times, its squares off by what sums are rounded by; and of two pairs."""
    x, y = 0.1, 0.7
    same = 3 * np.array([1, x, y, x * x * (1 + rounded), y * y * (1 + rounded), x * y])
    two = np.array([2, x, y, x * x, y * y, x * y])  # with one at 0, 0
    assert np.isnan(_pearson(same[None])[0])
    assert _pearson(two[None])[0] == pytest.approx(1)
