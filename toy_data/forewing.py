"""Paint the forewing of one individual: veins, cells and pigment."""

from __future__ import annotations

import cv2
import numpy as np

from toy_data import skin
from toy_data.anatomy import STIGMA, Wing
from toy_data.forms import TEXELS, Form, plate
from toy_data.skin import DARK, PALE, Canvas, Coat, Grain, step, towards
from toy_data.traits import BANDS, SPOTS, Traits
from toy_data.venation import Vein, forewing_veins

# Where the spots of the ancestor of all lie, before traits move them: a loose quincunx over the wing.
_SPOT_PLACES = np.array([(0.10 + 0.87 * k / (SPOTS - 1), 0.62 * np.sin(2.4 * k)) for k in range(SPOTS)])
_BAND_PLACES = np.linspace(0.24, 0.80, BANDS)


def paint_forewing(canvas: Canvas, traits: Traits, grain: Grain, rng: np.random.Generator) -> None:
    """Lay the forewing on the canvas."""
    margin = np.array(Wing.MARGIN)
    form = plate(Wing.place(margin[:, 0], margin[:, 1]), bulge=24.0, rim=80.0)
    s, t = Wing.coordinates(*form.places())
    veins = _drawn(form, forewing_veins(traits), float(np.exp(traits["vein_width"][0])))
    cells = _cells(form, veins)
    window = form.window
    dark, pale = _pigment(s, t, traits, grain, window)
    dark, pale = (0.45 * field + 0.55 * _cell_mean(field, cells) for field in (dark, pale))
    colour = _ground(s, t, traits, grain, window)
    tint = rng.standard_normal(cells.max() + 1).astype(np.float32)[cells]
    contrast = 0.035 * np.exp(0.8 * traits["cell_contrast"][0])
    colour = colour * (1 + contrast * tint + 0.03 * grain.fine[window] + 0.04 * grain.medium[window])[..., None]
    colour = towards(colour, PALE, 0.75 * pale)
    colour = towards(colour, DARK, 0.86 * dark)
    colour = _veins_coloured(colour, veins, dark, float(traits["vein_tint"][0]))
    edge = cv2.GaussianBlur(form.cover, (0, 0), 5.0)
    colour = towards(colour, DARK * 1.3, 0.55 * (1 - step(edge, 0.5, 0.85)))
    coat = Coat(colour, _relief(veins, grain, window), _gloss(veins, grain, window), _opacity(s, veins, dark))
    canvas.lay(form, coat, shade=0.6)


