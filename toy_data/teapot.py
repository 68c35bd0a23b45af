"""Paint a teapot, seen from the side with its spout to the left, on the canvas of the planthoppers."""

from __future__ import annotations

import numpy as np

from toy_data.anatomy import Tube
from toy_data.beetle import display_colour
from toy_data.forms import Form, plate, tube
from toy_data.skin import Canvas, Coat, fractal, step, towards

KEYPOINTS = (
    "spout tip", "spout root", "knob", "lid left", "lid right", "handle top", "handle middle", "handle foot",
    "foot left", "foot right",
)  # fmt: skip
_X, _Y = 520.0, 370.0  # middle of the belly
Places = dict[str, tuple[float, float]]


class Build:
    """The proportions and colours of one teapot."""

    def __init__(self, rng: np.random.Generator) -> None:
        """Draw them."""
        self.width, self.height = 195 * rng.uniform(0.86, 1.14), 155 * rng.uniform(0.88, 1.12)
        self.fullness = rng.uniform(2.0, 2.9)  # exponent of the outline: round to boxy
        self.low = rng.uniform(-0.12, 0.2)  # how far the belly hangs
        self.spout, self.rise = 128 * rng.uniform(0.85, 1.15), 120 * rng.uniform(0.8, 1.2)
        self.loop = 118 * rng.uniform(0.85, 1.15)
        self.lid = rng.uniform(0.44, 0.58)
        self.knob = rng.uniform(16, 25)
        self.glaze = display_colour(rng, (0.0, 1.0), (0.1, 0.65), (0.45, 0.9))
        self.paint = display_colour(rng, (0.0, 1.0), (0.3, 0.8), (0.15, 0.5) if rng.random() < 0.6 else (0.85, 1.0))
        self.bands = [
            (rng.uniform(-0.45, -0.25), rng.uniform(0.03, 0.08)),
            (rng.uniform(0.35, 0.6), rng.uniform(0.03, 0.1)),
        ]
        self.petals, self.flower = int(rng.integers(4, 8)), rng.uniform(0.2, 0.34)


def paint_teapot(rng: np.random.Generator) -> tuple[Canvas, Places]:
    """One teapot, and where its keypoints are on the canvas."""
    build, canvas, places = Build(rng), Canvas(), {}
    grain = fractal(rng, 9.0, 3)
    _handle(canvas, build, places)
    _spout(canvas, build, places)
    _foot(canvas, build, places)
    belly = plate(_belly(build), 95, 150)
    canvas.lay(belly, Coat(_belly_colour(build, belly), relief=0.8 * grain[belly.window], gloss=0.8))
    _lid(canvas, build, places)
    return canvas, {name: places[name] for name in KEYPOINTS}


def _belly(build: Build) -> list[tuple[float, float]]:
    """The outline of the belly: between an ellipse and a box, wider above or below its middle."""
    found = []
    for angle in np.linspace(0, 2 * np.pi, 28, endpoint=False):
        cos, sin = np.cos(angle), np.sin(angle)
        radius = (abs(cos) ** build.fullness + abs(sin) ** build.fullness) ** (-1 / build.fullness)
        found.append((_X + build.width * radius * cos * (1 + build.low * sin), _Y + build.height * radius * sin))
    return found


def _belly_colour(build: Build, form: Form) -> np.ndarray:
    """Glaze with two bands and a flower."""
    x, y = form.places()
    u, v = (x - _X) / build.width, (y - _Y) / build.height
    colour = np.broadcast_to(build.glaze, (*x.shape, 3))
    for middle, half in build.bands:
        # Bands run round a body that bulges towards the camera, so they hang.
        colour = towards(colour, build.paint, step(np.abs(v - middle - 0.10 * (1 - u**2)), half * 1.1, half * 0.9))
    away, angle = np.hypot(x - _X, y - _Y - 8) / build.height, np.arctan2(y - _Y - 8, x - _X)
    petal = build.flower * (0.6 + 0.4 * np.cos(build.petals * angle))
    colour = towards(colour, build.paint, step(away - petal, 0.02, -0.02))
    return towards(colour, np.array([0.95, 0.85, 0.35]), step(away, 0.08, 0.06))


def _handle(canvas: Canvas, build: Build, places: Places) -> None:
    root, end = 0.80 * build.width, 0.90 * build.width
    line = (
        (_X + root, _Y - 0.52 * build.height), (_X + build.width + 0.6 * build.loop, _Y - 0.62 * build.height),
        (_X + build.width + build.loop, _Y - 0.1 * build.height),
        (_X + build.width + 0.55 * build.loop, _Y + 0.42 * build.height), (_X + end, _Y + 0.45 * build.height),
    )  # fmt: skip
    canvas.lay(tube(Tube(line, (20, 17, 16, 15, 19))), Coat(build.glaze * 0.9, gloss=0.8))
    places["handle top"], places["handle middle"], places["handle foot"] = line[0], line[2], line[4]


def _spout(canvas: Canvas, build: Build, places: Places) -> None:
    root = (_X - 0.92 * build.width, _Y + 0.30 * build.height)
    bend = (_X - build.width - 0.55 * build.spout, _Y + 0.05 * build.height)
    tip = (_X - build.width - build.spout, _Y - build.rise)
    inside = (_X - 0.6 * build.width, _Y + 0.34 * build.height)
    form = tube(Tube((inside, root, bend, tip), (54, 46, 28, 19)))
    ring = step(form.along, 0.90, 0.94)
    canvas.lay(form, Coat(towards(np.broadcast_to(build.glaze * 0.95, (*ring.shape, 3)), build.paint, ring), gloss=0.8))
    places["spout tip"], places["spout root"] = tip, root


def _foot(canvas: Canvas, build: Build, places: Places) -> None:
    """The ring on which it stands."""
    half, top = 0.56 * build.width, _Y + 0.90 * build.height
    low = _Y + build.height + 26
    outline = [
        (_X - 0.9 * half, top), (_X, top - 4), (_X + 0.9 * half, top), (_X + half, low - 8), (_X + 0.96 * half, low),
        (_X, low + 4), (_X - 0.96 * half, low), (_X - half, low - 8),
    ]  # fmt: skip
    canvas.lay(plate(outline, 14, 14), Coat(build.paint * 0.9, gloss=0.6))
    places["foot left"], places["foot right"] = (_X - 0.97 * half, low - 3), (_X + 0.97 * half, low - 3)


def _lid(canvas: Canvas, build: Build, places: Places) -> None:
    half, base = build.lid * build.width, _Y - 0.90 * build.height
    outline = [
        (_X - half, base), (_X - 0.8 * half, base - 26), (_X - 0.3 * half, base - 46), (_X + 0.3 * half, base - 46),
        (_X + 0.8 * half, base - 26), (_X + half, base), (_X + 0.7 * half, base + 9), (_X, base + 13),
        (_X - 0.7 * half, base + 9),
    ]  # fmt: skip
    form = plate(outline, 34, 30)
    rim = step(form.places()[1], base - 8, base - 4)
    canvas.lay(form, Coat(towards(np.broadcast_to(build.glaze * 1.05, (*rim.shape, 3)), build.paint, rim), gloss=0.8))
    knob = (_X, base - 50 - build.knob)
    canvas.lay(tube(Tube(((_X, base - 44), knob), (10, build.knob))), Coat(build.paint, gloss=0.9))
    places["lid left"], places["lid right"], places["knob"] = (_X - half, base), (_X + half, base), knob
