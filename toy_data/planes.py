"""Draw photographs of three textured planes by known cameras: a wall, a floor, and a panel that stands before them.

    python toy_data/planes.py --out room
    python toy_data/planes.py --out room --seed 3 --views 12 --size 320x240

    from toy_data.planes import draw_planes
    view = draw_planes(seed=0, view=3)     # .pixels .depth .camera .pose

The panel hides parts of wall and floor, other parts from elsewhere. The world is in metres: x to the right along the
wall, y down, z into the wall; wall and floor meet in the line y = z = 0. What is written is a folder of photographs
with their `poses.txt` (name, quaternion wxyz, translation, world to camera), `intrinsics.txt` (name, model of COLMAP,
size, parameters) and `depths.npz`. Where neither plane is seen the depth is 0. The pixel arrays depend on the options
only; the bytes of the files also depend on the libraries that write them.
"""

from __future__ import annotations

import argparse
import functools
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

# The script is run, and loaded, from its path; its parts are imported as the package of this folder.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dinosar.cameras import Camera, Pose, pose_of, quaternion_of
from toy_data.overlap_worlds import SIDE, Key, world

SIZE = (480, 360)
"""Width and height of a photograph."""
WALL, PANEL = 10.0, 2.2
"""Metres of wall and floor, and of the panel, along an edge."""
VIEWS = 8
_SCENE, _VIEW, _LIGHT, _POINTS = 81, 82, 83, 84  # keys of the draws
_FINER = 3  # a view is drawn finer and shrunk: sampled as it is, it would glitter
_SKY = (196.0, 203.0, 209.0)
_NEAREST = 0.05


@dataclass(frozen=True, eq=False)
class View:
    """A photograph (height, width, 3), the depth of the centre of each pixel along the camera's axis, and the camera.

    `plane` says which plane each pixel shows: 0 wall, 1 floor, 2 panel, -1 none of them, and there the depth is 0.
    """

    name: str
    pixels: np.ndarray
    depth: np.ndarray
    plane: np.ndarray
    camera: Camera
    pose: Pose


@dataclass(frozen=True, eq=False)
class Plane:
    """A square in the world: its first corner, its two edges (3,), and the picture on it."""

    corner: np.ndarray
    across: np.ndarray
    down: np.ndarray
    texture: np.ndarray

    @property
    def frame(self) -> np.ndarray:
        """(3, 3), from (u, v, 1) on the square, 0 to 1, to places in the world."""
        return np.stack([self.across, self.down, self.corner], axis=1)


