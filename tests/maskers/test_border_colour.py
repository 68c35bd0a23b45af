"""The distance from the background is small on the background, whatever its light, and large on the specimen."""

import numpy as np
import pytest

from dinosar.maskers.border_colour import border_distance, grown, shrunk

HEIGHT, WIDTH = 120, 180
Y, X = np.mgrid[:HEIGHT, :WIDTH] / np.array([HEIGHT, WIDTH]).reshape(2, 1, 1)
LIGHTS = {
    "even": np.full((HEIGHT, WIDTH), 200.0),
    "slanted": 170 + 50 * X + 20 * Y,
    "vignette": 220 - 90 * ((X - 0.5) ** 2 + (Y - 0.5) ** 2),
    "dark": np.full((HEIGHT, WIDTH), 25.0),
}
DISC = ((X - 0.5) * WIDTH) ** 2 + ((Y - 0.5) * HEIGHT) ** 2 < 35**2


def photographed(light, specimen=None, noise=1.0):
    grey = light + np.random.default_rng(0).normal(0, noise, light.shape)
    pixels = np.repeat(grey[..., None], 3, axis=2)
    if specimen is not None:
        pixels[specimen] = (130, 90, 50)
    return np.clip(np.round(pixels), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("light", LIGHTS.values(), ids=LIGHTS)
def test_the_background_is_near_and_the_specimen_far(light):
    distance = border_distance(photographed(light, DISC), 0.03)
    assert distance.shape == light.shape
    assert distance.dtype == np.float32
    assert np.quantile(distance[~DISC], 0.99) < 8
    assert distance[DISC].min() > 20


@pytest.mark.parametrize("light", LIGHTS.values(), ids=LIGHTS)
def test_what_stands_out_of_the_border_is_left_out_of_the_background(light):
    leg = np.zeros(light.shape, dtype=bool)
    leg[:40, 80:92] = True
    with_leg, without = (border_distance(photographed(light, mask), 0.03) for mask in (leg, None))
    assert np.abs(with_leg - without)[~leg].max() < 2
    assert with_leg[leg].min() > 15


@pytest.mark.parametrize(("darker_by", "shadow"), [(10, 18), (17, 18), (30, 18), (10, 0)])
def test_being_darker_costs_only_what_a_shadow_does_not_explain(darker_by, shadow):
    pixels = photographed(LIGHTS["even"], noise=0)
    plain = border_distance(pixels, 0.03)
    level = np.abs(lightness(np.arange(256)) - (lightness(200) - darker_by)).argmin()
    pixels[DISC] = level
    distance = border_distance(pixels, 0.03, shadow)
    expected = max(0, lightness(200) - lightness(level) - shadow)
    assert distance[DISC] == pytest.approx(expected, abs=0.15)
    assert distance[~DISC] == pytest.approx(plain[~DISC], abs=0.05)


def lightness(level):
    """CIE L of a grey level."""
    linear = ((np.asarray(level) / 255 + 0.055) / 1.055) ** 2.4
    return 116 * np.cbrt(linear) - 16


def test_being_lighter_is_never_a_shadow():
    pixels = photographed(LIGHTS["even"], noise=0)
    pixels[DISC] = 225
    assert border_distance(pixels, 0.03, 18)[DISC] == pytest.approx(border_distance(pixels, 0.03)[DISC])


def test_distance_is_in_units_of_the_spread_along_the_border():
    calm, noisy = (np.median(border_distance(photographed(LIGHTS["even"], None, noise), 0.03)) for noise in (5, 15))
    assert calm == pytest.approx(noisy, rel=0.1)


@pytest.mark.parametrize(("size", "expected"), [((100, 50), (100, 50)), ((400, 200), (100, 50)), ((3000, 2), (100, 1))])
def test_a_photo_is_shrunk_to_its_long_side_and_never_enlarged(size, expected):
    assert shrunk(np.zeros((size[1], size[0], 3), np.uint8), 100).shape == (expected[1], expected[0], 3)


@pytest.mark.parametrize("shape", [(120, 180), (240, 360), (1200, 1800), (333, 501)])
def test_a_small_mask_grows_to_the_photo_and_keeps_its_form(shape):
    y, x = np.mgrid[: shape[0], : shape[1]]
    truth = ((x + 0.5) / shape[1] - 0.5) ** 2 * WIDTH**2 + ((y + 0.5) / shape[0] - 0.5) ** 2 * HEIGHT**2 < 35**2
    large = grown(DISC, (*shape, 3))
    assert large.dtype == np.bool_
    assert (large & truth).sum() / (large | truth).sum() > 0.96
    assert shape != DISC.shape or np.array_equal(large, DISC)
