"""How a specimen lies in a photograph: the smooth map between photo pixels and canonical places.

The map is given from the photograph to the canonical frame, in two steps: a homography to the plane of the specimen
(rotation, scale, shift, a little perspective), then displacements by smooth bumps (shape of the individual, wing
angle, a little elastic change). Photo coordinates are continuous: pixel i covers [i, i + 1).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from toy_data import anatomy
from toy_data.anatomy import ALLOMETRY, CONTROLS
from toy_data.traits import Traits

_HINGE = (310.0, 300.0)
_WING_MIDDLE, _WING_REACH = (690.0, 270.0), (230.0, 95.0)
# The outermost places of a specimen, which have to fit into the frame, and the space around them.
_EXTREMES = np.array([(100, 255), (112, 240), (915, 320), (900, 250), (150, 580), (600, 594), (228, 597), (700, 195)])
_SPACE = 26.0
_ELASTIC_REACH = 130.0


@dataclass(frozen=True)
class Bumps:
    """Smooth displacements of the specimen plane: centres, reaches and pushes, each (n, 2)."""

    centres: np.ndarray
    reaches: np.ndarray
    pushes: np.ndarray


@dataclass(frozen=True)
class Pose:
    """The pose of one photograph."""

    width: int
    height: int
    to_photo: np.ndarray  # homography from the specimen plane to photo coordinates
    bumps: Bumps
    wing_angle: float
    rotation: float

    def canonical(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Canonical places of photo coordinates."""
        # Plain numbers instead of arrays' elements: they keep single precision single.
        (a, b, c), (d, e, f), (g, h, i) = np.linalg.inv(self.to_photo).tolist()
        scale = g * x + h * y + i
        u, v = (a * x + b * y + c) / scale, (d * x + e * y + f) / scale
        return self._undeformed(u, v)

    def _undeformed(self, u: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Canonical places of places in the specimen plane."""
        du, dv = np.zeros_like(u), np.zeros_like(v)
        bumps = (part.tolist() for part in (self.bumps.centres, self.bumps.reaches, self.bumps.pushes))
        for centre, reach, push in zip(*bumps, strict=True):
            weight = np.exp(-0.5 * (((u - centre[0]) / reach[0]) ** 2 + ((v - centre[1]) / reach[1]) ** 2))
            du -= push[0] * weight
            dv -= push[1] * weight
        turn = self.wing_angle * np.exp(
            -0.5 * (((u - _WING_MIDDLE[0]) / _WING_REACH[0]) ** 2 + ((v - _WING_MIDDLE[1]) / _WING_REACH[1]) ** 2)
        )
        return u + du + turn * (v - _HINGE[1]), v + dv - turn * (u - _HINGE[0])

    def in_photo(self, places: np.ndarray) -> np.ndarray:
        """Photo coordinates (n, 2) of canonical places (n, 2), by Newton's method on `canonical`."""
        lifted = np.column_stack([places, np.ones(len(places))]) @ self.to_photo.T
        found = lifted[:, :2] / lifted[:, 2:]
        for _ in range(12):
            x, y = found.T
            miss = np.column_stack(self.canonical(x, y)) - places
            right = np.column_stack(self.canonical(x + 0.01, y)) - places
            below = np.column_stack(self.canonical(x, y + 0.01)) - places
            jacobian = np.stack([(right - miss) / 0.01, (below - miss) / 0.01], axis=2)
            found = found - np.linalg.solve(jacobian, miss[..., None])[..., 0]
        return found


def _shape_bumps(traits: Traits) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The bumps of the individual's shape."""
    centres = np.array([(c.x, c.y) for c in CONTROLS])
    reaches = np.array([(c.reach_x, c.reach_y) for c in CONTROLS])
    unit = np.array([c.push for c in CONTROLS])[:, None]
    pushes = unit * traits["shape"].reshape(-1, 2) + ALLOMETRY * traits["allometry"][0]
    # Past 0.9 of its reach a bump could fold the plane over itself.
    return centres, reaches, np.clip(pushes, -0.62 * reaches, 0.62 * reaches)


def _elastic_bumps(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Small displacements of one photograph."""
    centres = rng.uniform([80, 180], [920, 600], (6, 2))
    return centres, np.full((6, 2), _ELASTIC_REACH), rng.normal(0, 2.2, (6, 2))


def draw_pose(traits: Traits, rng: np.random.Generator) -> Pose:
    """The pose of a new photograph of the individual with these traits."""
    width, height = int(rng.integers(760, 881)), int(rng.integers(560, 641))
    rotation = float(np.deg2rad(rng.uniform(-6, 6)))
    size = 1 + 0.035 * float(traits["allometry"][0])
    scale = size * rng.uniform(0.95, 1.03) * min(width / 985, height / 680)
    tilt = rng.normal(0, 2.5e-5, 2)
    shift = rng.uniform(-1, 1, 2) * [10.0, 6.0]
    cos, sin = np.cos(rotation) * scale, np.sin(rotation) * scale
    centre = np.array([505.0, 345.0])
    away = np.array([[1, 0, -centre[0]], [0, 1, -centre[1]], [0, 0, 1.0]])
    turn = np.array([[cos, -sin, 0], [sin, cos, 0], [tilt[0], tilt[1], 1.0]])
    back = np.array([[1, 0, width / 2 + shift[0]], [0, 1, height / 2 + shift[1]], [0, 0, 1.0]])
    parts = zip(_shape_bumps(traits), _elastic_bumps(rng), strict=True)
    bumps = Bumps(*(np.concatenate(both) for both in parts))
    pose = Pose(width, height, back @ turn @ away, bumps, float(np.deg2rad(rng.uniform(-1.6, 1.6))), rotation)
    return _fitted(pose)


def _fitted(pose: Pose) -> Pose:
    """The pose shrunk and shifted as far as an uncommonly shaped specimen needs it to lie within the frame."""
    places = pose.in_photo(_EXTREMES.astype(float))
    low, high = places.min(axis=0), places.max(axis=0)
    frame = np.array([pose.width, pose.height])
    shrink = min(1.0, float(((frame - 2 * _SPACE) / (high - low)).min()))
    low, high = low * shrink, high * shrink
    shift = np.maximum(_SPACE - low, 0) - np.maximum(high - frame + _SPACE, 0)
    step = np.array([[shrink, 0, shift[0]], [0, shrink, shift[1]], [0, 0, 1.0]])
    return replace(pose, to_photo=step @ pose.to_photo)


def landmark_places(pose: Pose) -> dict[str, tuple[float, float]]:
    """Photo coordinates of the named landmarks."""
    found = pose.in_photo(np.array(list(anatomy.LANDMARKS.values())))
    return {name: (float(x), float(y)) for name, (x, y) in zip(anatomy.LANDMARKS, found, strict=True)}
