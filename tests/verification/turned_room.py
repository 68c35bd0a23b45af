"""Photographs of a drawn room as a camera that was held on its side leaves them: turned by their EXIF data."""

import numpy as np
from PIL import Image

from dinosar.cameras import quaternion_of
from dinosar.datasets.upright import QUARTERS, turned_camera, turned_pose

ORIENTATION = 0x0112


def turn_file(path, orientation):
    """Save a photograph so that the file lies turned and its EXIF data bring it upright again."""
    pixels = np.asarray(Image.open(path))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    Image.fromarray(np.ascontiguousarray(np.rot90(pixels, QUARTERS[orientation]))).save(path, exif=exif)


def lying(view, orientation):
    """The camera and the pose of a view's file that lies turned."""
    back = -QUARTERS[orientation] % 4
    return turned_camera(view.camera, back), turned_pose(view.pose, back)


def file_places(places, view, orientation):
    """Where places (n, 2) of a view lie in its file that lies turned, one quarter after the other."""
    (width, height), (x, y) = (view.camera.width, view.camera.height), np.asarray(places).T
    for _ in range(QUARTERS[orientation]):  # counterclockwise: what was at the right comes to the top
        x, y, width, height = y, width - x, height, width
    return np.stack([x, y], axis=1), (width, height)


def rewrite_lists(folder, name, camera, pose):
    """Say of one photograph in the lists of a folder what is true of its file."""
    told = {
        "intrinsics.txt": [camera.model, camera.width, camera.height, *camera.params],
        "poses.txt": [*quaternion_of(pose[:3, :3]), *pose[:3, 3]],
    }
    for file, words in told.items():
        lines = (folder / file).read_text().splitlines()
        own = " ".join([name, *(str(word) for word in words)])
        (folder / file).write_text("\n".join(own if line.split()[0] == name else line for line in lines) + "\n")
