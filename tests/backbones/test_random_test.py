"""The untrained network is the same for the same seed, another for another, and says that it is untrained."""

import numpy as np
import pytest
import torch

from dinosar.backbones.random_test import RandomTest
from dinosar.config import Part
from dinosar.parts import build_backbone
from dinosar.testing import toy_photo

TINY = "vit_tiny_patch16_224"
IMAGE = np.ascontiguousarray(toy_photo(1, (96, 64)).pixels)


def network(seed=0):
    return RandomTest(RandomTest.Options(model=TINY, seed=seed))


@pytest.fixture(scope="module")
def backbone():
    """The network of seed 0."""
    return network()


@pytest.fixture(scope="module")
def encoding(backbone):
    """What it says about the image."""
    return backbone.encode(IMAGE)


def test_two_instances_of_one_seed_agree_to_the_bit(encoding):
    again = network().encode(IMAGE)
    assert np.array_equal(again.tokens, encoding.tokens)
    assert np.array_equal(again.summary, encoding.summary)


def test_another_seed_gives_other_tokens(encoding):
    assert not np.allclose(network(1).encode(IMAGE).tokens, encoding.tokens, atol=0.1)


def test_tokens_lie_on_the_rectangle_of_patches_and_differ_among_each_other(encoding):
    assert encoding.tokens.shape == (4, 6, 192)
    assert encoding.tokens.dtype == np.float32
    assert encoding.summary.shape == (192,)
    assert len(np.unique(encoding.tokens.reshape(24, -1), axis=0)) == 24


def test_a_token_depends_most_on_the_pixels_of_its_own_patch(backbone, encoding):
    changed = IMAGE.copy()
    changed[16:32, 48:64] = 255 - changed[16:32, 48:64]
    shift = np.linalg.norm(backbone.encode(changed).tokens - encoding.tokens, axis=-1)
    assert np.unravel_index(shift.argmax(), shift.shape) == (1, 3)


def test_the_random_numbers_of_the_program_around_are_left_as_they_were():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    network().encode(IMAGE)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_random_numbers_of_the_program_around_do_not_matter(encoding):
    torch.manual_seed(99)
    assert np.array_equal(network().encode(IMAGE).tokens, encoding.tokens)


def test_no_gradient_is_kept_and_dropout_is_off(backbone, encoding):
    assert np.array_equal(backbone.encode(IMAGE).tokens, encoding.tokens)
    assert not backbone.network.training
    assert all(weight.grad is None for weight in backbone.network.parameters())


def test_it_says_that_it_is_untrained_wherever_it_is_named():
    backbone = build_backbone(Part(use="random-test", model=TINY))
    assert RandomTest.__doc__.startswith("UNTRAINED")
    assert "untrained" in backbone.facts()["id"]
    assert backbone.facts()["model"] == TINY
    assert "untrained" in backbone.title
