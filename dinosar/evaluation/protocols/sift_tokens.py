"""Descriptors of SIFT in place of a network's tokens: what a method of 2004 makes of the same patches."""

import numpy as np
from numpy.typing import NDArray

from dinosar.arrays import expect

BINS = 2.0
"""Widths of a patch that one of the four by four bins covers. Landmarks of drawn specimens are found within a twentieth
of the box for 82 % with 1, 92 % with 2, 94 % with 3, which takes twice the time; those are all drawn in much the same
pose, which flatters wide windows. Gradients are those of the image as it is: the blur that belongs to such a width in
SIFT's pyramid loses 10 %."""
PER_SIZE = 1.5
"""Pixels of a bin for each pixel of a keypoint's size, in OpenCV."""


def sift_tokens(image: NDArray[np.uint8], patch: int) -> NDArray[np.float32]:
    """A descriptor (rows, columns, 128) at the centre of every patch of a network image, upright, as a unit vector.

    A patch around which nothing changes has a vector of zeros. Descriptors are RootSIFT: square roots of shares, so
    that one strong edge does not outweigh the rest; on drawn specimens that finds 1 to 4 % more.
    """
    import cv2

    expect("the network image", image, "u1", (None, None, 3))
    rows, columns = image.shape[0] // patch, image.shape[1] // patch
    y, x = np.mgrid[:rows, :columns].reshape(2, -1) * patch + (patch - 1) / 2  # OpenCV counts from pixels' centres
    spots = [cv2.KeyPoint(float(a), float(b), BINS * patch / PER_SIZE, 0.0) for a, b in zip(x, y, strict=True)]
    _, found = cv2.SIFT_create().compute(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), spots)
    total = found.sum(axis=1, keepdims=True)
    return np.sqrt(found / np.where(total > 0, total, 1)).reshape(rows, columns, -1).astype(np.float32)
