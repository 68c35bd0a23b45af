"""Views for tests: of generated tokens, and of scores that are laid out by hand."""

import sys
from pathlib import Path

import numpy as np

from dinosar.foreground import View

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # the toy data are no part of the package
from toy_data.token_fields import REGIMES, field, pair

__all__ = ["REGIMES", "case", "laid", "overlap", "pair_case", "view_of"]


def view_of(drawn):
    return View(drawn.tokens.astype(np.float64), np.ones(drawn.truth.shape, bool), drawn.attention, drawn.lengths)


def case(seed, regime):
    drawn = field(seed, regime)
    return view_of(drawn), drawn.truth


def pair_case(seed, regime):
    drawn = pair(seed, regime)
    return [view_of(each) for each in drawn], [each.truth for each in drawn]


def laid(scores, focus=None, counted=None, noise=0.05, depth=8):
    """A view whose first component is this map (rows, columns), the rest being slight noise."""
    scores = np.asarray(scores, dtype=float)
    random = np.random.default_rng(scores.size)
    tokens = noise * random.standard_normal((*scores.shape, depth))
    tokens[..., 0] += scores
    tokens[..., 1] += 1.0
    tokens /= np.linalg.norm(tokens, axis=-1, keepdims=True)
    counted = np.ones(scores.shape, bool) if counted is None else counted
    return View(tokens, counted, focus)


def overlap(a, b):
    return (a & b).sum() / (a | b).sum()
