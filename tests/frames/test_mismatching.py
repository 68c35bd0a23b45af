"""Maps of mismatch: the golden matrix, and what must hold for every pair."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dinosar.backbones.classic import Classic
from dinosar.config import FrameImage
from dinosar.data import Features, Matches
from dinosar.errors import InputError
from dinosar.features import see, unit
from dinosar.frames.correspondence import _marked, correspond
from dinosar.frames.mismatching import FLAT, mismatch_between, normalised, on_grid
from dinosar.grid import Grid
from dinosar.images import photo_from_array

S = np.array([[1, 0, -1, 0.6], [0.8, 0.36, -0.8, 0.48], [0, 0.9, 0, 0.7], [0, 0.6, -0.1, 0.1]])
"""Similarities of four patches of A (rows) and of B (columns)."""


def features(tokens, columns=None):
    """Tokens (n, depth) as a row of patches, or as rows of so many columns."""
    tokens = np.asarray(tokens, dtype=np.float32)
    rows, columns = (1, len(tokens)) if columns is None else (len(tokens) // columns, columns)
    size = (columns * 8, rows * 8)
    return Features(unit(tokens).reshape(rows, columns, -1), Grid(size, (0, 0, *size), size, (0, 0, *size), 8), "toy")


@pytest.fixture
def golden():
    """The matches of the matrix, both ways, marked by the rule that maps are marked by."""
    there = Matches(np.arange(4), S.argmax(1), 1 - S.max(1))
    back = Matches(np.arange(4), S.argmax(0), 1 - S.max(0))
    four = features(np.eye(4))
    return _marked(there, back, four), _marked(back, there, four)


def test_the_golden_matrix_has_these_answers(golden):
    there, back = golden
    assert there.answer.tolist() == [0, 0, 1, 1]
    assert back.answer.tolist() == [0, 2, 2, 2]
    assert there.mutual.tolist() == [True, False, True, False]
    assert back.mutual.tolist() == [True, True, False, False]


@pytest.mark.parametrize(
    ("how", "boost", "of_a", "of_b"),
    [
        ("per-direction", 1.25, [0, 0.625, 0.25, 1.25], [0, 0.1, 1.25, 0.375]),
        ("none", 1.25, [0, 0.25, 0.1, 0.5], [0, 0.1, 1.25, 0.375]),
        ("global", 1.25, [0, 0.2, 0.08, 0.4], [0, 0.08, 1, 0.3]),
        ("global", 1.0, [0, 0.2, 0.1, 0.4], [0, 0.1, 1, 0.3]),
    ],
)
def test_the_golden_matrix_gives_the_maps_of_both_originals(golden, how, boost, of_a, of_b):
    a, b, scale = normalised(*golden, how, boost)
    assert np.allclose(a, of_a, atol=1e-12)
    assert np.allclose(b, of_b, atol=1e-12)
    assert not scale.flat


def test_similarities_given_as_tokens_are_found_again(golden):
    """Tokens whose products are the matrix: the whole way from features to maps."""
    left, spectrum, right = np.linalg.svd(S)
    scale = np.sqrt(spectrum)
    a, b = left * scale, right.T * scale
    # Each gets its own dimensions for what it lacks to a common length; so products stay and cosines are S / length².
    length = max((a**2).sum(1).max(), (b**2).sum(1).max())
    pad = [np.diag(np.sqrt(length - (each**2).sum(1))) for each in (a, b)]
    zero = np.zeros((4, 4))
    found = correspond(features(np.hstack([a, pad[0], zero])), features(np.hstack([b, zero, pad[1]])))
    for matches, wanted in zip(found, golden, strict=True):
        assert matches.answer.tolist() == wanted.answer.tolist()
        assert matches.mutual.tolist() == wanted.mutual.tolist()
        assert np.allclose(1 - matches.distance, (1 - wanted.distance) / length, atol=1e-6)


@pytest.mark.parametrize("how", ["global", "per-direction", "none"])
def test_identical_pictures_give_nothing_and_say_so(how):
    noise = np.random.default_rng(0).normal(size=(30, 7))
    found = mismatch_between(features(noise, 6), features(noise, 6), how)
    assert found.degenerate
    for each in (found.map_a, found.map_b, found.raw_a, found.raw_b):
        assert each.shape == (5, 6)
        assert (each == 0).all()
    assert found.back.mutual.all()


@pytest.mark.parametrize("how", ["global", "per-direction"])
def test_rounding_is_not_stretched_into_a_pattern(how):
    tokens = np.random.default_rng(0).normal(size=(30, 7))
    nearly = tokens + np.random.default_rng(1).normal(size=tokens.shape) * 1e-3
    found = mismatch_between(features(tokens), features(nearly), how)
    assert 0 < found.raw_b.max() < FLAT
    assert found.degenerate
    assert (found.map_b == 0).all()


def test_a_plain_ground_counts_as_mutual_whichever_patch_was_taken():
    """All patches of a sky are the same: who answers whom is chance, and no sign of a mismatch."""
    sky, house = np.tile([1.0, 0, 0], (20, 1)), np.array([[0, 1.0, 0], [0, 0.2, 1.0]])
    there, back = correspond(features(np.vstack([sky, house])), features(np.vstack([house, sky])))
    assert there.mutual.all()
    assert back.mutual.all()
    assert there.answer[:20].tolist() == [2] * 20


def test_equal_tokens_are_asked_about_once_and_answer_as_if_they_were_not():
    rng = np.random.default_rng(3)
    few = rng.normal(size=(6, 5))
    a, b = few[rng.integers(0, 6, 40)], np.vstack([few[rng.integers(0, 6, 30)], rng.normal(size=(10, 5))])
    left, right = features(a), features(b)
    there, _ = correspond(left, right)
    distance = 0.5 * ((left.flat.astype(float)[:, None] - right.flat.astype(float)[None]) ** 2).sum(-1)
    assert there.answer.tolist() == distance.argmin(1).tolist()
    assert np.allclose(there.distance, distance.min(1), atol=1e-15)


tokens = st.integers(0, 2**32 - 1).map(lambda seed: np.random.default_rng(seed).normal(size=(12, 4)))


@settings(max_examples=40, deadline=None)
@given(tokens, tokens, st.sampled_from(["global", "per-direction", "none"]), st.sampled_from([1.0, 1.25, 3.0]))
def test_exchanging_the_pictures_exchanges_the_maps(one, other, how, boost):
    a, b = features(one, 4), features(other, 4)
    found, turned = mismatch_between(a, b, how, boost), mismatch_between(b, a, how, boost)
    assert np.array_equal(found.map_a, turned.map_b)
    assert np.array_equal(found.map_b, turned.map_a)
    assert np.array_equal(found.raw_b, turned.raw_a)


@settings(max_examples=40, deadline=None)
@given(tokens, tokens, st.permutations(range(12)))
def test_the_order_of_patches_changes_their_places_alone(one, other, order):
    a = features(one)
    plain, shuffled = mismatch_between(a, features(other)), mismatch_between(a, features(other[list(order)]))
    assert np.array_equal(plain.raw_a, shuffled.raw_a)
    assert np.array_equal(plain.map_b[0, list(order)], shuffled.map_b[0])


@settings(max_examples=40, deadline=None)
@given(tokens, tokens)
def test_the_maps_are_those_of_a_full_matrix(one, other):
    """An independent way: every cosine, maxima along both axes, mutual where a pair is the best both ways."""
    found = mismatch_between(features(one), features(other))
    a, b = (each / np.linalg.norm(each, axis=1, keepdims=True) for each in (one, other))
    cosine = a @ b.T
    best = cosine.argmax(0)
    mutual = cosine.argmax(1)[best] == np.arange(12)
    raw = 1 - cosine.max(0)
    assert np.allclose(found.raw_b[0], raw, atol=1e-6)
    assert np.array_equal(found.back.mutual, mutual)
    of_a = (1 - cosine.max(1)) * np.where(best[cosine.argmax(1)] == np.arange(12), 1, 1.25)
    of_b = raw * np.where(mutual, 1, 1.25)
    low, high = min(of_a.min(), of_b.min()), max(of_a.max(), of_b.max())
    wanted = (of_b - low) / (high - low) if high - low > FLAT else 0
    assert np.allclose(found.map_b[0], wanted, atol=1e-5)


def test_a_boost_of_one_is_none():
    one, other = (features(np.random.default_rng(seed).normal(size=(12, 4))) for seed in (1, 2))
    found = mismatch_between(one, other, "none", 1.0)
    assert np.array_equal(found.map_b, found.raw_b)


def test_a_patch_without_direction_is_no_number():
    one = np.random.default_rng(0).normal(size=(6, 4))
    blind = one.copy()
    blind[2] = 0
    found = mismatch_between(features(one), features(blind))
    assert np.isnan(found.map_b[0]).tolist() == [i == 2 for i in range(6)]
    assert np.isnan(found.raw_b[0, 2])
    assert 2 not in found.there.answer
    with pytest.raises(InputError, match="nothing can be compared"):
        mismatch_between(features(one), features(np.zeros((6, 4))))


def test_features_of_two_backbones_are_not_mixed():
    other = features(np.eye(4))
    object.__setattr__(other, "backbone", "another")
    with pytest.raises(InputError, match="toy and another cannot be compared"):
        correspond(features(np.eye(4)), other)


def test_values_lie_where_their_patches_do():
    matches = Matches(np.array([1, 3]), np.array([0, 0]), np.array([0.5, 0.25]))
    found = on_grid(features(np.eye(4), 2), matches, matches.distance)
    assert np.isnan(found).tolist() == [[True, False], [True, False]]
    assert (found[0, 1], found[1, 1]) == (0.5, 0.25)


@pytest.mark.parametrize("box", [(40, 70, 90, 150), (100, 140, 10, 60)])
def test_noise_put_into_a_picture_is_found_where_it_was_put(box):
    """The mean of the map inside is at least three times that outside, with the built-in descriptor."""
    rng = np.random.default_rng(5)
    plain = cv2.GaussianBlur(rng.integers(0, 256, (180, 240, 3)).astype(np.uint8), (0, 0), 6)
    plain = np.clip((plain.astype(float) - 127) * 6 + 127, 0, 255).astype(np.uint8)
    top, bottom, left, right = box
    spoiled = plain.copy()
    spoiled[top:bottom, left:right] = rng.integers(0, 256, (bottom - top, right - left, 3))
    seen = [see(photo_from_array(each, "x"), Classic(), FrameImage()) for each in (plain, spoiled)]
    found = mismatch_between(*seen)
    across = cv2.resize(found.map_b, (240, 180), interpolation=cv2.INTER_LINEAR)
    inside = np.zeros((180, 240), bool)
    inside[top:bottom, left:right] = True
    assert across[inside].mean() >= 3 * across[~inside].mean()


@pytest.mark.parametrize("colours", [((0, 0, 0), (255, 255, 255)), ((200, 30, 30), (128, 128, 128))])
def test_two_plain_pictures_agree_on_all_their_patches(colours):
    """Their tokens differ by the rounding of half precision alone, so that whoever answers answers as well."""
    seen = [see(photo_from_array(np.full((96, 128, 3), each, np.uint8), "x"), Classic(), FrameImage(size=256))
            for each in colours]  # fmt: skip
    found = mismatch_between(*seen)
    assert found.back.mutual.mean() > 0.99
    assert found.raw_b.min() > 0.01
    assert found.degenerate
