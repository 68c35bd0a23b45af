"""Specimens whose tokens are a smooth function of a place on the body, so that homologous places look the same."""

import numpy as np

from dinosar.data import Features, Photo, Specimen
from dinosar.features import halved
from dinosar.grid import fit_grid, share_per_patch
from dinosar.landmarks.points import Landmarks
from dinosar.shape.fits import moved

SIZE = (320, 240)
BODY = np.array([[60, 120], [100, 70], [160, 60], [220, 80], [262, 118], [210, 170], [150, 180], [95, 165]], float)
"""Landmarks of the body at rest."""


def turning(degrees, scale=1.0, shift=(0.0, 0.0), centre=(160.0, 120.0)):
    """A similarity about a centre, as a matrix (3, 3)."""
    angle = np.deg2rad(degrees)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = np.eye(3)
    matrix[:2, :2], matrix[:2, 2] = turn, np.array(centre) + shift - turn @ np.array(centre)
    return matrix


def words(places, difference=0.0):
    """What a perfect backbone says of places (n, 2) of the body at rest."""
    x, y = (places / 60.0).T
    bent = difference * np.sin(1.3 * x + y)
    return np.stack([np.sin(x + bent), np.cos(y), np.sin(0.7 * x * y + bent), np.cos(x - y), 0.4 + 0 * x], axis=1)


def drawn(movement=None, difference=0.0, name="drawn", patch=16, points=BODY, missing=()):
    """The body moved by a matrix (3, 3), seen by a perfect backbone; `difference` makes another species of it."""
    movement = np.eye(3) if movement is None else movement
    photo = Photo(np.zeros((SIZE[1], SIZE[0], 3), np.uint8), name)
    grid = fit_grid(photo.size, patch, fit="native")
    back = np.linalg.inv(movement)
    tokens = halved(words(moved(back, grid.centres_in_photo()), difference)).reshape(grid.rows, grid.columns, -1)
    y, x = np.mgrid[: SIZE[1], : SIZE[0]] + 0.5
    u, v = moved(back, np.stack([x.ravel(), y.ravel()], axis=1)).T
    mask = (((u - 160) / 110) ** 2 + ((v - 120) / 70) ** 2 < 1).reshape(y.shape)
    share = share_per_patch(mask, grid)
    seen = np.full(len(points), 2, np.int8)
    seen[list(missing)] = 0
    landmarks = Landmarks(tuple(f"m{i}" for i in range(len(points))), moved(movement, points), seen)
    return Specimen(photo, Features(tokens, grid, "perfect-v1"), mask, share > 0.5, share, landmarks)
