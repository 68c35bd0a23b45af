"""Makes the picture files that the tests of the loader read; none of them is kept in the repository."""

import io
import struct
import zlib
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import cv2
import numpy as np
import tifffile
from PIL import Image

HEIGHT, WIDTH = 24, 32
GENERATOR = np.random.default_rng(20240)
# Smooth enough that JPEG keeps it, and different under each of the eight ways to turn it.
PICTURE = cv2.resize(
    GENERATOR.integers(0, 256, (4, 5, 3)).astype(np.uint8), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC
)
GREY = PICTURE[..., 0]
DEEP = GENERATOR.integers(0, 65536, (HEIGHT, WIDTH, 3)).astype(np.uint16)
ALPHA = np.tile(np.linspace(0, 255, WIDTH).astype(np.uint8), (HEIGHT, 1))


@dataclass(frozen=True)
class Case:
    """A file, and what must become of it: pixels, or one line that says a word."""

    name: str
    data: bytes
    says: str = ""
    pixels: Any = None
    tolerance: float = 0
    notes: str = ""
    options: dict[str, Any] = field(default_factory=dict)


def saved(image: Image.Image, form: str, **how: Any) -> bytes:
    out = io.BytesIO()
    if "append_images" in how:
        how = {**how, "append_images": [each.copy() for each in how["append_images"]]}
    image.copy().save(out, form, **how)  # copies, for an encoder leaves its settings behind
    return out.getvalue()


def tiff(array: Any, **how: Any) -> bytes:
    out = io.BytesIO()
    tifffile.imwrite(out, array, **how)
    return out.getvalue()


def exif(orientation: int) -> bytes:
    block = Image.Exif()
    block[0x0112] = orientation
    return block.tobytes()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, depth: int, colour: int, rows: bytes, extra: bytes = b"") -> bytes:
    """A PNG by hand; `rows` are the unpacked bytes, each row with its filter byte."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + extra + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def png_of(array: Any, depth: int, colour: int, extra: bytes = b"") -> bytes:
    rows = array.astype(">u2" if depth == 16 else "u1")
    return png(array.shape[1], array.shape[0], depth, colour, b"".join(b"\0" + row.tobytes() for row in rows), extra)


def interlaced(data: bytes) -> bytes:
    """The same PNG, said to hold its rows in seven passes."""
    return data[:8] + chunk(b"IHDR", data[16:28] + b"\1") + data[33:]


def zeros(count: int) -> bytes:
    """So many zero bytes, packed, without ever holding them."""
    packer, block = zlib.compressobj(1), bytes(1 << 20)
    pieces = [packer.compress(block[: min(len(block), count - start)]) for start in range(0, count, len(block))]
    return b"".join([*pieces, packer.flush()])


def large_png(width: int, height: int, packed: bytes, extra: bytes = b"") -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + extra + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def with_right_checksums(data: bytes) -> bytes:
    """A changed PNG whose checksums fit again, so that what was changed reaches the decoder."""
    out, place = [data[:8]], 8
    while place + 12 <= len(data):
        end = place + 8 + int.from_bytes(data[place : place + 4], "big")
        if end + 4 > len(data):
            break
        out.append(chunk(data[place + 4 : place + 8], data[place + 8 : end]))
        place = end + 4
    return b"".join([*out, data[place:]])


def with_tag(data: bytes, tag: int, value: int) -> bytes:
    """A little-endian TIFF in which one short or long tag of the first directory has another value."""
    place = struct.unpack("<I", data[4:8])[0]
    for entry in range(place + 2, place + 2 + 12 * struct.unpack("<H", data[place : place + 2])[0], 12):
        if struct.unpack("<H", data[entry : entry + 2])[0] == tag:
            new = data[entry : entry + 2] + struct.pack("<HII", 4, 1, value)
            return data[:entry] + new + data[entry + 12 :]
    raise AssertionError(f"no tag {tag}")


@cache
def whole_files() -> dict[str, bytes]:
    """One sound file for each format and kind of compression."""
    image, deep = Image.fromarray(PICTURE), {"photometric": "rgb"}
    return {
        "jpeg": saved(image, "JPEG", quality=95, exif=exif(1)),
        "progressive": saved(image, "JPEG", quality=95, progressive=True),
        "png": saved(image, "PNG"),
        "gif": saved(image.quantize(64), "GIF"),
        "bmp": saved(image, "BMP"),
        "ppm": saved(image, "PPM"),
        "webp": saved(image, "WEBP", lossless=True),
        "webp-lossy": saved(image, "WEBP", quality=95),
        "jpeg2000": saved(image, "JPEG2000"),
        "avif": saved(image, "AVIF", quality=95),
        "tiff": saved(image, "TIFF"),
        "tiff-lzw": saved(image, "TIFF", compression="tiff_lzw"),
        "tiff-deflate": saved(image, "TIFF", compression="tiff_deflate"),
        "tiff-jpeg": saved(image, "TIFF", compression="jpeg"),
        "tiff16": tiff(DEEP, **deep),
        "tiff16-lzw": tiff(DEEP, compression="lzw", **deep),
        "tiff16-tiles": tiff(DEEP, compression="zlib", tile=(16, 16), predictor=True, **deep),
        "png16": png_of(DEEP, 16, 2),
    }
