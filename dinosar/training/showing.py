"""Pictures as the frozen backbone sees them: shown to it once, kept in the store, and the last many in memory."""

from collections import OrderedDict

import numpy as np

from dinosar.config import FitConfig
from dinosar.contracts import Backbone
from dinosar.data import Encoding, Features, Photo
from dinosar.features import encode, network_image, see
from dinosar.grid import Grid
from dinosar.retrieval.blocks import Block, block_of
from dinosar.store import Store
from dinosar.training.augmentation import Augmentation, Look
from dinosar.training.sources import Source

MEMORY = 1 << 30
"""Bytes of tokens that are kept in memory: all of a training on a thousand views of 256 patches x 1024."""
Shown = tuple[str, Look]


class Shower:
    """The blocks of a source's pictures in any look."""

    def __init__(self, source: Source, augmentation: Augmentation, backbone: Backbone, image: FitConfig,
                 store: Store | None) -> None:  # fmt: skip
        self.source, self.augmentation, self.backbone, self.image, self.store = (
            source, augmentation, backbone, image, store,
        )  # fmt: skip
        self._kept: OrderedDict[Shown, Block] = OrderedDict()
        self._bytes = 0

    def block(self, name: str, look: Look) -> Block:
        """The patches of a picture in a look; kept in half precision, which is how they come."""
        key = (name, look)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        found = self._seen(self.photo(name, look), look)
        self._kept[key] = found
        self._bytes += found.tokens.nbytes
        while self._bytes > MEMORY and len(self._kept) > 1:
            self._bytes -= self._kept.popitem(last=False)[1].tokens.nbytes
        return found

    def photo(self, name: str, look: Look) -> Photo:
        """A picture in a look."""
        return self.augmentation.shown(self.source.photo(name), look)

    def _seen(self, photo: Photo, look: Look) -> Block:
        return block_of_features(photo.name, see(photo, self.backbone, self.image, self.store))


class SquareShower(Shower):
    """The same in squares, as label files count patches: the picture at the top left, or at the top right mirrored."""

    @property
    def patches(self) -> int:
        """How many patches a picture has."""
        return int((self.image.size // self.backbone.patch) ** 2)

    def _seen(self, photo: Photo, look: Look) -> Block:
        grid = square_grid(photo.size, self.backbone.patch, self.image.size, mirrored=look.flip)
        encoding = encode(network_image(photo.pixels, grid), self.backbone, self.store)
        return block_of(photo.name, encoding, grid)


def square_grid(photo: tuple[int, int], patch: int, size: int, *, mirrored: bool = False) -> Grid:
    """A square grid for a picture with its longer side along the whole of one edge, as the original pads pictures."""
    side = size // patch * patch
    width, height = (max(1, round(length * side / max(photo))) for length in photo)
    left = side - width if mirrored else 0
    return Grid(photo, (0, 0, *photo), (side, side), (left, 0, width, height), patch)


def block_of_features(name: str, features: Features) -> Block:
    """The patches that vote of what a backbone saw."""
    return block_of(name, Encoding(tokens=np.asarray(features.tokens), summary=features.summary), features.grid)
