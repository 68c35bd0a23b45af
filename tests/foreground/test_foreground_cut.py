"""The threshold is that of scikit-image and of trying all of them; gaps are closed, crumbs go."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.filters import threshold_otsu
from skimage.measure import label

from dinosar.foreground.cut import explained, otsu, tidied

often = settings(max_examples=60, deadline=None, derandomize=True)
numbers = st.lists(st.integers(-6, 6), min_size=1, max_size=25)


@given(numbers)
@often
def test_no_threshold_explains_more(values):
    values = np.array(values, dtype=float) / 3
    level, share = otsu(values)
    among = np.unique(values)
    tried = [explained(values, (low + high) / 2) for low, high in zip(among, among[1:], strict=False)]
    assert share == pytest.approx(max(tried, default=0))
    assert explained(values, level) == pytest.approx(share)


@given(st.integers(0, 10**6), st.floats(0.1, 0.9), st.floats(3.5, 8))
@often
def test_two_humps_are_cut_where_scikit_image_cuts_them(seed, part, apart):
    random = np.random.default_rng(seed)
    values = random.standard_normal(900) + apart * (random.random(900) < part)
    level, share = otsu(values)
    theirs = threshold_otsu(values, nbins=2**16)
    assert share >= explained(values, theirs) - 1e-12
    assert explained(values, theirs) == pytest.approx(share, abs=2e-3)
    assert ((values > level) != (values > theirs)).mean() < 0.02


@pytest.mark.parametrize("values", [[0.3], [0.3] * 9, [0.1] * 3])  # of which the mean is not quite 0.1
def test_where_all_is_the_same_nothing_is_explained(values):
    assert otsu(np.array(values)) == (values[0], 0.0)


def test_an_even_ramp_and_a_hump_of_noise_explain_what_is_said_of_them():
    assert otsu(np.linspace(0, 1, 2001))[1] == pytest.approx(0.75, abs=1e-3)
    assert otsu(np.random.default_rng(0).standard_normal(200_000))[1] == pytest.approx(2 / np.pi, abs=5e-3)


@given(st.integers(0, 10**6), st.floats(0.05, 0.9))
@often
def test_tidied_is_a_closing_without_small_pieces(seed, part):
    random = np.random.default_rng(seed)
    counted = random.random((19, 23)) < 0.9
    patches = counted & (random.random((19, 23)) < part)
    closed = counted & by_loops(by_loops(patches, np.any), np.all)
    pieces = label(closed, connectivity=2)
    large = [i for i in range(1, pieces.max() + 1) if (pieces == i).sum() >= 0.01 * counted.sum()]
    assert np.array_equal(tidied(patches, counted), np.isin(pieces, large))


def by_loops(patches, rule):
    """Any or all of the up to nine patches around each."""
    found = np.zeros_like(patches)
    for i, j in np.ndindex(patches.shape):
        found[i, j] = rule(patches[max(0, i - 1) : i + 2, max(0, j - 1) : j + 2])
    return found


def test_gaps_of_one_patch_close_and_crumbs_go_also_at_the_border():
    patches = np.zeros((20, 20), bool)
    patches[0:9, 0:9] = True
    patches[4, 4] = patches[0, 3] = False
    patches[15, 15] = patches[17, 3] = patches[18, 3] = True
    patches[12:14, 18:20] = True
    expected = np.zeros((20, 20), bool)
    expected[0:9, 0:9] = expected[12:14, 18:20] = True
    assert np.array_equal(tidied(patches, np.ones((20, 20), bool)), expected)


def test_tidying_nothing_leaves_nothing():
    assert not tidied(np.zeros((5, 6), bool), np.ones((5, 6), bool)).any()
