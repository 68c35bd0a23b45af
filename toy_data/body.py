"""Paint the body and legs of one individual."""

from __future__ import annotations

import cv2
import numpy as np

from toy_data import anatomy, skin
from toy_data.anatomy import Tube
from toy_data.forms import TEXELS, Form, plate, tube
from toy_data.skin import DARK, PALE, Canvas, Coat, Grain, step, towards
from toy_data.traits import Traits

_EYE = np.array([0.30, 0.13, 0.09], np.float32)


def paint_behind(canvas: Canvas, traits: Traits, grain: Grain, rng: np.random.Generator) -> None:
    """Lay what lies behind the forewing: far legs, abdomen, hind wing, near legs, thorax and head."""
    for leg, shift in anatomy.FAR_LEG_SHIFT.items():
        _leg(canvas, [_moved(part, shift) for part in anatomy.LEGS[leg]], traits, grain, 0.62)
    _abdomen(canvas, traits, grain, rng)
    _hindwing(canvas, traits, grain)
    _pleura(canvas, traits, grain)
    for parts in anatomy.LEGS.values():
        _leg(canvas, list(parts), traits, grain, 1.0)
    _leg_setae(canvas, rng)
    _head(canvas, traits, grain, rng)
    _nota(canvas, traits, grain)


def _moved(part: Tube, shift: tuple[float, float]) -> Tube:
    return Tube(tuple((x + shift[0], y + shift[1]) for x, y in part.line), tuple(0.92 * r for r in part.radii))


def _cuticle(form: Form, traits: Traits, grain: Grain, brightness: float = 1.0) -> np.ndarray:
    """Body colour with grain, as a field over the form."""
    window = form.window
    mottled = 1 + 0.07 * grain.fine[window] + 0.09 * grain.medium[window] + 0.06 * grain.coarse[window]
    return skin.body_colour(traits) * brightness * mottled[..., None]


def _bordered(colour: np.ndarray, form: Form, share: float) -> np.ndarray:
    """Darken a plate towards its edge, where it dips into a suture."""
    edge = cv2.GaussianBlur(form.cover, (0, 0), 3.0 * TEXELS)
    return towards(colour, DARK * 1.2, share * (1 - step(edge, 0.5, 0.92)))


def _pitted(form: Form, grain: Grain, depth: float) -> np.ndarray:
    """Relief of a punctate cuticle."""
    return depth * (grain.fine[form.window] + 0.8 * grain.medium[form.window])


def _leg(canvas: Canvas, parts: list[Tube], traits: Traits, grain: Grain, brightness: float) -> None:
    """Coxa, tarsus, tibia and femur with their rings."""
    strength = 0.45 + 0.5 * float(traits["leg_rings"][0])
    rate = 2.4 + 0.6 * float(traits["leg_rings"][1])
    order = ((3, 0.8, 0.0), (2, 0.95, 1.0), (0, 0.95, 0.0), (1, 1.0, 0.6))
    for place, tone, rings in order:
        form = tube(parts[place])
        colour = _cuticle(form, traits, grain, brightness * tone)
        ring = step(np.cos(2 * np.pi * (rate * form.along + 0.1)), -0.1, 0.5)
        colour = towards(colour, DARK * 1.25 * brightness, ring * rings * np.clip(strength, 0, 0.85))
        tip = step(form.along, 0.9, 1.0) * (0.5 if place else 0.2)
        colour = towards(colour, DARK * brightness, tip)
        keel = 0.25 * TEXELS * np.exp(-((form.across / 0.25) ** 2)) if place == 2 else 0.0
        canvas.lay(form, Coat(colour, keel + _pitted(form, grain, 0.12), 0.35), shade=0.4)
    _claws(canvas, parts[3])


