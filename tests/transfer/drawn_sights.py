"""Specimens whose landmarks are known: one drawn blob with marks of its own, seen through known movements."""

import numpy as np

from dinosar.config import ImageConfig, Part
from dinosar.data import Photo
from dinosar.landmarks.points import SEEN, Landmarks
from dinosar.parts import build_backbone
from dinosar.transfer import Sight

PLACES = np.array([[70, 110], [120, 70], [170, 60], [215, 90], [250, 120], [200, 150], [140, 160], [100, 135.0]])


def movement(degrees, scale=1.0, shift=(0.0, 0.0), mirrored=False):
    """A matrix (3, 3) about the middle of the drawing."""
    angle, middle = np.deg2rad(degrees), np.array([160.0, 110.0])
    linear = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = linear @ np.diag([-1.0 if mirrored else 1.0, 1.0])
    matrix = np.eye(3)
    matrix[:2, :2], matrix[:2, 2] = linear, middle + shift - linear @ middle
    return matrix


def drawn(matrix=None, size=(320, 220), seed=0):
    """Pixels and mask of the blob moved by the matrix: a smooth texture of its own inside an egg, on plain ground."""
    width, height = size
    y, x = np.mgrid[:height, :width] + 0.5
    back = np.linalg.inv(np.eye(3) if matrix is None else matrix)
    u, v = (back[i, 0] * x + back[i, 1] * y + back[i, 2] for i in range(2))
    rng = np.random.default_rng(seed)
    centres, tints = rng.uniform([50, 40], [270, 180], (60, 2)), rng.uniform(-1, 1, (60, 3))
    reach = rng.uniform(6, 22, 60)
    texture = sum(
        np.exp(-0.5 * ((u - cx) ** 2 + (v - cy) ** 2) / r**2)[..., None] * tint
        for (cx, cy), r, tint in zip(centres, reach, tints, strict=True)
    )
    mask = ((u - 160) / (115 + 0.1 * (v - 110))) ** 2 + ((v - 110) / 68) ** 2 < 1
    pixels = np.where(mask[..., None], 120 + 70 * texture, 235)
    return np.clip(pixels, 0, 255).astype(np.uint8), mask


def sight(matrix=None, size=(320, 220), seed=0, backbone="classic", image=None):
    """The blob as a backbone sees it."""
    pixels, mask = drawn(matrix, size, seed)
    config = ImageConfig(size=256) if image is None else image
    return Sight(Photo(pixels, "blob"), mask, build_backbone(Part(use=backbone)), config)


def landmarks(places=PLACES, names="abcdefgh"):
    """Named landmarks, all seen."""
    return Landmarks(tuple(names), np.array(places), np.full(len(places), SEEN, np.int8))
