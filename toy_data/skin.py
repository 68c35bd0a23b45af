"""What surfaces look like: colours, noise, and how forms are laid on the canvas one over the other."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from toy_data import anatomy
from toy_data.forms import TEXELS, Form
from toy_data.traits import Traits

# Display colours (sRGB, 0..1) at trait value 0; traits move them along the axes below.
WING_BROWN = np.array([0.62, 0.50, 0.34], np.float32)
BODY_BROWN = np.array([0.50, 0.37, 0.24], np.float32)
DARK = np.array([0.17, 0.11, 0.07], np.float32)
PALE = np.array([0.86, 0.80, 0.66], np.float32)
LIGHTNESS = np.array([0.075, 0.075, 0.070], np.float32)
WARMTH = np.array([0.045, 0.0, -0.045], np.float32)
GREENNESS = np.array([-0.030, 0.018, -0.012], np.float32)


@dataclass(frozen=True)
class Coat:
    """The surface of a form: display colour, relief on top of its height, gloss and how much it hides."""

    colour: np.ndarray
    relief: np.ndarray | float = 0.0
    gloss: float | np.ndarray = 0.3
    opacity: np.ndarray | float = 1.0


class Canvas:
    """The painted individual in the canonical frame.

    `paint` holds linear colour times opacity, and opacity; `surface` holds the slope in x and y, gloss and coverage.
    """

    def __init__(self) -> None:
        """Start with an empty canvas."""
        shape = (int(anatomy.HEIGHT * TEXELS), int(anatomy.WIDTH * TEXELS), 4)
        self.paint = np.zeros(shape, np.float32)
        self.surface = np.zeros(shape, np.float32)

    def lay(self, form: Form, coat: Coat, shade: float = 0.45) -> None:
        """Lay a form over what is there; `shade` is how dark it makes what lies close beneath its edge."""
        window = form.window
        slope_y, slope_x = np.gradient(form.height + coat.relief)
        paint, surface = self.paint[window], self.surface[window]
        if shade:
            paint[..., :3] *= (1 - shade * _contact(form.cover))[..., None]
        hides = (form.cover * coat.opacity)[..., None]
        linear = np.clip(coat.colour, 0.01, 1.0).astype(np.float32) ** np.float32(2.2)
        paint *= 1 - hides
        paint[..., :3] += linear * hides
        paint[..., 3:] += hides
        surface *= 1 - form.cover[..., None]
        for number, field in enumerate((np.clip(slope_x, -3, 3), np.clip(slope_y, -3, 3), coat.gloss, 1.0)):
            surface[..., number] += field * form.cover

    def scratch(self, window: tuple[slice, slice], strokes: np.ndarray, colour: np.ndarray) -> None:
        """Draw fine strokes (coverage 0..1), such as setae, without a relief of their own."""
        paint, surface = self.paint[window], self.surface[window]
        hides = strokes[..., None]
        paint[...] = paint * (1 - hides) + np.append(colour**2.2, 1.0) * hides
        surface[..., 3] = np.maximum(surface[..., 3], strokes)


def _contact(cover: np.ndarray) -> np.ndarray:
    """Occlusion of what lies close beneath a form: a tight line and a wide soft one, more below than above it."""
    tight = cv2.GaussianBlur(cover, (0, 0), 3.0)
    small = cv2.resize(cover, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    wide = cv2.warpAffine(small, np.array([[1, 0, 0], [0, 1, 2.0]]), small.shape[::-1])
    wide = cv2.resize(cv2.GaussianBlur(wide, (0, 0), 3.5), cover.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.minimum(0.75 * tight + 0.85 * wide, 1.0)


class Grain:
    """Noise fields of one individual in the canonical frame, the same for all its parts."""

    def __init__(self, rng: np.random.Generator) -> None:
        """Draw the fields once; parts cut out their window."""
        self.fine = fractal(rng, 2.2, 2)
        self.medium = fractal(rng, 12.0, 3)
        self.coarse = fractal(rng, 70.0, 3)


def fractal(rng: np.random.Generator, size: float, octaves: int, stretch: float = 1.0) -> np.ndarray:
    """Smooth noise over the canvas with features of `size` units, about -1..1; `stretch` elongates them in x."""
    rows, columns = int(anatomy.HEIGHT * TEXELS), int(anatomy.WIDTH * TEXELS)
    total = np.zeros((rows, columns), np.float32)
    for octave in range(octaves):
        step = max(1.0, size * TEXELS / 2**octave)
        grid = rng.standard_normal((int(rows / step) + 4, int(columns / (step * stretch)) + 4)).astype(np.float32)
        total += 0.6**octave * cv2.resize(grid, (columns, rows), interpolation=cv2.INTER_CUBIC)
    return total * np.float32(0.55)


def wing_colour(traits: Traits) -> np.ndarray:
    """Ground colour of the forewing."""
    return _tinted(WING_BROWN, traits, float(traits["lightness"][0]))


def body_colour(traits: Traits) -> np.ndarray:
    """Ground colour of the body."""
    return _tinted(BODY_BROWN, traits, float(0.5 * traits["lightness"][0] + traits["body_lightness"][0]))


def _tinted(colour: np.ndarray, traits: Traits, lightness: float) -> np.ndarray:
    return colour + LIGHTNESS * lightness + WARMTH * traits["warmth"][0] + GREENNESS * traits["greenness"][0]


def towards(colour: np.ndarray, target: np.ndarray, share: np.ndarray | float) -> np.ndarray:
    """Mix a colour field with a target colour by a share field."""
    mix = np.clip(np.asarray(share, np.float32), 0, 1)[..., None]
    return colour * (1 - mix) + target * mix


def step(value: np.ndarray, low: float, high: float) -> np.ndarray:
    """Smooth step from 0 at `low` to 1 at `high`."""
    u = np.clip((value - low) / (high - low), 0, 1)
    return u * u * (3 - 2 * u)
