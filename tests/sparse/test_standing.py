"""How a pair stands among all others is what a plain search over every pair says."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dinosar.data import Features, Photo, Specimen
from dinosar.features import unit
from dinosar.grid import fit_grid
from dinosar.sparse.standing import APART, standing


def specimen(random, rows, columns, name):
    photo = Photo(np.zeros((rows * 8, columns * 8, 3), np.uint8), name)
    patches = random.random((rows, columns)) < 0.8
    patches[0, 0] = True
    tokens = unit(np.round(random.normal(size=(rows, columns, 4)), 1) + 0.01)
    grid = fit_grid(photo.size, 8, fit="native")
    return Specimen(photo, Features(tokens, grid, "drawn"), np.ones(photo.pixels.shape[:2], bool), patches,
                    patches.astype(float))  # fmt: skip


def rival(own, other, i, j):
    """Nearest answer to patch i of `own` among patches of `other` at least two away from patch j."""
    row, column = divmod(int(j), other.patches.shape[1])
    found = np.inf
    for k in other.indices:
        r, c = divmod(int(k), other.patches.shape[1])
        if max(abs(r - row), abs(c - column)) >= APART:
            found = min(found, distance(own, other, i, k))
    return found


def distance(own, other, i, j):
    return 0.5 * float(((own.features.flat[i].astype(float) - other.features.flat[j]) ** 2).sum())


@settings(max_examples=40, deadline=None, derandomize=True)
@given(seed=st.integers(0, 1000), a_size=st.tuples(st.integers(1, 5), st.integers(1, 5)), rows=st.integers(1, 5))
def test_every_number_is_that_of_a_plain_search(seed, a_size, rows):
    random = np.random.default_rng(seed)
    a, b = specimen(random, *a_size, "a"), specimen(random, rows, 4, "b")
    asked, answer = (random.choice(each.indices, 6) for each in (a, b))
    found = standing(a, b, asked, answer)
    for n, (i, j) in enumerate(zip(asked, answer, strict=True)):
        assert abs(found.cosine[n] - (1 - distance(a, b, i, j))) < 1e-12
        to_b, to_a = ([distance(a, b, i, k) for k in b.indices], [distance(a, b, k, j) for k in a.indices])
        best = b.indices[int(np.argmin(to_b))] == j and a.indices[int(np.argmin(to_a))] == i
        assert found.mutual[n] == best
        other = min(rival(a, b, i, j), rival(b, a, j, i))
        if np.isfinite(other):
            assert abs(found.margin[n] - (other - distance(a, b, i, j))) < 1e-12
        else:
            assert np.isnan(found.margin[n])


def test_no_pairs_stand_nowhere():
    random = np.random.default_rng(0)
    a = specimen(random, 2, 2, "a")
    found = standing(a, a, np.empty(0, np.int64), np.empty(0, np.int64))
    assert [len(each) for each in found] == [0, 0, 0]
