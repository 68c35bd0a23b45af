"""What stands around a specimen: paper, foam, pin, label card and the shadows on them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from toy_data.anatomy import PIN_FOAM, PIN_TOP, PIN_X
from toy_data.pose import Pose

SAMPLES = 2  # samples per photo pixel and direction
_SHAFT, _KNOB = 1.75, 5.2  # radii of the pin in photo pixels
_CORNERS = ((720.0, 555.0), (700.0, 118.0), (150.0, 128.0))  # where a label can lie, in the specimen plane


@dataclass(frozen=True)
class Light:
    """The light of one photograph; `direction` points to the lamp (x right, y down, z to the camera)."""

    direction: np.ndarray
    exposure: float
    white: np.ndarray
    falloff: np.ndarray
    shadow: float


def draw_light(rng: np.random.Generator) -> Light:
    """A lamp from above, with its exposure and white balance."""
    azimuth, elevation = np.deg2rad(rng.uniform(-155, -40)), np.deg2rad(rng.uniform(38, 60))
    direction = np.array([np.cos(azimuth) * np.cos(elevation), np.sin(azimuth) * np.cos(elevation), np.sin(elevation)])
    warmth = rng.normal(0, 0.045)
    white = np.array([1 + warmth, 1 + rng.normal(0, 0.012), 1 - warmth])
    return Light(direction, float(rng.uniform(0.86, 1.12)), white, rng.uniform(-0.12, 0.12, 2), rng.uniform(0.35, 0.55))


def grid(pose: Pose) -> tuple[np.ndarray, np.ndarray]:
    """Photo coordinates of the sample centres."""
    x = (np.arange(pose.width * SAMPLES, dtype=np.float32) + 0.5) / SAMPLES
    y = (np.arange(pose.height * SAMPLES, dtype=np.float32) + 0.5) / SAMPLES
    return x[None, :], y[:, None]


def _noise(rng: np.random.Generator, shape: tuple[int, int], size: float) -> np.ndarray:
    """Smooth noise with features of `size` photo pixels."""
    cells = (int(shape[0] / (size * SAMPLES)) + 4, int(shape[1] / (size * SAMPLES)) + 4)
    return cv2.resize(rng.standard_normal(cells, dtype=np.float32), shape[::-1], interpolation=cv2.INTER_CUBIC)


def _blend(picture: np.ndarray, cover: np.ndarray, colour: np.ndarray) -> None:
    picture *= (1 - cover)[..., None]
    picture += cover[..., None] * colour


def _at(pose: Pose, x: float, y: float) -> np.ndarray:
    lifted = pose.to_photo @ np.array([x, y, 1.0])
    return lifted[:2] / lifted[2]


def background(pose: Pose, specimen: np.ndarray, light: Light, rng: np.random.Generator) -> np.ndarray:
    """Linear picture of everything but the specimen, with the specimen's shadow (`specimen` is its coverage)."""
    shape = specimen.shape
    tint = np.array([0.76, 0.75, 0.72]) * (1 + rng.normal(0, 0.02, 3)) * rng.uniform(0.92, 1.04)
    fibres = 1 + 0.010 * _noise(rng, shape, 2.0) + 0.012 * _noise(rng, shape, 9.0) + 0.014 * _noise(rng, shape, 90.0)
    picture = fibres[..., None] * tint.astype(np.float32)
    _specks(picture, rng)
    _label(picture, pose, light, rng)
    window, pin, metal = _pin(pose, light)
    standing = specimen.copy()
    standing[window] = np.maximum(standing[window], pin)
    _shadow(picture, standing, light)
    _foam(picture, pose, rng)
    _blend(picture[window], pin, metal)
    return picture


def _specks(picture: np.ndarray, rng: np.random.Generator) -> None:
    """A few grains of dust and a fibre on the paper."""
    sheet = np.zeros(picture.shape[:2], np.uint8)
    for x, y in rng.uniform(0, 1, (int(rng.integers(8, 22)), 2)) * sheet.shape[::-1]:
        cv2.circle(sheet, (int(x), int(y)), int(rng.integers(1, 3)), int(rng.integers(60, 200)), -1, cv2.LINE_AA)
    start = rng.uniform(0.1, 0.9, 2) * sheet.shape[::-1]
    curl = np.cumsum(rng.normal(0, 0.35, 26))
    thread = start + np.cumsum(np.column_stack([np.cos(curl), np.sin(curl)]) * 3.5, axis=0)
    cv2.polylines(sheet, [np.round(thread * 16).astype(np.int32)], False, 110, 1, cv2.LINE_AA, 4)
    picture *= 1 - cv2.GaussianBlur(sheet, (0, 0), 0.9)[..., None] * np.float32(0.5 / 255)


