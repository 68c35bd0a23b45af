"""What is GrabCut's alone: it draws from OpenCV's own generator, and must not let that show."""

import cv2
import numpy as np
from drawn_photos import GROUNDS, photographed

from dinosar.maskers.grabcut import GrabCut


def test_the_mask_does_not_depend_on_what_was_drawn_before():
    photo, masks = photographed(*GROUNDS["dark on light"]), []
    for seed in (1, 2, 3):
        cv2.setRNGSeed(seed)
        masks.append(GrabCut().mask(photo, None))
    assert np.array_equal(masks[0], masks[1])
    assert np.array_equal(masks[1], masks[2])
