"""Descriptors of SIFT on patches: where they lie, what they are, and that they find what was moved."""

import cv2
import numpy as np
import pytest

from dinosar.backbones.sift import sift_tokens
from dinosar.evaluation.protocols import Side, find, protocol


def texture(size=(280, 280), seed=0):
    """Blurred noise in colour: everywhere something else."""
    noise = np.random.default_rng(seed).normal(size=(size[1], size[0], 3))
    blurred = cv2.GaussianBlur(noise, (0, 0), 4)
    return np.clip(128 + 60 * blurred / blurred.std(), 0, 255).astype(np.uint8)


def test_tokens_are_unit_vectors_on_the_grid():
    tokens = sift_tokens(texture((140, 84)), 14)
    assert tokens.shape == (6, 10, 128)
    assert tokens.dtype == np.float32
    assert np.linalg.norm(tokens, axis=-1) == pytest.approx(np.ones((6, 10)), abs=1e-6)
    assert (tokens >= 0).all()


def test_a_token_is_that_of_a_keypoint_at_the_centre_of_its_patch_alone():
    image = texture((140, 84))
    tokens = sift_tokens(image, 14)
    for row, column in ((0, 0), (2, 7), (5, 9), (3, 1)):
        spot = [cv2.KeyPoint(14 * column + 6.5, 14 * row + 6.5, 14 * 2 / 1.5, 0)]
        alone = cv2.SIFT_create().compute(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), spot)[1][0].astype(float)
        expected = np.sqrt(alone / alone.sum())
        assert tokens[row, column] == pytest.approx(expected, abs=1e-6)


def test_four_bins_are_eight_patches_wide():
    """A step of brightness is seen at four patches from the centre and a bit, and not further away."""
    image = np.full((420, 420, 3), 90, dtype=np.uint8)
    image[:, 210:] = 160
    seen = sift_tokens(image, 14).any(axis=(0, 2))
    # Patch 15 begins at the step, with its centre half a patch away; bins fade out over half a bin beyond the four.
    assert np.flatnonzero(seen).tolist() == list(range(10, 20))


def test_an_upright_edge_and_a_lying_one_differ():
    image = np.full((140, 140, 3), 90, dtype=np.uint8)
    image[:, 70:] = 160
    one, other = sift_tokens(image, 14)[5, 5], sift_tokens(np.swapaxes(image, 0, 1), 14)[5, 5]
    assert one @ other < 0.2


@pytest.mark.parametrize("name", ["sd_dino", "dift", "probe3d"])
def test_plain_patches_are_zeros_that_neither_ask_nor_answer(name):
    pixels = np.full((280, 280, 3), 90, dtype=np.uint8)
    assert not sift_tokens(pixels, 14).any()
    pixels[:140, :140] = texture((140, 140))
    shown = protocol(name).shown(pixels, 14, 280)
    side = Side(shown, sift_tokens(shown.image, 14))
    assert not side.tokens[-2:, -2:].any()
    found = find(protocol(name), "nearest", side, side, np.array([[270.5, 270.5], [60.5, 60.5]]))
    assert np.isnan(found[0]).all()
    assert (found[1] < 150).all()


@pytest.mark.parametrize("name", ["sd_dino", "dift", "probe3d"])
def test_what_was_moved_is_found_where_it_went(name):
    whole = texture((336, 336), 3)
    shown = [
        protocol(name).shown(whole[top : top + 280, left : left + 280], 14, 280) for top, left in ((0, 0), (28, 42))
    ]
    a, b = (Side(each, sift_tokens(each.image, 14)) for each in shown)
    points = np.random.default_rng(4).uniform(110, 190, size=(20, 2))
    found = find(protocol(name), "nearest", a, b, points)
    expected = points - [42, 28]
    allowed = {"sd_dino": 8, "dift": 1, "probe3d": 22}[name]
    assert np.abs(found - expected).max() <= allowed


def test_more_light_is_the_same_and_a_negative_is_not():
    image = texture()
    plain, lighter = sift_tokens(image, 14), sift_tokens((image * 0.8 + 30).astype(np.uint8), 14)
    assert (plain * lighter).sum(axis=-1).mean() > 0.98
    slope = np.broadcast_to(np.arange(140, dtype=np.uint8)[None, :, None], (140, 140, 3))
    one, other = sift_tokens(slope, 14), sift_tokens(140 - slope, 14)
    assert (one * other).sum(axis=-1).max() < 0.1
