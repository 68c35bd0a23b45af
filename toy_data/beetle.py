"""Paint a made-up beetle, seen from above with its head to the left, on the canvas of the planthoppers."""

from __future__ import annotations

import colorsys

import numpy as np

from toy_data.anatomy import Tube
from toy_data.forms import Form, plate, tube
from toy_data.skin import Canvas, Coat, fractal, step, towards

KEYPOINTS = (
    "head front", "left antenna tip", "right antenna tip", "left eye", "right eye", "left pronotum corner",
    "right pronotum corner", "scutellum", "wing case end", "left hind knee", "right hind knee",
)  # fmt: skip
_AXIS = 320.0  # y of the line between left and right
_SIDES = {"right": -1.0, "left": 1.0}  # heading left, the right side is up
Places = dict[str, tuple[float, float]]


class Build:
    """The proportions and colours of one beetle."""

    def __init__(self, rng: np.random.Generator) -> None:
        """Draw them."""
        self.length, self.width = 340 * rng.uniform(0.86, 1.14), 128 * rng.uniform(0.85, 1.15)
        self.neck = 100 * rng.uniform(0.85, 1.2)  # length of the pronotum
        self.head = 72 * rng.uniform(0.85, 1.15)
        self.reach = rng.uniform(0.88, 1.12)  # of legs and antennae
        self.start = 430.0
        self.case = display_colour(rng, (0.0, 0.16), (0.45, 0.85), (0.30, 0.75))
        self.body = display_colour(rng, (0.02, 0.12), (0.2, 0.5), (0.12, 0.32))
        self.mark = display_colour(rng, (0.05, 0.17), (0.1, 0.6), (0.06, 0.2) if rng.random() < 0.7 else (0.8, 0.95))
        self.spots = np.column_stack(
            [rng.uniform(0.12, 0.85, 5), rng.uniform(0.2, 0.75, 5), rng.uniform(0.05, 0.13, 5)]
        )
        self.spots = self.spots[: int(rng.integers(2, 6))]
        self.furrows = float(rng.integers(4, 8))


def display_colour(rng: np.random.Generator, *ranges: tuple[float, float]) -> np.ndarray:
    """A display colour with hue, saturation and value within ranges."""
    return np.array(colorsys.hsv_to_rgb(*(float(rng.uniform(*each)) % 1 for each in ranges)), np.float32)


def paint_beetle(rng: np.random.Generator) -> tuple[Canvas, Places]:
    """One beetle, and where its keypoints are on the canvas."""
    build, canvas, places = Build(rng), Canvas(), {}
    grain = fractal(rng, 5.0, 3)
    for name, side in _SIDES.items():
        _limbs(canvas, build, name, side, places)
    back = build.start + 0.94 * build.length
    trunk = [(build.start - 10, _AXIS - 60), (back, _AXIS - 14), (back, _AXIS + 14), (build.start - 10, _AXIS + 60)]
    canvas.lay(plate(_spread(trunk), 8, 12), Coat(build.body * 0.4))  # else the ground would show between the cases
    _head(canvas, build, places)
    for name, side in _SIDES.items():
        _wing_case(canvas, build, side, grain)
        places[f"{name} pronotum corner"] = (build.start + 6, _AXIS + side * 0.86 * build.width)
    _pronotum(canvas, build, grain)
    places["scutellum"], places["wing case end"] = (build.start + 22, _AXIS), (build.start + build.length, _AXIS)
    triangle = [(build.start + 4, _AXIS - 20), (build.start + 4, _AXIS + 20), (build.start + 40, _AXIS)]
    canvas.lay(plate(_spread(triangle), 5, 8), Coat(build.body * 0.6, gloss=0.3))
    return canvas, {name: places[name] for name in KEYPOINTS}


def _spread(corners: list[tuple[float, float]]) -> np.ndarray:
    """A polygon with points along its edges, so that a smooth curve through them keeps the corners."""
    points = np.array(corners, float)
    following = np.roll(points, -1, axis=0)
    return np.concatenate(
        [p + (q - p) * np.array([[0.0], [0.33], [0.66]]) for p, q in zip(points, following, strict=True)]
    )


