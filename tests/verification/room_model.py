"""A model of COLMAP of a drawn room: what SIFT finds in its photographs, at its true places in the world."""

import numpy as np

from dinosar.images import photo_from_array
from dinosar.verification.sift_points import keypoints_of
from toy_data.planes import seen_in


def in_the_world(view, pixels):
    """Places (n, 3) in the world that pixels (n, 2) show, and which of them show any."""
    column, row = np.floor(pixels).astype(int).T
    depth = view.depth[row, column].astype(np.float64)
    rays = np.column_stack([pixels, np.ones(len(pixels))]) @ np.linalg.inv(view.camera.matrix).T
    inside = rays * depth[:, None]
    return (inside - view.pose[:3, 3]) @ view.pose[:3, :3], depth > 0


def write_model(folder, views, names):
    """The model of some views, in COLMAP's binary files."""
    import pycolmap

    folder.mkdir(parents=True)
    found = []
    for view in views:
        pixels = np.unique(keypoints_of(photo_from_array(view.pixels, view.name)).places, axis=0)
        places, there = in_the_world(view, pixels)
        found.append(places[there])
    world = np.concatenate(found)
    model = pycolmap.Reconstruction()
    tracks = [[] for _ in world]
    for number, (view, name) in enumerate(zip(views, names, strict=True), start=1):
        pixels, shown = seen_in(view, world)
        which = np.flatnonzero(shown)
        camera = pycolmap.Camera(camera_id=number, **view.camera.as_dict())
        model.add_camera_with_trivial_rig(camera)
        image = pycolmap.Image(name=name, keypoints=pixels[which], camera_id=number, image_id=number)
        model.add_image_with_trivial_frame(image, pycolmap.Rigid3d(view.pose[:3]))
        for row, point in enumerate(which):
            tracks[point].append((number, row))
    for place, elements in zip(world, tracks, strict=True):
        track = pycolmap.Track()
        for image, row in elements:
            track.add_element(image, row)
        if elements:
            model.add_point3D(place, track, np.zeros(3, np.uint8))
    model.write_binary(str(folder))
    return folder
