"""Slips of a person's hand are found and named; sound sets are left in peace."""

import numpy as np
import pytest
from landmark_sets import somewhere, specimens

from dinosar.shape.fits import fit_movement, moved
from dinosar.shape.suspicion import suspicions

BODY = np.array([[0, 0], [40, 3], [95, -6], [70, 30], [20, 34], [-25, 12], [52, -28], [10, -19]], dtype=float)


def sound(count=6, noise=1.0, seed=0, body=BODY):
    random = np.random.default_rng(seed)
    return np.array([somewhere(body + noise * random.normal(size=body.shape), random) for _ in range(count)])


def damaged(kind, made, which):
    """One configuration as somebody might have got it wrong."""
    wrong = made.copy()
    if kind == "exchanged":
        wrong[which, [1, 5]] = made[which, [5, 1]]
    if kind == "reversed":
        wrong[which] = made[which, ::-1]
    if kind == "shifted":
        wrong[which] = np.roll(made[which], 3, axis=0)
    if kind == "mirrored":
        wrong[which] = made[which] * [-1, 1]
    if kind == "outlier":
        wrong[which, 4] += np.ptp(made[which], axis=0).max() * np.array([0.3, 0.4])
    return wrong


NAMED = {"exchanged": (1, 5), "reversed": (), "shifted": (3,), "mirrored": (), "outlier": (4,)}


@pytest.mark.parametrize("count", [2, 3, 6, 25])
@pytest.mark.parametrize("noise", [0.0, 0.2, 1.0, 3.0])
def test_sound_sets_are_not_suspected(count, noise):
    assert suspicions(sound(count, noise)) == []
    assert suspicions(sound(count, noise)[:1]) == []


@pytest.mark.parametrize("kind", list(NAMED))
@pytest.mark.parametrize("count", [4, 6, 25])
@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_one_slip_is_found_and_named(kind, count, noise):
    (found,) = suspicions(damaged(kind, sound(count, noise), 2))
    assert (found.index, found.kind, found.landmarks) == (2, kind, NAMED[kind])
    assert found.before > 2 * found.after


@pytest.mark.parametrize("kind", ["exchanged", "mirrored", "outlier"])
def test_the_distances_are_those_to_the_consensus_of_the_others(kind):
    made = damaged(kind, sound(5, 0.0), 2)
    (found,) = suspicions(made)
    goal, own = made[0], made[2]  # without noise any other is the consensus
    apart = moved(fit_movement("similarity", own, goal), own) - goal
    spread = np.sqrt(((goal - goal.mean(axis=0)) ** 2).sum())
    assert found.before == pytest.approx(np.sqrt((apart**2).sum()) / spread, rel=1e-6)
    assert found.after < 1e-6


def test_several_slips_in_several_configurations_are_all_found():
    made = sound(12)
    for which, kind in ((1, "exchanged"), (4, "mirrored"), (9, "outlier")):
        made = damaged(kind, made, which)
    assert [(each.index, each.kind) for each in suspicions(made)] == [(1, "exchanged"), (4, "mirrored"), (9, "outlier")]


def test_two_outliers_of_one_configuration_are_both_found():
    made = damaged("outlier", sound(8), 3)
    made[3, 2] -= np.ptp(made[3], axis=0).max() * np.array([0.4, 0.0])
    assert {each.landmarks for each in suspicions(made) if each.index == 3} == {(4,), (2,)}


def test_missing_landmarks_neither_hide_nor_feign_a_slip():
    made = sound(8)
    made[0, 2] = made[1, [3, 6]] = made[5, 7] = np.nan
    assert suspicions(made) == []
    (found,) = suspicions(damaged("exchanged", made, 5))
    assert (found.index, found.kind, found.landmarks) == (5, "exchanged", (1, 5))
    made[:, 3] = np.nan
    assert suspicions(made) == []


def test_of_two_both_are_named():
    assert [each.index for each in suspicions(damaged("exchanged", sound(2, 0.2), 1))] == [0, 1]


def test_a_larger_factor_asks_for_more():
    made = damaged("exchanged", sound(6, 3.0), 2)
    (found,) = suspicions(made)
    ratio = found.before / found.after
    assert suspicions(made, factor=ratio * 0.99)[0].kind == "exchanged"
    assert all(each.kind == "outlier" for each in suspicions(made, factor=ratio * 1.01))


def test_noise_alone_is_rarely_suspected():
    random = np.random.default_rng(1)
    found = [suspicions(specimens(random, 8, 10, 0.15)) for _ in range(40)]
    assert sum(map(bool, found)) <= 1


def test_two_landmarks_say_nothing():
    assert suspicions(sound(5)[:, :2]) == []
