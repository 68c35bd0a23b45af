"""The error to expect grows with every doubt, and is no number where there is nothing to tell it from."""

import numpy as np
import pytest

from dinosar.transfer.precision import LEAST, expected_error

DOUBTS = {"spread": 8.0, "scatter": 6.0, "apart": 5.0}


def expected(**changes):
    return float(expected_error(*(np.array([value]) for value in (DOUBTS | changes).values()))[0])


@pytest.mark.parametrize("doubt", list(DOUBTS))
def test_each_doubt_raises_it(doubt):
    values = [expected(**{doubt: d}) for d in (4.0, 8.0, 20.0, 40.0)]
    assert all(np.diff(values) > 0)


def test_it_is_units_of_the_size_that_was_measured():
    assert 1 < expected() < 10


def test_without_matches_around_there_is_none():
    assert np.isnan(expected(scatter=np.nan))


def test_it_is_never_less_than_what_was_measured():
    assert expected(spread=0.0, scatter=0.0, apart=0.0) == LEAST
