"""The bytes of one regular file, read once, or one sentence that says why they cannot be had."""

import errno
import os
from collections.abc import Callable
from difflib import get_close_matches
from itertools import islice
from pathlib import Path

from dinosar.errors import InputError, ResourceError, shown

HEAD = 256
_LISTED = 2000  # a folder can hold millions of files; looking for a near name must not take seconds
Check = Callable[[os.stat_result], None]
"""Refuses what is no file of the wanted kind and size, by raising."""


def called(path: Path) -> str:
    """The file as messages call it: its path, or its name alone where the path would be cut off."""
    whole = shown(path)
    return f"'{shown(path.name) if whole.endswith('…') else whole}'"


def read_regular_file(path: Path, check: Check, glance: Callable[[bytes], object] = bool, what: str = "") -> bytes:
    """All bytes of a file; `glance` sees the first few and may refuse before the rest is read.

    `what` it is, as in "landmark file", is said of a file that is not there.
    """
    try:
        check(path.stat())
        with os.fdopen(os.open(path, _flags()), "rb") as file:
            # Once more on what was really opened: the name may lead elsewhere by now.
            check(os.fstat(file.fileno()))
            glance(file.read(HEAD))
            file.seek(0)
            return file.read()
    except FileNotFoundError:
        raise InputError(f"{what}{' ' * bool(what)}{_missing(path)}") from None
    except PermissionError:
        raise ResourceError(f"{called(path)} must not be read by this user; change its permissions") from None
    except (OSError, ValueError) as fault:
        raise _unreadable(path, fault) from fault


def _flags() -> int:
    """Read only, bytes as they are, and never waiting for somebody to write into a pipe."""
    return os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


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
