"""Principal components agree with a singular value decomposition, with their sign fixed and one scale for both."""

from dataclasses import replace

import numpy as np
import pytest

from dinosar.components import joint_colours, joint_components
from dinosar.testing import toy_specimen

A, B = toy_specimen(1), toy_specimen(2)


def with_tokens(specimen, tokens):
    return replace(specimen, features=replace(specimen.features, tokens=tokens.astype(np.float32)))


@pytest.mark.parametrize("count", [1, 3, 12])
def test_coordinates_are_those_of_a_singular_value_decomposition_up_to_sign(count):
    together = np.concatenate([A.tokens, B.tokens]).astype(float)
    centred = together - together.mean(axis=0)
    axes = np.linalg.svd(centred, full_matrices=False)[2][:count]
    found = np.concatenate(joint_components(A, B, count))
    assert found.shape == (len(together), count)
    assert np.allclose(np.abs(found), np.abs(centred @ axes.T), atol=1e-9)
    assert (np.diff(found.var(axis=0)) <= 1e-12).all()


def test_the_sign_is_fixed_by_the_largest_entry_of_each_axis():
    together = np.concatenate([A.tokens, B.tokens]).astype(float)
    found = np.concatenate(joint_components(A, B))
    axes = np.linalg.lstsq(together - together.mean(axis=0), found, rcond=None)[0]
    assert (axes[np.abs(axes).argmax(axis=0), [0, 1, 2]] > 0).all()


def test_swapping_the_specimens_swaps_their_coordinates_and_colours():
    assert all(np.allclose(x, y) for x, y in zip(joint_components(A, B), joint_components(B, A)[::-1], strict=True))
    assert all(np.allclose(x, y) for x, y in zip(joint_colours(A, B), joint_colours(B, A)[::-1], strict=True))


def test_colours_lie_in_range_and_patches_that_do_not_count_are_white():
    for specimen, rgb in zip((A, B), joint_colours(A, B), strict=True):
        assert rgb.shape == (*specimen.patches.shape, 3)
        assert 0 <= rgb.min() <= rgb.max() <= 1
        assert (rgb[~specimen.patches] == 1).all()
        assert np.ptp(rgb[specimen.patches], axis=0).min() > 0.5


def test_a_colour_means_the_same_on_both():
    shared = A.features.tokens[A.patches][:5]
    tokens = B.features.tokens.copy()
    tokens.reshape(-1, tokens.shape[-1])[B.indices[:5]] = shared
    first, second = joint_colours(A, with_tokens(B, tokens))
    assert np.allclose(first[A.patches][:5], second[B.patches][:5], atol=1e-9)


def test_the_scale_runs_from_the_second_to_the_ninety_eighth_percentile_of_both():
    together = np.concatenate(joint_components(A, B))
    shades = np.concatenate([rgb[s.patches] for s, rgb in zip((A, B), joint_colours(A, B), strict=True)])
    low, high = np.percentile(together, (2, 98), axis=0)
    assert np.array_equal(shades == 0, together <= low)
    assert np.array_equal(shades == 1, together >= high)


@pytest.mark.parametrize("depth", [1, 2])
def test_tokens_of_fewer_than_three_numbers_leave_the_other_colours_dark(depth):
    pair = toy_specimen(1, depth), toy_specimen(2, depth)
    for specimen, rgb in zip(pair, joint_colours(*pair), strict=True):
        assert not rgb[specimen.patches][:, depth:].any()
        assert rgb[specimen.patches][:, :depth].any()


def test_equal_tokens_everywhere_give_one_colour():
    flat = [with_tokens(s, np.broadcast_to(A.features.tokens[:1, :1], s.features.tokens.shape)) for s in (A, B)]
    for specimen, rgb in zip(flat, joint_colours(*flat), strict=True):
        assert np.isfinite(rgb).all()
        assert np.ptp(rgb[specimen.patches], axis=0).max() < 1e-3
