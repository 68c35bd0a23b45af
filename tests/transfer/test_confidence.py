"""Confidence falls with every doubt, and the other landmarks are a witness."""

import numpy as np
import pytest
from drawn_sights import PLACES, movement

from dinosar.shape.fits import moved
from dinosar.transfer.confidence import BARE, ENOUGH, ON_BARE, Evidence, apart, right

GOOD = Evidence(np.array([3.0]), np.array([3.0]), np.array([5.0]), 0.2)


def test_a_landmark_that_all_evidence_speaks_for_is_nearly_certain_and_one_of_nothing_nearly_lost():
    assert right(GOOD)[0] > 0.99
    assert right(Evidence(np.array([300.0]), np.array([512.0]), np.array([200.0]), 0.0))[0] < 0.01


@pytest.mark.parametrize("doubt", ["cycle", "stray", "apart"])
def test_each_distance_lowers_it(doubt):
    values = [right(GOOD._replace(**{doubt: np.array([float(d)])}))[0] for d in (0, 10, 50, 200, 500)]
    assert all(np.diff(values) < 0)


def test_less_agreement_lowers_it():
    values = [right(GOOD._replace(agreement=a))[0] for a in (0.5, 0.1, 0.02, 0.005)]
    assert all(np.diff(values) < 0)
    assert right(GOOD._replace(agreement=0.0)) == right(GOOD._replace(agreement=0.005))


def test_where_there_are_too_few_others_the_matches_stand_in_for_them():
    alone = GOOD._replace(apart=np.array([np.nan]))
    assert right(alone) == right(GOOD._replace(apart=GOOD.stray))
    assert np.isnan(apart(PLACES[: ENOUGH - 1], PLACES[: ENOUGH - 1])).all()


def test_a_misplaced_landmark_stands_apart_from_the_others():
    found = moved(movement(20, 1.2), PLACES)
    np.testing.assert_allclose(apart(PLACES, found), 0, atol=1e-6)
    found[3] += [80, 0]
    miss = apart(PLACES, found)
    assert miss.argmax() == 3
    assert miss[3] == pytest.approx(80, rel=0.01)


def test_on_bare_ground_nothing_makes_it_sure():
    near, far = (right(GOOD._replace(beyond=np.array([b])))[0] for b in (BARE, BARE + 0.1))
    assert near == right(GOOD)[0]
    assert far == ON_BARE
    hopeless = Evidence(np.array([300.0]), np.array([512.0]), np.array([200.0]), 0.0)
    assert right(hopeless._replace(beyond=np.array([99.0]))) == right(hopeless)
