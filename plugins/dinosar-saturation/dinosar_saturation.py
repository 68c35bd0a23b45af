"""A masker for dinosar in one screen: the example that docs/plugins.md walks through."""

import dinosar
import numpy as np
from pydantic import Field


class Saturation(dinosar.Masker):
    """Keeps pixels that are more colourful than the ground they lie on."""

    class Options(dinosar.Options):
        """How colourful is colourful."""

        minimum: float = Field(0.25, ge=0, le=1, description="Least HSV saturation; paper and foam stay below 0.2.")

    def mask(self, photo, features):
        """True where the saturation is high enough."""
        high, low = photo.pixels.max(axis=2).astype(np.float32), photo.pixels.min(axis=2)
        return (high - low) >= self.options.minimum * np.maximum(high, 1)
