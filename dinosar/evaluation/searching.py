"""Who looks for the answers: a protocol, a matcher and a backbone, and each picture encoded once."""

from collections import OrderedDict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dinosar.config import SearchConfig
from dinosar.contracts import Backbone
from dinosar.evaluation.keypoint_pairs import KeypointPair, Picture
from dinosar.evaluation.protocols import Protocol, Side, find, protocol
from dinosar.features import encode, unit
from dinosar.store import Store

KEPT = 24
"""Pictures kept at hand as the network saw them, 11 MB each at 60 x 60 x 768; more come from the store."""
Points = NDArray[np.float64]


@dataclass
class Searcher:
    """Answers keypoints of one picture in another."""

    config: SearchConfig
    backbone: Backbone
    store: Store | None
    encoded: int = 0
    _seen: "OrderedDict[str, Side]" = field(default_factory=OrderedDict)

    @property
    def protocol(self) -> Protocol:
        """How pictures are shown, read and answered."""
        return protocol(self.config.protocol)

    @property
    def side(self) -> int:
        """The side of the square that the network is shown: that of the protocol, lowered to whole patches."""
        return self.protocol.side(self.backbone.patch, self.config.size)

    def answers(self, pair: KeypointPair) -> Points:
        """For each keypoint of the source its answer in the target (K, 2), in original pixels; NaN where none is."""
        source, target = self._see(pair.source), self._see(pair.target)
        return find(self.protocol, self.config.matcher, source, target, pair.a)

    def _see(self, picture: Picture) -> Side:
        """A picture as the protocol shows it, and its tokens."""
        if picture.name not in self._seen:
            shown = self.protocol.shown(picture.load().pixels, self.backbone.patch, self.config.size)
            self._seen[picture.name] = Side(shown, self._tokens(shown.image))
        self._seen.move_to_end(picture.name)
        while len(self._seen) > KEPT:
            self._seen.popitem(last=False)
        return self._seen[picture.name]

    def _tokens(self, image: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Unit tokens; where a protocol mixes neighbours before it compares them, as long as the network made them."""
        encoding = encode(image, self.backbone, self.store)
        self.encoded += 1
        tokens = unit(encoding.tokens)
        lengths = encoding.lengths if self.config.protocol == "dift" else None
        return tokens if lengths is None else tokens * lengths[..., None]
