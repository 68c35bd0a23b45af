"""Two pictures held against each other whole: mismatch, distance, and sequences of them.

For loops the steps stand here one by one: `viewer` loads a backbone, `Viewer.frame` shows it a picture, and features of
two frames go into `correspond`, `mismatch_between`, or `pooled` and `cosine_distance`.
"""

from dinosar.frames.calls import distance, mismatch, viewer
from dinosar.frames.correspondence import correspond
from dinosar.frames.mismatching import Mismatch, mismatch_between
from dinosar.frames.pooling import cosine_distance, pooled
from dinosar.frames.seeing import Frame, Viewer

__all__ = [
    "Frame", "Mismatch", "Viewer", "correspond", "cosine_distance", "distance", "mismatch", "mismatch_between",
    "pooled", "viewer",
]  # fmt: skip
