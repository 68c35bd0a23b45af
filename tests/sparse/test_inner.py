"""The edge of a foreground: who has ground beside, above or below."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dinosar.sparse.inner import inner


@settings(max_examples=60, deadline=None, derandomize=True)
@given(rows=st.integers(1, 9), columns=st.integers(1, 9), seed=st.integers(0, 999))
def test_who_has_ground_beside_it_goes(rows, columns, seed):
    patches = np.random.default_rng(seed).random((rows, columns)) < 0.8
    kept = inner(patches)
    for r in range(rows):
        for c in range(columns):
            near = [(r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)]
            inside = [patches[y, x] for y, x in near if 0 <= y < rows and 0 <= x < columns]
            assert kept[r, c] == (patches[r, c] and all(inside))
