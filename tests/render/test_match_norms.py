"""Lengths of tokens lie on one scale for both photos; what is not known is said and not drawn."""

from dataclasses import replace

import numpy as np
import pytest
from drawn_frames import words_of
from drawn_matches import matched_of, scene_of, specimen_of

from dinosar.render.match_norms import UNKNOWN, norms_picture

A, B = specimen_of(1), specimen_of(2)


def with_lengths(specimen, lengths):
    return replace(specimen, features=replace(specimen.features, lengths=lengths))


def test_both_photos_share_one_scale_from_the_least_to_the_greatest(sheets):
    longer = with_lengths(B, B.features.lengths * 3)
    norms_picture(scene_of(matched_of(A, longer)))
    both = np.concatenate([A.features.lengths, longer.features.lengths])
    for axes, specimen in zip(sheets[0].panels, (A, longer), strict=True):
        assert np.allclose(axes.images[-1].get_array(), specimen.features.lengths)
        assert axes.images[-1].get_clim() == pytest.approx((both.min(), both.max()))
    assert "length of a token" in words_of(sheets[0])


def test_a_token_without_direction_is_bare_and_stretches_no_scale(sheets):
    tokens, lengths = A.features.tokens.copy(), A.features.lengths.copy()
    tokens[0, 0], lengths[0, 0] = 0, 0
    bare = replace(A, features=replace(A.features, tokens=tokens, lengths=lengths))
    norms_picture(scene_of(matched_of(bare, B)))
    image = sheets[0].panels[0].images[-1]
    assert image.get_array().mask[0, 0]
    assert image.get_array().mask.sum() == 1
    assert image.get_clim()[0] > 15


def test_lengths_that_nobody_kept_are_said_to_be_unknown(sheets):
    norms_picture(scene_of(matched_of(with_lengths(A, None), B)))
    assert words_of(sheets[0]).count(UNKNOWN) == 1
    norms_picture(scene_of(matched_of(with_lengths(A, None), with_lengths(B, None))))
    assert words_of(sheets[1]).count(UNKNOWN) == 2
    assert len(sheets[1].figure.axes) == 2


def test_lengths_that_differ_by_rounding_are_no_pattern(sheets):
    noise = 1 + 1e-7 * np.random.default_rng(0).random(A.patches.shape)
    norms_picture(scene_of(matched_of(*(with_lengths(each, noise.astype(np.float32)) for each in (A, B)))))
    assert words_of(sheets[0]).count("no pattern: all tokens are 1 long") == 2
    assert len(sheets[0].figure.axes) == 2
