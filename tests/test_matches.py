"""Both directions are asked, mutual matches are marked, and what a matcher must not say is refused."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dinosar.contracts import Matcher
from dinosar.data import Matches
from dinosar.errors import InputError, PluginError
from dinosar.matchers.similarity import Similarity
from dinosar.matches import both_ways, mark_mutual
from dinosar.testing import toy_specimen

A, B = toy_specimen(1), toy_specimen(2)


class Fixed(Matcher):
    """Answers every question with the patch it was given."""

    def __init__(self, asked, answer):
        super().__init__()
        self.name, self.asked, self.answer = "fixed", asked, answer

    def match(self, a, b):
        return Matches(np.array([self.asked]), np.array([self.answer]), np.array([0.5]))


def matches_of(pairs):
    asked, answer = np.array(pairs, int).reshape(-1, 2).T
    return Matches(asked, answer, np.zeros(len(pairs)))


def pairs_of(matches):
    return list(zip(matches.asked.tolist(), matches.answer.tolist(), strict=True))


def test_mutual_marks_are_those_found_pair_by_pair():
    forward, backward = both_ways(Similarity(), A, B)
    there, back = pairs_of(forward), [(a, b) for b, a in pairs_of(backward)]
    assert forward.mutual.tolist() == [pair in back for pair in there]
    assert backward.mutual.tolist() == [pair in there for pair in back]
    assert forward.mutual.sum() == backward.mutual.sum() > 0
    assert not forward.mutual.all()


ends = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=12)


@given(there=ends, back=ends)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_a_match_is_mutual_when_the_other_direction_holds_the_same_pair(there, back):
    marked = mark_mutual(matches_of(there), matches_of(back))
    assert marked.mutual.tolist() == [(b, a) in back for a, b in there]


def test_matching_a_specimen_with_itself_is_mutual_throughout():
    forward, backward = both_ways(Similarity(), A, A)
    assert forward.mutual.all()
    assert backward.mutual.all()
    assert np.array_equal(forward.asked, forward.answer)


def test_the_other_order_gives_the_same_two_directions():
    forward, backward = both_ways(Similarity(), A, B)
    swapped = both_ways(Similarity(), B, A)
    assert pairs_of(forward) == pairs_of(swapped[1])
    assert pairs_of(backward) == pairs_of(swapped[0])


COUNTED = int(np.flatnonzero(A.patches.ravel() & B.patches.ravel())[0])
MASKED_OUT = int(np.flatnonzero(~A.patches.ravel() & ~B.patches.ravel())[0])


@pytest.mark.parametrize(
    ("asked", "answer"),
    [ends for ends in product((COUNTED, MASKED_OUT, -1, A.patches.size), repeat=2) if ends != (COUNTED, COUNTED)],
)
def test_a_matcher_that_names_patches_that_do_not_count_is_refused(asked, answer):
    with pytest.raises(PluginError, match="matcher 'fixed' named patches of toy-[12] that are not specimen"):
        both_ways(Fixed(asked, answer), A, B)


def test_a_matcher_that_names_patches_that_count_is_accepted():
    forward, backward = both_ways(Fixed(COUNTED, COUNTED), A, B)
    assert pairs_of(forward) == pairs_of(backward) == [(COUNTED, COUNTED)]


OTHERS = {
    "another backbone": replace(B, features=replace(B.features, backbone="other")),
    "another depth": toy_specimen(2, depth=13),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_features_of_different_backbones_are_refused(other):
    with pytest.raises(InputError, match="features of toy and (other|toy) cannot be compared"):
        both_ways(Similarity(), A, other)
