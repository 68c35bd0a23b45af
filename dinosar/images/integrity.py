"""Checks that Pillow leaves out: a PNG's checksums and pixel count, a JPEG that stops without its end marker."""

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.images.files import AGAIN, CUT_SHORT, Refused

_IEND = b"\0\0\0\0IEND\xae\x42\x60\x82"
_EOI = b"\xff\xd9"
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
# First column and row, and steps between columns and rows, of the seven passes of an interlaced PNG.
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


@dataclass(frozen=True)
class PngHeader:
    """The first chunk of a PNG, and whether the last one is there."""

    width: int
    height: int
    depth: int
    colour: int
    interlaced: bool
    has_end: bool

    @property
    def pixel_bytes(self) -> int:
        """How many bytes the pixel data must unpack to."""
        passes = _PASSES if self.interlaced else ((0, 0, 1, 1),)
        total = 0
        for left, top, across, down in passes:
            columns, rows = -((left - self.width) // across), -((top - self.height) // down)
            if columns > 0 and rows > 0:
                total += rows * (1 + (columns * self.depth * _CHANNELS.get(self.colour, 1) + 7) // 8)
        return total


def read_png_header(data: bytes) -> PngHeader:
    """Walk through the chunks, refusing one whose checksum is wrong: Pillow does not check those of the pixels."""
    place, names = 8, []
    while place + 12 <= len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        end = place + 12 + length
        if end > len(data):
            break
        body = memoryview(data)[place + 4 : end - 4]
        if zlib.crc32(body) != int.from_bytes(data[end - 4 : end], "big"):
            raise Refused(f"is damaged (a checksum in the PNG is wrong); {AGAIN}")
        names.append(bytes(body[:4]))
        place = end
        if names[-1] == b"IEND":
            break
    if len(data) < 33 or names[:1] != [b"IHDR"]:
        raise Refused(f"is damaged (the PNG does not start with a header); {AGAIN}" if len(data) >= 33 else CUT_SHORT)
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", data[16:29])
    return PngHeader(width, height, depth, colour, bool(interlaced), names[-1] == b"IEND")


def check_png_pixels(data: bytes, header: PngHeader, last_rows: NDArray[Any]) -> None:
    """Pillow paints black what the pixel data does not reach, so a picture that ends in black is counted through."""
    if not last_rows.any() and _unpacked(data, header.pixel_bytes) < header.pixel_bytes:
        raise Refused(CUT_SHORT)


def _unpacked(data: bytes, enough: int) -> int:
    """How many bytes the pixel chunks unpack to, as far as anybody wants to know."""
    unpacker, total, place = zlib.decompressobj(), 0, 8
    while place + 12 <= len(data) and total < enough:
        length = int.from_bytes(data[place : place + 4], "big")
        piece = data[place + 8 : place + 8 + length] if data[place + 4 : place + 8] == b"IDAT" else b""
        while piece and total < enough:
            total += len(unpacker.decompress(piece, 1 << 20))
            piece = unpacker.unconsumed_tail
        place += 12 + length
    return total


def only_pixels(data: bytes) -> bytes:
    """The same PNG without the chunks that say nothing about its pixels, and with an end."""
    kept, place = [data[:8]], 8
    while place + 12 <= len(data):
        end = place + 12 + int.from_bytes(data[place : place + 4], "big")
        if end <= len(data) and data[place + 4 : place + 8] in (b"IHDR", b"tRNS", b"IDAT"):
            kept.append(data[place:end])
        place = end
    return b"".join([*kept, _IEND])


def mend_jpeg_end(data: bytes) -> tuple[bytes, bool]:
    """A JPEG with its end marker, and whether it had to be added; `check_jpeg_pixels` must then judge the rest."""
    scan, is_simple = _scan_of(data)
    if scan == 0 or data.find(_EOI, scan) >= 0:
        return data, False
    if not is_simple:
        raise Refused(CUT_SHORT)
    # A copy that broke off is often filled up with zeros.
    return data.rstrip(b"\0") + _EOI, True


def ends_in_grey(last_rows: NDArray[Any]) -> bool:
    """Whether the last pixels have the grey of a JPEG that stops early."""
    return bool((np.abs(last_rows[-1, -4:].astype(np.int16) - 128) <= 1).all())


def check_jpeg_pixels(data: bytes, pixels: NDArray[Any], decode: Callable[[bytes], NDArray[Any]]) -> None:
    """Decoders paint grey what the pixel data does not reach, and say nothing where an end marker follows it.

    A JPEG that lacks pixels decodes differently when other bytes stand before its end marker; a whole one does not.
    """
    end = data.find(_EOI, _scan_of(data)[0])
    if not np.array_equal(pixels, decode(data[:end] + b"\x5a\xa5\x33" * 100 + data[end:])):
        raise Refused(CUT_SHORT)


def _scan_of(data: bytes) -> tuple[int, bool]:
    """Where the pixel data of a JPEG starts (0: not found), and whether it is one scan holding all components."""
    place, components, sequential = 2, 0, False
    while place + 4 <= len(data) and data[place] == 0xFF:
        marker, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4], "big")
        if marker == 0xFF:
            place += 1
            continue
        start = place + 4
        if marker == 0xDA:
            return place + 2 + length, sequential and data[start : start + 1] == bytes([components])
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC) and start + 6 <= len(data):
            sequential, components = marker in (0xC0, 0xC1), data[start + 5]
        place += 2 + length
    return 0, False
