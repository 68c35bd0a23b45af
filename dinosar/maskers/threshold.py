"""Otsu's threshold on the distance from the border colour."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

import dinosar
from dinosar.maskers.border_colour import BorderOptions, border_distance, grown, shrunk

NOISE = 4.0
"""Spreads of the background that no noise of it reaches; where nothing lies beyond, there is no specimen."""


class Threshold(dinosar.Masker):
    """What differs from the colour along the border, cut by Otsu's threshold."""

    class Options(BorderOptions):
        """Which side of the background counts."""

        polarity: Literal["any", "darker", "lighter"] = Field(
            "any", description="any: whatever differs; darker or lighter: only that side of the background."
        )
        side: int = Field(1024, ge=64, le=8192, description="Long side it works at; finer detail only adds noise.")

    def mask(self, photo: dinosar.Photo, features: dinosar.Features | None) -> NDArray[np.bool_]:
        """Pixels farther from the border colour than Otsu's threshold."""
        import cv2

        small = shrunk(photo.pixels, self.options.side)
        distance = border_distance(small, self.options.ring, self.options.shadow)
        if self.options.polarity != "any":
            light = cv2.GaussianBlur(small, (0, 0), 1.0).mean(axis=2)
            depth = max(1, round(self.options.ring * min(light.shape)))
            inside = light[depth:-depth, depth:-depth]
            background = (light.sum() - inside.sum()) / (light.size - inside.size)
            side = light < background if self.options.polarity == "darker" else light > background
            distance = np.where(side, distance, 0)
        return grown(distance > max(otsu(distance), NOISE), photo.pixels.shape)


def otsu(values: NDArray[np.float32]) -> float:
    """The threshold between the two classes of `values` (on a logarithmic scale, for the tail of specimens is long)."""
    import cv2

    top = float(values.max())
    if top <= 0:
        return 0.0
    bytes_ = np.round(np.log1p(values) / np.log1p(top) * 255).astype(np.uint8)
    level, _ = cv2.threshold(bytes_, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return float(np.expm1((level + 0.5) / 255 * np.log1p(top)))
