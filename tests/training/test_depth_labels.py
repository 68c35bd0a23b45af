"""Where pixels land by depth and pose: against loops over the textbook's formulas, and behind things not at all."""

from pathlib import Path

import numpy as np
import pytest
from trees import draw_megadepth, look

from dinosar.cameras import Camera, pose_of
from dinosar.datasets.opening import open_dataset
from dinosar.errors import InputError
from dinosar.images import LoadOptions
from dinosar.training.depth_labels import DepthChecks, Depths, Taken, depth_landing, shrunk
from dinosar.training.sources import share, shares

CAMERA = Camera("PINHOLE", 40, 30, (35.0, 36.0, 19.0, 15.5))


def taken(depth, x=0.0, turn=0.0, camera=CAMERA):
    """A camera that stands at x and is turned about its upright axis."""
    rotation = np.array([[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]])
    return Taken(camera, pose_of(rotation, rotation @ [-x, 0, 0]), np.asarray(depth, dtype=np.float32))


def centres(camera=CAMERA):
    y, x = np.mgrid[: camera.height, : camera.width]
    return np.stack([x.ravel(), y.ravel()], axis=1) + 0.5


def by_formulas(points, a, b):
    """Back-projected, moved and projected one by one."""
    found = []
    for x, y in points:
        depth = float(a.depth[int(y), int(x)])
        fx, fy, cx, cy = a.camera.params
        here = np.array([(x - cx) / fx * depth, (y - cy) / fy * depth, depth, 1.0])
        there = b.pose @ np.linalg.solve(a.pose, here)
        fx, fy, cx, cy = b.camera.params
        seen = depth > 0 and there[2] > 1e-4
        found.append((fx * there[0] / there[2] + cx, fy * there[1] / there[2] + cy, seen) if seen else (0, 0, False))
    return np.array(found, dtype=float)


@pytest.mark.parametrize("seed", range(3))
def test_pixels_land_where_the_formulas_say(seed):
    rng = np.random.default_rng(seed)
    depth = rng.uniform(1, 4, (30, 40))
    depth[rng.random(depth.shape) < 0.2] = 0
    other = Camera("PINHOLE", 50, 28, (30.0, 33.0, 24.0, 15.0))
    a, b = taken(depth), taken(np.ones((28, 50)), x=0.4, turn=0.2, camera=other)
    places, seen = depth_landing(a, b)(centres())
    expected = by_formulas(centres(), a, b)
    np.testing.assert_array_equal(seen, expected[:, 2] > 0)
    np.testing.assert_allclose(places[seen], expected[seen][:, :2], rtol=1e-6)
    assert seen.any()
    assert not seen.all()


def wall_with_a_post():
    """A wall at 4 behind a post at 2, seen by two cameras side by side: a pinhole's depths, worked out by rays."""

    def depths(x):
        rays = (centres()[:, 0] - CAMERA.params[2]) / CAMERA.params[0]
        on_post = np.abs(x + 2 * rays) < 0.25
        return np.where(on_post, 2.0, 4.0).reshape(30, 40)

    return taken(depths(-0.5), x=-0.5), taken(depths(0.5), x=0.5)


def test_what_is_hidden_counts_as_seen_only_where_nobody_looks():
    a, b = wall_with_a_post()
    points = centres()
    behind = a.depths(points) == 4
    places, seen = depth_landing(a, b)(points)
    hidden = seen & behind & (b.depths(places) == 2)
    assert hidden.sum() > 30
    for checks in (DepthChecks(tolerance=0.05), DepthChecks(cycle=1.0), DepthChecks(0.05, 1.0)):
        _, checked = depth_landing(a, b, checks)(points)
        assert not checked[hidden].any()
        assert checked[seen & ~hidden & (b.depths(places) == a.depths(points))].mean() > 0.95
        assert not (checked & ~seen).any()


def test_where_the_other_knows_no_depth_a_check_sees_nothing():
    a, b = wall_with_a_post()
    blind = Taken(b.camera, b.pose, np.zeros_like(b.depth))
    assert depth_landing(a, blind)(centres())[1].any()
    assert not depth_landing(a, blind, DepthChecks(tolerance=0.1))(centres())[1].any()


def test_the_size_of_the_photograph_counts_and_not_twice_its_middle():
    # The principal point lies far to the left: twice its x would cut the photograph in half.
    camera = Camera("PINHOLE", 40, 30, (35.0, 36.0, 10.0, 15.0))
    a = taken(np.full((30, 40), 2.0), camera=camera)
    assert share(depth_landing(a, a), (40, 30), (40, 30)) == 1.0


def test_depths_shrink_to_those_of_pixels_that_are_there():
    depth = np.random.default_rng(0).uniform(1, 9, (61, 97)).astype(np.float32)
    small = shrunk(depth, 24)
    assert small.shape == (15, 24)
    assert np.isin(small, depth).all()
    assert small[7, 12] == depth[int(7.5 * 61 / 15), int(12.5 * 97 / 24)]
    assert shrunk(depth, 97) is depth


def test_a_collection_with_depths_lands_as_its_planes_do(tmp_path):
    views = draw_megadepth(tmp_path, count=3)
    listed = {each.name: each for each in open_dataset("megadepth", tmp_path).photographs()}
    depths = Depths(listed, DepthChecks(), 96, LoadOptions())
    one, other = sorted(views)[:2]
    points = centres(views[one].camera)
    places, seen = depths.landing(one, other)(points)
    # The scene is the plane z = 0: what takes it from one picture to the other is a homography.
    onto = [view.camera.matrix @ view.pose[:3, [0, 1, 3]] for view in (views[one], views[other])]
    across = np.concatenate([points, np.ones((len(points), 1))], axis=1) @ (onto[1] @ np.linalg.inv(onto[0])).T
    np.testing.assert_allclose(places[seen], (across[:, :2] / across[:, 2:])[seen], atol=1e-3)
    assert seen.mean() > 0.5
    table = shares(depths, [one, other], [view.camera.matrix.shape and (96, 72) for view in views.values()][:2])
    assert 0.2 < table[0, 1] <= 1
    assert depths.photo(one).size == (96, 72)


def test_what_is_not_known_is_told(tmp_path):
    view = look(0)
    draw_megadepth(tmp_path, count=2)
    listed = {each.name: each for each in open_dataset("megadepth", tmp_path).photographs()}
    name = min(listed)
    bare = type(listed[name])(name, Path("x.png"), camera=view.camera)
    with pytest.raises(InputError, match="no pose and no depth"):
        Depths({name: bare}, DepthChecks(), 96, LoadOptions()).landing(name, name)
    bent = type(bare)(name, Path("x.png"), camera=Camera("SIMPLE_RADIAL", 96, 72, (90.0, 48.0, 36.0, 0.1)),
                      pose=view.pose, depth="x.h5:/depth")  # fmt: skip
    with pytest.raises(InputError, match="undistort"):
        Depths({name: bent}, DepthChecks(), 96, LoadOptions()).landing(name, name)
