"""One vector for each image of a library, or one for each view of it, and the images nearest to a query by them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dinosar.retrieval.shortlist import nearest
from dinosar.retrieval.tiles import VIEWS

Places = NDArray[np.int64]


class GlobalVectors(NamedTuple):
    """Unit vectors (n, depth), and the place of the image each belongs to (n,); a vector of zeros is near to nothing.

    `images` is None where each image has one vector, in their order.
    """

    each: NDArray[np.float32]
    images: Places | None = None

    def of(self, places: Places) -> "GlobalVectors":
        """The vectors of some images, ascending; their places are those in this choice."""
        if self.images is None:
            return GlobalVectors(self.each[places])
        kept = np.isin(self.images, places)
        return GlobalVectors(self.each[kept], np.searchsorted(places, self.images[kept]))

    def nearest(self, asked: NDArray[np.float32], size: int, itself: Sequence[int | None]) -> list[Places]:
        """For each query so many images but itself, the nearest first; an image is as near as its nearest view."""
        if self.images is None:
            return nearest(asked, self.each, size, itself)
        views = nearest(asked, self.each, (size + 1) * len(VIEWS))  # enough, if each image had all its views among them
        return [_first(self.images[near], size, own) for near, own in zip(views, itself, strict=True)]


def _first(images: Places, size: int, own: int | None) -> Places:
    """The first so many different images, all but one's own."""
    found, first = np.unique(images, return_index=True)
    in_order = found[np.argsort(first)]
    return in_order[in_order != own][:size] if own is not None else in_order[:size]
