"""A model of the border colour, sharpened by GrabCut."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

import dinosar
from dinosar.maskers.border_colour import BorderOptions, border_distance, grown, shrunk
from dinosar.maskers.threshold import NOISE, otsu


class GrabCut(dinosar.Masker):
    """Border-colour model and GrabCut: needs no weights, wants a plain background."""

    class Options(BorderOptions):
        """How hard to work."""

        iterations: int = Field(4, ge=1, le=20, description="Rounds of GrabCut; it settles within a few.")
        side: int = Field(512, ge=64, le=4096, description="Long side it works at; the cost grows with its square.")

    def mask(self, photo: dinosar.Photo, features: dinosar.Features | None) -> NDArray[np.bool_]:
        """Pixels GrabCut gives to the foreground."""
        import cv2

        small = shrunk(photo.pixels, self.options.side)
        distance = border_distance(small, self.options.ring, self.options.shadow)
        threshold = max(otsu(distance), NOISE)
        labels = np.where(distance > threshold, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
        labels[distance > 3 * threshold] = cv2.GC_FGD
        labels[distance < threshold / 3] = cv2.GC_BGD
        if not {cv2.GC_FGD, cv2.GC_PR_FGD} & set(np.unique(labels).tolist()) or (labels != cv2.GC_BGD).all():
            return np.zeros(photo.pixels.shape[:2], dtype=bool)  # nothing differs from the border: no specimen seen
        cv2.setRNGSeed(0)  # GrabCut starts from k-means, which draws from OpenCV's own generator
        models = np.zeros((1, 65)), np.zeros((1, 65))
        image = cv2.cvtColor(small, cv2.COLOR_RGB2BGR)
        cv2.grabCut(image, labels, None, *models, self.options.iterations, cv2.GC_INIT_WITH_MASK)
        return grown(np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD)), photo.pixels.shape)
