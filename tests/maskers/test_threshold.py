"""What is Otsu's threshold alone: either side of the background, and the threshold itself."""

import numpy as np
import pytest
from drawn_photos import HEIGHT, TRUTH, WIDTH, X, Y, overlap, photographed_in_grey
from skimage.filters import threshold_otsu

from dinosar.data import Photo
from dinosar.maskers.threshold import Threshold, otsu


def test_a_soft_shadow_counts_when_it_is_told_to():
    shadow = 30 * np.exp(-((((X - 0.62) / 0.3) ** 2 + ((Y - 0.6) / 0.25) ** 2) ** 3))
    photo = photographed_in_grey(np.where(TRUTH, 60, 225 - shadow))
    assert overlap(Threshold(Threshold.Options(shadow=0)).mask(photo, None), TRUTH) < 0.9


def test_polarity_says_which_side_of_the_background_counts():
    light = ((X - 0.25) * WIDTH) ** 2 + ((Y - 0.5) * HEIGHT) ** 2 < 40**2
    dark = ((X - 0.75) * WIDTH) ** 2 + ((Y - 0.5) * HEIGHT) ** 2 < 40**2
    grey = np.where(light, 220, np.where(dark, 40, 130)) + np.random.default_rng(2).normal(0, 2, light.shape)
    photo = Photo(np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[..., None], 3, axis=2), "both")
    masks = {p: Threshold(Threshold.Options(polarity=p)).mask(photo, None) for p in ("any", "darker", "lighter")}
    for polarity, truth in (("any", light | dark), ("darker", dark), ("lighter", light)):
        assert overlap(masks[polarity], truth) > 0.95


@pytest.mark.parametrize("polarity", ["darker", "lighter"])
def test_neither_side_of_a_flat_photo_holds_a_specimen(polarity):
    photo = Photo(np.full((90, 120, 3), 128, dtype=np.uint8), "flat")
    assert not Threshold(Threshold.Options(polarity=polarity)).mask(photo, None).any()


@pytest.mark.parametrize("gap", [3, 10, 60])
def test_the_threshold_is_that_of_otsu_on_a_logarithmic_scale(gap):
    random = np.random.default_rng(gap)
    values = np.concatenate([random.gamma(2, 0.5, 3000), gap + random.gamma(3, gap / 4, 1000)]).astype(np.float32)
    expected = np.expm1(threshold_otsu(np.log1p(values), nbins=256))
    assert (values > otsu(values)).mean() == pytest.approx((values > expected).mean(), abs=0.01)


def test_the_threshold_of_nothing_but_zeros_is_zero():
    assert otsu(np.zeros((4, 4), np.float32)) == 0
