"""Members of a plain tar, read where they are: one pass over the headers says where that is."""

import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from dinosar.errors import InputError, shown
from dinosar.regular_files import called
from dinosar.spair.members import LARGEST, Archive, within


class Place(NamedTuple):
    """Where the bytes of a member begin, and how many they are."""

    offset: int
    size: int


def open_tar(path: Path, named: Path) -> Archive[Place]:
    """The members of a plain tar; `named` is the file that a person gave."""
    try:
        with tarfile.open(path, "r:") as archive:
            return Archive(named, within(named, _places(archive)), fetch, path)
    except (tarfile.TarError, OSError, ValueError) as fault:
        reason = shown(fault, 90)
        raise InputError(f"{called(named)} is a tar that cannot be read ({reason}); fetch it again") from fault


def fetch(path: Path, place: Place) -> bytes:
    """The bytes of a member."""
    if place.size > LARGEST:
        raise ValueError(f"{place.size} bytes are too many for SPair-71k")
    with path.open("rb") as file:
        file.seek(place.offset)
        data = file.read(place.size)
    if len(data) != place.size:
        raise EOFError("the archive ends before it")
    return data


def _places(archive: tarfile.TarFile) -> Iterator[tuple[str, Place]]:
    """Every regular file; links count as what they lead to, if that came before."""
    seen: dict[str, Place] = {}
    for member in archive:
        if member.isreg() and not member.issparse():
            seen[member.name] = Place(member.offset_data, member.size)
        elif member.islnk() and member.linkname in seen:
            seen[member.name] = seen[member.linkname]
        else:
            continue
        yield member.name, seen[member.name]
