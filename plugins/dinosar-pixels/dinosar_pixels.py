"""A backbone for dinosar that sees nothing but pixels: what a descriptor has to beat."""

import dinosar
import numpy as np
from pydantic import Field


class Pixels(dinosar.Backbone):
    """Raw colours of each patch, mean colour of the image removed: a negative control, not a method."""

    class Options(dinosar.Options):
        """How large a patch is."""

        patch: int = Field(16, ge=2, le=64, description="Pixels per patch, as most vision transformers have.")

    @property
    def patch(self):
        """Width of a patch in pixels."""
        return self.options.patch

    def encode(self, image):
        """The pixels of every patch as one long vector."""
        p, centred = self.patch, image.astype(np.float32) - image.mean(axis=(0, 1), dtype=np.float64).astype(np.float32)
        rows, columns = image.shape[0] // p, image.shape[1] // p
        patches = centred.reshape(rows, p, columns, p, 3).swapaxes(1, 2).reshape(rows, columns, -1) / 255
        return dinosar.Encoding(np.ascontiguousarray(patches), summary=patches.mean(axis=(0, 1)))
