"""The text of one landmark file: read once, decoded, and able to say where in it something is wrong."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from dinosar.errors import InputError, UsageError, shown
from dinosar.regular_files import read_regular_file

LARGEST = 64 * 1024**2
"""Bytes. A thousand landmarks on a thousand photos take a quarter of it; what is larger is no landmark file."""
_POINTER = b"version https://git-lfs.github.com/spec/"
_NOT_FILES = (
    (stat.S_ISFIFO, "a named pipe"), (stat.S_ISSOCK, "a socket"), (stat.S_ISCHR, "a device"), (stat.S_ISBLK, "a device")
)  # fmt: skip


@dataclass(frozen=True)
class Source:
    """A landmark file's path and its text."""

    path: Path
    text: str

    def at(self, where: str) -> str:
        """A place in the file, as messages call it."""
        return f"'{shown(self.path)}', {where}" if where else f"'{shown(self.path)}'"

    def wrong(self, where: str, what: str) -> UsageError:
        """The error about a place (a line, or `annotations[3].keypoints[4]`); `what` says expected and found."""
        return UsageError(f"{self.at(where)}: {what}")


def read_source(path: Path, *, lenient: bool = True) -> Source:
    """The text of a regular file of at most 64 MB; `lenient` takes what is no UTF-8 for Latin-1, as old programs write.

    A byte order mark is dropped, and so is the Ctrl-Z with which DOS ended a text; what Excel calls Unicode text
    (UTF-16) is understood by its mark.
    """
    data = _bytes(path)
    if data.startswith(_POINTER):
        raise InputError(f"'{shown(path)}' is a Git LFS pointer, not the file itself; fetch it with git lfs pull")
    if not data.strip(b"\xef\xbb\xbf \t\r\n\x1a"):
        raise InputError(f"'{shown(path)}' is empty; export the landmarks again")
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\0" in data and not wide:
        raise UsageError(f"'{shown(path)}', byte {data.index(0)}: expected text, found a zero byte; it is no text file")
    try:
        return Source(path, _without_end(data.decode("utf-16" if wide else "utf-8-sig")))
    except UnicodeDecodeError as problem:
        if lenient and not wide:
            return Source(path, _without_end(data.decode("latin-1")))
        raise UsageError(
            f"'{shown(path)}', byte {problem.start}: expected UTF-8 text, found another encoding; save it as UTF-8"
        ) from None


def _without_end(text: str) -> str:
    """The text without a closing Ctrl-Z; what stands before it stays, empty cells too."""
    end = text.rstrip("\r\n\x1a")
    return end if "\x1a" in text[len(end) :] else text


def _bytes(path: Path) -> bytes:
    """All bytes of a regular file that is not too large."""
    return read_regular_file(path, lambda facts: _check_kind(path, facts), what="landmark file")


def _check_kind(path: Path, facts: os.stat_result) -> None:
    if stat.S_ISDIR(facts.st_mode):
        raise InputError(f"'{shown(path)}' is a folder; name the landmark file in it")
    for is_kind, what in _NOT_FILES:
        if is_kind(facts.st_mode):
            raise InputError(f"'{shown(path)}' is {what}; give a regular file")
    if facts.st_size > LARGEST:
        raise InputError(
            f"'{shown(path)}' has {facts.st_size / 1e6:.0f} MB, more than the {LARGEST / 1e6:.0f} MB that are read of "
            "a landmark file; split it, or leave out masks and other annotations"
        )
