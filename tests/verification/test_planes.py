"""The drawn room: its depths, poses and pictures agree."""

import numpy as np
import pytest

from dinosar.cameras import Camera
from dinosar.datasets.lists import read_intrinsics, read_poses
from toy_data.planes import cast, draw_planes, looking, main, points_of, room, seen_in, share_seen


def test_depth_is_that_of_the_plane_that_comes_first(views):
    """Ray by ray, in plain loops, by the equation of each plane."""
    view = views[1]
    random = np.random.default_rng(0)
    centre = -view.pose[:3, :3].T @ view.pose[:3, 3]
    for column, row in random.integers([0, 0], [400, 300], (300, 2)):
        ray = view.pose[:3, :3].T @ np.linalg.inv(view.camera.matrix) @ [column + 0.5, row + 0.5, 1]
        best, shown = np.inf, -1
        for number, plane in enumerate(room(3)):
            normal = np.cross(plane.across, plane.down)
            far = normal @ (plane.corner - centre) / (normal @ ray)
            place = centre + far * ray - plane.corner
            u, v = (place @ edge / (edge @ edge) for edge in (plane.across, plane.down))
            if 0 < far < best and 0 <= u <= 1 and 0 <= v <= 1:
                best, shown = far, number
        assert view.plane[row, column] == shown
        assert view.depth[row, column] == pytest.approx(0 if shown < 0 else best, rel=1e-5)


def test_what_two_views_show_of_one_place_looks_alike(views):
    a, b = views[1], views[2]
    y, x = np.nonzero(a.plane >= 0)
    rays = np.column_stack([x + 0.5, y + 0.5, np.ones(len(x))]) @ np.linalg.inv(a.camera.matrix).T
    places = (rays * a.depth[y, x][:, None] - a.pose[:3, 3]) @ a.pose[:3, :3]
    pixels, shown = seen_in(b, places)
    column, row = np.floor(pixels[shown]).astype(int).T
    one, other = a.pixels[y[shown], x[shown]].astype(float), b.pixels[row, column].astype(float)
    assert shown.mean() > 0.5
    assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.93
    assert share_seen(a, b) == pytest.approx(shown.mean())
    shifted = b.pixels[row, np.clip(column + 12, 0, 399)].astype(float)
    assert np.corrcoef(one.ravel(), shifted.ravel())[0, 1] < 0.85


def test_the_panel_hides_what_lies_behind_it(views):
    points = points_of(3, 4000)
    hidden = 0
    for view in views:
        pixels, shown = seen_in(view, points)
        inside = (pixels >= 0).all(axis=1) & (pixels < [400, 300]).all(axis=1)
        hidden += int((inside & ~shown).sum())
        assert shown.any()
    assert hidden > 100


def test_it_is_the_same_whenever_it_is_drawn(views):
    again = draw_planes(3, 2, (400, 300))
    assert (again.pixels == views[2].pixels).all()
    assert (again.depth == views[2].depth).all()
    assert not (draw_planes(3, 3, (400, 300)).pose == again.pose).all()


def test_a_camera_looks_where_it_is_told_and_upright():
    pose = looking(np.array([1.0, -2, -4]), np.array([0, -1.0, 0]))
    assert np.allclose(pose[:3, :3] @ [0, -1, 0] + pose[:3, 3], [0, 0, np.sqrt(18)])
    assert (pose[:3, :3] @ [0, 1, 0])[1] > 0  # down is down
    lens = Camera("PINHOLE", 40, 30, (40.0, 40.0, 20.0, 15.0))
    depth, plane, _ = cast(3, lens, pose, 1)
    assert depth.shape == plane.shape == (30, 40)


def test_from_behind_the_wall_only_the_wall_is_seen():
    lens = Camera("PINHOLE", 40, 30, (60.0, 60.0, 20.0, 15.0))
    depth, plane, _ = cast(3, lens, looking(np.array([0, -3.0, 2]), np.array([0, -3.0, -2])), 1)
    assert (plane == 0).all()
    assert np.allclose(depth, 2)


def test_the_folder_tells_what_is_true(tmp_path, views):
    assert main(["--out", str(tmp_path / "room"), "--seed", "3", "--views", "2", "--size", "400x300"]) == 0
    poses, cameras = read_poses(tmp_path / "room" / "poses.txt"), read_intrinsics(tmp_path / "room" / "intrinsics.txt")
    for view in views[:2]:
        assert np.allclose(poses[view.name], view.pose, atol=1e-9)
        assert cameras[view.name] == view.camera
