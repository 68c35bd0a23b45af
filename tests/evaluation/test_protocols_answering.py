"""Matchers: what is kept, what is blurred, and when nothing is told."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dinosar.errors import PluginError, UsageError
from dinosar.evaluation.protocols import MATCHERS, PROTOCOLS, Side, find, protocol

NAMES = sorted(PROTOCOLS)
SEED = st.integers(0, 2**32)


def blank(name, size=(56, 56), patch=7, side=56):
    return protocol(name).shown(np.zeros((size[1], size[0], 3), dtype=np.uint8), patch, side)


def noise(seed, shape=(8, 8, 12)):
    tokens = np.random.default_rng(seed).normal(size=shape)
    return (tokens / np.linalg.norm(tokens, axis=-1, keepdims=True)).astype(np.float32)


def smooth(seed):
    """Tokens that change slowly from patch to patch, as those of photographs do."""
    from scipy.ndimage import gaussian_filter

    return gaussian_filter(noise(seed).astype(float), (1.2, 1.2, 0)).astype(np.float32)


def centre(column, row):
    """The keypoint at the centre of a patch, where the photo is the network's image."""
    return np.array([[7 * column + 3.6, 7 * row + 3.6]])


@settings(deadline=None)
@given(SEED)
def test_mutual_of_patches_by_hand(seed):
    shown, a, b = blank("sd_dino"), smooth(seed), smooth(seed + 1)
    points = np.random.default_rng(seed).uniform(0, 56, size=(30, 2))
    nearest, mutual = (
        find(protocol("sd_dino"), m, Side(shown, a), Side(shown, b), points) for m in ("nearest", "mutual")
    )
    flat_a, flat_b = (t.reshape(64, -1) / np.linalg.norm(t.reshape(64, -1), axis=1, keepdims=True) for t in (a, b))
    for point, one, other in zip(points, nearest, mutual, strict=True):
        column, row = np.maximum(point - 0.5, 0) // 7
        there = (flat_b @ flat_a[int(row * 8 + column)]).argmax()
        back = (flat_a @ flat_b[there]).argmax()
        assert one.tolist() == [7 * (there % 8) + 3.5, 7 * (there // 8) + 3.5]
        near = max(abs(back % 8 - column), abs(back // 8 - row)) <= 1
        assert np.isnan(other).all() == (not near)
        assert not near or (other == one).all()


@pytest.mark.parametrize("name", NAMES)
def test_mutual_keeps_some_and_drops_some_and_changes_none(name):
    shown = blank(name)
    points = np.random.default_rng(0).uniform(0, 56, size=(60, 2))
    sides = Side(shown, smooth(1)), Side(shown, smooth(2))
    nearest, mutual = (find(protocol(name), matcher, *sides, points) for matcher in ("nearest", "mutual"))
    kept = ~np.isnan(mutual).any(axis=1)
    assert 5 < kept.sum() < 55
    assert (mutual[kept] == nearest[kept]).all()
    assert np.isnan(mutual[~kept]).all()
    itself = find(protocol(name), "mutual", sides[0], sides[0], points)
    assert not np.isnan(itself).any()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("away", "kept"), [((0, 0), True), ((1, 1), True), ((2, 0), False), ((0, 2), False)])
def test_an_answer_that_answers_a_patch_away_is_kept_and_two_are_not(name, away, kept):
    a, b = np.zeros((8, 8, 3), dtype=np.float32), np.zeros((8, 8, 3), dtype=np.float32)
    here = np.array([3, 3])
    point = protocol(name).told(here[None].astype(float), blank(name).grid) + 0.1
    if name == "probe3d":
        point = here[None] / 7 * 56 + 0.6  # where its cell is read is not where it is said to lie
    a[tuple(here)], a[tuple(here + away[::-1])] = [0.8, 0.6, 0], [1, 0, 0]
    b[5, 6] = [1, 0, 0]
    if away == (0, 0):
        a[3, 3] = [1, 0, 0]
    found = find(protocol(name), "mutual", Side(blank(name), a), Side(blank(name), b), point)
    assert np.isnan(found).any() != kept


def soft_by_hand(values, reach):
    """Mean column and row around the best of a map of cosines, in loops."""
    row, column = np.unravel_index(values.argmax(), values.shape)
    total, x, y = 0.0, 0.0, 0.0
    for r in range(max(0, row - reach), min(values.shape[0], row + reach + 1)):
        for c in range(max(0, column - reach), min(values.shape[1], column + reach + 1)):
            weight = np.exp((values[r, c] - values.max()) / 0.02)
            total, x, y = total + weight, x + weight * c, y + weight * r
    return x / total, y / total


@pytest.mark.parametrize(("cells", "reach"), [(8, 1), (17, 2), (57, 7), (60, 7)])
def test_soft_argmax_by_hand(cells, reach):
    side = 7 * cells
    shown = blank("sd_dino", (side, side), 7, side)
    a, b = noise(3, (cells, cells, 6)), noise(4, (cells, cells, 6))
    points = np.random.default_rng(5).uniform(1, side, size=(6, 2))
    found = find(protocol("sd_dino"), "soft-argmax", Side(shown, a), Side(shown, b), points)
    for point, answer in zip(points, found, strict=True):
        column, row = ((point - 0.5) // 7).astype(int)
        x, y = soft_by_hand(b.astype(float) @ a[row, column], reach)
        assert answer == pytest.approx([7 * x + 3.5, 7 * y + 3.5], abs=1e-4)


def test_soft_argmax_lies_between_two_that_answer_equally_well():
    a, b = np.zeros((8, 8, 2), dtype=np.float32), np.zeros((8, 8, 2), dtype=np.float32)
    a[1, 1] = b[4, 4] = b[4, 5] = [1, 0]
    for name, expected in (("sd_dino", [35.0, 31.5]), ("dift", [35.0, 31.5]), ("probe3d", [32.0, 28.5])):
        point = np.array([[10.6, 10.6]]) if name != "probe3d" else np.array([[8.5, 8.5]])
        found = find(protocol(name), "soft-argmax", Side(blank(name), a), Side(blank(name), b), point)
        assert found == pytest.approx(np.array([expected]))


def test_what_lies_beyond_the_window_has_no_say():
    a, b = np.zeros((8, 8, 2), dtype=np.float32), np.zeros((8, 8, 2), dtype=np.float32)
    a[1, 1] = b[2, 2] = b[2, 5] = [1, 0]
    sides = Side(blank("sd_dino"), a), Side(blank("sd_dino"), b)
    found = find(protocol("sd_dino"), "soft-argmax", *sides, centre(1, 1))
    assert found.tolist() == [[17.5, 17.5]]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("matcher", sorted(MATCHERS))
def test_nothing_is_told_where_nothing_is_asked(name, matcher):
    shown = blank(name, (56, 28))
    side = Side(shown, noise(1))
    points = np.array([[20, 14], [np.nan, 3], [-0.1, 5], [56, 5], [5, 28], [3, np.inf], [55.9, 27.9], [0, 0]])
    found = find(protocol(name), matcher, side, side, points)
    assert np.isnan(found).all(axis=1).tolist() == [False, True, True, True, True, True, False, False]
    assert find(protocol(name), matcher, side, side, np.empty((0, 2))).shape == (0, 2)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("matcher", sorted(MATCHERS))
def test_tokens_without_direction_neither_ask_nor_answer(name, matcher):
    shown, empty = blank(name), np.zeros((8, 8, 4), dtype=np.float32)
    some = empty.copy()
    some[5, 6] = [-1, 0, 0, 0]
    full = np.tile(np.array([1, 0, 0, 0], dtype=np.float32), (8, 8, 1))
    points = centre(3, 3)
    assert np.isnan(find(protocol(name), matcher, Side(shown, full), Side(shown, empty), points)).all()
    assert np.isnan(find(protocol(name), matcher, Side(shown, some), Side(shown, full), points)).all()
    if matcher != "mutual":
        found = find(protocol(name), matcher, Side(shown, full), Side(shown, some), points)
        assert np.abs(found - [6.5 * 7, 5.5 * 7]).max() <= 8  # the only one that can answer, however badly


def test_what_cancels_out_where_it_is_read_asks_nobody():
    tokens = np.zeros((2, 2, 3), dtype=np.float32)
    tokens[:, 0], tokens[:, 1] = [0.6, 0.8, 0], [-0.6, -0.8, 0]
    side = Side(blank("dift", (3, 3), 7, 14), tokens)
    found = find(protocol("dift"), "nearest", side, side, np.array([[0.5, 1.5], [1.5, 1.5], [2.5, 1.5]]))
    assert np.isnan(found).any(axis=1).tolist() == [False, True, False]


@pytest.mark.parametrize("name", NAMES)
def test_of_equal_answers_the_first_is_told(name):
    a, b = noise(1), np.tile(noise(1)[2, 3], (8, 8, 1))
    found = find(protocol(name), "nearest", Side(blank(name), a), Side(blank(name), b), centre(3, 3))
    assert found.tolist() == {"sd_dino": [[3.5, 3.5]], "dift": [[0.5, 0.5]], "probe3d": [[0.5, 0.5]]}[name]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("matcher", sorted(MATCHERS))
def test_depth_in_another_order_and_rounded_lengths_change_nothing(name, matcher):
    a, b, order = noise(1), noise(2), np.random.default_rng(3).permutation(12)
    points = np.random.default_rng(4).uniform(0, 56, size=(20, 2))
    plain, turned = (
        find(protocol(name), matcher, Side(blank(name), x), Side(blank(name), y), points)
        for x, y in ((a, b), (a[..., order], b[..., order]))
    )
    assert turned == pytest.approx(plain, abs=1e-6, nan_ok=True)
    longer = find(protocol(name), matcher, Side(blank(name), 2 * a), Side(blank(name), 4 * b), points)
    assert longer == pytest.approx(plain, abs=1e-6, nan_ok=True)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("matcher", sorted(MATCHERS))
def test_points_do_not_know_of_each_other(name, matcher):
    sides = Side(blank(name), smooth(1)), Side(blank(name), smooth(2))
    points = np.random.default_rng(4).uniform(0, 56, size=(12, 2))
    together = find(protocol(name), matcher, *sides, points)
    alone = np.concatenate([find(protocol(name), matcher, *sides, each[None]) for each in points])
    assert alone == pytest.approx(together, abs=1e-6, nan_ok=True)


def test_one_token_longer_than_the_rest_does_not_win_by_its_length():
    a, b = noise(1), noise(2)
    b[4, 4] *= 50
    plain = noise(2)
    for name in ("sd_dino", "probe3d"):
        found = [
            find(protocol(name), "nearest", Side(blank(name), a), Side(blank(name), t), centre(2, 5))
            for t in (b, plain)
        ]
        assert (found[0] == found[1]).all()


def test_mistakes_are_told():
    side = Side(blank("dift"), noise(1))
    with pytest.raises(UsageError, match="there is no matcher 'mutuall'; did you mean 'mutual'"):
        find(protocol("dift"), "mutuall", side, side, centre(1, 1))
    with pytest.raises(ValueError, match="tokens of 12 and 5 numbers"):
        find(protocol("dift"), "nearest", side, Side(blank("dift"), noise(1, (8, 8, 5))), centre(1, 1))
    with pytest.raises(PluginError, match="Side.tokens"):
        Side(blank("dift"), noise(1, (8, 7, 5)))
