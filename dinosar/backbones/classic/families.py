"""What generated pictures are painted with: each family turns a random generator and a side into one square canvas.

A family returns the picture (side, side, 3) and the pixels (side, side) that are subject rather than plain ground.
`LEARNING` families fit the projection; `HELD_OUT` families share no painter with them and only judge it.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Doubles = NDArray[np.float64]
Subject = NDArray[np.bool_]
Random = np.random.Generator
Painter = Callable[[Random, int], tuple[Pixels, Subject]]


def _colour(rng: Random) -> tuple[float, ...]:
    return tuple(float(part) for part in rng.integers(0, 256, 3))


def _whole(image: Doubles | Pixels) -> tuple[Pixels, Subject]:
    """A picture that is subject everywhere."""
    return np.rint(np.clip(image, 0, 255)).astype(np.uint8), np.ones(image.shape[:2], bool)


def _fractal(rng: Random, side: int, slope: float, count: int) -> Doubles:
    """`count` fields of noise (side, side, count) whose spectrum falls as frequency ** -slope; mean 0, spread 1."""
    quick = -(-side // 64) * 64  # a length that Fourier transforms are fast at
    frequency = np.hypot(np.fft.rfftfreq(quick)[None, :], np.fft.fftfreq(quick)[:, None])
    fall = np.maximum(frequency, 1 / quick) ** -slope
    fall[0, 0] = 0
    white = (rng.standard_normal((quick, quick)) for _ in range(count))
    stack = np.stack([np.fft.irfft2(np.fft.rfft2(grain) * fall)[:side, :side] for grain in white], axis=-1)
    return np.asarray(stack / stack.std(axis=(0, 1)))


def paint_leaves(rng: Random, side: int) -> tuple[Pixels, Subject]:
    """Dead leaves: flat ellipses and polygons of all sizes, one upon the other until nothing else is seen."""
    import cv2

    canvas = np.full((side, side, 3), _colour(rng), np.uint8)
    sizes = np.sort(side * 0.02 / (1 - rng.uniform(0, 0.93, 500)))[::-1]
    for size in sizes:
        x, y = rng.uniform(0, side, 2)
        flat, angle = rng.uniform(0.3, 1), rng.uniform(0, 180)
        if rng.random() < 0.5:
            axes = (float(2 * size), float(2 * size * flat))
            cv2.ellipse(canvas, ((float(x), float(y)), axes, float(angle)), _colour(rng), -1, cv2.LINE_AA)
        else:
            turns = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(3, 7))))
            corners = np.stack([x + size * np.cos(turns), y + size * np.sin(turns)], axis=-1)
            cv2.fillPoly(canvas, [np.rint(corners).astype(np.int32)], _colour(rng), cv2.LINE_AA)
    return _whole(canvas + _fractal(rng, side, 1.0, 1) * rng.uniform(2, 15))


def paint_clouds(rng: Random, side: int) -> tuple[Pixels, Subject]:
    """Noise with the spectrum of natural scenes, in correlated colours."""
    fields = _fractal(rng, side, rng.uniform(1.0, 1.7), 3)
    mix = 0.6 + rng.uniform(-0.5, 0.5, (3, 3))
    return _whole(128 + rng.uniform(25, 50) * (fields @ mix))


def paint_stripes(rng: Random, side: int) -> tuple[Pixels, Subject]:
    """Patches of wavy stripes, each patch with its own width, direction and pair of colours."""
    bend = _fractal(rng, side, 2.2, 2)
    region = np.argmax(_fractal(rng, side, 1.8, 6), axis=-1)
    axis = np.arange(side)
    canvas = np.zeros((side, side, 3))
    for number in range(6):
        angle, period = rng.uniform(0, np.pi), np.exp(rng.uniform(np.log(6), np.log(60)))
        along = axis[None, :] * np.cos(angle) + axis[:, None] * np.sin(angle)
        wave = np.sin(along * (2 * np.pi / period) + bend[..., 0] * rng.uniform(0.3, 2))
        share = (np.clip(wave * rng.uniform(1, 4), -1, 1)[..., None] + 1) / 2
        painted = share * np.array(_colour(rng)) + (1 - share) * np.array(_colour(rng))
        canvas = np.where((region == number)[..., None], painted, canvas)
    return _whole(canvas + bend[..., 1:] * rng.uniform(5, 20))


def paint_bodies(rng: Random, side: int) -> tuple[Pixels, Subject]:
    """One marbled body with a lobed outline on plain ground, with dark and light spots."""
    axis = np.arange(side) - (side - 1) / 2
    turn = np.arctan2(axis[:, None], axis[None, :])
    radius = np.full((side, side), 0.33)
    for lobes in range(2, 8):
        radius += rng.normal(0, 0.07 / lobes) * np.cos(lobes * turn + rng.uniform(0, 2 * np.pi))
    edge = np.clip(radius, 0.15, 0.48) * side - np.hypot(axis[:, None], axis[None, :])
    marble = paint_clouds(rng, side)[0] * 0.6 + np.array(_colour(rng)) * 0.4
    for _ in range(int(rng.integers(5, 30))):
        _spot(marble, rng.integers(0, side, 2), int(rng.integers(3, side // 15)), _colour(rng))
    share = np.clip(edge + 0.5, 0, 1)[..., None]
    return _whole(share * marble + (1 - share) * np.array(_colour(rng)))[0], edge > 0


def _spot(canvas: Doubles, centre: NDArray[np.int64], radius: int, colour: tuple[float, ...]) -> None:
    """A disc with a soft edge, painted over what is there."""
    x, y = (np.arange(max(0, c - radius - 1), min(len(canvas), c + radius + 2)) for c in centre)
    part = canvas[y[0] : y[-1] + 1, x[0] : x[-1] + 1]
    share = np.clip(radius + 0.5 - np.hypot(y[:, None] - centre[1], x[None, :] - centre[0]), 0, 1)[..., None]
    part += share * (np.array(colour) - part)


LEARNING: dict[str, Painter] = {
    "leaves": paint_leaves,
    "clouds": paint_clouds,
    "stripes": paint_stripes,
    "bodies": paint_bodies,
}


def paint_wings(rng: Random, side: int) -> tuple[Pixels, Subject]:
    """A pair of tinted wings on plain ground, with veins that fork from the root to the margin."""
    import cv2

    canvas = np.full((side, side, 3), _colour(rng), np.uint8)
    body = np.zeros((side, side), np.uint8)
    root = np.array([side * 0.5, side * rng.uniform(0.25, 0.4)])
    vein = _colour(rng)
    for direction in (rng.uniform(0.1, 0.9), np.pi - rng.uniform(0.1, 0.9), np.pi / 2 + rng.uniform(-0.2, 0.2)):
        long, wide = side * rng.uniform(0.38, 0.46), side * rng.uniform(0.12, 0.2)
        middle = root + np.array([np.cos(direction), np.sin(direction)]) * long / 2
        box = (tuple(float(part) for part in middle), (float(long), float(wide * 2)), float(np.rad2deg(direction)))
        cv2.ellipse(canvas, box, _colour(rng), -1, cv2.LINE_AA)
        cv2.ellipse(body, box, 255, -1)
        for spread in np.linspace(-0.5, 0.5, int(rng.integers(3, 8))):
            _fork(canvas, rng, (root, direction + spread * wide / long * 2), long * 0.3, vein)
    ground = canvas.copy()
    ground[body == 0] = canvas[0, 0]
    return _whole(ground + _fractal(rng, side, 1.2, 1) * 4)[0], body > 0


def _fork(
    canvas: Pixels,
    rng: Random,
    start: tuple[Doubles, float],
    length: float,
    colour: tuple[float, ...],
) -> None:
    """A line that bends a little and forks until it is short."""
    import cv2

    here, direction = start
    there = here + np.array([np.cos(direction), np.sin(direction)]) * length
    ends = [tuple(int(round(float(part) * 16)) for part in point) for point in (here, there)]
    cv2.line(canvas, ends[0], ends[1], colour, max(1, int(length / 25)), cv2.LINE_AA, 4)
    if length > canvas.shape[0] * 0.04:
        for turn in (-0.2, 0.2):
            _fork(canvas, rng, (there, direction + turn + rng.normal(0, 0.12)), length * rng.uniform(0.6, 0.85), colour)


def paint_spots(rng: Random, side: int) -> tuple[Pixels, Subject]:
    """Labyrinths and spots such as reaction and diffusion make, of a width that changes over the picture."""
    import cv2

    grain = rng.standard_normal((side, side)).astype(np.float32)
    width = rng.uniform(3, 7)
    fine, coarse = (
        cv2.GaussianBlur(grain, (0, 0), size) - cv2.GaussianBlur(grain, (0, 0), 1.6 * size)
        for size in (width, 2 * width)
    )
    tone = _fractal(rng, side, 2.0, 2)
    where = 1 / (1 + np.exp(-4 * tone[..., 0]))
    mixed = where * fine / fine.std() + (1 - where) * coarse / coarse.std()
    share = (1 / (1 + np.exp(-6 * (mixed + rng.uniform(-0.7, 0.7)))))[..., None]
    painted = share * np.array(_colour(rng)) + (1 - share) * np.array(_colour(rng))
    return _whole(painted + tone[..., 1:] * rng.uniform(5, 20))


def paint_scales(rng: Random, side: int) -> tuple[Pixels, Subject]:
    """Rows of overlapping scales, each a little out of place and out of colour, some of them marked."""
    import cv2

    canvas = np.full((side, side, 3), _colour(rng), np.uint8)
    base, edge, mark = (np.array(_colour(rng)) for _ in range(3))
    size = side * rng.uniform(0.03, 0.06)
    tone = _fractal(rng, side, 1.8, 1)[..., 0]
    for row, y in enumerate(np.arange(side + size, -size, -size)):
        for x in np.arange(-size + (row % 2) * size, side + 2 * size, 2 * size):
            place = (float(x + rng.normal(0, size / 8)), float(y + rng.normal(0, size / 8)))
            near = tone[int(np.clip(y, 0, side - 1)), int(np.clip(x, 0, side - 1))]
            fill = (mark if rng.random() < 0.12 else base) + 25 * near + rng.normal(0, 10, 3)
            box = (place, (float(size * 2.1), float(size * rng.uniform(2.4, 3))), float(rng.normal(0, 8)))
            cv2.ellipse(canvas, box, tuple(float(part) for part in np.clip(fill, 0, 255)), -1, cv2.LINE_AA)
            cv2.ellipse(canvas, box, tuple(float(part) for part in edge), 1, cv2.LINE_AA)
    return _whole(canvas)


def paint_cracks(rng: Random, side: int) -> tuple[Pixels, Subject]:
    """Cells of a Voronoi diagram, crowded in some places, between dark or light borders."""
    import cv2

    seeds = np.ones((side, side), np.uint8)
    count = int(rng.integers(60, 300))
    places = np.clip(rng.normal(0.5, rng.uniform(0.25, 0.5), (count, 2)), 0, 0.999) * side
    seeds[places[:, 1].astype(int), places[:, 0].astype(int)] = 0
    _, labels = cv2.distanceTransformWithLabels(seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    border = np.zeros((side, side), np.uint8)
    border[:, 1:] |= labels[:, 1:] != labels[:, :-1]
    border[1:] |= labels[1:] != labels[:-1]
    thick = np.asarray(cv2.dilate(border, np.ones((int(rng.integers(1, 5)),) * 2, np.uint8)))
    shades = rng.normal(0, rng.uniform(10, 45), (int(labels.max()) + 1, 3))
    cells = np.array(_colour(rng)) + shades[labels] + _fractal(rng, side, 1.3, 1) * 10
    image, subject = _whole(np.where(thick[..., None] > 0, np.array(_colour(rng)), cells))
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 0.8), np.uint8), subject


def paint_strokes(rng: Random, side: int) -> tuple[Pixels, Subject]:
    """Curved strokes of many widths on tinted paper: twigs, hairs, handwriting."""
    import cv2

    paper = _whole(np.array(_colour(rng)) + _fractal(rng, side, 0.8, 1) * 8)[0]
    for _ in range(int(rng.integers(40, 140))):
        turn = rng.uniform(0, 2 * np.pi) + np.cumsum(rng.normal(0, rng.uniform(0.05, 0.35), 24))
        steps = np.stack([np.cos(turn), np.sin(turn)], axis=-1) * rng.uniform(2, side / 60)
        path = rng.uniform(0, side, 2) + np.cumsum(steps, axis=0)
        thick = int(np.exp(rng.uniform(0, np.log(side / 60))))
        cv2.polylines(paper, [np.rint(path).astype(np.int32)], False, _colour(rng), max(1, thick), cv2.LINE_AA)
    return _whole(paper)


HELD_OUT: dict[str, Painter] = {
    "wings": paint_wings,
    "spots": paint_spots,
    "scales": paint_scales,
    "cracks": paint_cracks,
    "strokes": paint_strokes,
}
FAMILIES: dict[str, Painter] = LEARNING | HELD_OUT
