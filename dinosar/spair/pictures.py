"""Photographs in the pixels that are stored, for that is where keypoints were set, and masks.

What the camera's EXIF says of turning is left alone: no program that reads these annotations follows it.
"""

import hashlib
import io
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from dinosar.data import Photo
from dinosar.errors import InputError
from dinosar.images.decoders import Decoded, decode
from dinosar.images.deep_pixels import DeepPixels
from dinosar.images.files import Refused
from dinosar.images.formats import recognised
from dinosar.images.pillow import faults
from dinosar.regular_files import HEAD
from dinosar.spair.members import Members

MOST_PIXELS = 175e6
CATEGORIES = (
    "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "diningtable", "dog",
    "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor",
)  # fmt: skip
"""Those of PASCAL VOC in its order: from 1 they are the numbers in its masks. SPair-71k has no tables and no sofas."""
NOTHING, VOID = 0, 255
"""What a mask says of the ground, and of what nobody decided: the rims of things."""


def photo_file(category: str, name: str) -> str:
    """Where a photograph is, within the collection."""
    return f"JPEGImages/{category}/{name}"


def mask_file(category: str, name: str) -> str:
    """Where the mask of a photograph is, within the collection."""
    return f"Segmentation/{category}/{PurePosixPath(name).stem}.png"


def photo(members: Members, file: str, size: tuple[int, int]) -> Photo:
    """A photograph of the size that its annotations were made for."""
    data = members.read(file)
    decoded = _decoded(members, file, data)
    pixels = decoded.pixels
    if isinstance(pixels, DeepPixels) or decoded.alpha is not None:
        kind = "transparent" if decoded.alpha is not None else "deep"
        raise InputError(f"{members.called(file)} has {kind} pixels, as no photograph of the collection has; "
                         "take it from the collection again")  # fmt: skip
    found = Photo(pixels, PurePosixPath(file).stem, members.path(file), hashlib.sha256(data).hexdigest(), None,
                  _notes(decoded))  # fmt: skip
    if found.size != size:
        raise InputError(f"{members.called(file)} is {found.size[0]} x {found.size[1]} pixels large, but its keypoints "
                         f"were set on {size[0]} x {size[1]}; take it from the collection again")  # fmt: skip
    return found


def digest(members: Members, file: str) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(members.read(file)).hexdigest()


def object_mask(members: Members, category: str, name: str, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Which pixels (height, width) are of the category, all its things together; the undecided rims are not.

    A category that PASCAL VOC does not have is whatever is marked at all.
    """
    file = mask_file(category, name)
    indices = _indices(members, file)
    if indices.shape != size[::-1]:
        raise InputError(f"{members.called(file)} is {indices.shape[1]} x {indices.shape[0]} pixels large, but its "
                         f"photograph {size[0]} x {size[1]}; take it from the collection again")  # fmt: skip
    if category in CATEGORIES:
        return np.asarray(indices == 1 + CATEGORIES.index(category))
    return np.asarray((indices != NOTHING) & (indices != VOID))


def _decoded(members: Members, file: str, data: bytes) -> Decoded:
    try:
        return decode(recognised(data[:HEAD]), data, MOST_PIXELS)
    except Refused as refused:
        raise InputError(f"{members.called(file)} {refused}") from refused


def _notes(decoded: Decoded) -> tuple[str, ...]:
    """What was done to the pixels; that they were turned is not true here."""
    if decoded.orientation == 1:
        return decoded.notes
    kept = tuple(each for each in decoded.notes if each != f"EXIF orientation {decoded.orientation} applied")
    return (*kept, f"EXIF orientation {decoded.orientation} left alone: keypoints are set on stored pixels")


def _indices(members: Members, file: str) -> NDArray[np.uint8]:
    """The numbers of a palette's colours, pixel by pixel."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(members.read(file)), formats=["PNG"]) as image:
            if image.mode not in ("P", "L"):
                raise InputError(f"{members.called(file)} holds colours, not the numbers of categories; "
                                 "take it from the collection again")  # fmt: skip
            return np.asarray(image, dtype=np.uint8)
    except faults() as fault:
        raise InputError(
            f"{members.called(file)} is no mask that can be read; take it from the collection again"
        ) from fault