def _limbs(canvas: Canvas, build: Build, name: str, side: float, places: Places) -> None:
    """Three legs and an antenna of one side."""
    out = build.width / 128
    legs = (
        ((380, 70), (318, 150), (262, 158), (222, 196)),
        ((500, 100), (505, 196), (462, 250), (440, 282)),
        ((590, 90), (668, 196), (742, 232), (792, 274)),
    )
    for number, leg in enumerate(legs):
        root = np.array(leg[0], float)
        line = [root + (np.array(p, float) - root) * build.reach for p in leg]
        at = [(float(x), float(_AXIS + side * y * out)) for x, y in line]
        canvas.lay(tube(Tube((at[0], at[1]), (13, 11))), Coat(build.body, gloss=0.4))
        canvas.lay(tube(Tube((at[1], at[2]), (9, 7))), Coat(build.body * 0.85, gloss=0.4))
        canvas.lay(tube(Tube((at[2], at[3]), (6, 4))), Coat(build.body * 0.7, gloss=0.3))
        if number == 2:
            places[f"{name} hind knee"] = at[1]
    foot = build.start - build.neck - 0.6 * build.head
    feeler = [
        (foot, 24),
        (foot - 50 * build.reach, 66),
        (foot - 92 * build.reach, 100),
        (foot - 130 * build.reach, 150),
    ]
    line = tuple((x, _AXIS + side * y) for x, y in feeler)
    canvas.lay(tube(Tube(line, (6, 5, 5, 9))), Coat(build.body * 0.8, gloss=0.3))
    places[f"{name} antenna tip"] = line[-1]


def _head(canvas: Canvas, build: Build, places: Places) -> None:
    """Head, jaws and eyes."""
    back, front = build.start - build.neck + 12, build.start - build.neck - build.head
    half = 0.5 * build.width
    for side in _SIDES.values():
        jaw = ((front + 14, _AXIS + side * 26), (front - 12, _AXIS + side * 30), (front - 26, _AXIS + side * 8))
        canvas.lay(tube(Tube(jaw, (10, 8, 4))), Coat(build.body * 0.6, gloss=0.5))
    middle = back - 0.5 * build.head
    outline = [
        (back, _AXIS - half), (middle, _AXIS - half * 1.02), (front + 8, _AXIS - 0.6 * half), (front, _AXIS),
        (front + 8, _AXIS + 0.6 * half), (middle, _AXIS + half * 1.02), (back, _AXIS + half),
    ]  # fmt: skip
    canvas.lay(plate(outline, 22, 30), Coat(build.body, gloss=0.5))
    places["head front"] = (front, _AXIS)
    for name, side in _SIDES.items():
        eye = (back - 0.48 * build.head, _AXIS + side * half * 0.96)
        canvas.lay(tube(Tube((eye, (eye[0] + 6, eye[1])), (17, 16))), Coat(np.array([0.07, 0.06, 0.06]), gloss=0.9))
        places[f"{name} eye"] = eye


def _pronotum(canvas: Canvas, build: Build, grain: np.ndarray) -> None:
    """The shield behind the head."""
    back, front, half = build.start + 8, build.start - build.neck, 0.88 * build.width
    outline = [
        (front, _AXIS - 0.62 * half), (front + 0.5 * build.neck, _AXIS - 0.98 * half), (back, _AXIS - half),
        (back + 3, _AXIS - 0.5 * half), (back - 4, _AXIS), (back + 3, _AXIS + 0.5 * half), (back, _AXIS + half),
        (front + 0.5 * build.neck, _AXIS + 0.98 * half), (front, _AXIS + 0.62 * half), (front + 10, _AXIS),
    ]  # fmt: skip
    form = plate(outline, 30, 46)
    x, y = form.places()
    middle = step(np.abs(y - _AXIS), 0.06 * build.width, 0.02 * build.width)
    colour = towards(np.broadcast_to(build.body * 1.25, (*x.shape, 3)), build.mark, 0.8 * middle)
    canvas.lay(form, Coat(colour, relief=2 * grain[form.window], gloss=0.45))


def _wing_case(canvas: Canvas, build: Build, side: float, grain: np.ndarray) -> None:
    """One wing case, furrowed and spotted; the other is its mirror image."""
    shares = (
        (0.0, 0.02), (0.005, 0.4), (0.02, 0.78), (0.10, 0.95), (0.4, 1.0), (0.72, 0.84), (0.92, 0.42), (1.0, 0.03),
        (0.75, 0.012), (0.5, 0.012), (0.25, 0.012),
    )  # fmt: skip
    form = plate([(build.start + s * build.length, _AXIS + side * t * build.width) for s, t in shares], 46, 80)
    canvas.lay(
        form, Coat(_case_colour(build, form, side), relief=_furrows(build, form) + 2 * grain[form.window], gloss=0.7)
    )


def _case_colour(build: Build, form: Form, side: float) -> np.ndarray:
    x, y = form.places()
    s, t = (x - build.start) / build.length, side * (y - _AXIS) / build.width
    colour = np.broadcast_to(build.case, (*x.shape, 3)).copy()
    for place_s, place_t, size in build.spots:
        away = np.hypot(s - place_s, (t - place_t) * build.width / build.length)
        colour = towards(colour, build.mark, step(away, size * 1.08, size * 0.92))
    return towards(colour, build.case * 0.5, 0.6 * step(t, 0.05, 0.0))


def _furrows(build: Build, form: Form) -> np.ndarray:
    """Relief of the furrows along a wing case."""
    _, y = form.places()
    return 2.5 * np.cos((y - _AXIS) / build.width * 2 * np.pi * build.furrows)
