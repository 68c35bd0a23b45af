"""What both maskers of plain ground promise: specimens found whatever the light, shadows left, the same every time."""

import cv2
import numpy as np
import pytest
from drawn_photos import GROUNDS, SHIPPED, TOY, TRUTH, X, Y, overlap, photographed, photographed_in_grey

from dinosar.config import MaskConfig
from dinosar.data import Photo
from dinosar.images import load_photo
from dinosar.maskers.grabcut import GrabCut
from dinosar.maskers.threshold import Threshold
from dinosar.masks import find_mask

FLOOR = {GrabCut: 0.96, Threshold: 0.86}  # measured on the shipped photos: 0.97 to 0.98, and 0.88 to 0.98
pytestmark = pytest.mark.parametrize("masker", FLOOR, ids=lambda masker: masker.__name__)


@pytest.mark.parametrize("case", GROUNDS.values(), ids=GROUNDS)
def test_a_specimen_on_plain_ground_is_found(masker, case):
    assert overlap(masker().mask(photographed(*case), None), TRUTH) > 0.95


def test_a_soft_shadow_is_ground(masker):
    shadow = 30 * np.exp(-((((X - 0.62) / 0.3) ** 2 + ((Y - 0.6) / 0.25) ** 2) ** 3))
    photo = photographed_in_grey(np.where(TRUTH, 60, 225 - shadow))
    assert overlap(masker().mask(photo, None), TRUTH) > 0.97


@pytest.mark.parametrize("drop", [15, 30])
def test_a_pale_specimen_is_found_where_no_shadow_is_expected(masker, drop):
    photo = photographed_in_grey(np.where(TRUTH, 225 - drop, 225))
    assert overlap(masker(masker.Options(shadow=0)).mask(photo, None), TRUTH) > 0.97


def test_a_photo_larger_than_it_works_at_is_masked_at_its_own_size(masker):
    mask = masker(masker.Options(side=96)).mask(photographed(*GROUNDS["dark on light"]), None)
    assert mask.shape == TRUTH.shape
    assert overlap(mask, TRUTH) > 0.93


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (128, 128, 128), (200, 30, 77)])
def test_a_flat_photo_holds_no_specimen(masker, colour):
    photo = Photo(np.full((90, 120, 3), colour, dtype=np.uint8), "flat")
    assert not masker().mask(photo, None).any()


def test_the_mask_is_the_same_twice_and_on_any_number_of_threads(masker):
    photo, masks = load_photo(SHIPPED[0]), []
    before = cv2.getNumThreads()
    try:
        for threads in (1, 2, 2):
            cv2.setNumThreads(threads)
            masks.append(masker().mask(photo, None))
    finally:
        cv2.setNumThreads(before)
    assert np.array_equal(masks[0], masks[1])
    assert np.array_equal(masks[1], masks[2])


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_shipped_photos_are_masked_well(masker, path):
    truth = cv2.imread(str(TOY / "masks" / f"{path.stem}.png"), cv2.IMREAD_UNCHANGED) > 0
    assert overlap(find_mask(load_photo(path), [masker()], MaskConfig()), truth) > FLOOR[masker]
