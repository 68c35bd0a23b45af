"""Photographs of painted things somewhere in the world: turned, near or far, cut off by the frame or half covered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np

from toy_data.forms import TEXELS
from toy_data.grounds import draw_ground
from toy_data.pose import Bumps, Pose
from toy_data.scene import Light, draw_light
from toy_data.skin import Canvas

TURN = 15.0
"""Degrees to either side that a thing may be turned from how it stands upright."""
_SAMPLES = 2  # samples per pixel and direction
_SMALLER = 2  # the canvas is far finer than a snapshot; sampled as it is, it would glitter
_SPACE = 0.03  # least share of the frame left free around a thing that is whole


@dataclass(frozen=True)
class Thing:
    """A painted thing: paint and surface, its landmarks on the canvas, and its own shape.

    `upright` is the turn, in degrees, that sets it upright; `hull` (n, 2) goes around it on the canvas.
    """

    paint: np.ndarray
    surface: np.ndarray
    landmarks: Mapping[str, tuple[float, float]]
    bumps: Bumps
    upright: float
    hull: np.ndarray


@dataclass(frozen=True)
class Snapshot:
    """One picture with everything that is known about it.

    `places` (K, 2) are continuous: pixel i covers [i, i + 1). `seen` says which of them lie in the frame with nothing
    before them. `mask` is what is seen of the thing; `turn` is in degrees and `length`, that of its longer side, in px.
    """

    pixels: np.ndarray
    mask: np.ndarray
    places: np.ndarray
    seen: np.ndarray
    turn: float
    length: float
    truncated: bool
    occluded: bool


def thing(canvas: Canvas, landmarks: Mapping[str, tuple[float, float]], bumps: Bumps, upright: float = 0.0) -> Thing:
    """What was painted on a canvas, ready to be photographed."""
    paint, surface = (
        cv2.resize(field, None, fx=1 / _SMALLER, fy=1 / _SMALLER, interpolation=cv2.INTER_AREA)
        for field in (canvas.paint, canvas.surface)
    )
    points = cv2.findNonZero((paint[..., 3] > 0.5).astype(np.uint8))
    hull = cv2.convexHull(points)[:, 0].astype(float)
    return Thing(paint, surface, landmarks, bumps, upright, (hull + 0.5) * _SMALLER / TEXELS)


def random_bumps(rng: np.random.Generator, push: float) -> Bumps:
    """A shape of one's own: smooth displacements all over the canvas."""
    centres = rng.uniform([150, 100], [850, 540], (7, 2))
    return Bumps(centres, np.full((7, 2), 150.0), np.clip(rng.normal(0, push, (7, 2)), -40, 40))


