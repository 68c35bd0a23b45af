"""The matches of two photos beside the truth: where the keypoints of A are found on B, and where they are."""

import numpy as np
from numpy.typing import NDArray

from dinosar.evaluation.keypoint_pairs import KeypointPair
from dinosar.render.pck_pair import worst_picture
from dinosar.render.sheet import Style
from dinosar.sparse.matched import Matched


def truth_picture(matched: Matched, pair: KeypointPair, found: NDArray[np.float64], style: Style) -> bytes:
    """Where each keypoint of A was found on B (K, 2), NaN where nothing answered, beside its true place."""
    errors = np.hypot(*(found - pair.b).T)
    return worst_picture(pair, (matched.a.photo.pixels, matched.b.photo.pixels), found, errors, style)
