"""One of the two images as a protocol sees it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dinosar.arrays import expect, freeze
from dinosar.evaluation.protocols.shown import Shown


@dataclass(frozen=True, eq=False)
class Side:
    """What was shown, and the tokens (rows, columns, depth) made of it: unit vectors, or zeros where there is nothing.

    Cosines do not ask for unit tokens; mixtures of neighbours do, for there the longer token counts for more.
    """

    shown: Shown
    tokens: NDArray[np.float32]

    def __post_init__(self) -> None:
        expect("Side.tokens", self.tokens, "f", (self.shown.grid.rows, self.shown.grid.columns, None))
        freeze(self)

    @property
    def flat(self) -> NDArray[np.float32]:
        """Tokens row by row (rows * columns, depth)."""
        return self.tokens.reshape(-1, self.tokens.shape[-1])