def take(subject: Thing, rng: np.random.Generator, *, cut: bool = False, covered: bool = False) -> Snapshot:
    """Photograph a thing; `cut` by the frame or `covered` by a strip of something, if that is wanted."""
    pose, turn = _draw_pose(subject, rng, cut)
    light = draw_light(rng)
    picture, cover = _drawn(subject, pose, light, rng)
    hidden = _strip(picture, subject, pose, rng) if covered else np.zeros_like(cover)
    size = (pose.width // _SAMPLES, pose.height // _SAMPLES)
    whole, above = (cv2.resize(each, size, interpolation=cv2.INTER_AREA) > 0.5 for each in (cover, hidden))
    places = pose.in_photo(np.array(list(subject.landmarks.values()))) / _SAMPLES
    hull = pose.in_photo(subject.hull) / _SAMPLES
    inside = ((places >= 0) & (places < size)).all(axis=1)
    pixel = np.clip(places, 0, np.array(size) - 1).astype(int)
    return Snapshot(
        pixels=_exposed(picture, light, size, rng),
        mask=whole & ~above,
        places=places,
        seen=inside & ~above[pixel[:, 1], pixel[:, 0]],
        turn=turn,
        length=float(np.ptp(hull, axis=0).max()),
        truncated=bool(((hull < 0) | (hull > size)).any()),
        occluded=bool((whole & above).any()),
    )


def _draw_pose(subject: Thing, rng: np.random.Generator, cut: bool) -> tuple[Pose, float]:
    """Where a thing lies in a new picture, in samples, and how far it is turned."""
    turn = float(rng.uniform(-TURN, TURN))
    angle = np.deg2rad(turn + subject.upright)
    cos, sin = np.cos(angle), np.sin(angle)
    tilt = rng.normal(0, 8e-5, 2)
    away = np.array([[1, 0, -500.0], [0, 1, -330.0], [0, 0, 1]])
    start = np.array([[cos, -sin, 0], [sin, cos, 0], [*tilt, 1]]) @ away
    elastic = random_bumps(rng, 3.0)
    bumps = Bumps(*(np.concatenate(both) for both in zip(_fields(subject.bumps), _fields(elastic), strict=True)))
    pose = Pose(0, 0, start, bumps, 0.0, float(angle))
    around = pose.in_photo(subject.hull)
    low, extent = around.min(axis=0), np.ptp(around, axis=0)
    longer = float(rng.integers(330, 501))
    aspect = np.clip(extent[1] / extent[0] * rng.uniform(0.75, 1.35), 0.6, 1 / 0.6)
    size = np.maximum(np.round(longer * np.minimum([1 / aspect, aspect], 1.0)), 250)
    scale = rng.uniform(0.5, 0.9) * float((size * (1 - 2 * _SPACE) / extent).min())
    free = size - scale * extent
    corner = free * (_SPACE + (1 - 2 * _SPACE) * rng.random(2))
    if cut:
        corner = _beyond(rng, corner, free, scale * extent)
    shift = corner - scale * low
    grow = np.array([[scale, 0, shift[0]], [0, scale, shift[1]], [0, 0, 1]])
    fine = np.diag([_SAMPLES, _SAMPLES, 1.0])
    width, height = (int(side) * _SAMPLES for side in size)
    return replace(pose, width=width, height=height, to_photo=fine @ grow @ start), turn


def _fields(bumps: Bumps) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return bumps.centres, bumps.reaches, bumps.pushes


def _beyond(rng: np.random.Generator, corner: np.ndarray, free: np.ndarray, extent: np.ndarray) -> np.ndarray:
    """The place of a thing that one side of the frame cuts off by a tenth to a fourth."""
    axis, far = int(rng.integers(2)), bool(rng.integers(2))
    part = rng.uniform(0.10, 0.25) * extent[axis]
    moved = corner.copy()
    moved[axis] = free[axis] + part if far else -part
    return moved


def _drawn(subject: Thing, pose: Pose, light: Light, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Linear picture in samples, and how much of each sample is the thing."""
    x, y = np.meshgrid(*(np.arange(n, dtype=np.float32) + np.float32(0.5) for n in (pose.width, pose.height)))
    at = [place * np.float32(TEXELS / _SMALLER) - np.float32(0.5) for place in pose.canonical(x, y)]
    paint, surface = (cv2.remap(field, *at, cv2.INTER_LINEAR) for field in (subject.paint, subject.surface))
    picture = draw_ground(rng, (pose.width, pose.height))
    cover = np.ascontiguousarray(paint[..., 3])
    reach = 0.02 * max(cover.shape)
    away = -light.direction[:2] / light.direction[2] * reach
    shadow = cv2.warpAffine(cover, np.array([[1, 0, away[0]], [0, 1, away[1]]]), cover.shape[::-1])
    picture *= 1 - np.float32(light.shadow) * cv2.GaussianBlur(shadow, (0, 0), 0.6 * reach)[..., None]
    return picture * (1 - paint[..., 3:]) + _lit(paint, surface, pose.rotation, light), cover


def _lit(paint: np.ndarray, surface: np.ndarray, rotation: float, light: Light) -> np.ndarray:
    """Light that leaves the thing, premultiplied with its opacity."""
    cos, sin = float(np.cos(rotation)), float(np.sin(rotation))
    slope_x = surface[..., 0] * cos - surface[..., 1] * sin
    slope_y = surface[..., 0] * sin + surface[..., 1] * cos
    lamp = light.direction.astype(np.float32)
    inverse = 1 / np.sqrt(1 + slope_x**2 + slope_y**2)
    facing = np.clip((lamp[2] - lamp[0] * slope_x - lamp[1] * slope_y) * inverse, 0, None)
    shine = surface[..., 2] * paint[..., 3] * 0.35 * facing**40
    return paint[..., :3] * (0.45 + 0.95 * facing)[..., None] + shine[..., None]


def _strip(picture: np.ndarray, subject: Thing, pose: Pose, rng: np.random.Generator) -> np.ndarray:
    """Lay a strip of bark or tape over the thing; how much of each sample it covers."""
    hull = pose.in_photo(subject.hull)
    extent = float(np.ptp(hull, axis=0).max())
    middle = hull.mean(axis=0) + rng.uniform(-0.25, 0.25, 2) * np.ptp(hull, axis=0)
    angle, half = rng.uniform(0, np.pi), rng.uniform(0.045, 0.085) * extent
    x, y = np.meshgrid(*(np.arange(n, dtype=np.float32) + np.float32(0.5) for n in (pose.width, pose.height)))
    along = (x - middle[0]) * np.cos(angle) + (y - middle[1]) * np.sin(angle)
    across = (y - middle[1]) * np.cos(angle) - (x - middle[0]) * np.sin(angle)
    wave = half * (1 + 0.12 * np.sin(along / half * 0.9 + rng.uniform(0, 6)))
    cover = np.clip(wave - np.abs(across) + 0.5, 0, 1).astype(np.float32)
    tone = (
        draw_ground(rng, (pose.width, pose.height))
        * (0.5 + 0.5 * np.sqrt(np.clip(1 - (across / wave) ** 2, 0, 1)))[..., None]
    )
    picture *= 1 - 0.35 * cv2.GaussianBlur(cover, (0, 0), 0.25 * half)[..., None]
    picture += cover[..., None] * (tone - picture)
    return cover


def _exposed(picture: np.ndarray, light: Light, size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """The camera: lens blur, white balance, tone curve, noise."""
    picture = cv2.GaussianBlur(picture, (0, 0), _SAMPLES * rng.uniform(0.3, 0.7))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA) * (light.white * light.exposure).astype(np.float32)
    display = np.clip(small, 0, 1) ** (1 / 2.2)
    grain = rng.standard_normal(display.shape, dtype=np.float32) * np.float32(rng.uniform(0.004, 0.012))
    return np.clip(np.round((display + grain) * 255), 0, 255).astype(np.uint8)
