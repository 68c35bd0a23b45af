"""Files that are either whole or not there: written under a temporary name beside the target, flushed, renamed."""

import contextlib
import csv
import errno
import hashlib
import io
import json
import math
import os
import re
import secrets
import time
from collections.abc import Iterable, Sequence
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from dinosar.errors import ResourceError, shown

_TEMPORARY = ".tmp-"
POSIX = os.name == "posix"
LONG_AGO = 3600.0
"""Seconds after which nobody is still writing a file: an item takes a fraction of one, a large picture a few."""


def publish(path: Path, data: bytes) -> str:
    """Write `data` to `path` so that no reader and no crash ever sees half of it; returns the SHA-256."""
    temporary = path.with_name(f".{path.name[:40]}{_TEMPORARY}{os.getpid()}-{secrets.token_hex(4)}")
    try:
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
    except OSError as problem:
        raise ResourceError(_why(path, problem)) from problem
    return hashlib.sha256(data).hexdigest()


def make_folder(path: Path, *, exclusive: bool = False) -> None:
    """Create a folder and its parents; with `exclusive`, FileExistsError when somebody else has just made it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(exist_ok=not exclusive)
    except FileExistsError:
        if exclusive and path.parent.is_dir():
            raise
        raise ResourceError(f"'{shown(path)}' is a file, not a folder; choose another folder") from None
    except OSError as problem:
        raise ResourceError(_why(path, problem)) from problem


def sweep(folder: Path, *, shared: bool = False) -> int:
    """Remove temporary files that killed runs left in a folder; returns how many.

    In a `shared` folder others may be writing: there only what is surely nobody's any more goes.
    """
    left = [file for file in folder.glob(f".*{_TEMPORARY}*") if file.is_file() and not (shared and _is_written(file))]
    for file in left:
        try:
            file.unlink(missing_ok=True)
        except OSError:  # on Windows a file that is open stays
            if not shared:
                raise
    return len(left)


def _is_written(file: Path) -> bool:
    """Whether a temporary file may still be written: not for an hour, nor when no process of that number is here.

    The number may be that of a process on another machine that shares the disk; such a writer finds its file gone and
    must write it again.
    """
    number = re.search(rf"{re.escape(_TEMPORARY)}(\d+)-[0-9a-f]+$", file.name)
    try:
        return number is None or (time.time() - file.stat().st_mtime < LONG_AGO and _lives(int(number[1])))
    except OSError:
        return False


def _lives(process: int) -> bool:
    """Whether there is a process of that number; yes where that cannot be asked."""
    if not POSIX or process < 1:  # on Windows the question would end it, and 0 is a whole group
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def sha256_of(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def json_bytes(value: Any) -> bytes:
    """Plain data as JSON; a NaN or an infinity is an error, never a made-up number."""
    return (json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A table as CSV, numbers to nine significant digits, what is missing or not finite as NA."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue().encode()


def npz_bytes(arrays: dict[str, Any]) -> bytes:
    """Arrays by name as a compressed NPZ, the same bytes every time."""
    import numpy as np

    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, Real) and not isinstance(value, Integral):
        return f"{value:.9g}" if math.isfinite(value) else "NA"
    return "NA" if value is None else value


def _why(path: Path, problem: OSError) -> str:
    """One sentence about a file that could not be written."""
    advice = {
        errno.ENOSPC: "the disk is full; free some space",
        getattr(errno, "EDQUOT", -1): "your disk quota is used up; free some space",
        errno.EACCES: "permission denied; choose a folder you may write to",
        errno.EPERM: "permission denied; choose a folder you may write to",
        errno.EROFS: "the disk is read-only; choose another folder",
        errno.ENOTDIR: "a part of that path is a file, not a folder; choose another folder",
        errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
    }.get(problem.errno or 0, str(problem.strerror or problem))
    return f"cannot write '{shown(path)}': {advice}"


def _sync_folder(folder: Path) -> None:
    """Make a rename durable where folders can be synced (not on Windows)."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
