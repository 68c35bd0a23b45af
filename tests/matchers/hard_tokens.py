"""Tokens that make a search by float32 cosine go wrong, and the whole matrix of their distances."""

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from dinosar.features import unit

often = settings(max_examples=80, deadline=None, derandomize=True)
KINDS = ("random", "repeated", "nearly equal", "all equal", "nearly opposite")
sizes = st.integers(1, 40)
cases = st.tuples(sizes, sizes, st.sampled_from((1, 2, 3, 7, 16, 64, 130)), st.sampled_from(KINDS), st.integers(0, 99))


def tokens_of(n, m, depth, kind, seed):
    """Unit tokens (n + m, depth) in float32 that make a search by float32 cosine go wrong, cut in two."""
    random = np.random.default_rng(seed)
    loose = random.normal(size=(n + m, depth))
    if kind == "repeated":
        loose = loose[random.integers(0, 3, n + m) % (n + m)]
    elif kind == "nearly equal":
        loose = loose[0] + 1e-7 * np.abs(loose[0]).max() * random.integers(-3, 4, loose.shape)
    elif kind == "all equal":
        loose[:] = loose[0]
    elif kind == "nearly opposite":
        loose = loose[0] * random.choice([-1, 1], (n + m, 1)) + 1e-6 * loose
    tokens = unit(loose)
    return tokens[:n], tokens[n:]


def all_distances(a, b):
    """The whole matrix in float64, one pair after the other."""
    difference = a.astype(np.float64)[:, None] - b.astype(np.float64)[None]
    return 0.5 * (difference**2).sum(axis=-1)
