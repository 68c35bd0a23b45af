"""What turns the tokens of a backbone into the vectors that vote: nothing, or a trained head."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dinosar.config.sections import FitConfig


class Head(Protocol):
    """Anything that encodes tokens. `id` names it, down to its weights: vectors of one id may be compared."""

    @property
    def id(self) -> str:
        """What its vectors are kept under."""

    def encode(self, tokens: NDArray[np.float32], places: NDArray[np.float32],
               lengths: NDArray[np.float32] | None = None) -> NDArray[np.float32]:  # fmt: skip
        """Unit vectors (n, depth of the head) of unit tokens (n, depth) that lie at `places` (n, 2) of `Block`.

        `lengths` (n,) are those that the backbone's tokens had, where they are known.
        """

    def expect(self, title: str, image: FitConfig | None = None) -> None:
        """Say so where tokens of that backbone, of photos shown in that way, are not what it learned on."""


class Identity:
    """The tokens as they are: for any backbone, without training."""

    id = "identity"

    def encode(self, tokens: NDArray[np.float32], places: NDArray[np.float32],
               lengths: NDArray[np.float32] | None = None) -> NDArray[np.float32]:  # fmt: skip
        """The tokens themselves."""
        return tokens

    def expect(self, title: str, image: FitConfig | None = None) -> None:
        """Any will do."""
