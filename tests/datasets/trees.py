"""Small collections in the trees they are published in, of pictures of one textured plane that was really looked at.

The plane lies in z = 0 of the world. Each view has its camera, its pose and its depths, and the picture, the
intrinsics, the pose and the map of depths of a collection agree.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from dinosar.cameras import Camera, pose_of, quaternion_of

SIZE = (96, 72)
TEXTURE = 160
REACH = 2.0
"""The texture covers [-REACH, REACH] both ways; beyond it is grey."""


@dataclass(frozen=True)
class View:
    """A picture (height, width, 3), its depths, and how it was taken."""

    pixels: np.ndarray
    depth: np.ndarray
    camera: Camera
    pose: np.ndarray


def texture(seed=0):
    """Blobs in colours, (TEXTURE, TEXTURE, 3)."""
    noise = np.random.default_rng(seed).integers(0, 256, (20, 20, 3), dtype=np.uint8)
    return cv2.resize(noise, (TEXTURE, TEXTURE), interpolation=cv2.INTER_CUBIC)


def look(step, camera=None, seed=0):
    """What a camera sees that stands at the `step`-th place of a walk before the plane."""
    camera = camera or Camera("PINHOLE", *SIZE, (90.0 + step, 92.0 + step, 47.0, 37.5))
    # It looks along +z of the world from before the plane, a little to the side and tilted.
    tilt, roll = 0.12 * np.sin(step), 0.05 * step
    about_y = np.array([[np.cos(tilt), 0, np.sin(tilt)], [0, 1, 0], [-np.sin(tilt), 0, np.cos(tilt)]])
    about_z = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    rotation = about_y @ about_z
    centre = np.array([0.3 * np.cos(step), 0.25 * np.sin(2 * step), -3.0 + 0.2 * step])
    pose = pose_of(rotation, -rotation @ centre)
    return View(_picture(camera, pose, texture(seed)), _depth(camera, pose), camera, pose)


def _picture(camera, pose, painted):
    """The plane through the camera. Pixels are measured along their edges, OpenCV counts from centres."""
    onto = camera.matrix @ pose[:3, [0, 1, 3]]
    spread = np.array([[2 * REACH / TEXTURE, 0, -REACH], [0, 2 * REACH / TEXTURE, -REACH], [0, 0, 1]])
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    moved = np.linalg.inv(half) @ onto @ spread @ half
    return cv2.warpPerspective(painted, moved, (camera.width, camera.height), flags=cv2.INTER_LINEAR,
                               borderValue=(128, 128, 128))  # fmt: skip


def _depth(camera, pose):
    rows, columns = np.mgrid[: camera.height, : camera.width] + 0.5
    rays = np.stack([columns, rows, np.ones_like(rows)], -1) @ np.linalg.inv(camera.matrix).T
    down = pose[:3, :3].T[2]  # the world's z, told in the camera
    return ((down @ pose[:3, 3]) / (rays @ down)).astype(np.float32)


def save(path, pixels, **options):
    """A picture in a file whose ending says how."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, quality=92, **options)


def noise(path, size=SIZE):
    """A picture of noise that only its name decides."""
    seed = int.from_bytes(hashlib.sha256(Path(path).name.encode()).digest()[:4], "little")
    save(path, np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8))


def draw_plain(folder, count=4, between="_"):
    """Photographs in two folders with intrinsics, poses, and who asks; returns the views by name."""
    views = {f"{'asked' if i == 0 else 'kept'}/view{between}{i}.png": look(i) for i in range(count)}
    for name, view in views.items():
        save(folder / name, view.pixels)
    write_intrinsics(folder / "intrinsics.txt", views)
    write(folder / "poses.txt", [f"{name} {posed(view)}" for name, view in views.items()])
    write(folder / "query.txt", [name for name in views if name.startswith("asked")])
    return views


def draw_inloc(folder, queries=2, cutouts=2):
    """Noise in the tree of InLoc, with the files that lie between the photographs there; returns the names."""
    names = [f"query/iphone7/IMG_{i:04}.JPG" for i in range(queries)]
    names += [f"database/cutouts/{building}/{scan}/{building}_cutout_{scan}_{i * 30}_0.jpg"
              for building, scan in (("DUC1", "000"), ("DUC2", "024")) for i in range(cutouts)]  # fmt: skip
    for name in names:
        noise(folder / name)
    write(folder / "query/iphone7/LICENSE.txt", ["a licence"])
    for name in names[queries:]:
        (folder / f"{name}.mat").write_bytes(b"MATLAB 5.0 MAT-file")
    return names


def draw_megadepth(folder, scenes=("0015",), count=3):
    """Scenes with intrinsics, poses, depths and overlaps; one row of each is empty. Returns the views by name."""
    views = {}
    for place, scene in enumerate(scenes):
        seen = [None] + [look(i, seed=place) for i in range(count)]
        images = [None if view is None else f"Undistorted_SfM/{scene}/images/{i}.jpg" for i, view in enumerate(seen)]
        depths = [None if view is None else f"depth_undistorted/{scene}/{i}.h5" for i, view in enumerate(seen)]
        for image, depth, view in zip(images, depths, seen, strict=True):
            if view is not None:
                save(folder / image, view.pixels)
                save_depth(folder / depth, view.depth)
                views[image] = view
        (folder / "scene_info").mkdir(exist_ok=True)
        overlap = np.linspace(0.1, 0.9, len(seen) ** 2).reshape(len(seen), len(seen))
        overlap[0], overlap[:, 0], overlap[1, 2] = -1, -1, 0
        np.savez(
            folder / "scene_info" / f"{scene}.npz", image_paths=of_objects(images), depth_paths=of_objects(depths),
            intrinsics=of_objects([None if view is None else view.camera.matrix for view in seen]),
            poses=of_objects([None if view is None else view.pose for view in seen]), overlap_matrix=overlap,
        )  # fmt: skip
    return views


