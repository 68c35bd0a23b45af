"""Pairs that two views explain are found among noise and strays, the same ones whoever asks; chance stands beside."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dinosar.sparse import geometry
from dinosar.sparse.geometry import TRIALS, fundamental, homography

PLANE = np.array([[0.9, -0.2, 40.0], [0.15, 1.05, -20.0], [2e-4, -1e-4, 1.0]])
BOTH = pytest.mark.parametrize("model", [homography, fundamental])
often = settings(max_examples=12, deadline=None, derandomize=True)


def carried(matrix, places):
    lifted = np.column_stack([places, np.ones(len(places))]) @ np.transpose(matrix)
    return lifted[:, :2] / lifted[:, 2:]


def on_a_plane(random, n=60, strays=20, noise=0.0, matrix=PLANE):
    """Pairs that share a homography, then strays far from where it would carry them; which are which."""
    a = random.uniform(30, 420, (n, 2))
    b = carried(matrix, a)
    away = random.uniform(0, 2 * np.pi, strays)
    b[n - strays :] += 150 * np.column_stack([np.cos(away), np.sin(away)])
    return a + random.normal(0, noise, a.shape), b + random.normal(0, noise, b.shape), np.arange(n) < n - strays


def two_cameras(random, n):
    """Places of points in depth as two calibrated cameras see them, and the fundamental matrix between them."""
    inner = np.array([[700.0, 0, 224], [0, 700, 224], [0, 0, 1]])
    turn = cv2.Rodrigues(np.array([0.02, 0.2, -0.03]))[0]
    shift = np.array([-1.0, 0.15, 0.2])
    points = random.uniform([-1, -1, 4], [1, 1, 7], (n, 3))
    views = [carried(inner, each[:, :2] / each[:, 2:]) for each in (points, points @ turn.T + shift)]
    cross = np.array([[0, -shift[2], shift[1]], [shift[2], 0, -shift[0]], [-shift[1], shift[0], 0]])
    back = np.linalg.inv(inner)
    return *views, back.T @ cross @ turn @ back


def off_lines(matrix, a, b):
    """How far each pair lies from its epipolar lines, the worse of both pictures, pair by pair."""
    found = []
    for x, y in zip(np.column_stack([a, np.ones(len(a))]), np.column_stack([b, np.ones(len(b))]), strict=True):
        in_b, in_a = matrix @ x, matrix.T @ y
        found.append(max(abs(y @ in_b) / np.hypot(*in_b[:2]), abs(x @ in_a) / np.hypot(*in_a[:2])))
    return np.array(found)


def in_depth(random, n=80, strays=25, noise=0.0):
    """Pairs that share an epipolar geometry, then strays far from their lines; which are which."""
    a, b, matrix = two_cameras(random, n)
    for i in range(n - strays, n):
        while off_lines(matrix, a[i : i + 1], b[i : i + 1])[0] < 40:
            b[i] = random.uniform(0, 448, 2)
    return a + random.normal(0, noise, a.shape), b + random.normal(0, noise, b.shape), np.arange(n) < n - strays


@given(seed=st.integers(0, 999))
@often
def test_a_known_plane_is_found_to_the_pair(seed):
    a, b, true = on_a_plane(np.random.default_rng(seed))
    found = homography(a, b, 1.0)
    assert found.held.tolist() == true.tolist()
    assert found.count == 40
    assert found.chance < 12


@given(seed=st.integers(0, 999))
@often
def test_with_noise_the_plane_keeps_its_pairs_and_no_stray(seed):
    a, b, true = on_a_plane(np.random.default_rng(seed), noise=1.0)
    found = homography(a, b, 6.0)
    assert found.held[true].mean() > 0.9
    assert not found.held[~true].any()


@given(seed=st.integers(0, 999))
@often
def test_known_cameras_are_found_and_strays_left_out(seed):
    a, b, true = in_depth(np.random.default_rng(seed))
    found = fundamental(a, b, 1.0)
    assert found.held[true].all()
    assert found.held[~true].mean() <= 0.1  # a line crosses the whole picture: some stray may lie on it
    assert found.chance < 40


def test_with_noise_the_cameras_keep_most_pairs_in_most_scenes():
    shares = []
    for seed in range(20):
        a, b, true = in_depth(np.random.default_rng(seed), noise=0.5)
        held = fundamental(a, b, 3.0).held
        shares.append((held[true].mean(), held[~true].mean()))
    kept, strays = np.median(shares, axis=0)
    assert kept > 0.9
    assert strays < 0.3


def test_a_scene_in_depth_is_one_for_cameras_and_not_for_a_plane():
    a, b, true = in_depth(np.random.default_rng(5))
    assert fundamental(a, b, 2.0).count >= true.sum() > 1.5 * homography(a, b, 2.0).count


@BOTH
@given(seed=st.integers(0, 999), strays=st.integers(10, 60), noise=st.sampled_from([0.0, 2.0, 8.0]))
@often
def test_neither_order_nor_direction_changes_which_pairs_are_held(model, seed, strays, noise):
    random = np.random.default_rng(seed)
    a, b, _ = on_a_plane(random, strays=strays, noise=noise)
    order = random.permutation(len(a))
    plain, other, back = model(a, b, 5.0), model(a[order], b[order], 5.0), model(b[order], a[order], 5.0)
    assert plain.held[order].tolist() == other.held.tolist() == back.held.tolist()
    assert plain.chance == other.chance == back.chance


@pytest.mark.parametrize(("off", "held"), [(0.35, True), (0.85, False)])
def test_a_pair_must_be_near_in_both_pictures(off, held):
    random = np.random.default_rng(3)
    a = random.uniform(0, 448, (41, 2))
    b = a / 10  # what misses by less than a pixel here misses by ten times as much there
    b[40] += (off, 0)
    for ends in ((a, b), (b, a)):
        assert homography(*ends, 5.0).held.tolist() == [True] * 40 + [held]


def test_a_line_must_be_near_in_both_pictures():
    random = np.random.default_rng(3)
    a, b, matrix = two_cameras(random, 61)
    b /= 10
    in_b = np.diag([10, 10, 1.0]) @ matrix @ [*a[60], 1]
    b[60] += 0.85 * in_b[:2] / np.hypot(*in_b[:2])  # across its line
    for ends in ((a, b), (b, a)):
        assert fundamental(*ends, 3.0).held.tolist() == [True] * 60 + [False]


@pytest.mark.parametrize("shrink", [0.1, 1.0, 10.0])
def test_which_lines_are_near_is_told_pair_by_pair(shrink):
    a, b, matrix = two_cameras(np.random.default_rng(4), 200)
    b = b * shrink + np.random.default_rng(5).normal(0, 4, b.shape)
    matrix = np.diag([1 / shrink, 1 / shrink, 1.0]) @ matrix
    held = geometry._on_lines(matrix, a, b, 3.0)
    assert held.tolist() == (off_lines(matrix, a, b) <= 3.0).tolist()
    assert 0 < held.sum() < 200


def test_what_would_lie_beyond_the_horizon_is_not_held():
    random = np.random.default_rng(2)
    horizon = np.array([[1.0, 0, 0], [0, 1, 0], [0.01, 0, -1]])  # x = 100 is carried to infinity
    right, left = (random.uniform((low, 0), (high, 200), (n, 2)) for low, high, n in ((130, 300, 30), (0, 70, 12)))
    a = np.vstack([right, left])
    found = homography(a, carried(horizon, a), 1e-3)
    assert found.held.tolist() == [True] * 30 + [False] * 12


FEW = {homography: 4, fundamental: 7}


@BOTH
def test_too_few_pairs_say_nothing_and_one_more_does(model):
    a, b, _ = on_a_plane(np.random.default_rng(0), strays=0)
    for n in range(FEW[model] + 1):
        found = model(a[:n], b[:n], 5.0)
        assert found.held is found.chance is None
    assert model(a[: FEW[model] + 1], b[: FEW[model] + 1], 5.0).held is not None


@BOTH
def test_pairs_told_often_are_no_more_pairs(model):
    a, b, _ = on_a_plane(np.random.default_rng(0), strays=0)
    n = FEW[model]
    assert model(np.tile(a[:n], (9, 1)), np.tile(b[:n], (9, 1)), 5.0).held is None
    assert model(a, b[np.arange(60) % n], 5.0).held is None  # many to one, as without a mutual check


@BOTH
@pytest.mark.parametrize("places", ["same", "line", "nearly a line"])
def test_places_that_fix_no_model_say_nothing(model, places):
    random = np.random.default_rng(0)
    a = random.uniform(0, 448, (50, 2))
    b = {"same": np.full((50, 2), 9.0), "line": np.outer(np.arange(50), [3.0, 2.0]),
         "nearly a line": np.outer(np.arange(50), [3.0, 2.0]) + random.uniform(-2, 2, (50, 2))}[places]  # fmt: skip
    for ends in ((a, b), (b, a), (b, b)):
        found = model(*ends, 5.0)
        assert found.held is found.chance is found.count is None


@BOTH
def test_pairs_tied_at_random_are_explained_as_chance_says(model):
    found = []
    for seed in range(12):
        random = np.random.default_rng(seed)
        agreement = model(random.uniform(0, 448, (50, 2)), random.uniform(0, 448, (50, 2)), 14.0)
        found.append((agreement.count, agreement.chance))
    count, chance = np.mean(found, axis=0)
    assert count == pytest.approx(chance, rel=0.15)
    assert chance > FEW[model]


@BOTH
def test_chance_grows_with_the_threshold_and_is_below_what_is_true(model):
    a, b, true = on_a_plane(np.random.default_rng(1))
    found = [model(a, b, threshold) for threshold in (0.5, 4.0, 30.0)]
    chances = [each.chance for each in found]
    assert chances == sorted(chances)
    assert chances[0] < true.sum() <= found[0].count


def test_for_chance_every_end_goes_to_another_pair_and_the_draws_differ(monkeypatch):
    a, b, _ = on_a_plane(np.random.default_rng(1))
    seen, as_it_is = [], geometry._explained
    monkeypatch.setattr(geometry, "_explained", lambda *args: (seen.append((args[1], args[2])), as_it_is(*args))[1])
    found = homography(a, b, 4.0)
    (_, true), *drawn = seen
    assert len(drawn) == TRIALS
    assert all(sorted(map(tuple, other)) == sorted(map(tuple, true)) for _, other in drawn)
    assert not any((other == true).all(axis=1).any() for _, other in drawn)
    assert len({other.tobytes() for _, other in drawn}) == TRIALS
    kind = geometry.Kind(geometry._fit_homography, 3, geometry._on_plane, 5)
    assert found.chance == np.mean([as_it_is(kind, *ends, 4.0).sum() for ends in drawn])


@BOTH
@pytest.mark.parametrize(
    "answer",
    [None, np.full((3, 3), np.nan), np.ones((9, 3)), np.ones((3, 3)), cv2.error("-")],
    ids=["none", "not finite", "three at once", "singular", "refused"],
)
def test_where_no_model_is_found_there_is_no_number(model, answer, monkeypatch):
    def nothing(*_args, **_options):
        if isinstance(answer, cv2.error):
            raise answer
        return answer, None

    monkeypatch.setattr(cv2, "findHomography", nothing)
    monkeypatch.setattr(cv2, "findFundamentalMat", nothing)
    a, b, _ = on_a_plane(np.random.default_rng(1))
    found = model(a, b, 4.0)
    assert found.held is found.chance is None


@BOTH
def test_nothing_else_that_draws_and_no_thread_matters(model):
    a, b, _ = on_a_plane(np.random.default_rng(1), strays=45, noise=3.0)
    plain, threads = model(a, b, 8.0), cv2.getNumThreads()
    try:
        for number in (1, 3):
            cv2.setNumThreads(number)
            cv2.setRNGSeed(number)
            np.random.seed(number)
            again = model(a, b, 8.0)
            assert again.held.tolist() == plain.held.tolist()
            assert again.chance == plain.chance
    finally:
        cv2.setNumThreads(threads)
