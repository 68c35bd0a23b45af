"""Specimens on a grid of given size with tokens that tests choose."""

import numpy as np

from dinosar.data import Features, Photo, Specimen
from dinosar.features import unit
from dinosar.grid import fit_grid


def specimen_of(tokens, rows, columns, patches=None, attention=None, patch=16):
    """A specimen of rows x columns patches, each with its token, in the order of the grid; float32 ones are unit."""
    tokens = np.asarray(tokens)
    tokens = tokens if tokens.dtype == np.float32 else unit(tokens)
    photo = Photo(np.zeros((rows * patch, columns * patch, 3), np.uint8), "drawn")
    patches = np.ones((rows, columns), dtype=bool) if patches is None else patches
    grid = fit_grid(photo.size, patch, fit="native")
    map_ = None if attention is None else np.asarray(attention, np.float32).reshape(1, rows, columns)
    features = Features(tokens.reshape(rows, columns, -1), grid, "drawn-v1", attention=map_,
                        attention_kind="saliency")  # fmt: skip
    return Specimen(photo, features, np.ones(photo.pixels.shape[:2], dtype=bool), patches, patches.astype(float))


def pairs_of(matches, keep=slice(None)):
    """The matches as a list of (asked, answer)."""
    return list(zip(matches.asked[keep].tolist(), matches.answer[keep].tolist(), strict=True))