def _claws(canvas: Canvas, tarsus: Tube) -> None:
    """Two curved claws at the end of a tarsus."""
    x, y = tarsus.line[-1]
    side = 1.0 if x > tarsus.line[0][0] else -1.0
    for drop in (4.0, 0.5):
        claw = Tube(((x, y), (x + 6 * side, y + 0.2 * drop), (x + 9 * side, y + drop + 2)), (1.9, 1.5, 0.8))
        form = tube(claw)
        canvas.lay(form, Coat(np.broadcast_to(DARK * 1.1, (*form.cover.shape, 3)), 0.0, 0.5), shade=0.0)


def _strokes(starts: np.ndarray, ends: np.ndarray, box: tuple[int, int, int, int], width: int) -> np.ndarray:
    """Coverage of straight fine strokes (canonical units) in a canvas box (left, top, columns, rows)."""
    left, top, columns, rows = box
    sheet = np.zeros((rows * 2, columns * 2), np.uint8)
    offset = np.array([left, top])
    for first, second in zip(starts, ends, strict=True):
        line = np.round((((np.array([first, second]) * TEXELS) - offset) * 2 - 0.5) * 16).astype(np.int32)
        cv2.line(sheet, line[0].tolist(), line[1].tolist(), 255, width, cv2.LINE_AA, 4)
    return cv2.resize(sheet, (columns, rows), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def _leg_setae(canvas: Canvas, rng: np.random.Generator) -> None:
    """Fine hairs along femora and tibiae, and the spines of the hind tibia."""
    starts, ends = [], []
    for parts in anatomy.LEGS.values():
        for part, count in ((parts[1], 70), (parts[2], 90), (parts[3], 26)):
            line, radii = np.array(part.line), np.array(part.radii)
            u = rng.uniform(0, len(line) - 1, count)
            first = np.minimum(u.astype(int), len(line) - 2)
            chord = line[first + 1] - line[first]
            unit = chord / np.linalg.norm(chord, axis=1, keepdims=True)
            side = rng.choice([-1.0, 1.0], count)[:, None]
            normal = np.column_stack([-unit[:, 1], unit[:, 0]]) * side
            radius = np.interp(u, np.arange(len(radii)), radii)[:, None]
            root = line[first] + chord * (u - first)[:, None] + normal * radius * rng.uniform(0.3, 1.0, (count, 1))
            starts.append(root)
            ends.append(root + (0.75 * unit + 0.6 * normal) * rng.uniform(3.0, 6.5, (count, 1)))
    box = (int(130 * TEXELS), int(400 * TEXELS), int(480 * TEXELS), int(210 * TEXELS))
    window = (slice(box[1], box[1] + box[3]), slice(box[0], box[0] + box[2]))
    hairs = 0.55 * _strokes(np.concatenate(starts), np.concatenate(ends), box, 2)
    knee, end = np.array(anatomy.LEGS["hind"][2].line[0]), np.array(anatomy.LEGS["hind"][2].line[-1])
    along = (end - knee) / np.linalg.norm(end - knee)
    roots = knee + (end - knee) * np.array([0.35, 0.5, 0.64, 0.78, 0.9])[:, None] + np.array([along[1], -along[0]]) * 4
    spines = _strokes(roots, roots + np.array([along[1], -along[0]]) * 7 + along * 5, box, 5)
    canvas.scratch(window, np.maximum(hairs, 0.95 * spines), DARK)


def _abdomen(canvas: Canvas, traits: Traits, grain: Grain, rng: np.random.Generator) -> None:
    """A segmented tube: overlapping tergites and sternites with pale hind margins, and the terminalia."""
    end = tube(anatomy.TERMINALIA)
    canvas.lay(end, Coat(_cuticle(end, traits, grain, 0.6), _pitted(end, grain, 0.2), 0.4), shade=0.0)
    form = tube(anatomy.ABDOMEN, flatness=0.7)
    # Sutures bow backwards at the side of the body.
    phase = form.along * 8.2 + 0.22 * np.cos(form.across * 2.2) + 0.02 * grain.coarse[form.window]
    saw = phase - np.floor(phase)
    colour = _cuticle(form, traits, grain, 0.95)
    bands = np.clip(0.35 + 0.5 * traits["abdomen_bands"][0], 0, 0.9)
    colour = towards(colour, DARK * 1.3, (1 - step(saw, 0.05, 0.55)) * bands)
    margin = float(np.clip(0.3 + 0.35 * traits["abdomen_bands"][1], 0, 0.7))
    colour = towards(colour, PALE * 0.85, step(saw, 0.80, 0.90) * margin)
    colour = colour * (1 - 0.45 * (1 - step(saw, 0.0, 0.10)))[..., None]
    spiracle = np.hypot((saw - 0.42) * 1.0, (form.across - 0.42) * 3.0)
    colour = towards(colour, DARK, 0.9 * (1 - step(spiracle, 0.10, 0.19)))
    lateral = np.exp(-(((form.across - 0.16) / 0.05) ** 2))
    relief = 3.0 * TEXELS * 0.5 * saw**1.5 * (1 - step(saw, 0.93, 1.0)) - 1.2 * lateral + _pitted(form, grain, 0.25)
    colour = colour * (1 - 0.25 * lateral)[..., None]
    canvas.lay(form, Coat(colour, relief, 0.35), shade=0.3)
    places = rng.uniform([400, 400], [680, 470], (160, 2))
    box = (int(380 * TEXELS), int(340 * TEXELS), int(340 * TEXELS), int(150 * TEXELS))
    window = (slice(box[1], box[1] + box[3]), slice(box[0], box[0] + box[2]))
    hairs = _strokes(places, places + rng.normal([4.0, 2.0], 0.8, (160, 2)), box, 1)
    canvas.scratch(window, 0.22 * hairs * (canvas.surface[window][..., 3] > 0.9), PALE)


def _hindwing(canvas: Canvas, traits: Traits, grain: Grain) -> None:
    """The smoky edge of the folded hind wing below the forewing."""
    form = plate(anatomy.HINDWING, bulge=4.0, rim=40.0)
    x, y = form.places()
    fan = np.arctan2(y - 318.0, x - 360.0)
    rib = np.abs(np.sin(fan * 34 + 0.05 * grain.coarse[form.window]))
    veins = 1 - step(rib, 0.05, 0.22)
    colour = towards(_cuticle(form, traits, grain, 1.0), DARK * 1.8, 0.30 + 0.5 * veins)
    pleats = 1.6 * TEXELS * rib
    canvas.lay(form, Coat(colour, pleats, 0.45, 0.62 + 0.3 * veins), shade=0.35)


def _pleura(canvas: Canvas, traits: Traits, grain: Grain) -> None:
    """Rostrum and the plates of the side of the thorax."""
    rostrum = tube(anatomy.ROSTRUM)
    for outline, tone in zip(anatomy.PLEURA, (0.82, 0.90, 0.96), strict=True):
        form = plate(outline, bulge=19.0, rim=26.0)
        colour = _bordered(_cuticle(form, traits, grain, tone), form, 0.55)
        canvas.lay(form, Coat(colour, _pitted(form, grain, 0.45), 0.45), shade=0.6)
    colour = towards(_cuticle(rostrum, traits, grain, 0.85), DARK, step(rostrum.along, 0.8, 0.95))
    canvas.lay(rostrum, Coat(colour, 0.0, 0.4), shade=0.4)


def _head(canvas: Canvas, traits: Traits, grain: Grain, rng: np.random.Generator) -> None:
    """Head process, head capsule with keels, antenna and eye."""
    process = tube(anatomy.HEAD_PROCESS)
    colour = _cuticle(process, traits, grain, 1.0)
    stripe = np.exp(-(((process.across + 0.1 * grain.coarse[process.window] - 0.15) / 0.30) ** 2))
    colour = towards(colour, DARK * 1.2, stripe * np.clip(0.35 + 0.55 * traits["head_stripe"][0], 0, 0.9))
    warts = step(grain.medium[process.window], 0.5, 0.9)
    colour = towards(colour, PALE, 0.5 * warts * np.clip(0.5 + 0.5 * traits["head_stripe"][1], 0, 1))
    keels = sum(np.exp(-(((process.across - at) / 0.10) ** 2)) for at in (-0.55, 0.5))
    relief = TEXELS * (0.9 * keels + 0.9 * warts) + _pitted(process, grain, 0.3)
    canvas.lay(process, Coat(colour, relief, 0.35), shade=0.0)
    capsule = plate(anatomy.HEAD_CAPSULE, bulge=15.0, rim=30.0)
    colour = _bordered(_cuticle(capsule, traits, grain, 0.98), capsule, 0.3)
    x, y = capsule.places()
    # Keels of the face run down in front of the eye, from the head process to the rostrum.
    keels = sum(np.exp(-(((x - at - 0.004 * (y - 325) ** 2) / 1.6) ** 2)) for at in (187.0, 198.0))
    relief = TEXELS * 1.1 * keels + _pitted(capsule, grain, 0.4)
    canvas.lay(capsule, Coat(colour * (1 + 0.12 * keels)[..., None], relief, 0.45), shade=0.3)
    for part in (anatomy.BRISTLE, anatomy.PEDICEL):
        form = tube(part)
        canvas.lay(form, Coat(_cuticle(form, traits, grain, 0.62), _pitted(form, grain, 0.5), 0.4), shade=0.4)
    _eye(canvas, traits, grain)


def _eye(canvas: Canvas, traits: Traits, grain: Grain) -> None:
    """A domed compound eye with facets in a pale ring."""
    ring = tube(Tube(anatomy.EYE.line, tuple(r + 3.5 for r in anatomy.EYE.radii)), flatness=0.4)
    canvas.lay(ring, Coat(towards(_cuticle(ring, traits, grain), PALE, 0.35), 0.0, 0.3), shade=0.3)
    form = tube(anatomy.EYE, flatness=0.85)
    x, y = form.places()
    facets = sum(np.cos(2.6 * (x * np.cos(a) + y * np.sin(a))) for a in np.deg2rad([0, 60, 120]))
    tint = np.array([1 + 0.5 * traits["eye_tint"][0], 1 + 0.1 * traits["eye_tint"][0], 1.0])
    band = 0.25 * np.sin(0.5 * (y - 0.25 * x))
    colour = _EYE * np.clip(tint, 0.4, 1.8) * (1 + 0.06 * facets + band)[..., None]
    canvas.lay(form, Coat(colour, 0.12 * facets, 1.0), shade=0.5)


def _nota(canvas: Canvas, traits: Traits, grain: Grain) -> None:
    """Mesonotum and the pronotal collar over it, with keels and spots."""
    form = plate(anatomy.MESONOTUM, bulge=17.0, rim=30.0)
    x, y = form.places()
    keel = np.exp(-(((y - 272 - 0.06 * (x - 340)) / 2.2) ** 2)) * (form.cover > 0)
    colour = towards(_cuticle(form, traits, grain, 0.98), DARK, 0.35 * step(grain.coarse[form.window], 0.2, 0.9))
    colour = _bordered(colour, form, 0.5)
    canvas.lay(form, Coat(colour, TEXELS * 1.2 * keel + _pitted(form, grain, 0.4), 0.5), shade=0.55)
    form = plate(anatomy.PRONOTUM, bulge=17.0, rim=22.0)
    x, y = form.places()
    colour = _bordered(_cuticle(form, traits, grain, 1.06), form, 0.5)
    for (sx, sy), strength in zip(
        ((262, 276), (280, 270), (256, 300), (278, 296), (262, 322), (280, 316), (270, 286), (268, 308)),
        traits["pronotum_spots"],
        strict=True,
    ):
        away = np.hypot(x - sx, y - sy) + 1.5 * grain.medium[form.window]
        colour = towards(colour, DARK if strength > 0 else PALE, (1 - step(away, 3, 7)) * min(abs(strength), 0.9))
    canvas.lay(form, Coat(colour, _pitted(form, grain, 0.6), 0.45), shade=0.6)
