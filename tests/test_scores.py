"""Every number against an independent computation, the same either way round, and never made up."""

from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from dinosar.config import ScoreConfig
from dinosar.data import Matches
from dinosar.errors import InputError
from dinosar.features import unit
from dinosar.matchers.mutual import Mutual
from dinosar.matchers.similarity import Similarity
from dinosar.matches import both_ways
from dinosar.scores import Score, headline, random_distances, score, summarize
from dinosar.testing import toy_specimen

A, B = toy_specimen(1), toy_specimen(2)
CONFIG = ScoreConfig()
NAMES = ("foreground", "saliency_weighted", "bidirectional", "topk_mean")


def scored(a, b, config=CONFIG, matcher=None):
    """Matches both ways, random distances and scores of a pair."""
    forward, backward = both_ways(matcher or Similarity(), a, b)
    random = random_distances(a, b, config.random_pairs, 0)
    return forward, backward, random, score(a, b, forward, backward, random, config)


FORWARD, BACKWARD, RANDOM, SCORES = scored(A, B)


def with_features(specimen, **changes):
    return replace(specimen, features=replace(specimen.features, **changes))


def one_of(specimen, count):
    """The specimen with only its first patches."""
    patches = np.zeros(specimen.patches.size, dtype=bool)
    patches[specimen.indices[:count]] = True
    return replace(specimen, patches=patches.reshape(specimen.patches.shape))


def agree(summary, values, bound=CONFIG.tail):
    """A plain summary, number by number."""
    expected = (len(values), np.mean(values), np.median(values), np.std(values), *np.percentile(values, (95, 99)),
                sum(v > bound for v in values) / len(values))  # fmt: skip
    assert list(asdict(summary).values()) == pytest.approx(expected, rel=1e-12, abs=1e-15)


def test_every_score_has_its_name_in_the_order_told():
    assert tuple(SCORES) == NAMES
    assert [each.name for each in SCORES.values()] == list(NAMES)
    assert all(each.meaning and each.not_computed is None for each in SCORES.values())


def test_foreground_is_the_mean_of_both_directions():
    found = SCORES["foreground"]
    agree(found.a_to_b, FORWARD.distance)
    agree(found.b_to_a, BACKWARD.distance)
    assert found.distance == pytest.approx((FORWARD.distance.mean() + BACKWARD.distance.mean()) / 2, rel=1e-12)
    assert found.asymmetry == pytest.approx(FORWARD.distance.mean() - BACKWARD.distance.mean(), rel=1e-9)


def test_bidirectional_pools_the_matches_of_both_directions():
    few = one_of(A, 3)
    forward, backward, _, scores = scored(few, B)
    pooled = np.concatenate([forward.distance, backward.distance])
    agree(scores["bidirectional"].pooled, pooled)
    assert scores["bidirectional"].distance == pytest.approx(pooled.mean(), rel=1e-12)
    assert abs(scores["bidirectional"].distance - scores["foreground"].distance) > 1e-3


def test_topk_mean_is_that_of_the_runners_up():
    found = SCORES["topk_mean"]
    agree(found.a_to_b, FORWARD.runners_up)
    agree(found.b_to_a, BACKWARD.runners_up)
    assert found.distance > SCORES["foreground"].distance


def test_saliency_weights_each_match_by_the_root_of_both_ends():
    maps = [specimen.features.attention[-1].astype(float).ravel() for specimen in (A, B)]
    means = []
    for matches, (own, other) in ((FORWARD, maps), (BACKWARD, maps[::-1])):
        weights = [(own[i] * other[j]) ** 0.5 for i, j in zip(matches.asked, matches.answer, strict=True)]
        means.append(np.average(matches.distance, weights=weights))
    found = SCORES["saliency_weighted"]
    assert (found.a_to_b.mean, found.b_to_a.mean) == pytest.approx(tuple(means), rel=1e-12)
    assert found.distance == pytest.approx(np.mean(means), rel=1e-12)


def test_the_last_of_several_maps_is_the_one_that_weights():
    stacked = [
        with_features(each, attention=np.concatenate([np.zeros_like(each.features.attention), each.features.attention]))
        for each in (A, B)
    ]
    assert scored(*stacked)[3]["saliency_weighted"] == SCORES["saliency_weighted"]


levels = st.sampled_from((0.0, 0.1, 0.3, 0.3000001, 0.5, 1.0, 2.0))


@given(pairs=st.lists(st.tuples(levels, st.integers(0, 9)), min_size=1, max_size=40))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_a_weight_counts_like_so_many_equal_values(pairs):
    values, weights = (np.array(column) for column in zip(*pairs, strict=True))
    weights[0] += 1 + next(n for n in range(1000) if is_prime(weights.sum() + 1 + n))  # no percentile on a boundary
    found, repeated = summarize(values, 0.3, weights.astype(float)), np.repeat(values, weights)
    percentiles = np.percentile(repeated, (50, 95, 99), method="inverted_cdf")
    assert (found.median, found.p95, found.p99) == tuple(percentiles)
    assert found.n == len(values)
    assert (found.mean, found.std, found.tail) == pytest.approx(
        (repeated.mean(), repeated.std(), (repeated > 0.3).mean()), rel=1e-9, abs=1e-12
    )