def _drawn(form: Form, veins: list[Vein], width: float) -> np.ndarray:
    """Coverage of the veins on the form's window."""
    rows, columns = form.cover.shape
    sheet = np.zeros((rows * 2, columns * 2), np.uint8)
    for vein in veins:
        places = (Wing.place(vein.curve[:, 0], vein.curve[:, 1]) * TEXELS - [form.left, form.top]) * 2 - 0.5
        fixed = np.round(places * 16).astype(np.int32)
        widths = np.linspace(vein.start_width, vein.end_width, len(fixed) - 1) * width * 1.9 * TEXELS * 2
        for first, second, wide in zip(fixed[:-1], fixed[1:], widths, strict=True):
            cv2.line(sheet, first.tolist(), second.tolist(), 255, max(2, round(wide)), cv2.LINE_AA, 4)
    return cv2.resize(sheet, (columns, rows), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def _cells(form: Form, veins: np.ndarray) -> np.ndarray:
    """A label for every cell between the veins; the veins themselves are 0."""
    open_ = ((veins < 0.4) & (form.cover > 0.5)).astype(np.uint8)
    return cv2.connectedComponents(open_, connectivity=4)[1]


def _cell_mean(field: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """The field evened out within every small cell, as pigment tends to fill whole cells."""
    count = np.bincount(cells.ravel())
    mean = np.bincount(cells.ravel(), weights=field.ravel()) / np.maximum(count, 1)
    evened = mean[cells].astype(np.float32)
    # Long cells, and the veins, keep the field as it is.
    return np.where((count[cells] < 9000 * TEXELS / 2) & (cells > 0), evened, field)


def _ground(s: np.ndarray, t: np.ndarray, traits: Traits, grain: Grain, window: tuple[slice, slice]) -> np.ndarray:
    """Ground colour with the tints of clavus and apical membrane."""
    colour = np.broadcast_to(skin.wing_colour(traits), (*s.shape, 3)).astype(np.float32)
    wobble = 0.03 * grain.coarse[window]
    clavus = step(t - 0.3 - 1.1 * s, -0.02, 0.05) * (1 - step(s, 0.5, 0.65))
    apex = step(s + wobble, 0.55, 0.75)
    colour = colour * (1 - 0.10 * traits["clavus_tint"][0] * clavus - 0.13 * traits["apex_tint"][0] * apex)[..., None]
    return colour * (0.92 + 0.12 * step(s, 0.0, 0.3))[..., None]


def _pigment(
    s: np.ndarray, t: np.ndarray, traits: Traits, grain: Grain, window: tuple[slice, slice]
) -> tuple[np.ndarray, np.ndarray]:
    """Dark and pale pigment (0..1) of mottle, spots, bands, pterostigma and costal dashes."""
    ragged = 0.022 * grain.medium[window] + 0.02 * grain.coarse[window]
    dark, pale = np.zeros_like(s), np.zeros_like(s)
    _spots(dark, pale, (s, t + 2.0 * ragged, ragged), traits)
    _bands(dark, pale, (s, t, ragged), traits)
    mottle = step(_scaled(grain, traits, window), 0.35, 1.1) * np.clip(0.32 + 0.3 * traits["mottle"][0], 0, 0.8)
    stigma = 1 - step(np.hypot((s - STIGMA[0]) / 0.055, (t - STIGMA[1]) / 0.24) + 3 * ragged, 0.7, 1.1)
    rate = 24 + 6 * float(traits["costal_dashes"][1])
    dashes = step(np.sin(2 * np.pi * rate * (s + 0.3 * ragged)), 0.0, 0.5) * step(-t, 0.84, 0.92) * (s < 0.76)
    dark = np.maximum(dark, mottle)
    dark = np.maximum(dark, stigma * np.clip(0.75 * traits["stigma_tint"][0], 0.25, 1))
    return np.maximum(dark, dashes * np.clip(0.3 + 0.6 * traits["costal_dashes"][0], 0, 0.9)), pale


def _spots(dark: np.ndarray, pale: np.ndarray, at: tuple[np.ndarray, ...], traits: Traits) -> None:
    """Add the spots; `at` is s, t and the raggedness of edges."""
    s, t, ragged = at
    for number, (place, size) in enumerate(zip(_SPOT_PLACES, traits["spot_size"], strict=True)):
        strength = float(traits["spot_strength"][number])
        if strength <= 0:
            continue
        shift = 0.09 * traits["spot_place"][2 * number : 2 * number + 2]
        away = np.hypot(s - place[0] - shift[0], (t - place[1] - 2.5 * shift[1]) * 0.16) + 0.35 * ragged
        radius = 0.032 * float(np.exp(size)) * (0.7 + 0.5 * min(strength, 1.5))
        spot = min(strength * 1.6, 1.0) * (1 - step(away, radius * 0.75, radius * 1.2))
        if traits["spot_paleness"][number] > 0.45:
            # A pale spot is often ringed with dark.
            np.maximum(pale, spot, out=pale)
            spot = 0.5 * strength * np.exp(-(((away - 1.2 * radius) / (0.16 * radius)) ** 2))
        np.maximum(dark, np.minimum(spot, 1), out=dark)


def _bands(dark: np.ndarray, pale: np.ndarray, at: tuple[np.ndarray, ...], traits: Traits) -> None:
    """Add the transverse bands; `at` is s, t and the raggedness of edges."""
    s, t, ragged = at
    for number, middle in enumerate(_BAND_PLACES):
        strength = float(traits["band_strength"][number])
        centre = middle + 0.06 * traits["band_place"][number] + 0.05 * t * traits["band_tilt"][number]
        half = 0.030 * np.exp(traits["band_width"][number])
        band = 1 - step(np.abs(s - centre + 0.9 * ragged), 0.6 * half, 1.5 * half)
        target = dark if strength > 0 else pale
        np.maximum(target, min(abs(strength), 1.0) * 0.75 * band, out=target)


def _scaled(grain: Grain, traits: Traits, window: tuple[slice, slice]) -> np.ndarray:
    """Mottle noise between medium and coarse, by the trait."""
    share = float(np.clip(0.5 + traits["mottle_scale"][0], 0, 1))
    return share * grain.coarse[window] + (1.15 - share) * grain.medium[window]


def _veins_coloured(colour: np.ndarray, veins: np.ndarray, dark: np.ndarray, tint: float) -> np.ndarray:
    """Veins darker or paler than their cells, with a soft border."""
    border = cv2.GaussianBlur(veins, (0, 0), 2.2 * TEXELS)
    colour = colour * (1 - 0.35 * np.clip(border, 0, 1) * (1 - veins))[..., None]
    if tint > 0:
        return towards(colour, DARK * 1.5, veins * (0.35 + 0.45 * min(tint, 1.0)))
    return towards(colour, PALE * 0.95, veins * (0.30 + 0.5 * min(-tint, 1.0)) * (1 - 0.5 * dark))


def _relief(veins: np.ndarray, grain: Grain, window: tuple[slice, slice]) -> np.ndarray:
    """Raised veins, domed cells, a slightly crumpled membrane."""
    away = cv2.distanceTransform((veins < 0.5).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    dome = np.sqrt(np.clip(away / (9.0 * TEXELS), 0, 1)) * 2.2 * TEXELS
    ridge = cv2.GaussianBlur(veins, (0, 0), 0.6 * TEXELS) * 2.3 * TEXELS
    crumple = 1.1 * grain.medium[window] + 4.0 * grain.coarse[window] + 0.12 * grain.fine[window]
    return cv2.GaussianBlur(dome, (0, 0), 0.8 * TEXELS) + ridge + crumple


def _gloss(veins: np.ndarray, grain: Grain, window: tuple[slice, slice]) -> np.ndarray:
    return np.clip(0.42 + 0.15 * veins + 0.10 * grain.medium[window] + 0.06 * grain.fine[window], 0, 1)


def _opacity(s: np.ndarray, veins: np.ndarray, dark: np.ndarray) -> np.ndarray:
    """The apical membrane lets a little of what lies behind through."""
    membrane = step(s, 0.45, 0.8) * (1 - veins) * (1 - 0.8 * np.clip(dark, 0, 1))
    return 0.985 - 0.16 * membrane
