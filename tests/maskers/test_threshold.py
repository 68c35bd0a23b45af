"""Otsu's threshold on the distance from the border finds specimens on plain ground, whatever the light."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage.filters import threshold_otsu

from dinosar.config import MaskConfig
from dinosar.data import Photo
from dinosar.images import load_photo
from dinosar.maskers.threshold import Threshold, otsu
from dinosar.masks import find_mask

TOY = Path(__file__).resolve().parents[2] / "toy_data"
SHIPPED = sorted(TOY.glob("*.jpg"))
HEIGHT, WIDTH = 200, 280
Y, X = np.mgrid[:HEIGHT, :WIDTH] / np.array([HEIGHT, WIDTH]).reshape(2, 1, 1)
TRUTH = ((X - 0.5) / 0.3) ** 2 + ((Y - 0.5) / 0.25) ** 2 < 1
GROUNDS = {
    "dark on light": (lambda x, y: 225 + 0 * x, 70),
    "light on dark": (lambda x, y: 40 + 0 * x, 190),
    "on a slant of light": (lambda x, y: 180 + 50 * x + 15 * y, 60),
    "in a vignette": (lambda x, y: 235 - 80 * ((x - 0.5) ** 2 + (y - 0.5) ** 2), 80),
}


def photographed(ground, level, truth=TRUTH):
    random = np.random.default_rng(1)
    grey = np.where(truth, level + 25 * np.sin(30 * X), ground(X, Y)) + random.normal(0, 2, truth.shape)
    pixels = grey[..., None] * np.where(truth[..., None], (1.0, 0.85, 0.6), 1.0)
    return Photo(np.clip(pixels, 0, 255).astype(np.uint8), "drawn")


def overlap(mask, truth):
    return (mask & truth).sum() / (mask | truth).sum()


@pytest.mark.parametrize("case", GROUNDS.values(), ids=GROUNDS)
def test_a_specimen_on_plain_ground_is_found(case):
    assert overlap(Threshold().mask(photographed(*case), None), TRUTH) > 0.95


def photographed_in_grey(grey):
    noisy = grey + np.random.default_rng(3).normal(0, 1.5, grey.shape)
    return Photo(np.repeat(np.clip(noisy, 0, 255).astype(np.uint8)[..., None], 3, axis=2), "grey")


def test_a_soft_shadow_is_ground_unless_shadows_count():
    shadow = 30 * np.exp(-((((X - 0.62) / 0.3) ** 2 + ((Y - 0.6) / 0.25) ** 2) ** 3))
    photo = photographed_in_grey(np.where(TRUTH, 60, 225 - shadow))
    assert overlap(Threshold().mask(photo, None), TRUTH) > 0.97
    assert overlap(Threshold(Threshold.Options(shadow=0)).mask(photo, None), TRUTH) < 0.9


@pytest.mark.parametrize("drop", [15, 30])
def test_a_pale_specimen_is_found_where_no_shadow_is_expected(drop):
    photo = photographed_in_grey(np.where(TRUTH, 225 - drop, 225))
    assert overlap(Threshold(Threshold.Options(shadow=0)).mask(photo, None), TRUTH) > 0.97


def test_a_photo_larger_than_it_works_at_is_masked_at_its_own_size():
    photo = photographed(*GROUNDS["dark on light"])
    mask = Threshold(Threshold.Options(side=96)).mask(photo, None)
    assert mask.shape == TRUTH.shape
    assert overlap(mask, TRUTH) > 0.93


def test_polarity_says_which_side_of_the_background_counts():
    light = ((X - 0.25) * WIDTH) ** 2 + ((Y - 0.5) * HEIGHT) ** 2 < 40**2
    dark = ((X - 0.75) * WIDTH) ** 2 + ((Y - 0.5) * HEIGHT) ** 2 < 40**2
    grey = np.where(light, 220, np.where(dark, 40, 130)) + np.random.default_rng(2).normal(0, 2, light.shape)
    photo = Photo(np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[..., None], 3, axis=2), "both")
    masks = {p: Threshold(Threshold.Options(polarity=p)).mask(photo, None) for p in ("any", "darker", "lighter")}
    for polarity, truth in (("any", light | dark), ("darker", dark), ("lighter", light)):
        assert overlap(masks[polarity], truth) > 0.95


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (128, 128, 128), (200, 30, 77)])
@pytest.mark.parametrize("polarity", ["any", "darker", "lighter"])
def test_a_flat_photo_holds_no_specimen(colour, polarity):
    photo = Photo(np.full((90, 120, 3), colour, dtype=np.uint8), "flat")
    assert not Threshold(Threshold.Options(polarity=polarity)).mask(photo, None).any()


def test_the_mask_is_the_same_twice_and_on_any_number_of_threads():
    photo, masks = load_photo(SHIPPED[0]), []
    before = cv2.getNumThreads()
    try:
        for threads in (1, 2, 2):
            cv2.setNumThreads(threads)
            masks.append(Threshold().mask(photo, None))
    finally:
        cv2.setNumThreads(before)
    assert np.array_equal(masks[0], masks[1])
    assert np.array_equal(masks[1], masks[2])


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_shipped_photos_are_masked_well_in_spite_of_their_shadows(path):
    truth = cv2.imread(str(TOY / "masks" / f"{path.stem}.png"), cv2.IMREAD_UNCHANGED) > 0
    assert overlap(find_mask(load_photo(path), Threshold(), MaskConfig()), truth) > 0.86  # measured: 0.88 to 0.98


@pytest.mark.parametrize("gap", [3, 10, 60])
def test_the_threshold_is_that_of_otsu_on_a_logarithmic_scale(gap):
    random = np.random.default_rng(gap)
    values = np.concatenate([random.gamma(2, 0.5, 3000), gap + random.gamma(3, gap / 4, 1000)]).astype(np.float32)
    expected = np.expm1(threshold_otsu(np.log1p(values), nbins=256))
    assert (values > otsu(values)).mean() == pytest.approx((values > expected).mean(), abs=0.01)


def test_the_threshold_of_nothing_but_zeros_is_zero():
    assert otsu(np.zeros((4, 4), np.float32)) == 0