def is_prime(number):
    return number > 2 and all(number % k for k in range(2, int(number**0.5) + 1))


def test_the_scale_of_the_weights_does_not_matter():
    values, weights = np.random.default_rng(0).random((2, 50))
    first, second = (asdict(summarize(values, 0.3, weights * factor)) for factor in (1, 1e-12))
    assert list(first.values()) == pytest.approx(list(second.values()), rel=1e-9)


def test_the_tail_is_what_lies_above_the_bound_alone():
    assert summarize(np.array([0.1, 0.3, 0.4, 0.5]), 0.3).tail == 0.5


@pytest.mark.parametrize("name", NAMES)
def test_swapping_the_specimens_swaps_the_directions_and_nothing_else(name):
    there, back = SCORES[name], scored(B, A)[3][name]
    mirrored = replace(back, a_to_b=back.b_to_a, b_to_a=back.a_to_b,
                       asymmetry=None if back.asymmetry is None else -back.asymmetry)  # fmt: skip
    assert there == mirrored
    assert there.distance == back.distance


@pytest.mark.parametrize("pairs", [16, 17, 4096])
def test_random_pairs_are_the_same_either_way_round(pairs):
    there = random_distances(A, one_of(B, 7), pairs, 3)
    assert np.array_equal(there, random_distances(one_of(B, 7), A, pairs, 3))
    assert (np.diff(there) >= 0).all()
    assert len(there) == pairs // 2 * 2


def test_random_pairs_depend_on_their_seed_and_cover_all_patches():
    assert not np.array_equal(random_distances(A, B, 4096, 0), random_distances(A, B, 4096, 1))
    everything = 1 - A.tokens.astype(float) @ B.tokens.astype(float).T
    drawn = random_distances(A, B, 40_000, 0)
    assert drawn.mean() == pytest.approx(everything.mean(), abs=0.01)
    assert (drawn.min(), drawn.max()) == pytest.approx((everything.min(), everything.max()), abs=0.02)


@pytest.mark.parametrize("name", NAMES[:3])
def test_identical_specimens_are_at_distance_exactly_zero(name):
    found = scored(A, A)[3][name]
    assert found.distance == 0
    assert found.of_random == 0
    assert all(part is None or part.mean == part.p99 == part.tail == 0 for part in (found.a_to_b, found.pooled))


def test_unrelated_tokens_matched_at_random_are_as_far_as_chance():
    class AtRandom(Similarity):
        """Answers by lot."""

        def match(self, a, b):
            answer = np.random.default_rng(len(a.indices)).choice(b.indices, len(a.indices))
            distance = 1 - (a.tokens * b.features.flat[answer]).sum(axis=1).astype(float)
            return Matches(a.indices, answer, np.maximum(distance, 0))

    tokens = unit(np.random.default_rng(5).normal(size=(2, *A.features.tokens.shape[:2], 48)))
    unrelated = [with_features(each, tokens=t) for each, t in zip((A, B), tokens, strict=True)]
    assert scored(*unrelated, matcher=AtRandom())[3]["foreground"].of_random == pytest.approx(1, abs=0.05)


def test_of_random_is_the_distance_over_that_of_random_pairs():
    for found in SCORES.values():
        assert found.random_mean == pytest.approx(RANDOM.mean(), rel=1e-12)
        assert found.of_random == pytest.approx(found.distance / RANDOM.mean(), rel=1e-12)


def test_where_all_pairs_are_equal_there_is_no_share_of_chance():
    same = with_features(A, tokens=np.broadcast_to(A.features.tokens[:1, :1], A.features.tokens.shape))
    assert scored(same, same)[3]["foreground"].of_random is None


def checked(specimens, there, back):
    """Scores of a pair whose matches are verified as told (a function of the matches, or None)."""
    forward, backward = both_ways(Similarity(), *specimens)
    marked = [m if how is None else replace(m, verified=how(m)) for m, how in ((forward, there), (backward, back))]
    return marked, score(*specimens, *marked, RANDOM, ScoreConfig(mode="verified"))


def every_third(matches):
    return np.arange(len(matches)) % 3 == 0


def none_of_them(matches):
    return np.zeros(len(matches), dtype=bool)


