"""What a movement explains is exactly what was planted; what is no movement of a body explains nothing."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dinosar.matchers.verification import NEEDED, explained, misses

MODELS = list(NEEDED)
TILTED = np.array([[1.05, -0.2, 3.0], [0.15, 0.95, -2.0], [0.009, -0.003, 1.0]])
SHEARED = np.array([[1.2, 0.3, 2.0], [-0.1, 0.8, 5.0], [0, 0, 1.0]])
TURNED = np.array([[0.9, -0.4, 9.0], [0.4, 0.9, 1.0], [0, 0, 1.0]])
MIRRORED = np.array([[-1.0, 0.1, 32.0], [0.1, 1.0, 0], [0, 0, 1.0]])
PLANTED = {"similarity": TURNED, "affine": SHEARED, "homography": TILTED}
EVERY_PATCH = np.argwhere(np.ones((24, 32)))[:, ::-1] + 0.5


def carried(movement, points):
    return cv2.perspectiveTransform(points[None], movement)[0]


def case(movement, seed, right=40, wrong=40, rounding=False):
    """Matches that follow a movement, and as many that do not, mixed; and which are which."""
    random = np.random.default_rng(seed)
    asked = random.permutation(EVERY_PATCH)[: right + wrong].astype(float)
    answer = carried(movement, asked)
    follows = random.permutation(right + wrong) < right
    while (near := ~follows & (np.linalg.norm(answer - carried(movement, asked), axis=1) < 6)).any():
        answer[near] = random.uniform(-8, 40, (near.sum(), 2))
    return asked, np.floor(answer) + 0.5 if rounding else answer, follows


@pytest.mark.parametrize("model", MODELS)
@given(seed=st.integers(0, 500))
@settings(max_examples=15, deadline=None, derandomize=True)
def test_what_was_planted_is_found_and_nothing_else(model, seed):
    asked, answer, follows = case(PLANTED[model], seed)
    assert np.array_equal(explained(model, asked, answer, 0.5), follows)


@pytest.mark.parametrize("model", MODELS)
@given(seed=st.integers(0, 500))
@settings(max_examples=10, deadline=None, derandomize=True)
def test_centres_rounded_to_patches_pass_the_default_tolerance(model, seed):
    asked, answer, follows = case(PLANTED[model], seed, rounding=True)
    found = explained(model, asked, answer, 1.5)
    assert found[follows].mean() >= 0.97
    assert found[~follows].mean() <= 0.1


@pytest.mark.parametrize("model", MODELS)
def test_three_pixels_are_less_than_rounding_to_patches_needs(model):
    asked, answer, follows = case(PLANTED[model], 1, rounding=True)
    few, most = (explained(model, asked, answer, tolerance)[follows].mean() for tolerance in (3 / 16, 1.5))
    assert few < 0.5 < 0.97 <= most


@pytest.mark.parametrize("model", MODELS)
def test_a_freer_model_explains_what_a_stricter_one_cannot(model):
    stricter = MODELS[: MODELS.index(model)]
    asked, answer, follows = case(PLANTED[model], 2)
    assert all(explained(other, asked, answer, 0.3)[follows].mean() < 0.9 for other in stricter)


@pytest.mark.parametrize("model", MODELS)
def test_so_many_matches_as_fix_the_movement_prove_nothing(model):
    corners = np.array([[0.0, 0], [9, 1], [1, 8], [10, 12], [4, 3]])[: NEEDED[model] + 1]
    moved = carried(TURNED, corners)
    assert explained(model, corners, moved, 0.5).all()
    for fewer in range(NEEDED[model] + 1):
        assert explained(model, corners[:fewer], moved[:fewer], 0.5).tolist() == [False] * fewer


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("seed", range(5))
def test_of_many_matches_so_few_agreeing_prove_nothing_either(model, seed):
    asked, answer = np.random.default_rng(seed).uniform(0, 32, (2, 12, 2))
    assert not explained(model, asked, answer, 1e-4).any()


@pytest.mark.parametrize("model", MODELS)
def test_a_mirror_image_is_refused(model):
    asked = EVERY_PATCH[::9].astype(float)
    assert explained(model, asked, carried(MIRRORED, asked), 0.5).mean() < 0.2
    assert explained("affine", asked, carried(MIRRORED, asked), 0.5).sum() == 0


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("scale", [0.2, 5.0])
def test_a_size_beyond_reason_is_refused(model, scale):
    asked = EVERY_PATCH[::9].astype(float)
    assert not explained(model, asked, asked * scale, 0.01).any()
    assert explained(model, asked, asked * 3, 0.01).all()


@pytest.mark.parametrize("model", MODELS)
def test_one_answer_for_all_is_no_movement(model):
    asked = EVERY_PATCH[::9].astype(float)
    assert not explained(model, asked, np.full_like(asked, 7.5), 1.5).any()
    assert not explained(model, np.full_like(asked, 7.5), asked, 1.5).any()


@pytest.mark.parametrize("model", ["affine", "homography"])
@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_matches_along_a_line_do_not_fix_a_movement_that_shears(model, noise):
    along = np.linspace(0, 30, 40)
    asked = np.stack([along, 0.5 * along], axis=1) + np.random.default_rng(0).normal(0, noise, (40, 2))
    assert not explained(model, asked, asked + 2, 1.0).any()


def test_matches_along_a_line_do_fix_a_similarity():
    asked = np.stack([np.arange(20.0), np.full(20, 3.5)], axis=1)
    assert explained("similarity", asked, carried(TURNED, asked), 0.5).all()


def test_misses_are_those_of_opencv_and_infinite_beyond_the_horizon():
    points = EVERY_PATCH[::7].astype(float)
    there = np.random.default_rng(0).uniform(0, 32, points.shape)
    assert misses(TILTED, points, there) == pytest.approx(np.linalg.norm(carried(TILTED, points) - there, axis=1))
    steep = np.array([[1, 0, 0], [0, 1, 0], [-0.1, 0, 1.0]])
    assert np.array_equal(np.isinf(misses(steep, points, points)), points[:, 0] >= 10)


@pytest.mark.parametrize("model", MODELS)
def test_there_and_back_agree_where_the_sizes_differ(model):
    random = np.random.default_rng(5)
    asked = EVERY_PATCH[::9].astype(float)
    answer = asked * 2.5 + random.normal(0, 1.2, asked.shape)
    there, back = explained(model, asked, answer, 1.5), explained(model, answer, asked, 1.5)
    assert (there == back).mean() > 0.93
    assert there.any()
    assert not there.all()
