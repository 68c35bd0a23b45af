"""Which files can be pictures at all, and the verdict that one is not."""

import os
import stat

LARGEST_FILE = 2 * 1024**3
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


def check_picture(facts: os.stat_result) -> None:
    """Refuse what is no regular file, is empty, or larger than is read."""
    for is_kind, what in _NOT_FILES:
        if is_kind(facts.st_mode):
            raise Refused(f"is {what}")
    if facts.st_size == 0:
        raise Refused(f"is empty (0 bytes); {AGAIN}")
    if facts.st_size > LARGEST_FILE:
        raise Refused(f"has {facts.st_size} bytes, more than the 2 GiB that are read; make the picture smaller")
