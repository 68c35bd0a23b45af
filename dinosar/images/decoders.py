"""Turns the bytes of a picture into pixels and alpha, trusting nothing the file says."""

import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dinosar.errors import shown
from dinosar.images.deep_pixels import DeepPixels, linear
from dinosar.images.files import AGAIN, Refused
from dinosar.images.integrity import (
    check_jpeg_pixels,
    check_png_pixels,
    ends_in_grey,
    mend_jpeg_end,
    only_pixels,
    read_png_header,
)
from dinosar.images.pillow import SAVE_ANEW, check_size, eight_bits, faults, judged, opened, orientation_of, remarks
from dinosar.images.tiff import deep_tiff, read_directory

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

_CUT_WORDS = ("truncat", "end of file", "not large enough", "broken data stream", "eof", "create decoder object")
_SEVERAL = "first picture of several used"
# warnings.catch_warnings changes what the whole process does with warnings, so one thread at a time may be in it.
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class Decoded:
    """Pixels as stored: RGB in 8 bits, or deep ones still to be scaled; still to be turned by `orientation`."""

    pixels: NDArray[np.uint8] | DeepPixels
    alpha: NDArray[np.uint8] | None = None
    orientation: int = 1
    notes: tuple[str, ...] = ()


def decode(kind: str, data: bytes, max_pixels: float) -> Decoded:
    """The first picture in the bytes of a file of this kind; whatever is wrong with it comes out as Refused."""
    decoders = {"PNG": _decode_png, "JPEG": _decode_jpeg, "TIFF": _decode_tiff}
    with _heard() as heard:
        try:
            decoded = decoders[kind](data, max_pixels) if kind in decoders else _decode_other(kind, data, max_pixels)
        except faults() as fault:
            raise _verdict(fault) from fault
    told = [f"the decoder remarks: {shown(each.message, 120)}" for each in heard if each.category is UserWarning]
    return replace(decoded, notes=(*decoded.notes, *dict.fromkeys(told)))


@contextmanager
def _heard() -> Iterator[list[warnings.WarningMessage]]:
    """What the decoders warn of goes into the record and not to the screen."""
    with _ONE_AT_A_TIME, warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        yield heard


def _verdict(fault: Exception) -> Refused:
    text = shown(str(fault) or type(fault).__name__, 90)
    if isinstance(fault, KeyError):  # which says nothing but the key
        text = f"it speaks of {text}, which does not exist"
    if isinstance(fault, MemoryError):
        return Refused("needs more memory than there is; make the picture smaller")
    if type(fault).__name__ == "DecompressionBombError":
        return Refused("has more pixels than can be unpacked from this format; make it smaller or save it as PNG")
    if any(word in text.lower() for word in _CUT_WORDS):
        return Refused(f"is cut short or damaged ({text}); {AGAIN}")
    return Refused(f"is damaged or of a kind that is not read ({text}); {SAVE_ANEW}")


def _decode_png(data: bytes, max_pixels: float) -> Decoded:
    header = read_png_header(data)
    check_size(header.width, header.height, max_pixels)
    image = opened("PNG", data, max_pixels)
    several = (_SEVERAL,) if getattr(image, "is_animated", False) else ()
    image.load()
    check_png_pixels(data, header, _last_rows(image))
    if header.depth in (2, 4) and header.colour == 0 and "transparency" in image.info:
        image.info["transparency"] *= 255 // (2**header.depth - 1)  # Pillow spreads the pixels, but not this one
    end = () if header.has_end else ("the PNG lacks its end; all pixels are there",)
    turn, turn_notes = orientation_of(image)
    notes = (*end, *several, *turn_notes, *remarks(image))
    if header.depth == 16:
        deep = _deep_png(data, image)
        return Decoded(deep, deep.alpha, turn, notes)
    return Decoded(*eight_bits(image), turn, notes)


