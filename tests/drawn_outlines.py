"""Masks of a drawn beetle whose movement is known."""

import cv2
import numpy as np

from dinosar.shape.fits import moved


def similarity(scale, degrees, x, y):
    """The movement (3, 3) that scales, turns and then shifts by x and y."""
    along, across = scale * np.cos(np.radians(degrees)), scale * np.sin(np.radians(degrees))
    return np.array([[along, -across, x], [across, along, y], [0, 0, 1]])


def beetle(movement, size=(400, 300)):
    """A body with a head, a wing and no symmetry, moved from about the origin onto a photo (width, height)."""
    drawn = np.zeros(size[::-1], dtype=np.uint8)
    around = np.linspace(0, 2 * np.pi, 200)
    body = np.stack([70 * np.cos(around), 28 * np.sin(around)], axis=1)
    for part in (body, [[20, 0], [75, 60], [40, 0]], [[40, -5], [110, -15], [60, 15]]):
        # Sixteenths of a pixel, from edges to the centres that OpenCV counts from.
        corners = (moved(movement, np.array(part, dtype=float)) - 0.5) * 16
        cv2.fillPoly(drawn, [corners.round().astype(np.int32)], 1, shift=4)
    return drawn.astype(bool)
