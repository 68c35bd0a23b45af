"""Landmarks the features propose: mutual, verified, spread."""

import contextlib
import itertools

import numpy as np
import pytest
from drawn import drawn, turning
from hypothesis import given
from hypothesis import strategies as st

from dinosar.config import HomologyConfig
from dinosar.errors import InputError
from dinosar.homology.proposed import APART, _check_chance, misses, propose, spread_out
from dinosar.matchers.mutual import Mutual
from dinosar.shape.fits import fit_movement, moved

PROPOSER = Mutual(Mutual.Options(verify="affine", tolerance=3.0, top=10_000))


@given(st.integers(0, 2**31), st.integers(1, 60), st.integers(6, 30))
def test_proposals_keep_their_distance_and_none_is_left_out_that_would(seed, count, most):
    random = np.random.default_rng(seed)
    a, b, distance = random.uniform(0, 12, (count, 2)), random.uniform(0, 12, (count, 2)), random.random(count)
    chosen = spread_out(a, b, distance, most)
    assert len(set(chosen.tolist())) == len(chosen) <= most
    assert chosen[0] == distance.argmin()

    def gap(i, others):
        return min(min(np.hypot(*(side[i] - side[j])) for side in (a, b)) for j in others)

    for place, i in enumerate(chosen[1:], 1):
        best = max(gap(j, chosen[:place]) for j in range(count))
        assert gap(i, chosen[:place]) == pytest.approx(best)
        assert best >= APART
    if len(chosen) < most:
        assert max((gap(j, chosen) for j in range(count)), default=0) < APART


def test_they_lie_where_the_truth_is():
    movement = turning(6, 0.95, (4, 3))
    a, b = drawn(name="a"), drawn(movement, name="b")
    left, right = propose(a, b, PROPOSER, HomologyConfig(proposals=15))
    assert len(left) == 15
    assert np.hypot(*(moved(movement, left) - right).T).max() < 24
    assert np.ptp(left, axis=0).min() > 60


def test_too_few_are_no_landmarks():
    nothing = Mutual(Mutual.Options(verify="affine", tolerance=0.001))
    with pytest.raises(InputError, match=r"the features propose \d landmarks, at least 6 are needed"):
        propose(drawn(), drawn(turning(20), difference=3.0), nothing, HomologyConfig())


def test_a_grid_cannot_hang_on_a_corner(monkeypatch):
    monkeypatch.setattr("dinosar.homology.proposed.APART", 0.5)
    a, b = drawn(name="a"), drawn(name="b")
    corner = np.zeros_like(a.patches)
    corner[5:8, 5:8] = True

    class Cornered(Mutual):
        def match(self, left, right):
            found = super().match(left, right)
            kept = corner.ravel()[found.asked] & corner.ravel()[found.answer]
            return type(found)(found.asked[kept], found.answer[kept], found.distance[kept])

    with pytest.raises(InputError, match=r"landmarks that the features propose lie in \d\.\d% of the box of a"):
        propose(a, b, Cornered(Mutual.Options(verify="none", top=10_000)), HomologyConfig())


def pairs_at_random(seed, count, right):
    """Places of pairs on a specimen of 14 x 14 patches, the first of which follow one movement."""
    random = np.random.default_rng(seed)
    a, b = random.uniform(0, 14, (count, 2)), random.uniform(0, 14, (count, 2))
    b[:right] = moved(turning(8, 0.9, (1, 1), (7, 7)), a[:right]) + random.normal(0, 0.5, (right, 2))
    return a, b


@pytest.mark.parametrize(
    ("count", "right", "refused"), [(30, 0, True), (12, 0, True), (14, 12, False), (40, 16, False)]
)
def test_what_chance_explains_is_not_proposed(count, right, refused):
    told = []
    for seed in range(40):
        a, b = pairs_at_random(seed, count, right)
        held = np.arange(right) if right else best_three_and_more(a, b)
        try:
            _check_chance(misses(a[held], b[held], a, b), len(held), 196)
            told.append(False)
        except InputError:
            told.append(True)
    assert np.mean(told) >= 0.9 if refused else np.mean(told) <= 0.1


def best_three_and_more(a, b):
    """What a robust fit makes of pairs at random: the largest set within 3 patches of a movement that three fix."""
    best = np.arange(3)
    for three in itertools.islice(itertools.combinations(range(len(a)), 3), 300):
        with contextlib.suppress(ValueError):
            movement = fit_movement("affine", a[list(three)], b[list(three)], mirror=True)
            held = np.flatnonzero(np.hypot(*(moved(movement, a) - b).T) <= 3)
            best = max(best, held, key=len)
    return best
