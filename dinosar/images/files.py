"""Reads the bytes of one regular file, once, and says plainly why a file cannot be read."""

import errno
import os
import stat
from collections.abc import Callable
from difflib import get_close_matches
from itertools import islice
from pathlib import Path

from dinosar.errors import InputError, ResourceError, shown

LARGEST_FILE = 2 * 1024**3
HEAD = 256
_LISTED = 2000  # a folder can hold millions of files; looking for a near name must not take seconds
AGAIN = "copy it again from the original"
CUT_SHORT = f"is cut short (it ends before its pixels do); {AGAIN}"
_NOT_FILES = (
    (stat.S_ISDIR, "a folder; name the photographs in it"),
    (stat.S_ISFIFO, "a named pipe; give a regular file"),
    (stat.S_ISSOCK, "a socket; give a regular file"),
    (stat.S_ISCHR, "a device; give a regular file"),
    (stat.S_ISBLK, "a device; give a regular file"),
)


class Refused(Exception):  # noqa: N818 - it is a verdict, and turned into an InputError before anybody sees it
    """Why a file is no usable picture; the text reads on after the name of the file."""


def called(path: Path) -> str:
    """The file as messages call it: its path, or its name alone where the path would be cut off."""
    whole = shown(path)
    return f"'{shown(path.name) if whole.endswith('…') else whole}'"


def read_regular_file(path: Path, glance: Callable[[bytes], object]) -> bytes:
    """All bytes of a file; `glance` sees the first few and may refuse before the rest is read."""
    try:
        _check_kind(path.stat())
        with os.fdopen(os.open(path, _flags()), "rb") as file:
            # Once more on what was really opened: the name may lead elsewhere by now.
            _check_kind(os.fstat(file.fileno()))
            glance(file.read(HEAD))
            file.seek(0)
            return file.read()
    except FileNotFoundError:
        raise InputError(_missing(path)) from None
    except PermissionError:
        raise ResourceError(f"{called(path)} must not be read by this user; change its permissions") from None
    except (OSError, ValueError) as fault:
        raise _unreadable(path, fault) from fault


def _flags() -> int:
    """Read only, bytes as they are, and never waiting for somebody to write into a pipe."""
    return os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def _check_kind(facts: os.stat_result) -> None:
    for is_kind, what in _NOT_FILES:
        if is_kind(facts.st_mode):
            raise Refused(f"is {what}")
    if facts.st_size == 0:
        raise Refused(f"is empty (0 bytes); {AGAIN}")
    if facts.st_size > LARGEST_FILE:
        raise Refused(f"has {facts.st_size} bytes, more than the 2 GiB that are read; make the picture smaller")


def _missing(path: Path) -> str:
    """What to say of a file that is not there, with a near name where the folder has one."""
    if path.is_symlink():
        return f"{called(path)} is a link to a file that is not there; mend the link"
    try:
        there = sorted(each.name for each in islice(path.parent.iterdir(), _LISTED))
    except OSError:
        return f"{called(path)} is not there, nor is its folder; check the path"
    near = get_close_matches(path.name, there, n=1, cutoff=0.6)
    hint = f"did you mean '{shown(near[0], 80)}'?" if near else "check the path"
    return f"{called(path)} is not there; {hint}"


def _unreadable(path: Path, fault: OSError | ValueError) -> InputError | ResourceError:
    """A path that cannot be meant is the caller's; anything else is the disk's."""
    if isinstance(fault, OSError):
        reason = shown(fault.strerror or type(fault).__name__, 80)
        if fault.errno not in (errno.ELOOP, errno.ENAMETOOLONG, errno.ENOTDIR, errno.EINVAL):
            return ResourceError(f"{called(path)} cannot be read ({reason}); check the disk and try again")
    else:
        reason = "no file can have this name"
    return InputError(f"{called(path)} cannot be opened ({reason}); check the path")
