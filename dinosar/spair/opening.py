"""What lies at a path: a collection in a folder, in a zip, in a tar, or in a tar that is packed."""

import tarfile
import zipfile
from pathlib import Path
from typing import Any

from dinosar.errors import InputError, ResourceError, shown
from dinosar.regular_files import HEAD, called, read_regular_file
from dinosar.spair.members import NAME, PARTS, Archive, Folder
from dinosar.spair.tarred import open_tar
from dinosar.spair.unpacking import is_packed, unpacked
from dinosar.spair.zipped import open_zip

_ASKED = f"give the folder {NAME}, or its zip or tar"


def open_members(root: Path) -> Folder | Archive[Any]:
    """The files of the collection at a path. Of an archive only the list of its members is read."""
    if root.is_dir():
        return Folder(_top(root))
    head = _head(root)
    if is_packed(head):
        return open_tar(unpacked(root), root)
    if tarfile.is_tarfile(root):  # asked before the zip, for a tar may end with one
        return open_tar(root, root)
    if zipfile.is_zipfile(root):
        return open_zip(root)
    raise InputError(f"{called(root)} is neither a folder nor a zip or tar that is whole; {_ASKED}")


def _top(folder: Path) -> Path:
    """The folder itself, or that of the collection's name in it."""
    for top in (folder, folder / NAME):
        if any((top / part).is_dir() for part in PARTS):
            return top
    held = ", ".join(shown(name, 40) for name in sorted(each.name for each in folder.iterdir())[:5]) or "nothing"
    raise InputError(f"{called(folder)} is no {NAME}: expected {' or '.join(PARTS)} in it, found {held}; {_ASKED}")


def _head(root: Path) -> bytes:
    """The first bytes of the file at a path; InputError where there is none."""
    if not root.is_file():
        read_regular_file(root, lambda facts: _refuse(root), what="collection")
    try:
        with root.open("rb") as file:
            return file.read(HEAD)
    except OSError as fault:
        raise ResourceError(
            f"{called(root)} cannot be read ({shown(fault.strerror, 80)}); check its permissions"
        ) from None


def _refuse(root: Path) -> None:
    raise InputError(f"{called(root)} is neither a folder nor a regular file; {_ASKED}")
