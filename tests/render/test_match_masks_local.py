"""The component of each photo alone, cut at zero, is what an independent computation says."""

from dataclasses import replace

import numpy as np
import pytest
from drawn_frames import words_of
from drawn_matches import matched_of, scene_of, specimen_of

from dinosar.render.match_masks_local import local_component, local_masks_picture, shared_with


def bare(specimen):
    """The same, with a patch that has no direction."""
    tokens = specimen.features.tokens.copy()
    tokens[0, 1] = 0
    return replace(specimen, features=replace(specimen.features, tokens=tokens))


def by_svd(specimen):
    tokens = specimen.features.flat[specimen.features.directed.ravel()].astype(float)
    left, sizes, _ = np.linalg.svd(tokens - tokens.mean(axis=0), full_matrices=False)
    return left[:, 0] * np.sqrt(len(tokens) - 1), sizes[0] ** 2 / (sizes**2).sum()


@pytest.mark.parametrize("size", [(240, 160), (230, 100), (90, 240)])
def test_scores_are_those_of_a_singular_value_decomposition(size):
    specimen = bare(specimen_of(1, size))
    known = specimen.features.directed
    found, (expected, share) = local_component(specimen), by_svd(specimen)
    scores = found.scores[known]
    assert min(np.abs(scores - sign * expected).max() for sign in (1, -1)) < 1e-6
    assert found.share == pytest.approx(share)
    assert np.isnan(found.scores[~known]).all()
    assert not found.above[~known].any()


@pytest.mark.parametrize("sign", [1, -1])
def test_the_end_of_the_foreground_is_above_zero_whatever_the_tokens_signs(sign):
    specimen = specimen_of(1)
    flipped = replace(specimen, features=replace(specimen.features, tokens=sign * specimen.features.tokens))
    scores = local_component(flipped).scores
    assert scores[specimen.patches].mean() > scores[~specimen.patches].mean()


def test_the_other_foreground_turns_the_component_round():
    specimen = specimen_of(1)
    other = replace(specimen, patches=~specimen.patches)
    assert np.allclose(local_component(other).scores, -local_component(specimen).scores)


def test_the_overlap_is_intersection_over_union():
    mask, other = np.array([1, 1, 1, 0, 0], bool), np.array([0, 1, 1, 1, 0], bool)
    assert shared_with(mask, other) == 0.5
    assert shared_with(mask & False, other & False) == 0


def test_the_words_hold_the_numbers_of_each_photo(sheets):
    scene = scene_of()
    local_masks_picture(scene)
    words = words_of(sheets[0])
    for letter, view in zip("AB", scene.views, strict=True):
        found = local_component(view.specimen)
        alike = shared_with(found.above, view.specimen.patches)
        assert (
            f"{letter}: {found.above.mean():.0%} of the patches lie above 0; IoU with the foreground {alike:.2f}"
            in words
        )
    assert words.count("foreground: ") == 2


def test_tokens_that_are_all_the_same_have_no_component(sheets):
    specimen = specimen_of(1)
    flat = replace(specimen, features=replace(specimen.features, tokens=np.full_like(specimen.features.tokens, 0.5)))
    assert np.isnan(local_component(flat).scores).all()
    local_masks_picture(scene_of(matched_of(flat, flat)))
    assert "A: no pattern" in words_of(sheets[0])
    assert len(sheets[0].figure.axes) == 4
