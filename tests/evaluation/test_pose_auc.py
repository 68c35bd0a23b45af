"""The area under the curve of recall, held against an independent integral."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dinosar.evaluation.pose_auc import pose_auc, recall_curve

ERRORS = st.lists(st.one_of(st.floats(0, 60), st.just(np.inf)), min_size=1, max_size=40)


def area(errors, most, steps=200_001):
    """The curve by interpolation, flat from the last error below the end, summed in small steps."""
    finite = np.sort([each for each in errors if each < most])
    x = np.concatenate([[0], finite, [most]])
    y = np.concatenate([np.arange(len(finite) + 1), [len(finite)]]) / len(errors)
    at = (np.arange(steps) + 0.5) * most / steps
    right = np.searchsorted(x, at, side="right").clip(1, len(x) - 1)
    width = np.maximum(x[right] - x[right - 1], 1e-300)
    share = np.clip((at - x[right - 1]) / width, 0, 1)
    return float(np.mean(y[right - 1] + share * (y[right] - y[right - 1])))


@given(errors=ERRORS)
def test_it_is_the_integral_of_the_curve(errors):
    for most, found in zip((5.0, 10.0, 20.0), pose_auc(errors), strict=True):
        assert found == pytest.approx(area(errors, most), abs=2e-4)


@given(errors=ERRORS, moved=st.randoms())
def test_order_does_not_matter_and_it_is_a_share(errors, moved):
    shuffled = list(errors)
    moved.shuffle(shuffled)
    assert pose_auc(errors) == pose_auc(shuffled)
    assert all(0 <= each <= 1 for each in pose_auc(errors))


def test_known_values():
    assert pose_auc([0.0, 0.0]) == [1, 1, 1]
    assert pose_auc([np.inf] * 3) == [0, 0, 0]
    # One error of 5 degrees: nothing below 5; up to 10 a rise from 0 to 1 and then all of it.
    assert pose_auc([5.0]) == pytest.approx([0, (2.5 + 5) / 10, (2.5 + 15) / 20])
    assert pose_auc([1.0, np.inf], [4.0]) == pytest.approx([(0.25 + 3 * 0.5) / 4])


def test_a_pose_that_was_not_found_counts():
    assert pose_auc([1.0, np.inf])[0] < pose_auc([1.0])[0]


def test_no_pair_has_no_area_and_nan_is_refused():
    assert pose_auc([]) is None
    for wrong in (np.nan, -1.0):
        with pytest.raises(ValueError, match="number of degrees"):
            recall_curve([1.0, wrong])