def draw_eth3d(folder, scenes=("courtyard",), count=3, points=True):
    """Scenes whose distorted cameras have other numbers than the undistorted; returns the views by name."""
    views = {}
    for place, scene in enumerate(scenes):
        top = folder / scene
        lines, cameras, distorted = ["#"] * 4, ["#"] * 3, ["#"] * 4
        for i in range(count):
            view, name = look(i, seed=place), f"dslr_images_undistorted/DSC_{i:04}.JPG"
            save(top / "images" / name, view.pixels)
            params = " ".join(map(repr, view.camera.params))
            cameras.append(f"{i} PINHOLE {view.camera.width} {view.camera.height} {params}")
            lines += [f"{i + 1} {posed(view)} {i} {name}", ""]
            distorted += [f"{i + 1} {posed(view)} {count - 1 - i} {name.replace('_undistorted', '')}", ""]
            views[f"{scene}/images/{name}"] = view
        write(top / "dslr_calibration_undistorted/cameras.txt", cameras)
        write(top / "dslr_calibration_undistorted/images.txt", lines)
        write(top / "dslr_calibration_jpg/images.txt", distorted)
        if points:
            write(top / "dslr_calibration_undistorted/points3D.txt", ["# none"])
    return views


def draw_phototourism(folder, scenes=("sacre_coeur",), count=3):
    """Scenes with intrinsics by pairs, rotations and translations; returns the views by name."""
    import h5py

    views = {}
    for place, scene in enumerate(scenes):
        seen = {f"0{i}-{i}_1{i}": look(i, seed=place) for i in range(count)}  # their names hold a dash
        for known, view in seen.items():
            name = f"{scene}/images/{known}.jpg"
            save(folder / name, view.pixels)
            views[name] = view
        ordered = list(seen)
        with h5py.File(folder / scene / "K1_K2.h5", "w") as pairs:
            for i, a in enumerate(ordered):
                for b in ordered[:i]:
                    pairs[f"{a}-{b}"] = np.array([[seen[a].camera.matrix, seen[b].camera.matrix]])
        with h5py.File(folder / scene / "R.h5", "w") as turns, h5py.File(folder / scene / "T.h5", "w") as moves:
            for known, view in seen.items():
                turns[known], moves[known] = view.pose[:3, :3], view.pose[:3, 3:]
    return views


def draw_colmap(folder, count=4, *, text=False, points=60, between="_"):
    """A model of all photographs but the last, with points that really lie on the plane; returns the views by name.

    The intrinsics of the last stand in a list, so that it can ask where it was taken.
    """
    import pycolmap

    views = {f"walk/view{between}{i}.png": look(i) for i in range(count)}
    for name, view in views.items():
        save(folder / "images" / name, view.pixels)
    model = pycolmap.Reconstruction()
    spread = np.random.default_rng(1).uniform(-0.7, 0.7, (points, 2))
    world = np.concatenate([spread, np.zeros((points, 1))], axis=1)
    for i, (name, view) in enumerate(list(views.items())[:-1], start=1):
        camera = pycolmap.Camera(camera_id=i, **view.camera.as_dict())
        model.add_camera_with_trivial_rig(camera)
        image = pycolmap.Image(name=name, keypoints=projected(view, world), camera_id=i, image_id=i)
        model.add_image_with_trivial_frame(image, pycolmap.Rigid3d(view.pose[:3]))
    for row, point in enumerate(world):
        track = pycolmap.Track()
        for i in range(1, count):
            track.add_element(i, row)
        model.add_point3D(point, track, np.zeros(3, np.uint8))
    write_intrinsics(folder / "intrinsics.txt", dict([list(views.items())[-1]]))
    (folder / "sparse/0").mkdir(parents=True)
    (model.write_text if text else model.write_binary)(str(folder / "sparse/0"))
    return views


def projected(view, world):
    """Where points (n, 3) of the world lie on the picture (n, 2)."""
    seen = (world @ view.pose[:3, :3].T + view.pose[:3, 3]) @ view.camera.matrix.T
    return seen[:, :2] / seen[:, 2:]


def write_intrinsics(path, views):
    """A list of the cameras of these views."""
    write(path, ["# name MODEL width height parameters"] + [
        f"{name} {view.camera.model} {view.camera.width} {view.camera.height} {' '.join(map(repr, view.camera.params))}"
        for name, view in views.items()])  # fmt: skip


def posed(view):
    """A pose as lists hold it."""
    return " ".join(repr(float(value)) for value in (*quaternion_of(view.pose[:3, :3]), *view.pose[:3, 3]))


def write(path, lines):
    """A text of these lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def save_depth(path, depth):
    """A map of depths as MegaDepth stores it."""
    import h5py

    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        file["depth"] = depth


def of_objects(values):
    """An array of Python objects, whatever they are."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array