def _shadow(picture: np.ndarray, cover: np.ndarray, light: Light) -> None:
    """Cast shadow on the paper behind: a blurred copy away from the lamp, softer where it is farther."""
    small = cv2.resize(cover, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    depth = 34.0 * SAMPLES * 0.25
    total = np.zeros_like(small)
    for share, reach, blur in ((0.55, 1.0, 3.2), (0.45, 1.7, 9.0), (0.30, 0.3, 12.0)):
        away = -light.direction[:2] / light.direction[2] * depth * reach
        shift = np.array([[1, 0, away[0]], [0, 1, away[1]]])
        moved = cv2.warpAffine(small, shift, small.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
        total += share * cv2.GaussianBlur(moved, (0, 0), blur)
    dark = cv2.resize(total, cover.shape[::-1], interpolation=cv2.INTER_CUBIC) * np.float32(light.shadow)
    picture *= 1 - np.clip(dark, 0, 0.8)[..., None] * np.array([1.0, 0.98, 0.94], np.float32)


def _pin(pose: Pose, light: Light) -> tuple[tuple[slice, slice], np.ndarray, np.ndarray]:
    """The pin's window, coverage and colour; the specimen will hide its middle."""
    top, foot = _at(pose, PIN_X, PIN_TOP), _at(pose, PIN_X, PIN_FOAM)
    low, high = np.minimum(top, foot) - 8, np.maximum(top, foot) + 8
    left, first = (max(0, int(edge * SAMPLES)) for edge in low)
    right, last = (int(edge * SAMPLES) for edge in high)
    window = (slice(first, last), slice(left, right))
    x, y = grid(pose)
    x, y = x[:, window[1]], y[window[0]]
    length = float(np.linalg.norm(foot - top))
    axis = (foot - top) / length
    along = (x - top[0]) * axis[0] + (y - top[1]) * axis[1]
    across = (x - top[0]) * axis[1] - (y - top[1]) * axis[0]
    shaft = np.clip((_SHAFT - np.abs(across)) * SAMPLES + 0.5, 0, 1) * ((along > 0) & (along < length))
    ball = np.clip((_KNOB - np.hypot(along, across)) * SAMPLES + 0.5, 0, 1)
    colour = np.where((ball > 0)[..., None], _brass(along, across, light), _steel(across, light))
    return window, np.maximum(shaft, ball).astype(np.float32), np.clip(colour, 0.02, 1).astype(np.float32)


def _steel(across: np.ndarray, light: Light) -> np.ndarray:
    """A dark metal shaft with a bright line on the side of the lamp."""
    bright = np.exp(-(((across / _SHAFT - 0.35 * np.sign(light.direction[0])) / 0.38) ** 2))
    return 0.10 + 0.62 * bright[..., None] * np.array([1.0, 0.98, 0.94])


def _brass(along: np.ndarray, across: np.ndarray, light: Light) -> np.ndarray:
    """A round head with a glint."""
    away = (along - 2.0 * light.direction[1]) ** 2 + (across - 2.0 * light.direction[0]) ** 2
    body = np.array([0.34, 0.22, 0.08]) * (1.15 - 0.14 * np.hypot(along, across))[..., None]
    return body + 0.8 * np.exp(-away / 3.0)[..., None]


def _foam(picture: np.ndarray, pose: Pose, rng: np.random.Generator) -> None:
    """A strip of white foam along the lower edge that the pin stands in."""
    entry = _at(pose, PIN_X, PIN_FOAM - 6)
    x, y = grid(pose)
    edge = entry[1] - 2.0 + float(np.tan(0.5 * pose.rotation)) * (x - entry[0])
    edge = (edge + 0.7 * np.sin(x / 37.0) + 0.4 * np.sin(x / 11.0 + 1.0)).astype(np.float32)
    first = max(0, int((edge.min() - 40) * SAMPLES))
    y, strip = y[first:], picture[first:]
    below = y - edge
    cover = np.clip(below * SAMPLES + 0.5, 0, 1)
    pits = _noise(rng, cover.shape, 1.6) + 0.7 * _noise(rng, cover.shape, 3.5)
    tone = float(rng.uniform(0.60, 0.72)) * (1 + 0.045 * np.tanh(pits) + 0.02 * _noise(rng, cover.shape, 60.0))
    rim = 1 + 0.10 * np.exp(-(((below - 2.0) / 2.0) ** 2)) - 0.12 * np.exp(-np.clip(below, 0, None) / 30.0)
    hole = np.exp(-(((x - entry[0] - 0.3) / 5.0) ** 2) - ((y - entry[1] - 4.5) / 2.6) ** 2)
    strip *= (1 - 0.25 * np.exp(-np.clip(-below, 0, None) / 7.0))[..., None]
    colour = (tone * rim * (1 - 0.6 * hole))[..., None] * np.array([0.99, 1.0, 1.0])
    _blend(strip, cover, colour.astype(np.float32))


def _label(picture: np.ndarray, pose: Pose, light: Light, rng: np.random.Generator) -> None:
    """One or two paper labels with lines too small to read."""
    corner = np.array(_CORNERS[int(rng.integers(len(_CORNERS)))])
    angle = pose.rotation + float(rng.normal(0, 0.045))
    card = rng.uniform([150, 62], [185, 84])
    for number in range(int(rng.integers(1, 3))):
        middle = _at(pose, *(corner + rng.uniform(-12, 12, 2) + [0, 12 * number])) * SAMPLES
        face = _card_face(card * rng.uniform(0.9, 1.0, 2), rng)
        first = np.maximum(middle - 130 * SAMPLES, 0).astype(int)
        last = (middle + 130 * SAMPLES).astype(int)
        _lay_card(picture[first[1] : last[1], first[0] : last[0]], face, (middle - first, angle), light)
        angle += float(rng.normal(0, 0.08))


def _lay_card(picture: np.ndarray, face: np.ndarray, at: tuple[np.ndarray, float], light: Light) -> None:
    """Lay a card with its shadow on the picture; `at` is its middle (samples) and angle."""
    middle, angle = at
    cos, sin = np.cos(angle) / 2, np.sin(angle) / 2  # the face has 2 texels per sample
    rows, columns = face.shape[:2]
    offset = middle - np.array([cos * columns - sin * rows, sin * columns + cos * rows]) / 2
    size = picture.shape[1::-1]
    place = np.array([[cos, -sin, offset[0]], [sin, cos, offset[1]]])
    warped = cv2.warpAffine(cv2.GaussianBlur(face, (0, 0), 0.8), place, size)
    cover = warped[..., 3]
    away = -light.direction[:2] * 3.0 * SAMPLES
    below = cv2.warpAffine(cover, np.array([[1, 0, away[0]], [0, 1, away[1]]]), size)
    picture *= (1 - 0.35 * cv2.GaussianBlur(below, (0, 0), 2.2 * SAMPLES))[..., None]
    picture *= (1 - cover)[..., None]
    picture += warped[..., :3]


def _card_face(size: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A printed card, premultiplied linear colour and coverage, at 2 x `SAMPLES` texels per photo pixel."""
    rows, columns = int(size[1] * 2 * SAMPLES * 0.8), int(size[0] * 2 * SAMPLES * 0.8)
    paper = np.array([0.80, 0.77, 0.67]) * rng.uniform(0.92, 1.05) * (1 + rng.normal(0, 0.015, 3))
    ink = np.zeros((rows, columns), np.uint8)
    lines = int(rng.integers(4, 6))
    pitch = rows / (lines + 1)
    for line in range(lines):
        y, x, end = pitch * (line + 1), 0.08 * columns, columns * rng.uniform(0.55, 0.93)
        while x < end:
            word = rng.uniform(1.5, 5.0) * pitch * 0.5
            for letter in np.arange(x, min(x + word, end), 0.30 * pitch):
                _glyph(ink, letter, y, pitch, rng)
            x += word + 0.45 * pitch
    texture = 1 + 0.02 * _noise(rng, (rows, columns), 3.0) + 0.02 * _noise(rng, (rows, columns), 40.0)
    colour = texture[..., None] * paper * (1 - 0.82 * (ink.astype(np.float32) / 255)[..., None])
    cover = np.zeros((rows, columns), np.float32)
    cover[3:-3, 3:-3] = 1
    return np.dstack([colour * cover[..., None], cover]).astype(np.float32)


def _glyph(ink: np.ndarray, x: float, y: float, pitch: float, rng: np.random.Generator) -> None:
    """Two strokes that look like a letter from afar."""
    height = pitch * (0.26 if rng.random() < 0.75 else 0.42)
    for _ in range(2):
        ends = np.array([[x, y], [x, y]]) + rng.uniform([0, -height], [0.2 * pitch, 0], (2, 2))
        ends[0, 1], ends[1, 1] = y, y - height * rng.uniform(0.4, 1.0)
        fixed = np.round(ends * 16).astype(np.int32)
        cv2.line(ink, fixed[0].tolist(), fixed[1].tolist(), 230, max(2, round(pitch * 0.06)), cv2.LINE_AA, 4)
