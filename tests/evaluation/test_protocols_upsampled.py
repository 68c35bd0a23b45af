"""The best pixel of an enlarged map, without the map: against PyTorch's, which is made in full."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from dinosar.evaluation.protocols.upsampled import axis, best_pixels


def enlarged(tokens, size):
    """The full map (height, width, depth)."""
    planes = torch.from_numpy(tokens).double().permute(2, 0, 1)[None]
    return F.interpolate(planes, size=size[::-1], mode="bilinear", align_corners=False)[0].permute(1, 2, 0).numpy()


def similarities(vectors, tokens, size):
    """Cosines (k, height * width) from the full map."""
    full = enlarged(tokens, size).reshape(-1, tokens.shape[-1])
    full, vectors = (each / np.linalg.norm(each, axis=1, keepdims=True) for each in (full, vectors))
    return vectors @ full.T


def flat(found, size):
    return (found[:, 1] * size[0] + found[:, 0]).astype(int)


@settings(deadline=None)
@given(
    st.integers(0, 2**32), st.tuples(st.integers(1, 7), st.integers(1, 7)), st.integers(2, 6),
    st.tuples(st.integers(1, 40), st.integers(1, 40)), st.integers(1, 500),
)  # fmt: skip
def test_the_pixel_is_the_one_that_the_full_map_gives(seed, cells, depth, size, at_once):
    random = np.random.default_rng(seed)
    tokens, vectors = random.normal(size=(*cells, depth)), random.normal(size=(3, depth))
    cosine = similarities(vectors, tokens, size)
    found = best_pixels(vectors, tokens, size, at_once)
    index = flat(found, size)
    first = (cosine >= cosine.max(axis=1, keepdims=True) - 1e-10).argmax(axis=1)
    assert np.allclose(cosine[np.arange(3), index], cosine.max(axis=1), rtol=0, atol=1e-11)
    assert (index <= np.maximum(first, cosine.argmax(axis=1))).all()
    assert (found == best_pixels(vectors, tokens, size)).all()


def test_tokens_of_half_precision_and_a_larger_map():
    random = np.random.default_rng(1)
    tokens = random.normal(size=(12, 15, 32)).astype(np.float16).astype(np.float32)
    vectors = random.normal(size=(20, 32))
    cosine = similarities(vectors, tokens, (211, 160))
    assert (flat(best_pixels(vectors, tokens, (211, 160)), (211, 160)) == cosine.argmax(axis=1)).all()


def test_longer_tokens_count_for_more_as_in_the_original():
    tokens = np.array([[[1.0, 0], [0, 9.0]]])
    vector = np.array([[1.0, 1.0]])
    cosine = similarities(vector, tokens, (100, 1))
    found = best_pixels(vector, tokens, (100, 1))
    assert found[0, 0] == cosine.argmax()
    assert found[0, 0] < 35  # a tenth of the way from the first token, for the second is nine times as long


def test_of_equal_pixels_the_first_answers_whatever_the_blocks():
    tokens = np.tile(np.array([0.3, -0.2, 0.7]), (5, 6, 1))
    for at_once in (1, 7, 100, 10**6):
        assert best_pixels(np.array([[0.1, 0.5, 0.2]]), tokens, (33, 29), at_once).tolist() == [[0, 0]]
    tokens[3, 4] = [0.1, 0.5, 0.2]
    best = [best_pixels(np.array([[0.1, 0.5, 0.2]]), tokens, (12, 10), n).tolist() for n in (1, 30, 10**6)]
    assert best[0] == best[1] == best[2]


def test_on_a_plain_map_rounding_does_not_choose_a_block():
    random = np.random.default_rng(7)
    for _ in range(20):
        tokens, vectors = np.tile(random.normal(size=5), (6, 5, 1)), random.normal(size=(4, 5))
        assert not best_pixels(vectors, tokens, (23, 31), 40).any()


def test_zeros_ask_nobody_and_answer_nobody():
    tokens = np.zeros((3, 3, 2))
    assert np.isnan(best_pixels(np.ones((2, 2)), tokens, (9, 9))).all()
    tokens[2, 2] = [-1, 0]
    found = best_pixels(np.array([[1.0, 0], [0, 0]]), tokens, (9, 9))
    assert (found[0] >= 5).all()  # worse than no answer could be, but the only one with a direction
    assert np.isnan(found[1]).all()


def test_between_opposites_there_is_a_pixel_without_direction():
    tokens = np.array([[[1.0, 0], [-1.0, 0]]])
    cosine = best_pixels(np.array([[-1.0, 1e-9]]), tokens, (5, 1))
    assert cosine[0, 0] == 3  # 2 is the middle, where nothing is left


def test_axes_lie_as_those_of_torch():
    for tokens, pixels in ((4, 13), (13, 4), (1, 5), (6, 6)):
        low, high, share = axis(tokens, pixels)
        line = np.arange(tokens, dtype=float) ** 2
        theirs = F.interpolate(torch.from_numpy(line)[None, None], size=pixels, mode="linear", align_corners=False)
        assert line[low] * (1 - share) + line[high] * share == pytest.approx(theirs[0, 0].numpy(), abs=1e-12)


def test_depth_in_another_order_is_the_same_question():
    random = np.random.default_rng(2)
    tokens, vectors, order = random.normal(size=(6, 7, 9)), random.normal(size=(5, 9)), random.permutation(9)
    there = best_pixels(vectors, tokens, (40, 30))
    assert (best_pixels(vectors[:, order], tokens[..., order], (40, 30)) == there).all()


def test_a_map_turned_over_gives_the_answer_turned_over():
    random = np.random.default_rng(3)
    tokens, vectors = random.normal(size=(6, 7, 9)), random.normal(size=(8, 9))
    there = best_pixels(vectors, tokens, (35, 30))
    assert (best_pixels(vectors, np.swapaxes(tokens, 0, 1), (30, 35)) == there[:, ::-1]).all()
    inner = ((there > 3) & (there < [31, 26])).all(axis=1)  # equal pixels at the edge: the first differs when turned
    assert inner.sum() >= 4
    mirrored = best_pixels(vectors, tokens[:, ::-1], (35, 30))
    assert (mirrored[inner] == [34, 0] + there[inner] * [-1, 1]).all()
