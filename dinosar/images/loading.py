"""Reads a photograph into a Photo: what is asked for, in which order it is done, and what is noted of it."""

import hashlib
import os
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from dinosar.contracts import Options
from dinosar.data import Photo
from dinosar.errors import InputError
from dinosar.images.decoders import Decoded, decode
from dinosar.images.deep_pixels import DeepPixels, to_eight_bits
from dinosar.images.files import Refused, check_picture
from dinosar.images.formats import recognised
from dinosar.regular_files import called, read_regular_file

_LEVELS = {"white": 255, "black": 0, "grey": 128}


class LoadOptions(Options):
    """How the pixels of a file become a photo."""

    background: Literal["white", "black", "grey"] = Field(
        default="white",
        description="Colour put behind transparent pixels. White, because most cut-out specimens are shown on white.",
    )
    bit_depth: Literal["full", "minmax", "percentile"] = Field(
        default="full",
        description="How pixels of more than 8 bits become 8: 'full' divides by the full range of the format, "
        "'minmax' and 'percentile' (0.5 to 99.5) stretch what each picture holds. 'full', because it treats all "
        "photographs alike.",
    )
    max_megapixels: float = Field(
        default=175,
        gt=0,
        description="Pictures that say they are larger are refused before they are unpacked. 175, because the largest "
        "camera sensors give 151 megapixels, and a picture of 175 takes about 2.5 GB to load.",
    )


def load_photo(path: str | os.PathLike[str], options: LoadOptions | None = None) -> Photo:
    """Read one photograph.

    The pixels come out upright (EXIF orientation applied once), on a plain background where they were transparent, and
    in 8 bits; `Photo.notes` say what was done. A file that cannot be read completely is an InputError.
    """
    options = options or LoadOptions()
    where = Path(path)
    try:
        data = read_regular_file(where, check_picture, recognised)
        decoded = decode(recognised(data[:256]), data, options.max_megapixels * 1e6)
        pixels, depth_notes = _in_eight_bits(decoded, options)
    except Refused as refused:
        raise InputError(f"{called(where)} {refused}") from refused
    pixels, alpha, alpha_notes = _on_background(pixels, decoded.alpha, options.background)
    return Photo(
        pixels=_upright(pixels, decoded.orientation),
        name=_encodable(where.stem),
        path=where,
        sha256=hashlib.sha256(data).hexdigest(),
        alpha=None if alpha is None else _upright(alpha, decoded.orientation),
        notes=(*decoded.notes, *depth_notes, *alpha_notes),
    )


def photo_of(given: object, options: LoadOptions | None = None) -> Photo:
    """A photo as a caller may give it: by its path, or loaded already."""
    if isinstance(given, Photo):
        return given
    if isinstance(given, (str, os.PathLike)):
        return load_photo(given, options)
    raise InputError(
        f"a photo is given by its path, or as a dinosar.Photo, not as {type(given).__name__}; "
        "for an array: dinosar.images.photo_from_array(array, 'name')"
    )


def photo_from_array(pixels: Any, name: str) -> Photo:
    """A photo from an array: uint8, RGB (height, width, 3) or grey (height, width). The array is copied."""
    array = np.asarray(pixels)
    if array.dtype != np.uint8:
        raise InputError(
            f"the pixels of '{name}' are {array.dtype}, but must be uint8 from 0 to 255; "
            "scale them, round them and use .astype('uint8')"
        )
    if array.ndim == 3 and array.shape[2] == 4:
        raise InputError(f"the pixels of '{name}' have an alpha channel; drop it with pixels[..., :3]")
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] != 3) or array.size == 0:
        raise InputError(
            f"the pixels of '{name}' have the shape {array.shape}; give RGB (height, width, 3) or grey (height, width)"
        )
    colour = array if array.ndim == 3 else _as_colour(array)
    return Photo(pixels=np.array(colour, order="C"), name=name)


def _as_colour(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.repeat(grey[..., None], 3, axis=2)


def _in_eight_bits(decoded: Decoded, options: LoadOptions) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    if not isinstance(decoded.pixels, DeepPixels):
        return decoded.pixels, ()
    pixels, notes = to_eight_bits(decoded.pixels, options.bit_depth)
    return pixels if pixels.ndim == 3 else _as_colour(pixels), notes


def _on_background(
    pixels: NDArray[np.uint8], alpha: NDArray[np.uint8] | None, background: str
) -> tuple[NDArray[np.uint8], NDArray[np.uint8] | None, tuple[str, ...]]:
    """Transparent pixels mixed with the background; an alpha that is opaque everywhere counts as none."""
    if alpha is None or (alpha == 255).all():
        return pixels, None, ()
    share = alpha[..., None].astype(np.uint16)
    mixed = (pixels * share + _LEVELS[background] * (255 - share) + 127) // 255  # at most 65152: fits 16 bits
    notes = [f"transparent pixels put on {background}"]
    if not alpha.any():
        notes.append("every pixel is transparent: nothing of the picture is to be seen")
    return mixed.astype(np.uint8), alpha, tuple(notes)


def _upright(array: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """The picture as the camera was meant to see it; the numbers are those of EXIF."""
    if orientation >= 5:
        array = array.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        array = array[:, ::-1]
    if orientation in (3, 4, 7, 8):
        array = array[::-1]
    return np.ascontiguousarray(array)


def _encodable(name: str) -> str:
    """A file name whose bytes are no text, as text that can be written down."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")