def _deep_png(data: bytes, image: "ImageFile") -> DeepPixels:
    """All 16 bits of a PNG. Pillow, which has found it sound by now, keeps the upper 8 of colours."""
    key = image.info.get("transparency")
    if image.mode.startswith("I"):
        values = np.asarray(image)
        alpha = np.where(values == key, 0, 255).astype(np.uint8) if isinstance(key, int) else None
        return DeepPixels(values, 65535.0, alpha)
    import cv2

    stored = cv2.imdecode(np.frombuffer(only_pixels(data), np.uint8), cv2.IMREAD_UNCHANGED)
    if stored is None or stored.dtype != np.uint16 or stored.shape[:2] != image.size[::-1]:
        raise Refused(f"is a 16-bit PNG that cannot be decoded; {SAVE_ANEW}")
    values = np.ascontiguousarray(stored[..., 2::-1])
    return DeepPixels(values, 65535.0, linear(stored[..., 3], 0, 65535) if stored.shape[-1] == 4 else None)


def _decode_jpeg(data: bytes, max_pixels: float) -> Decoded:
    data, was_mended = mend_jpeg_end(data)
    image = opened("JPEG", data, max_pixels)
    several = (_SEVERAL,) if getattr(image, "is_animated", False) else ()
    image.load()
    if was_mended or ends_in_grey(_last_rows(image)):
        check_jpeg_pixels(data, np.asarray(image), lambda tried: np.asarray(opened("JPEG", tried, max_pixels)))
    end = ("the JPEG lacks its end marker; all pixels are there",) if was_mended else ()
    turn, turn_notes = orientation_of(image)
    return Decoded(*eight_bits(image), turn, (*end, *several, *turn_notes, *remarks(image)))


def _last_rows(image: "ImageFile") -> NDArray[np.generic]:
    """The two rows in which pixels that are missing show."""
    return np.asarray(image)[-2:].copy()  # a copy, for else all the others would stay in memory with them


def _decode_tiff(data: bytes, max_pixels: float) -> Decoded:
    directory = read_directory(data, max_pixels)
    turn, turn_notes = judged(directory.orientation)
    notes = (*((_SEVERAL,) if directory.has_more else ()), *turn_notes)
    if directory.is_deep:
        deep = deep_tiff(data, directory)
        return Decoded(deep, deep.alpha, turn, (*notes, *deep.notes))
    image = opened("TIFF", data, max_pixels)
    image.load()  # this turns it upright as well: Pillow does so with TIFFs, and with nothing else
    return Decoded(*eight_bits(image), 1, (*notes, *remarks(image)))


def _decode_other(kind: str, data: bytes, max_pixels: float) -> Decoded:
    image = opened(kind, data, max_pixels)
    several = (_SEVERAL,) if getattr(image, "is_animated", False) else ()
    depth = _colour_depth(kind, data, image)
    image.load()
    turn, turn_notes = orientation_of(image)
    lost = (f"{depth}-bit colours came as 8 bits from the decoder; bit_depth had no say",) if depth > 8 else ()
    notes = (*several, *turn_notes, *lost, *remarks(image))
    if image.mode == "F":
        return Decoded(DeepPixels(np.asarray(image), 1.0), None, turn, notes)
    if image.mode.startswith("I"):  # Pillow spreads 12 and 14 bits over 16
        return Decoded(DeepPixels(np.asarray(image), 65535.0), None, turn, notes)
    return Decoded(*eight_bits(image), turn, notes)


def _colour_depth(kind: str, data: bytes, image: "ImageFile") -> int:
    """Bits per colour of formats whose decoder hands out 8 whatever there were."""
    if kind == "HEIF":
        return int(image.info.get("bit_depth") or 8)
    if kind == "PPM" and image.mode == "RGB":
        return int(re.sub(rb"#[^\r\n]*", b"", data[:1000]).split()[3]).bit_length()
    # Pillow 13 turns the brightest pixels of a deep JPEG 2000 black, but only in colour.
    if kind == "JPEG2000" and not image.mode.startswith("I") and data[data.find(b"\xff\x4f\xff\x51") + 42] & 0x7F > 7:
        raise Refused("is a JPEG 2000 with more than 8 bits per colour, which is not read; save it as 16-bit TIFF")
    return 8
