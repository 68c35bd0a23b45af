"""From which cosine on two patches may count as a hit, worked out from a collection itself."""

from collections.abc import Sequence
from hashlib import sha256

import numpy as np

from dinosar.errors import InputError, UsageError
from dinosar.notices import warn
from dinosar.retrieval.blocks import Block
from dinosar.retrieval.side_by_side import side_by_side
from dinosar.retrieval.tally import Asked, Tally

IMAGES = 64
OTHERS = 10
"""Images of the sample that each of it asks: 640 pairs, which settle the outcome to about 0.005."""
RARE = 0.01
"""The share of patches that may find an answer in the typical other image. On generated scenes, for raw, whitened and
trained tokens alike, this makes overlap come out closest to the truth; stricter ones miss what is shared."""
FEW = 5
DIGITS = 3


class TooFewImages(InputError):
    """A collection in which no two images have patches cannot say how far unrelated ones go."""


class LeastCosine(float):
    """A least cosine that knows how it came about."""

    words: str = ""

    @classmethod
    def told(cls, value: float, words: str) -> "LeastCosine":
        """A number and the words for it."""
        least = cls(value)
        least.words = words
        return least

    @property
    def value(self) -> float:
        """The plain number."""
        return float(self)


def auto_min_cosine(blocks: Sequence[Block]) -> LeastCosine:
    """The cosine that of 100 patches one exceeds somewhere in another image, in the median pair of different images.

    Images that do share something barely move it: as long as they are fewer than half of the pairs, the median pair
    shares nothing. The sample is chosen by the names, so it does not depend on the order of the images; it is that of
    `sample`, so that no others need be read.
    """
    chosen = [blocks[i] for i in sample([block.name for block in blocks])]
    voting = [block for block in chosen if len(block)]
    if len(voting) < 2:
        raise TooFewImages(
            "the least cosine cannot be worked out from fewer than two images with patches; give it as a number "
            "(--min-cosine)"
        )
    if len(voting) < FEW:
        warn(f"the least cosine was worked out from {len(voting)} images only; better give it as a number")
    with side_by_side() as spread:
        rare = list(spread(lambda place: _rarely(voting, place), range(len(voting))))
    value = round(float(np.clip(np.median(np.concatenate(rare)), -1, 1)), DIGITS)
    return LeastCosine.told(value, f"of 100 patches 1 exceeds it in the median pair of {len(voting)} images")


def sample(names: Sequence[str]) -> list[int]:
    """Which images the least cosine is worked out from: at most `IMAGES`, drawn by a hash of their names."""
    drawn = sorted(range(len(names)), key=lambda i: (sha256(names[i].encode()).digest(), names[i]))
    return drawn[:IMAGES]


def min_cosine_of(radius: float) -> float:
    """The least cosine that the original's radius means."""
    if not 0 <= radius <= 2:
        raise UsageError(f"a radius of {radius} cannot be meant; give one between 0 and 2 (1 - the least cosine)")
    return 1 - radius


def _rarely(blocks: Sequence[Block], place: int) -> list[float]:
    """The cosine that few of the patches of image `place` exceed in each of the images that follow it in a ring."""
    asked = Asked.of(blocks[place])
    others = [blocks[(place + step) % len(blocks)] for step in range(1, min(OTHERS, len(blocks) - 1) + 1)]
    return [float(np.quantile(Tally(asked, other, 0.0).best, 1 - RARE)) for other in others]
