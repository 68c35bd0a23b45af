"""Scores are those of a singular value decomposition, and a few long tokens make no axis of their own."""

import numpy as np
import pytest
from drawn_views import case

from dinosar.foreground import View
from dinosar.foreground.axis import hold, scores


def by_svd(views):
    together = np.concatenate([view.tokens[view.counted] for view in views])
    centred = together - together.mean(axis=0)
    values = centred @ np.linalg.svd(centred, full_matrices=False)[2][0]
    return values / values.std()


@pytest.mark.parametrize("count", [1, 2])
def test_scores_are_those_of_a_singular_value_decomposition(count):
    drawn = [
        case(seed, "misdirected")[0] for seed in range(2, 40) if case(seed, "misdirected")[0].tokens.shape[2] == 64
    ]
    views = [View(each.tokens, np.arange(each.counted.size).reshape(each.counted.shape) % 7 > 0) for each in drawn]
    found, views = scores(views[:count]), views[:count]
    assert all(np.isnan(each[~view.counted]).all() for each, view in zip(found, views, strict=True))
    flat = np.concatenate([each[view.counted] for each, view in zip(found, views, strict=True)])
    assert np.allclose(flat * np.sign(flat[0]), by_svd(views) * np.sign(by_svd(views)[0]), atol=1e-6)
    assert (flat.mean(), flat.var()) == pytest.approx((0, 1), abs=1e-9)


@pytest.mark.parametrize("shape", [(6, 6, 5), (1, 1, 3)])
def test_patches_that_are_all_alike_have_no_axis(shape):
    tokens = np.zeros(shape)
    tokens[..., 0] = 1
    assert scores([View(tokens, np.ones(shape[:2], bool))]) is None


def lengthy(factor):
    """Two clear sides, and on one of them a few patches far away from both whose tokens are long."""
    random = np.random.default_rng(5)
    tokens = 0.05 * random.standard_normal((20, 20, 16))
    tokens[..., 0] += 1
    tokens[5:12, 6:15, 1] += 0.6
    odd = np.zeros((20, 20), bool)
    odd[[1, 3, 17, 18, 2, 16, 9, 1], [2, 17, 3, 11, 9, 8, 1, 18]] = True
    tokens[odd] = -3 * np.eye(16)[0] + 0.1 * random.standard_normal((8, 16))
    lengths = np.where(odd, factor, 1.0) * random.uniform(0.9, 1.1, odd.shape)
    tokens /= np.linalg.norm(tokens, axis=-1, keepdims=True)
    return View(tokens, np.ones(odd.shape, bool), None, lengths), tokens, odd


def test_a_few_long_tokens_make_no_axis_of_their_own():
    view, tokens, odd = lengthy(10.0)
    side = np.zeros(odd.shape)
    side[5:12, 6:15] = 1
    clipped, plain = scores([view])[0], scores([View(tokens, view.counted)])[0]
    assert abs(np.corrcoef(clipped[~odd], side[~odd])[0, 1]) > 0.9
    assert np.abs(plain[odd]).mean() > 5 > 1.5 > np.abs(clipped[odd]).mean()
    assert np.abs(np.corrcoef(clipped.ravel(), plain.ravel())[0, 1]) < 0.7


def test_tokens_are_held_by_as_much_as_they_are_too_long():
    view, _, _ = lengthy(10.0)
    lengths = view.lengths.ravel()
    limit = np.median(lengths) + 4 * np.median(np.abs(lengths - np.median(lengths)))
    assert np.allclose(hold(view), np.where(lengths > limit, limit / lengths, 1))
    assert (hold(View(view.tokens, view.counted)) == 1).all()


def test_lengths_that_are_all_the_same_but_for_rounding_hold_nothing():
    view, truth = case(3, "large")
    lengths = (1 + 1e-7 * np.sign(np.arange(truth.size) - 5.0)).reshape(truth.shape)
    known, unknown = (scores([View(view.tokens, view.counted, None, each)])[0] for each in (lengths, None))
    assert np.allclose(known, unknown, atol=1e-5)