@functools.lru_cache(maxsize=4)
def room(seed: int) -> tuple[Plane, Plane, Plane]:
    """Wall, floor and panel of a scene."""
    rng = np.random.default_rng([_SCENE, seed])
    half = WALL / 2
    wall = (np.array([-half, -WALL, 0]), np.array([WALL, 0, 0]), np.array([0, WALL, 0]))
    floor = (np.array([-half, 0, 0]), np.array([WALL, 0, 0]), np.array([0, 0, -WALL]))
    turn = np.deg2rad(rng.uniform(15, 45)) * rng.choice([-1, 1])
    along = PANEL * np.array([np.cos(turn), 0, np.sin(turn)])
    middle = np.array([rng.uniform(-0.6, 0.6), -PANEL / 2, -rng.uniform(1.3, 1.9)])
    panel = (middle - along / 2 - [0, PANEL / 2, 0], along, np.array([0, PANEL, 0]))
    small = cv2.resize(world(Key(1000 + seed, 2, 0)), (SIDE // 2, SIDE // 2), interpolation=cv2.INTER_AREA)
    pictures = [_mosaic(seed, 0), _mosaic(seed, 1), small]
    wall, floor, panel = (Plane(*each, picture) for each, picture in zip((wall, floor, panel), pictures, strict=True))
    return wall, floor, panel


def _mosaic(seed: int, family: int) -> np.ndarray:
    """Four worlds side by side: a wall seen from near needs more on it than one holds."""
    one, two, three, four = (world(Key(1000 + seed, family, member)) for member in range(4))
    return np.vstack([np.hstack([one, two]), np.hstack([three, four])])


def draw_planes(seed: int, view: int, size: tuple[int, int] = SIZE, camera: Camera | None = None,
                pose: Pose | None = None) -> View:  # fmt: skip
    """View `view` of scene `seed`: the same one whenever it is asked for; another camera or pose if they are given."""
    rng = np.random.default_rng([_VIEW, seed, view])
    drawn = _pose(rng)
    focal = float(rng.uniform(0.9, 1.3)) * max(size)
    camera = camera or Camera("PINHOLE", *size, (focal, focal, size[0] / 2, size[1] / 2))
    pose = drawn if pose is None else pose
    depth, plane = cast(seed, camera, pose, 1)[:2]
    pixels = _lit(_painted(seed, camera, pose), np.random.default_rng([_LIGHT, seed, view]))
    return View(f"view_{view:03d}.png", pixels, depth.astype(np.float32), plane, camera, pose)


def _pose(rng: np.random.Generator) -> Pose:
    """Somewhere before the panel, looking at a place near it."""
    target = np.array([rng.uniform(-0.9, 0.9), -rng.uniform(0.7, 1.5), -rng.uniform(0.2, 1.4)])
    around, up, away = np.deg2rad(rng.uniform(-32, 32)), np.deg2rad(rng.uniform(4, 26)), rng.uniform(2.8, 5.4)
    place = target - away * np.array([np.sin(around) * np.cos(up), np.sin(up), np.cos(around) * np.cos(up)])
    return looking(place, target, float(np.deg2rad(rng.uniform(-9, 9))))


def looking(place: np.ndarray, target: np.ndarray, roll: float = 0.0) -> Pose:
    """The pose of a camera that stands at one place and looks at another, turned about its axis by `roll`."""
    axis = (target - place) / np.linalg.norm(target - place)
    right = np.cross([0.0, 1.0, 0.0], axis)
    right /= np.linalg.norm(right)
    turn = np.array([[np.cos(roll), np.sin(roll), 0], [-np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    rotation = turn @ np.stack([right, np.cross(axis, right), axis])
    return pose_of(rotation, -rotation @ place)


def cast(seed: int, camera: Camera, pose: Pose, finer: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Depth, plane, and place on the plane (height, width, 2), 0 to 1, of the centre of every pixel, or finer."""
    x = (np.arange(camera.width * finer) + 0.5) / finer
    y = (np.arange(camera.height * finer) + 0.5) / finer
    shape = len(y), len(x)
    depth, plane, where = np.full(shape, np.inf), np.full(shape, -1), np.zeros((*shape, 2))
    for number, each in enumerate(room(seed)):
        frame = pose[:3, :3] @ each.frame
        frame[:, 2] += pose[:3, 3]
        u, v, near = (  # each divided by the depth
            row[0] * x[None, :] + row[1] * y[:, None] + row[2] for row in np.linalg.inv(camera.matrix @ frame)
        )
        seen = (near > 0) & (near < 1 / _NEAREST) & (near * depth > 1) & (u >= 0) & (v >= 0) & (u <= near) & (v <= near)
        depth[seen], plane[seen] = 1 / near[seen], number
        where[seen] = np.stack([u[seen], v[seen]], axis=1) / near[seen][:, None]
    return np.where(plane < 0, 0.0, depth), plane, where


def _painted(seed: int, camera: Camera, pose: Pose) -> np.ndarray:
    """What the camera sees, before light and noise."""
    _, plane, where = cast(seed, camera, pose, _FINER)
    fine = np.empty((*plane.shape, 3), np.float32)
    fine[:] = _SKY
    for number, each in enumerate(room(seed)):
        place = (where * each.texture.shape[0] - 0.5).astype(np.float32)
        colours = cv2.remap(
            each.texture, place[..., 0], place[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        fine[plane == number] = colours[plane == number]
    return cv2.resize(fine, (camera.width, camera.height), interpolation=cv2.INTER_AREA)


def _lit(painted: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Under a light of its own, by a camera with noise of its own."""
    gain, tint = np.exp(rng.normal(0, 0.08)), np.exp(rng.normal(0, 0.03, 3))
    noisy = painted * gain * tint + rng.normal(0, 2.5, painted.shape)
    return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)


def points_of(seed: int, count: int) -> np.ndarray:
    """Places in the world (count, 3) on the three planes, most of them where the views look."""
    rng = np.random.default_rng([_POINTS, seed])
    spread = ((0.3, 0.7), (0.3, 0.7), (0.0, 1.0)), ((0.65, 1.0), (0.0, 0.4), (0.0, 1.0))
    which = rng.integers(0, 3, count)
    ends = np.array(spread)[:, which]  # (2, count, 2)
    u, v = rng.uniform(ends[..., 0], ends[..., 1])
    frames = np.stack([each.frame for each in room(seed)])[which]
    return np.einsum("nij,nj->ni", frames, np.stack([u, v, np.ones(count)], axis=1))


def seen_in(view: View, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where places in the world (n, 3) lie in a view (n, 2), and which of them it shows (n,), nothing before them."""
    inside = points @ view.pose[:3, :3].T + view.pose[:3, 3]
    far = inside[:, 2]
    projected = inside @ view.camera.matrix.T
    with np.errstate(divide="ignore", invalid="ignore"):
        pixels = projected[:, :2] / far[:, None]
    ok = (far > _NEAREST) & (pixels >= 0).all(axis=1) & (pixels < [view.camera.width, view.camera.height]).all(axis=1)
    column, row = np.floor(np.where(ok[:, None], pixels, 0)).astype(int).T
    return pixels, ok & (np.abs(view.depth[row, column] - far) < 0.02 * far)


def share_seen(a: View, b: View) -> float:
    """Of the pixels of a that show a plane, how many b shows, too."""
    y, x = np.nonzero(a.plane >= 0)
    rays = np.stack([x + 0.5, y + 0.5, np.ones(len(x))], axis=1) @ np.linalg.inv(a.camera.matrix).T
    inside = rays * a.depth[y, x][:, None]
    points = (inside - a.pose[:3, 3]) @ a.pose[:3, :3]
    return float(seen_in(b, points)[1].mean()) if len(points) else 0.0


def write(out: Path, seed: int = 0, views: int = VIEWS, size: tuple[int, int] = SIZE) -> list[View]:
    """Write views 0, 1, … of a scene as a folder of photographs with what is known of them; returns the views."""
    out.mkdir(parents=True, exist_ok=True)
    drawn = [draw_planes(seed, number, size) for number in range(views)]
    for view in drawn:
        cv2.imwrite(str(out / view.name), cv2.cvtColor(view.pixels, cv2.COLOR_RGB2BGR))
    poses = [f"{view.name} {_words([*quaternion_of(view.pose[:3, :3]), *view.pose[:3, 3]])}\n" for view in drawn]
    taken = [f"{v.name} {v.camera.model} {v.camera.width} {v.camera.height} {_words(v.camera.params)}\n" for v in drawn]
    (out / "poses.txt").write_text("".join(poses), encoding="utf-8")
    (out / "intrinsics.txt").write_text("".join(taken), encoding="utf-8")
    np.savez_compressed(out / "depths.npz", **{view.name: view.depth for view in drawn})
    return drawn


def _words(numbers: Sequence[float]) -> str:
    return " ".join(repr(float(each)) for each in numbers)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="folder that is written")
    parser.add_argument("--seed", type=int, default=0, help="which scene (default: 0)")
    parser.add_argument("--views", type=int, default=VIEWS, help=f"photographs (default: {VIEWS})")
    parser.add_argument("--size", default="480x360", help="width x height in px (default: 480x360)")
    given = parser.parse_args(arguments)
    width, _, height = given.size.partition("x")
    write(given.out, given.seed, given.views, (int(width), int(height)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
