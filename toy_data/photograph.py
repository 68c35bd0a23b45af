"""Take photographs of painted individuals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from toy_data.forms import TEXELS
from toy_data.individual import Individual, paint_individual
from toy_data.pose import Pose, draw_pose, landmark_places
from toy_data.scene import SAMPLES, Light, background, draw_light, grid
from toy_data.traits import species_name

_PHOTO = 5  # key of the draws of a photograph, after those in `individual`

Landmarks = dict[str, tuple[float, float, bool]]


@dataclass(frozen=True)
class Photograph:
    """One photograph with everything that is known about it.

    Landmark coordinates are continuous: pixel i covers [i, i + 1), the centre of the first pixel is 0.5. `canonical`
    holds for the centre of every pixel of the specimen its place (x, y) in the canonical frame, which is the same for
    homologous places of all individuals of all species; it is NaN outside the mask. The mask is the specimen without
    pin, label and shadow.
    """

    name: str
    species: str
    individual: int
    photo: int
    pixels: np.ndarray
    mask: np.ndarray
    landmarks: Landmarks
    canonical: np.ndarray


def photographs(
    seed: int, *, species: int = 2, individuals: int = 3, photos: int = 2, difference: float = 1.0
) -> Iterator[Photograph]:
    """All photographs of a seed, in the order of their names' numbers.

    Every picture depends on the seed, its own numbers and `difference` only, not on how many pictures are asked for.
    `individual` and `photo` count from 1, as in the names.
    """
    for kind in range(species):
        for number in range(individuals):
            individual = paint_individual(seed, kind, number, difference)
            for photo in range(photos):
                yield take(individual, photo)


def take(individual: Individual, photo: int) -> Photograph:
    """Take one photograph of an individual; `photo` counts from 0."""
    rng = np.random.default_rng([individual.seed, _PHOTO, individual.species, individual.number, photo])
    pose, light = draw_pose(individual.traits, rng), draw_light(rng)
    canonical = _canonical_map(pose)
    paint, surface = _sampled(individual, canonical)
    cover = np.ascontiguousarray(surface[..., 3])
    picture = background(pose, cover, light, rng)
    left, top, columns, rows = cv2.boundingRect((cover > 0).astype(np.uint8))
    box = (slice(top, top + rows), slice(left, left + columns))
    picture[box] *= 1 - paint[box][..., 3:]
    picture[box] += _lit(paint[box], surface[box], light, pose)
    pixels = _exposed(picture, light, pose, rng)
    mask = _whole(cv2.resize(cover, (pose.width, pose.height), interpolation=cv2.INTER_AREA) > 0.5)
    canonical[~mask] = np.nan
    return Photograph(
        name=f"{individual.name}_p{photo + 1}",
        species=species_name(individual.species),
        individual=individual.number + 1,
        photo=photo + 1,
        pixels=pixels,
        mask=mask,
        landmarks=_landmarks(pose, mask),
        canonical=canonical,
    )


def _canonical_map(pose: Pose) -> np.ndarray:
    """Canonical place of every pixel centre of the frame."""
    columns, rows = (np.arange(n, dtype=np.float32) + np.float32(0.5) for n in (pose.width, pose.height))
    x, y = np.meshgrid(columns, rows)
    return np.stack(pose.canonical(x, y), axis=-1)


def _sampled(individual: Individual, canonical: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Paint and surface of the specimen at the samples of the photograph."""
    # The map is smooth: between pixel centres it is as good as linear.
    size = (canonical.shape[1] * SAMPLES, canonical.shape[0] * SAMPLES)
    texels = cv2.resize(canonical, size, interpolation=cv2.INTER_LINEAR) * np.float32(TEXELS) - np.float32(0.5)
    x, y = texels[..., 0], texels[..., 1]
    canvas = individual.canvas
    return cv2.remap(canvas.paint, x, y, cv2.INTER_LINEAR), cv2.remap(canvas.surface, x, y, cv2.INTER_LINEAR)


def _lit(paint: np.ndarray, surface: np.ndarray, light: Light, pose: Pose) -> np.ndarray:
    """Light leaving the specimen towards the camera, premultiplied with its opacity."""
    cos, sin = float(np.cos(pose.rotation)), float(np.sin(pose.rotation))
    slope_x = surface[..., 0] * cos - surface[..., 1] * sin
    slope_y = surface[..., 0] * sin + surface[..., 1] * cos
    inverse = 1 / np.sqrt(1 + slope_x**2 + slope_y**2)
    toward = light.direction.astype(np.float32)
    cosine = (toward[2] - toward[0] * slope_x - toward[1] * slope_y) * inverse
    # Besides the lamp, the pale surroundings: more from above (negative y) than from below.
    sky = (0.5 + 0.4 * slope_y * inverse) * (0.4 + 0.6 * inverse)
    diffuse = 0.20 + 0.42 * sky + 1.0 * np.clip(0.10 + 0.90 * cosine, 0, None)
    half = toward + np.array([0, 0, 1], np.float32)
    half /= np.linalg.norm(half)
    facing = np.clip((half[2] - half[0] * slope_x - half[1] * slope_y) * inverse, 0, 1)
    gloss = surface[..., 2] * paint[..., 3]
    shine = gloss * (0.13 * facing**14 + 0.36 * gloss * facing**60)
    return paint[..., :3] * diffuse[..., None] + shine[..., None]


def _exposed(picture: np.ndarray, light: Light, pose: Pose, rng: np.random.Generator) -> np.ndarray:
    """The camera: falloff and vignette, lens blur, tone curve, noise."""
    x, y = grid(pose)
    u, v = x / pose.width * 2 - 1, y / pose.height * 2 - 1
    lamp = (1 + light.falloff[0] * u + light.falloff[1] * v) * (1 - 0.09 * (u**2 + v**2)) * light.exposure
    picture *= lamp.astype(np.float32)[..., None]
    picture *= light.white.astype(np.float32)
    picture = cv2.GaussianBlur(picture, (0, 0), SAMPLES * rng.uniform(0.35, 0.6))
    small = cv2.resize(picture, (pose.width, pose.height), interpolation=cv2.INTER_AREA)
    # A shoulder instead of hard clipping in the highlights.
    small = np.where(small > 0.75, 0.75 + 0.25 * np.tanh((small - 0.75) / 0.25), small)
    display = np.clip(small, 0, 1) ** (1 / 2.2)
    grain = rng.standard_normal(display.shape, dtype=np.float32) * np.float32(0.0055)
    return np.clip(np.round((display + grain) * 255), 0, 255).astype(np.uint8)


def _whole(mask: np.ndarray) -> np.ndarray:
    """The mask without crumbs: thin hairs leave single pixels that hang together with nothing."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    if count <= 2:
        return mask
    return labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))


def _landmarks(pose: Pose, mask: np.ndarray) -> Landmarks:
    """The named landmarks; visible are those within the frame and on the specimen."""
    near = cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    found: Landmarks = {}
    for name, (x, y) in landmark_places(pose).items():
        inside = 0 <= x < pose.width and 0 <= y < pose.height
        found[name] = (x, y, bool(inside and near[int(y), int(x)]))
    return found
