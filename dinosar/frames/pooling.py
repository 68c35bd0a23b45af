"""One vector for a whole picture, and how far two of them are apart."""

from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from dinosar.config import Pooling
from dinosar.data import Features
from dinosar.errors import InputError
from dinosar.notices import warn

Vector = NDArray[np.float64]


_known: "WeakKeyDictionary[Features, dict[Pooling, tuple[Vector, Pooling]]]" = WeakKeyDictionary()


def pooled(features: Features, how: Pooling = "patches") -> tuple[Vector, Pooling]:
    """The embedding of a picture and over which tokens it went, as `mean_of` tells it, found once for each picture."""
    known = _known.setdefault(features, {})
    if how not in known:
        known[how] = mean_of(features, how)
    return known[how]


def mean_of(features: Features, how: Pooling) -> tuple[Vector, Pooling]:
    """The mean of a picture's tokens, each as long as the backbone made it, at unit length; and over which it went.

    `patches` are those of the picture; `all` counts the summary token as one more. A backbone that has none is pooled
    over its patches, and that is said.
    """
    lengths = np.ones(features.tokens.shape[:2]) if features.lengths is None else features.lengths
    total = np.einsum("ij,ijk->k", lengths.astype(np.float64), features.tokens.astype(np.float64))
    if how == "all" and features.summary is None:
        warn(f"{features.backbone} has no summary token: pooled over patches alone")
        how = "patches"
    if how == "all" and features.summary is not None:
        length = 1.0 if features.summary_length is None else features.summary_length
        total = total + length * features.summary.astype(np.float64)
    size = float(np.sqrt((total**2).sum()))
    if not size:
        raise InputError("the tokens of a picture sum to nothing, so it has no embedding")
    embedding = total / size
    embedding.flags.writeable = False
    return embedding, how


def cosine_distance(a: Vector, b: Vector) -> float:
    """1 - cosine of two unit vectors, as half the squared length of their difference: 0 exactly when they are equal."""
    return float(0.5 * ((a - b) ** 2).sum())
