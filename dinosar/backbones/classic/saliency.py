"""Where something stands out: unlike the border of the picture in colour, and with contrast of its own.

This is not the attention of a network, and is called saliency wherever it appears.
"""

import numpy as np

from dinosar.backbones.classic.descriptor import Floats

LONG_SIDE = 128  # pixels it is worked out on: finer than any token, and a sixteenth of the work
RING = 0.04  # width of the border that is taken for ground, of the long side
GRAIN = 0.015  # spread of Lab that even a plain ground has: paper, noise, JPEG
NOTHING = 1e-12  # what rounding leaves of a flat picture is far below
FAR = 4.0  # spreads at which a colour counts as half strange; squashed, so that one loud spot does not outshine all


def border_pixels(lab: Floats) -> Floats:
    """The pixels (n, 3) of the border ring."""
    width = max(1, round(RING * max(lab.shape[:2])))
    inside = np.zeros(lab.shape[:2], bool)
    inside[width:-width, width:-width] = True
    return lab[~inside]


def strangeness(lab: Floats) -> Floats:
    """How unlike the border each pixel is, 0..1: distance from its median in median absolute deviations, squashed."""
    ring = border_pixels(lab)
    middle = np.median(ring, axis=0)
    spread = np.float32(1.4826) * np.median(np.abs(ring - middle), axis=0) + np.float32(GRAIN)
    distance = (((lab - middle) / spread) ** 2).sum(axis=-1)
    return np.asarray(distance / (distance + np.float32(FAR**2)), np.float32)


def saliency(lab: Floats, contrast: Floats) -> Floats:
    """Strangeness times contrast on the grid of `contrast` (rows, columns), at most 1; a flat picture has none."""
    import cv2

    rows, columns = contrast.shape
    shrink = min(1.0, LONG_SIDE / max(lab.shape[:2]))
    height, width = (max(1, round(side * shrink)) for side in lab.shape[:2])
    small = np.asarray(cv2.resize(lab, (width, height), interpolation=cv2.INTER_AREA), np.float32)
    strange = cv2.resize(strangeness(small), (columns, rows), interpolation=cv2.INTER_AREA)
    product = np.asarray(strange, np.float32).reshape(rows, columns) * contrast
    highest = product.max()
    return product / highest if highest > NOTHING else np.zeros_like(product)
