"""`classic`: a backbone of a few hundred lines and 0.3 MB, for machines without a network or a graphics card.

    descriptor.py  gradients and colour under large windows, and the learned projection
    saliency.py    the map that stands in for attention
    families.py    what generated pictures are painted with
    generator.py   pairs of generated pictures with known correspondence
    fit.py         learns the projection: python -m dinosar.backbones.classic.fit --check

The name of the file of weights carries the version: whatever changes a token makes a new one.
"""

from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from dinosar import Backbone, Encoding
from dinosar import Options as BaseOptions
from dinosar.backbones.classic.descriptor import WEIGHTS, Weights, gradients_and_colour, lab_of, project
from dinosar.backbones.classic.saliency import saliency


class Classic(Backbone):
    """Gradients and colour under large windows, projected as learned from generated images; no download, no GPU."""

    class Options(BaseOptions):
        """How densely tokens lie."""

        step: int = Field(
            16,
            ge=4,
            le=64,
            description="Pixels from one token to the next. 16 is the grid of a vision transformer and takes about "
            "15 ms for an image of 512 px; 8 places matches better for about three times that.",
        )

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self.patch: int = self.options.step
        self._weights = Weights.load(WEIGHTS)
        self._weights_sha256 = sha256(WEIGHTS.read_bytes()).hexdigest()

    def encode(self, image: NDArray[np.uint8]) -> Encoding:
        """Unit tokens, their mean, and one map of saliency."""
        lab = lab_of(image)
        raw, contrast = gradients_and_colour(lab, self.patch)
        tokens = project(raw, self._weights)
        return Encoding(
            tokens=tokens,
            summary=tokens.mean(axis=(0, 1)),
            attention=saliency(lab, contrast)[None],
            attention_kind="saliency",
        )

    def facts(self) -> dict[str, str]:
        """The id of this version and what its weights are."""
        return {
            "id": WEIGHTS.stem,
            "weights": WEIGHTS.name,
            "weights_sha256": self._weights_sha256,
        }
