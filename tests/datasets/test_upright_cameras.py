"""Cameras of photographs that their EXIF data turn, and of such as are stored smaller."""

import numpy as np
import pycolmap
import pytest
from PIL import Image
from trees import look, save

from dinosar.cameras import PARAMETERS, Camera
from dinosar.datasets.listed import Listed
from dinosar.datasets.upright import Header, header_of, settled, turned_camera, turned_pose
from dinosar.images import load_photo
from dinosar.notices import collected

EXIF = {1: 0, 6: 1, 3: 2, 8: 3}
ORIENTATION = 0x0112
BENT = {
    "SIMPLE_RADIAL": (0.05,), "RADIAL": (0.05, -0.02), "OPENCV": (0.05, -0.02, 0.01, -0.03),
    "FULL_OPENCV": (0.05, -0.02, 0.01, -0.03, 0.004, 0.01, 0.02, 0.003), "SIMPLE_RADIAL_FISHEYE": (0.05,),
    "RADIAL_FISHEYE": (0.05, -0.02), "OPENCV_FISHEYE": (0.05, -0.02, 0.01, -0.003),
}  # fmt: skip


def of(model):
    """A camera of that kind whose two sides differ in everything."""
    bent = BENT.get(model, ())
    focals = (70.0, 75.0)[: PARAMETERS[model] - 2 - len(bent)]
    return Camera(model, 96, 72, (*focals, 45.0, 38.0, *bent))


def seen(camera, pose, world):
    """Where points of the world lie, by COLMAP's own arithmetic."""
    taken = pycolmap.Camera(**camera.as_dict())
    return np.array(taken.img_from_cam(world @ pose[:3, :3].T + pose[:3, 3]))


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
@pytest.mark.parametrize("model", sorted(PARAMETERS))
def test_a_turned_camera_sees_every_point_where_it_was_turned_to(model, quarters):
    camera, pose = of(model), look(1).pose
    world = np.random.default_rng(0).uniform(-0.8, 0.8, (50, 3)) * [1, 1, 0.2]
    points, size = seen(camera, pose, world), (camera.width, camera.height)
    for _ in range(quarters):  # clockwise: what was at the bottom comes to the left
        points, size = np.stack([size[1] - points[:, 1], points[:, 0]], 1), size[::-1]
    turned = turned_camera(camera, quarters)
    assert (turned.width, turned.height) == size
    np.testing.assert_allclose(seen(turned, turned_pose(pose, quarters), world), points, atol=1e-9)


@pytest.mark.parametrize("orientation", EXIF)
def test_turning_is_what_the_loader_does(tmp_path, orientation):
    """A marked pixel of the file is where the turned camera sees its point."""
    view = look(0)
    pixels = np.zeros_like(view.pixels)
    row, column = 20, 70
    pixels[row, column] = 255
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    save(tmp_path / "a.png", pixels, exif=exif)
    assert header_of(tmp_path / "a.png") == Header(96, 72, orientation)
    with collected() as warnings:
        (photo,) = settled([Listed("a.png", tmp_path / "a.png", camera=view.camera, pose=view.pose)])
    assert warnings == []
    ray = np.linalg.inv(view.camera.matrix) @ [column + 0.5, row + 0.5, 1] * view.depth[row, column]
    world = (ray - view.pose[:3, 3]) @ view.pose[:3, :3]
    there = seen(photo.camera, photo.pose, world[None])[0] - 0.5
    loaded = load_photo(tmp_path / "a.png")
    assert loaded.size == (photo.camera.width, photo.camera.height) == header_of(tmp_path / "a.png").upright
    y, x = np.argwhere(loaded.pixels[..., 0] == 255)[0]
    np.testing.assert_allclose(there, [x, y], atol=1e-6)


def test_what_cannot_be_turned_is_left_out_and_told(tmp_path):
    view = look(0)
    for name, orientation in (("mirrored.jpg", 5), ("turned.jpg", 6)):
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        save(tmp_path / name, view.pixels, exif=exif)
    listed = [Listed(name, tmp_path / name, camera=view.camera, pose=view.pose, depth="d.h5:/depth")
              for name in ("mirrored.jpg", "turned.jpg")]  # fmt: skip
    with collected() as warnings:
        mirrored, turned = settled(listed)
    assert mirrored.camera is mirrored.pose is mirrored.depth is None
    assert turned.camera is not None
    assert turned.depth is None
    assert len(warnings) == 2
    assert any("mirrors" in each for each in warnings)
    assert any("map of depths" in each for each in warnings)


def test_a_photograph_stored_smaller_has_its_camera_in_proportion(tmp_path):
    view = look(0)
    for name, size in (("half.jpg", (48, 36)), ("cut.jpg", (48, 48))):
        save(tmp_path / name, np.array(Image.fromarray(view.pixels).resize(size)))
    with collected() as warnings:
        half, cut = settled([Listed(each, tmp_path / each, camera=view.camera, pose=view.pose)
                             for each in ("half.jpg", "cut.jpg")])  # fmt: skip
    assert half.camera == view.camera.resized(48, 36)
    assert cut.camera is None
    assert cut.pose is not None  # where somebody stood does not depend on what was cut off
    assert len(warnings) == 1
    assert "another shape than its camera says" in warnings[0]


def test_what_cannot_be_read_is_for_the_loader_to_tell(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"no picture")
    assert header_of(tmp_path / "a.jpg") is None
    camera = look(0).camera
    (photo,) = settled([Listed("a.jpg", tmp_path / "a.jpg", camera=camera)])
    assert photo.camera is camera
