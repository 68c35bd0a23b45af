"""A packed tar as a plain one. In a packed one every byte takes unpacking all that stand before it, so it is done once.

What was made lies in the cache under a name that says of which file, in which state, it was made.
"""

import bz2
import contextlib
import gzip
import hashlib
import io
import lzma
import os
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO

from dinosar.cache import cache_folder
from dinosar.errors import InputError, ResourceError, shown
from dinosar.notices import note
from dinosar.publishing import make_folder
from dinosar.regular_files import called
from dinosar.spair.members import NAME

Packed = gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile
PACKED: dict[bytes, Callable[[Path], Packed]] = {
    b"\x1f\x8b": gzip.GzipFile, b"BZh": bz2.BZ2File, b"\xfd7zXZ\0": lzma.LZMAFile
}  # fmt: skip
"""How what begins with these bytes is unpacked."""
_BLOCK = 1 << 20


def is_packed(head: bytes) -> bool:
    """Whether a file that begins so is packed in a way that is known."""
    return head.startswith(tuple(PACKED))


def unpacked(path: Path) -> Path:
    """A plain tar with the bytes that `path` packs: that of last time, unless the file has changed since."""
    facts = path.stat()
    of, state = (hashlib.sha256(part).hexdigest()[:20] for part in
                 (os.fsencode(path.resolve()), f"{facts.st_size} {facts.st_mtime_ns}".encode()))  # fmt: skip
    target = cache_folder() / "spair" / f"{of}-{state}.tar"
    if not target.is_file():
        make_folder(target.parent)
        try:
            _once(path, target, of)
        except OSError as fault:
            reason = shown(fault.strerror or fault, 90)
            raise ResourceError(f"{called(path)} cannot be unpacked into '{shown(target.parent)}' ({reason}); free "
                                "some space there, set DINOSAR_CACHE, or give a plain tar") from fault  # fmt: skip
    return target


def _once(path: Path, target: Path, of: str) -> None:
    """Make the target whole or not at all, one run at a time; what was made of the file before goes first."""
    from filelock import FileLock

    with FileLock(target.parent / f"{of}.lock"):
        if target.is_file():  # another run has just made it
            return
        for earlier in target.parent.glob(f"*{of}-*"):
            with contextlib.suppress(OSError):  # somebody reads it; the next run will take it away
                earlier.unlink()
        temporary = target.with_name(f".{target.name}.tmp")
        try:
            with temporary.open("wb") as out:
                _copy(path, out)
                out.flush()
                os.fsync(out.fileno())
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
        note(f"{called(path)} is packed and can only be read from its beginning: unpacked once as "
             f"'{shown(target)}' ({target.stat().st_size / 1e6:.0f} MB); a plain tar is read where it is")  # fmt: skip


def _copy(path: Path, out: IO[bytes]) -> None:
    """Unpack into an open file. What is wrong with the archive is told from what is wrong with the disk."""
    with path.open("rb") as file:
        head = file.read(8)
    opener = next(opener for start, opener in PACKED.items() if head.startswith(start))
    with opener(path) as packed:
        block = _block(path, packed)
        if not tarfile.is_tarfile(io.BytesIO(block)):
            raise InputError(
                f"{called(path)} packs something else than a tar; give the folder {NAME}, or its zip or tar"
            )
        while block:
            out.write(block)
            block = _block(path, packed)


def _block(path: Path, packed: Packed) -> bytes:
    try:
        return packed.read(_BLOCK)
    except (EOFError, zlib.error, lzma.LZMAError, OSError, ValueError) as fault:
        reason = shown(fault, 90)
        raise InputError(f"{called(path)} is cut short or damaged ({reason}); fetch it again") from fault
