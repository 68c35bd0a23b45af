"""GrabCut from a model of the border colour finds specimens on plain ground, and the same ones every time."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from dinosar.config import MaskConfig
from dinosar.data import Photo
from dinosar.images import load_photo
from dinosar.maskers.grabcut import GrabCut
from dinosar.masks import find_mask

TOY = Path(__file__).resolve().parents[2] / "toy_data"
SHIPPED = sorted(TOY.glob("*.jpg"))
HEIGHT, WIDTH = 150, 210
Y, X = np.mgrid[:HEIGHT, :WIDTH] / np.array([HEIGHT, WIDTH]).reshape(2, 1, 1)
TRUTH = ((X - 0.5) / 0.3) ** 2 + ((Y - 0.5) / 0.25) ** 2 < 1
GROUNDS = {
    "dark on light": (lambda x, y: 225 + 0 * x, 70),
    "light on dark": (lambda x, y: 40 + 0 * x, 190),
    "on a slant of light": (lambda x, y: 180 + 50 * x + 15 * y, 60),
    "in a vignette": (lambda x, y: 235 - 80 * ((x - 0.5) ** 2 + (y - 0.5) ** 2), 80),
}


def photographed(ground, level):
    random = np.random.default_rng(1)
    grey = np.where(TRUTH, level + 25 * np.sin(30 * X), ground(X, Y)) + random.normal(0, 2, TRUTH.shape)
    pixels = grey[..., None] * np.where(TRUTH[..., None], (1.0, 0.85, 0.6), 1.0)
    return Photo(np.clip(pixels, 0, 255).astype(np.uint8), "drawn")


def overlap(mask, truth):
    return (mask & truth).sum() / (mask | truth).sum()


@pytest.mark.parametrize("case", GROUNDS.values(), ids=GROUNDS)
def test_a_specimen_on_plain_ground_is_found(case):
    assert overlap(GrabCut().mask(photographed(*case), None), TRUTH) > 0.95


def photographed_in_grey(grey):
    noisy = grey + np.random.default_rng(3).normal(0, 1.5, grey.shape)
    return Photo(np.repeat(np.clip(noisy, 0, 255).astype(np.uint8)[..., None], 3, axis=2), "grey")


def test_a_soft_shadow_is_ground():
    shadow = 30 * np.exp(-((((X - 0.62) / 0.3) ** 2 + ((Y - 0.6) / 0.25) ** 2) ** 3))
    photo = photographed_in_grey(np.where(TRUTH, 60, 225 - shadow))
    assert overlap(GrabCut().mask(photo, None), TRUTH) > 0.97


@pytest.mark.parametrize("drop", [15, 30])
def test_a_pale_specimen_is_found_where_no_shadow_is_expected(drop):
    photo = photographed_in_grey(np.where(TRUTH, 225 - drop, 225))
    assert overlap(GrabCut(GrabCut.Options(shadow=0)).mask(photo, None), TRUTH) > 0.97


def test_a_photo_larger_than_it_works_at_is_masked_at_its_own_size():
    mask = GrabCut(GrabCut.Options(side=96)).mask(photographed(*GROUNDS["dark on light"]), None)
    assert mask.shape == TRUTH.shape
    assert overlap(mask, TRUTH) > 0.93


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (128, 128, 128), (200, 30, 77)])
def test_a_flat_photo_holds_no_specimen(colour):
    photo = Photo(np.full((90, 120, 3), colour, dtype=np.uint8), "flat")
    assert not GrabCut().mask(photo, None).any()


def test_the_mask_is_the_same_twice_and_on_any_number_of_threads_and_after_other_draws():
    photo, masks = load_photo(SHIPPED[0]), []
    before = cv2.getNumThreads()
    try:
        for threads in (1, 2, 2):
            cv2.setNumThreads(threads)
            cv2.setRNGSeed(threads + len(masks))
            masks.append(GrabCut().mask(photo, None))
    finally:
        cv2.setNumThreads(before)
    assert np.array_equal(masks[0], masks[1])
    assert np.array_equal(masks[1], masks[2])


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_shipped_photos_are_masked_well(path):
    truth = cv2.imread(str(TOY / "masks" / f"{path.stem}.png"), cv2.IMREAD_UNCHANGED) > 0
    assert overlap(find_mask(load_photo(path), GrabCut(), MaskConfig()), truth) > 0.96  # measured: 0.97 to 0.98
