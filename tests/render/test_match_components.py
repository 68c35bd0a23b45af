"""Colours of both foregrounds come from one fit and one scale, and lie on the patches they belong to."""

from dataclasses import replace

import numpy as np
import pytest
from drawn_frames import words_of
from drawn_matches import colour_at, matched_of, scene_of, specimen_of

from dinosar.render.match_components import joint_picture, shared_colours

A, B = specimen_of(1), specimen_of(2)


def by_svd(a, b):
    """Scores of all foreground tokens on the first three principal axes, up to their signs, and shares of variance."""
    tokens = np.concatenate([a.tokens, b.tokens]).astype(float)
    left, sizes, _ = np.linalg.svd(tokens - tokens.mean(axis=0), full_matrices=False)
    return left[:, :3] * sizes[:3], (sizes**2 / (sizes**2).sum())[:3]


def test_colours_are_the_scores_between_percentiles_of_both_together():
    found, (scores, shares) = shared_colours(A, B), by_svd(A, B)
    together = np.concatenate([found.a, found.b])
    assert np.allclose(found.shares, shares)
    for channel in range(3):
        low, high = np.percentile(scores[:, channel], (1, 99))
        expected = np.clip((scores[:, channel] - low) / (high - low), 0, 1)
        assert min(np.abs(together[:, channel] - each).max() for each in (expected, 1 - expected)) < 1e-6


def test_the_same_token_has_the_same_colour_on_both():
    tokens = B.features.tokens.copy()
    tokens.reshape(-1, tokens.shape[-1])[B.indices[:5]] = A.tokens[:5]
    other = replace(B, features=replace(B.features, tokens=tokens))
    found = shared_colours(A, other)
    assert np.array_equal(found.a[:5], found.b[:5])


def test_exchanging_the_photos_exchanges_the_colours():
    there, back = shared_colours(A, B), shared_colours(B, A)
    assert np.allclose(there.a, back.b)
    assert np.allclose(there.b, back.a)


def test_where_all_tokens_are_the_same_there_is_no_pattern(sheets):
    flat = [replace(each, features=replace(each.features, tokens=np.full_like(each.features.tokens, 0.5)))
            for each in (A, B)]  # fmt: skip
    found = shared_colours(*flat)
    assert (found.a == 0.5).all()
    assert not found.shares.any()
    joint_picture(scene_of(matched_of(*flat)))
    assert words_of(sheets[0]).count("no pattern: all tokens are the same") == 2
    assert "red: component 1, none" in words_of(sheets[0])


@pytest.mark.parametrize("size", [(240, 160), (100, 240)])
def test_patches_are_painted_in_their_colours_and_others_are_not(size, sheets):
    a, b = specimen_of(1, size), specimen_of(2)
    data = joint_picture(scene_of(matched_of(a, b), dpi=100))
    found = shared_colours(a, b)
    for axes, specimen, colours in zip(sheets[0].panels, (a, b), (found.a, found.b), strict=True):
        for place, colour in zip(specimen.places[::7], colours[::7], strict=True):
            assert np.allclose(colour_at(data, sheets[0], axes, place), colour, atol=0.01)
        shown = axes.images[-1].get_array()[..., 3]
        assert np.array_equal(shown > 0, specimen.patches)
