"""A large file on its way to its place: nobody ever sees half of it there, however it ends."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from dinosar.errors import ResourceError, shown


@contextlib.contextmanager
def arriving(path: Path) -> Iterator[BinaryIO]:
    """A file to write to, which gets its name when the block ends well. What a killed process left is written over."""
    from filelock import FileLock

    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{part}.lock"):
            try:
                with part.open("wb") as file:
                    yield file
                    file.flush()
                    os.fsync(file.fileno())
                part.replace(path)
            finally:
                part.unlink(missing_ok=True)
    except OSError as problem:
        raise no_room(path, problem) from problem


def no_room(path: object, problem: OSError) -> ResourceError:
    """What to say when a file of weights could not be written."""
    return ResourceError(
        f"cannot write '{shown(path)}': {problem.strerror or problem}; free some space there, or let DINOSAR_CACHE, "
        "HF_HOME or U2NET_HOME name another folder"
    )
