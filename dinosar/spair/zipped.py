"""Members of a zip, read where they are without keeping the archive open.

`zipfile` reads the directory; a member is then found by its own header, for `zipfile` would read the directory of
70,000 names again whenever it opens the file.
"""

import struct
import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple

from dinosar.errors import InputError, shown
from dinosar.regular_files import called
from dinosar.spair.members import LARGEST, Archive, within

_HEADER = struct.Struct("<26xHH")
_START = b"PK\3\4"
_ENCRYPTED = 0x1


class Place(NamedTuple):
    """Where a member begins, how it is packed, and what comes out."""

    offset: int
    packed: int
    size: int
    crc: int
    method: int


def open_zip(path: Path) -> Archive[Place]:
    """The members of a zip; none of them is read."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [(each.filename, _place(path, each)) for each in archive.infolist() if not each.is_dir()]
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as fault:
        reason = shown(fault, 90)
        raise InputError(f"{called(path)} is a zip that cannot be read ({reason}); fetch it again") from fault
    return Archive(path, within(path, members), fetch, path)


def fetch(path: Path, place: Place) -> bytes:
    """The bytes of a member, held against their checksum; ValueError or OSError where they are not what they should."""
    with path.open("rb") as file:
        file.seek(place.offset)
        header = file.read(_HEADER.size)
        if len(header) < _HEADER.size or not header.startswith(_START):
            raise ValueError("there is no member where the directory says")
        name, extra = _HEADER.unpack(header)
        file.seek(name + extra, 1)
        data = file.read(place.packed)
    if place.method == zipfile.ZIP_DEFLATED:
        data = _inflated(data, place.size)
    if len(data) != place.size or zlib.crc32(data) != place.crc:
        raise ValueError("its bytes are damaged")
    return data


def _inflated(data: bytes, size: int) -> bytes:
    """What was packed, and no more of it than was announced."""
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, size + 1)
    except zlib.error as fault:
        raise ValueError(str(fault)) from fault


def _place(path: Path, member: zipfile.ZipInfo) -> Place:
    name = f"'{shown(member.filename, 80)}' in {called(path)}"
    if member.flag_bits & _ENCRYPTED:
        raise InputError(f"{name} is encrypted; unpack the archive and give the folder")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InputError(
            f"{name} is packed in another way than zips mostly are; unpack the archive and give the folder"
        )
    if member.file_size > LARGEST:
        raise InputError(f"{name} would unpack to {member.file_size} bytes, too many for SPair-71k; check the archive")
    return Place(member.header_offset, member.compress_size, member.file_size, member.CRC, member.compress_type)
