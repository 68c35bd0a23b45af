"""Rays of every camera model, held against COLMAP's own code."""

import numpy as np
import pytest

from dinosar.cameras import Camera
from dinosar.verification.rays import pixels_of, rays_of, without_lens

pycolmap = pytest.importorskip("pycolmap")
MADE = {
    "SIMPLE_PINHOLE": (500.0, 320, 240),
    "PINHOLE": (500.0, 520, 320, 240),
    "SIMPLE_RADIAL": (500.0, 320, 240, -0.12),
    "RADIAL": (500.0, 320, 240, -0.12, 0.03),
    "OPENCV": (500.0, 520, 318, 243, -0.15, 0.04, 0.002, -0.003),
    "FULL_OPENCV": (500.0, 520, 318, 243, -0.15, 0.04, 0.002, -0.003, 0.01, 0.02, 0.01, 0.003),
    "SIMPLE_RADIAL_FISHEYE": (400.0, 320, 240, 0.05),
    "RADIAL_FISHEYE": (400.0, 320, 240, 0.05, -0.01),
    "OPENCV_FISHEYE": (400.0, 410, 318, 243, 0.05, -0.01, 0.002, 0.001),
}


@pytest.fixture(params=MADE)
def camera(request):
    return Camera(request.param, 640, 480, tuple(map(float, MADE[request.param])))


@pytest.fixture
def pixels():
    return np.random.default_rng(0).uniform([0, 0], [640, 480], (400, 2))


def test_rays_are_those_of_colmap(camera, pixels):
    theirs = pycolmap.Camera(**camera.as_dict())
    assert np.abs(rays_of(pixels, camera) - theirs.cam_from_img(pixels)).max() < 1e-6


def test_pixels_are_those_of_colmap(camera, pixels):
    theirs = pycolmap.Camera(**camera.as_dict())
    rays = rays_of(pixels, camera)
    assert (
        np.abs(pixels_of(rays, camera) - theirs.img_from_cam(np.column_stack([rays, np.ones(len(rays))]))).max() < 1e-6
    )
    assert np.abs(pixels_of(rays, camera) - pixels).max() < 1e-4


def test_without_the_lens_a_pinhole_sees_the_same_rays(camera, pixels):
    moved, plain = without_lens(pixels, camera)
    assert not plain.distorted
    assert np.abs(rays_of(moved, plain) - rays_of(pixels, camera)).max() < 1e-9


def test_the_middle_of_the_picture_is_the_axis(camera):
    middle = camera.matrix[:2, 2][None]
    assert np.abs(rays_of(middle, camera)).max() < 1e-6


def test_a_pixel_that_no_ray_meets_has_none():
    lens = Camera("SIMPLE_RADIAL", 640, 480, (500.0, 320.0, 240.0, -0.6))  # bends back 0.5 px out, and never beyond
    found = rays_of(np.array([[320.0, 240.0], [639.0, 479.0]]), lens)
    assert np.isfinite(found[0]).all()
    assert np.isnan(found[1]).all()
