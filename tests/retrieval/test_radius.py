"""The least cosine is that of patches in images that have nothing to do with each other."""

import numpy as np
import pytest
from vote_oracle import block, square

from dinosar.errors import InputError, UsageError
from dinosar.notices import collected
from dinosar.retrieval import radius
from dinosar.retrieval.blocks import Block
from dinosar.retrieval.radius import TooFewImages, auto_min_cosine, min_cosine_of, sample


def unrelated(count, seed=0, patches=100, depth=12):
    """Images whose patches are random directions."""
    random = np.random.default_rng(seed)
    return [block(f"image {i}", random.normal(size=(patches, depth))) for i in range(count)]


def in_plain_words(blocks):
    """The same by loops over all pairs."""
    rare = []
    for one in blocks:
        for other in blocks:
            if one is not other:
                best = [max(float(x @ y) for y in other.tokens) for x in one.tokens]
                rare.append(np.quantile(best, 0.99))
    return float(np.median(rare))


def test_with_few_images_it_is_that_of_all_pairs():
    blocks = unrelated(6, patches=40)
    assert auto_min_cosine(blocks) == pytest.approx(in_plain_words(blocks), abs=6e-4)


def test_one_patch_in_a_hundred_answers_in_an_unrelated_image():
    least = auto_min_cosine(unrelated(30))
    fresh = unrelated(12, seed=1)
    shares = [(x.tokens @ y.tokens.T).max(axis=1) > least for x in fresh for y in fresh if x is not y]
    assert 0.004 < np.mean(shares) < 0.025


def test_images_that_share_a_scene_hardly_move_it():
    random = np.random.default_rng(5)
    blocks = unrelated(40)
    halves = [np.concatenate([one.tokens[:50], blocks[i - i % 4].tokens[50:]]) for i, one in enumerate(blocks)]
    related = [
        block(one.name, half + random.normal(0, 1e-3, (100, 12))) for one, half in zip(blocks, halves, strict=True)
    ]
    assert auto_min_cosine(related) == pytest.approx(auto_min_cosine(blocks), abs=0.02)


def test_neither_the_order_nor_other_images_matter(monkeypatch):
    monkeypatch.setattr(radius, "IMAGES", 7)
    blocks = unrelated(20, patches=30)
    least = auto_min_cosine(blocks)
    assert auto_min_cosine(blocks[::-1]) == least
    chosen = [blocks[i] for i in sample([each.name for each in blocks])]
    assert len(chosen) == 7
    assert auto_min_cosine(chosen) == least
    assert auto_min_cosine([*chosen, *unrelated(1)]) != auto_min_cosine(unrelated(20, seed=9, patches=30))


def test_it_says_what_it_is():
    least = auto_min_cosine(unrelated(9))
    assert least.words == "of 100 patches 1 exceeds it in the median pair of 9 images"
    assert type(least.value) is float
    assert least.value == least == round(least, 3)


def test_images_without_patches_have_no_part_in_it():
    empty = Block("empty", np.zeros((0, 12), np.float32), np.zeros(0, np.int64), square(4))
    blocks = unrelated(6, patches=30)
    assert auto_min_cosine([*blocks, empty]) == auto_min_cosine(blocks)


def test_copies_leave_nothing_that_counts():
    copies = [block(f"copy {i}", np.eye(12)) for i in range(6)]
    assert auto_min_cosine(copies) == 1


def test_too_few_images_are_told():
    for few in ([], unrelated(1)):
        with pytest.raises(TooFewImages, match=r"fewer than two images.*--min-cosine") as raised:
            auto_min_cosine(few)
        assert raised.value.exit_code == InputError.exit_code
    with collected() as warnings:
        auto_min_cosine(unrelated(3))
    assert "from 3 images only" in warnings[0]
    with collected() as warnings:
        auto_min_cosine(unrelated(5))
    assert not warnings


def test_the_radius_of_the_original_is_a_distance():
    assert min_cosine_of(0.25) == 0.75
    for wrong in (-0.1, 2.1, float("nan")):
        with pytest.raises(UsageError, match="between 0 and 2"):
            min_cosine_of(wrong)
