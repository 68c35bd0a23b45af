"""Which pairs are drawn: as many of every overlap, none twice, others that share nothing; and which scenes."""

import logging

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dinosar.errors import InputError, UsageError
from dinosar.training.pairs import Wanted, across, drawn_pairs, split, warn_of_tests

NAMES = [f"v{i}" for i in range(12)]
WANTED = Wanted(positive=9, negative=5, bins=3, least=0.1, most=0.7)


def table(seed, none=0.3):
    rng = np.random.default_rng(seed)
    found = rng.random((12, 12))
    nothing = rng.random((12, 12)) < none
    found[nothing | nothing.T] = 0
    np.fill_diagonal(found, 1)
    return found


@given(st.integers(0, 10_000))
def test_pairs_are_within_the_bounds_and_none_comes_twice(seed):
    overlaps = table(seed)
    bins = [((overlaps > low) & (overlaps <= low + 0.2)).sum() for low in (0.1, 0.3, 0.5)]
    assume(min(bins) >= 6)
    pairs = drawn_pairs(NAMES, overlaps, WANTED, np.random.default_rng(seed))
    assert len({(pair.a, pair.b) for pair in pairs}) == len(pairs)
    for pair in pairs:
        i, j = NAMES.index(pair.a), NAMES.index(pair.b)
        assert i != j
        assert pair.overlap == overlaps[i, j]
        assert pair.overlap == overlaps[j, i] == 0 if pair.overlap == 0 else 0.1 < pair.overlap <= 0.7
    positive = [pair for pair in pairs if pair.overlap]
    assert len(positive) == 9
    for low in (0.1, 0.3, 0.5):
        assert sum(low < pair.overlap <= low + 0.2 for pair in positive) == 3
    assert len(pairs) - 9 == 5


def test_thin_bins_are_left_out_and_the_others_share_their_part():
    overlaps = np.zeros((12, 12))
    overlaps[0, 1:6] = 0.2  # 5 pairs: fewer than twice 3
    overlaps[1:3, 3:9] = 0.4
    overlaps[4:6, 6:12] = 0.6
    pairs = [pair for pair in drawn_pairs(NAMES, overlaps, WANTED, np.random.default_rng(0)) if pair.overlap]
    assert sorted(pair.overlap for pair in pairs) == [0.4] * 4 + [0.6] * 4


def test_a_small_scene_gives_what_it_has():
    overlaps = np.zeros((3, 3))
    overlaps[0, 1] = 0.5
    pairs = drawn_pairs(NAMES[:3], overlaps, WANTED, np.random.default_rng(0))
    assert [(pair.a, pair.b) for pair in pairs if pair.overlap] == [("v0", "v1")]
    assert drawn_pairs([], np.zeros((0, 0)), WANTED, np.random.default_rng(0)) == []


def test_a_pair_shares_nothing_only_if_neither_shows_the_other():
    overlaps = np.array([[1, 0, 0], [0.05, 1, 0], [0, 0, 1.0]])
    pairs = drawn_pairs(NAMES[:3], overlaps, Wanted(0, 100), np.random.default_rng(0))
    assert {(pair.a, pair.b) for pair in pairs} == {("v0", "v2"), ("v2", "v0"), ("v1", "v2"), ("v2", "v1")}


def test_pairs_across_scenes_are_of_two_scenes():
    scenes = {"x": ["x1", "x2"], "y": ["y1"], "z": ["z1", "z2"]}
    pairs = across(scenes, 50, np.random.default_rng(0))
    assert len(pairs) == 50
    assert all(pair.a[0] != pair.b[0] and pair.overlap == 0 for pair in pairs)
    assert across({"x": ["x1", "x2"]}, 5, np.random.default_rng(0)) == []


def test_no_scene_is_learned_from_and_validated_on():
    learned, judged = split([f"s{i:02}" for i in range(30)], None, None)
    assert len(judged) == 3
    assert not set(learned) & set(judged)
    assert sorted([*learned, *judged]) == [f"s{i:02}" for i in range(30)]
    assert split(["a", "b", "c"], None, ["b"]) == (["a", "c"], ["b"])
    assert split(["a", "b", "c"], ["c"], ["b"]) == (["c"], ["b"])
    with pytest.raises(UsageError, match="'b' is both"):
        split(["a", "b"], ["b"], ["b"])
    with pytest.raises(InputError, match="no scene 'd'"):
        split(["a", "b"], ["d"], None)


def test_one_scene_alone_is_not_validated_on():
    assert split(["a"], None, None) == (["a"], [])


def test_scenes_that_papers_test_on_are_named(caplog):
    warn_of_tests(["0001", "0022", "0015"])
    assert "scenes 0015 and 0022 of MegaDepth" in caplog.text
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        warn_of_tests(["0001"])
    assert not caplog.text