def test_verified_is_the_mean_over_the_verified_matches_of_both_directions():
    (forward, backward), scores = checked((A, B), every_third, lambda m: ~every_third(m))
    found = scores["verified"]
    agree(found.a_to_b, FORWARD.distance[::3])
    agree(found.b_to_a, BACKWARD.distance[backward.verified])
    assert found.distance == pytest.approx((found.a_to_b.mean + found.b_to_a.mean) / 2, rel=1e-12)
    assert found.asymmetry == pytest.approx(found.a_to_b.mean - found.b_to_a.mean, rel=1e-9)
    assert found.of_random == pytest.approx(found.distance / RANDOM.mean(), rel=1e-12)
    assert list(scores) == [*NAMES, "verified"]
    assert all(scores[name] == SCORES[name] for name in NAMES)


@pytest.mark.parametrize(
    ("there", "back", "reason"),
    [
        (None, None, "the matcher did not verify its matches; matcher mutual does"),
        (every_third, None, "the matcher did not verify"),
        (none_of_them, every_third, rf"none of the {len(FORWARD)} matches from A to B was verified"),
        (every_third, none_of_them, rf"none of the {len(BACKWARD)} matches from B to A was verified"),
    ],
)
def test_verified_is_not_computed_from_matches_that_are_not(there, back, reason):
    found = checked((A, B), there, back)[1]["verified"]
    assert found.distance is found.of_random is found.a_to_b is None
    with pytest.raises(InputError, match=f"score 'verified' was not computed: {reason}"):
        found.require()


@pytest.mark.parametrize("mode", ["foreground", "verified"])
def test_verified_is_listed_where_the_matcher_verifies_or_it_is_asked_for(mode):
    config = ScoreConfig(mode=mode)
    assert ("verified" in scored(A, B, config)[3]) == (mode == "verified")
    assert "verified" in scored(A, B, config, Mutual())[3]
    assert ("verified" in scored(A, B, config, Mutual(Mutual.Options(verify="none")))[3]) == (mode == "verified")


def test_without_a_match_every_score_says_so():
    scores = scored(A, B, matcher=Mutual(Mutual.Options(ratio=0.001)))[3]
    assert list(scores) == [*NAMES, "verified"]
    assert all(each.distance is None and "the matcher found no match" in each.not_computed for each in scores.values())


@pytest.mark.parametrize(
    ("old", "new"),
    [("demo_inliers", "verified"), ("saliency_weighted", "attention_weighted"), ("verified", "verified")],
)
def test_a_score_is_known_by_its_other_name_and_recorded_by_its_own(old, new):
    config = ScoreConfig(mode=old)
    assert config.model_dump() == ScoreConfig.model_validate({"mode": new}).model_dump()
    assert config.mode == new


@pytest.mark.parametrize("wrong", ["demo", "inliers", 3, None, ["verified"]])
def test_no_other_name_is_known(wrong):
    with pytest.raises(ValidationError):
        ScoreConfig(mode=wrong)


NO_MAP = [with_features(each, attention=None, attention_kind="attention") for each in (A, B)]
NO_WEIGHT = [with_features(each, attention=np.zeros_like(each.features.attention)) for each in (A, B)]


@pytest.mark.parametrize(
    ("pair", "name", "reason"),
    [
        (NO_MAP, "attention_weighted", "backbone toy gives no attention"),
        ((A, with_features(B, attention=None)), "saliency_weighted", "backbone toy gives no saliency"),
        (NO_WEIGHT, "saliency_weighted", "the saliency of all matched patches is zero"),
        ((NO_WEIGHT[0], B), "saliency_weighted", "the saliency of all matched patches is zero"),
        ((one_of(A, 4), B), "topk_mean", "too few patches"),
        ((A, one_of(B, 4)), "topk_mean", "too few patches"),
    ],
)
def test_a_score_that_cannot_be_computed_says_why_and_has_no_number(pair, name, reason):
    found = scored(*pair)[3][name]
    assert found.distance is found.of_random is found.a_to_b is found.asymmetry is None
    assert reason in found.not_computed
    with pytest.raises(InputError, match=f"score '{name}' was not computed: .*{reason}"):
        found.require()


def test_the_other_scores_are_not_touched_by_one_that_cannot_be_computed():
    scores = scored(*NO_MAP)[3]
    assert list(scores) == ["foreground", "attention_weighted", "bidirectional", "topk_mean"]
    assert all(scores[name] == SCORES[name] for name in ("foreground", "bidirectional", "topk_mean"))


def test_require_gives_the_distance_where_there_is_one():
    assert Score("any", "meaning", distance=0.25).require() == 0.25


@pytest.mark.parametrize("mode", ["foreground", "bidirectional", "topk_mean", "verified"])
def test_the_headline_is_the_score_asked_for(mode):
    assert headline(ScoreConfig(mode=mode), A) == mode


def test_the_headline_of_attention_is_named_after_what_the_backbone_gives():
    config = ScoreConfig(mode="attention_weighted")
    assert headline(config, A) == "saliency_weighted"
    assert headline(config, NO_MAP[0]) == "attention_weighted"
    assert {headline(config, A), headline(config, B)} <= set(SCORES)
