"""Relative poses on problems whose answer is known, and what must not become a pose."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from dinosar.cameras import Camera, pose_of
from dinosar.errors import UsageError
from dinosar.verification import relative_pose as module
from dinosar.verification.pose_errors import between, direction_angle, pose_error, rotation_angle
from dinosar.verification.rays import pixels_of, rays_of
from dinosar.verification.relative_pose import Found, NotFound, relative_pose
from toy_data.two_views import CAMERA, Sort, two_views

ESTIMATORS = ("poselib", "opencv", "opencv-ransac")


def asked(problem, **settings):
    return relative_pose(problem.a, problem.b, problem.camera, problem.camera, **settings)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_exact_matches_give_the_exact_pose(estimator):
    for seed in range(4):
        problem = two_views(seed, Sort(points=80, noise=0.0, outliers=0.2))
        found = asked(problem, estimator=estimator)
        error = pose_error(found.rotation, found.translation, problem.truth)
        assert error.pose < (0.01 if estimator == "poselib" else 0.5)
        assert found.inliers[problem.right].all()
        assert np.linalg.norm(found.translation) == pytest.approx(1)
        # Not only the line but the way along it: the scene lies before both cameras.
        assert found.translation @ problem.truth[:3, 3] > 0


def test_noise_and_wrong_matches_are_borne():
    errors = []
    for seed in range(8):
        problem = two_views(seed, Sort(points=200, outliers=0.5))
        found = asked(problem)
        errors.append(pose_error(found.rotation, found.translation, problem.truth).pose)
        assert found.inliers[problem.right].mean() > 0.7
        assert found.inliers[~problem.right].mean() < 0.1
    assert np.median(errors) < 1.5


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_the_order_of_matches_does_not_matter(estimator):
    problem = two_views(3, Sort(points=120, outliers=0.4))
    order = np.random.default_rng(1).permutation(120)
    one = asked(problem, estimator=estimator)
    other = relative_pose(problem.a[order], problem.b[order], CAMERA, CAMERA, estimator=estimator)
    assert (one.rotation == other.rotation).all()
    assert (one.translation == other.translation).all()
    assert (one.inliers[order] == other.inliers).all()


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_exchanged_photographs_give_the_inverse(estimator):
    problem = two_views(5, Sort(points=120, outliers=0.4))
    wide = Camera("PINHOLE", 800, 480, (520.0, 520.0, 400.0, 240.0))
    one = relative_pose(problem.a, problem.b, CAMERA, wide, estimator=estimator)
    back = relative_pose(problem.b, problem.a, wide, CAMERA, estimator=estimator)
    inverse = between(pose_of(one.rotation, one.translation), np.eye(4))
    assert np.allclose(back.rotation, inverse[:3, :3], atol=1e-12)
    assert np.allclose(back.translation, inverse[:3, 3], atol=1e-12)
    assert (one.inliers == back.inliers).all()


@given(seed=st.integers(0, 10_000), points=st.integers(0, 40))
@settings(max_examples=25, deadline=None)
def test_whatever_comes_is_a_sound_pose_or_a_reason(seed, points):
    random = np.random.default_rng(seed)
    a, b = random.uniform(0, 480, (2, points, 2))
    found = relative_pose(a, b, CAMERA, CAMERA)
    if isinstance(found, NotFound):
        assert found.why
    else:
        assert np.allclose(found.rotation @ found.rotation.T, np.eye(3), atol=1e-8)
        assert found.inliers.sum() >= module.LEAST


def test_what_fixes_no_pose_has_a_reason_and_no_number():
    problem = two_views(0, Sort(points=40, noise=0.0))
    few = relative_pose(problem.a[:5], problem.b[:5], CAMERA, CAMERA)
    assert isinstance(few, NotFound)
    assert few.why.startswith("5 different matches")
    same = relative_pose(np.repeat(problem.a[:5], 9, axis=0), np.repeat(problem.b[:5], 9, axis=0), CAMERA, CAMERA)
    assert isinstance(same, NotFound)
    line = np.column_stack([np.linspace(10, 600, 40), np.linspace(20, 400, 40)])
    assert "on one line" in relative_pose(line, problem.b, CAMERA, CAMERA).why
    assert isinstance(relative_pose(np.empty((0, 2)), np.empty((0, 2)), CAMERA, CAMERA), NotFound)


@pytest.mark.parametrize("noise", [0.0, 0.3, 0.7])
def test_a_camera_that_only_turned_has_no_direction(noise):
    found = [asked(two_views(seed, Sort(points=200, outliers=0.3, noise=noise, apart=0.0))) for seed in range(10)]
    assert sum(each.translation is None for each in found) >= 9
    assert all(np.isfinite(each.rotation).all() for each in found)


@pytest.mark.parametrize("noise", [0.0, 0.3, 0.7])
def test_one_that_moved_a_little_has_one(noise):
    found = [asked(two_views(seed, Sort(points=200, outliers=0.3, noise=noise, apart=0.05))) for seed in range(10)]
    assert all(each.translation is not None for each in found)


@pytest.mark.parametrize("estimator", ESTIMATORS[:2])
def test_lenses_are_undone(estimator):
    problem = two_views(2, Sort(points=100, noise=0.2, outliers=0.2))
    lens = Camera("OPENCV", 640, 480, (500.0, 500.0, 320.0, 240.0, -0.2, 0.05, 0.001, -0.002))
    fish = Camera("OPENCV_FISHEYE", 640, 480, (450.0, 450.0, 320.0, 240.0, 0.05, -0.01, 0.0, 0.0))
    a, b = pixels_of(rays_of(problem.a, CAMERA), lens), pixels_of(rays_of(problem.b, CAMERA), fish)
    found = relative_pose(a, b, lens, fish, estimator=estimator)
    error = pose_error(found.rotation, found.translation, problem.truth).pose
    overlooked = relative_pose(a, b, CAMERA, CAMERA, estimator=estimator)
    worse = pose_error(overlooked.rotation, overlooked.translation, problem.truth).pose
    assert error < 1
    assert worse > 3 * error


def test_a_match_where_the_lens_shows_nothing_agrees_with_nothing():
    problem = two_views(2, Sort(points=60, noise=0.0))
    lens = Camera("SIMPLE_RADIAL", 640, 480, (500.0, 320.0, 240.0, -0.6))
    a = pixels_of(rays_of(problem.a, CAMERA) * 0.5, lens)
    a[7] = 639, 479
    found = relative_pose(a, problem.b, lens, CAMERA)
    assert isinstance(found, NotFound) or not found.inliers[7]


def test_without_poselib_opencv_does_it_and_says_so(monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    told = []
    monkeypatch.setattr(module, "note", told.append)
    found = asked(two_views(0, Sort(points=60, noise=0.1)))
    assert isinstance(found, Found)
    assert found.estimator == "opencv"
    assert "pip install 'dinosar[pose]'" in told[0]
    with pytest.raises(UsageError, match=r"install it with: pip install 'dinosar\[pose\]'"):
        module.settled("poselib")


def test_angles_are_exact_at_every_size():
    random = np.random.default_rng(0)
    for angle in (0.0, 1e-7, 0.01, 1.0, 89.0, 90.0, 179.0, 180.0 - 1e-6, 180.0):
        axis = random.normal(size=3)
        axis /= np.linalg.norm(axis)
        start = Rotation.random(random_state=3).as_matrix()
        turned = Rotation.from_rotvec(np.radians(angle) * axis).as_matrix() @ start
        assert rotation_angle(start, turned) == pytest.approx(angle, abs=2e-6)


def test_the_direction_is_that_of_a_line():
    x, y = np.array([1.0, 0, 0]), np.array([0, 3.0, 0])
    assert direction_angle(x, -2 * x) == pytest.approx(0)
    assert direction_angle(x, y) == pytest.approx(90)
    assert direction_angle(x, x - 0.5 * y / 1.5) == pytest.approx(45)


def test_errors_of_what_was_not_found_and_of_what_has_no_direction():
    truth = pose_of(np.eye(3), [0, 0, 2.0])
    lost = pose_error(None, None, truth)
    assert (lost.rotation, lost.translation, lost.pose) == (np.inf, np.inf, np.inf)
    turned = pose_error(np.eye(3), None, truth)
    assert (turned.rotation, turned.pose) == (0, np.inf)
    still = pose_error(np.eye(3), np.array([1.0, 0, 0]), np.eye(4))
    assert (still.rotation, still.translation, still.pose) == (0, None, None)


def test_between_takes_places_of_one_camera_to_the_other():
    random = np.random.default_rng(4)
    first, second = (pose_of(Rotation.random(random_state=seed).as_matrix(), random.normal(size=3)) for seed in (1, 2))
    place = np.append(random.normal(size=3), 1.0)
    assert np.allclose(between(first, second) @ (first @ place), second @ place)
