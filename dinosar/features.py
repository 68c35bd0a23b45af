"""The stage that shows a photo to a backbone: crop, fit, encode once, keep, round."""

from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from dinosar.config import FitConfig, ImageConfig
from dinosar.contracts import Backbone
from dinosar.data import Encoding, Features, Photo
from dinosar.grid import Box, Grid, fit_grid
from dinosar.notices import warn
from dinosar.registry import AT_WORK, strangers_code
from dinosar.store import Store, identity, key_of
from dinosar.timing import a_stage

ENLARGED = 8.0
"""Beyond this a patch of a network shows a pixel or two."""


@a_stage("features")
def see(photo: Photo, backbone: Backbone, image: FitConfig, store: Store | None = None, *,
        mask: NDArray[np.bool_] | None = None, crop: Box | None = None) -> Features:  # fmt: skip
    """Features of a photo (or of a crop of it); what lies outside `mask` is painted white if the config says so."""
    grid = fit_grid(photo.size, backbone.patch, fit=image.fit, size=image.size, crop=crop)
    if max(grid.scale) > ENLARGED:
        warn(f"'{photo.name}' is enlarged {max(grid.scale):.0f} times for the backbone: it holds little to compare")
    pixels = photo.pixels
    if mask is not None and isinstance(image, ImageConfig) and image.surroundings == "white":
        pixels = np.where(mask[..., None], pixels, np.uint8(255))
    encoding = encode(network_image(pixels, grid), backbone, store)
    summary = None if encoding.summary is None else unit(encoding.summary)
    return placed(replace(encoding, tokens=unit(encoding.tokens), summary=summary), grid, backbone)


def placed(encoding: Encoding, grid: Grid, backbone: Backbone) -> Features:
    """An encoding with where its tokens lie and who made them."""
    arrays = {each.name: getattr(encoding, each.name) for each in fields(encoding)}
    return Features(grid=grid, backbone=backbone.title, **arrays)


def encode(image: NDArray[np.uint8], backbone: Backbone, store: Store | None) -> Encoding:
    """The backbone's word on an image, in storage precision whether it comes from the store or not."""
    known = identity(backbone) if store else None
    if store is None or known is None:
        return rounded(spoken(backbone, image))
    key = key_of(image, known)
    kept = store.get(backbone.title, key)
    if kept is not None:
        return kept
    fresh = rounded(spoken(backbone, image))
    store.put(backbone.title, key, fresh)
    return fresh


def spoken(backbone: Backbone, image: NDArray[np.uint8]) -> Encoding:
    """What the backbone itself says of an image; whatever goes wrong in it is told under its name."""
    with strangers_code(f"backbone '{backbone.title}' failed", AT_WORK):
        word = backbone.encode(image)
        expected = image.shape[0] // backbone.patch, image.shape[1] // backbone.patch
        if not isinstance(word, Encoding):
            raise TypeError(f"encode must return a dinosar.Encoding, but returned {type(word).__name__}")
        if word.tokens.shape[:2] != expected:
            raise ValueError(
                f"{expected[0]} x {expected[1]} patches got {word.tokens.shape[0]} x {word.tokens.shape[1]} tokens"
            )
    return word


def network_image(pixels: NDArray[np.uint8], grid: Grid) -> NDArray[np.uint8]:
    """The grid's crop, resized from the native pixels in one step; padding repeats the edge, so it adds no contrast."""
    import cv2

    left, top, width, height = grid.crop
    image = np.ascontiguousarray(pixels[top : top + height, left : left + width])
    x, y, new_width, new_height = grid.content
    if (new_width, new_height) != (width, height):
        # Each axis by what suits it: shrinking averages areas, or fine patterns alias; enlarging interpolates.
        smaller = (min(width, new_width), min(height, new_height))
        image = cv2.resize(image, smaller, interpolation=cv2.INTER_AREA)
        image = cv2.resize(image, (new_width, new_height), interpolation=cv2.INTER_CUBIC)
    right, bottom = grid.network[0] - x - new_width, grid.network[1] - y - new_height
    if x or y or right or bottom:
        image = cv2.copyMakeBorder(image, y, bottom, x, right, cv2.BORDER_REPLICATE)
    return np.array(image, dtype=np.uint8)


def between(tokens: NDArray[np.float32], lattice: NDArray[np.float64]) -> NDArray[np.float64]:
    """Tokens (n, depth) interpolated bilinearly at columns and rows (n, 2) of a lattice (rows, columns, depth).

    0 is the centre of the first token; beyond the outermost centres the outermost token holds. They are not unit.
    """
    rows, columns = tokens.shape[:2]
    held = np.clip(lattice, 0, [columns - 1, rows - 1])
    (left, top), (u, v) = np.floor(held).astype(np.int64).T, (held % 1).T[..., None]
    right, bottom = np.minimum(left + 1, columns - 1), np.minimum(top + 1, rows - 1)
    upper = tokens[top, left] * (1 - u) + tokens[top, right] * u
    lower = tokens[bottom, left] * (1 - u) + tokens[bottom, right] * u
    return np.asarray(upper * (1 - v) + lower * v, dtype=np.float64)


def rounded(encoding: Encoding) -> Encoding:
    """Unit vectors in storage precision, so that a result does not depend on whether the store was used."""
    attention = None if encoding.attention is None else encoding.attention.astype(np.float32)
    summary = None if encoding.summary is None else halved(encoding.summary)
    length = None if encoding.summary is None else float(np.float32(lengths(encoding.summary)))
    return replace(
        encoding, tokens=halved(encoding.tokens), summary=summary, attention=attention,
        lengths=lengths(encoding.tokens).astype(np.float32), summary_length=length,
    )  # fmt: skip


def halved(vectors: NDArray[np.floating]) -> NDArray[np.float32]:
    """Unit vectors as half precision keeps them."""
    return unit(vectors).astype(np.float16).astype(np.float32)


def unit(vectors: NDArray[np.floating]) -> NDArray[np.float32]:
    """Vectors along the last axis scaled to length 1; a vector of zeros has no direction and stays."""
    wide, length = vectors.astype(np.float64), lengths(vectors)[..., None]
    scaled: NDArray[np.float64] = np.divide(wide, length, out=np.zeros_like(wide), where=length > 0)
    return scaled.astype(np.float32)


def lengths(vectors: NDArray[np.floating]) -> NDArray[np.float64]:
    """Lengths of vectors along the last axis."""
    wide = vectors.astype(np.float64)
    return np.asarray(np.sqrt((wide**2).sum(axis=-1)))
