"""HDF5 files, opened for reading and written whole: what can go wrong with either is one sentence."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dinosar.errors import InputError, ResourceError, UsageError, shown
from dinosar.publishing import make_folder
from dinosar.regular_files import called

FAULTS = (OSError, KeyError, ValueError, TypeError, RuntimeError)
"""What h5py raises on a file that is damaged, cut short, or made of other things than were asked for."""


def h5py_module() -> Any:
    """The module h5py; a UsageError where it is not installed."""
    try:
        import h5py
    except ImportError:
        raise UsageError(
            "HDF5 files are read with h5py, which is not installed; run: pip install 'dinosar[hdf5]'"
        ) from None
    return h5py


@contextmanager
def reading(path: Path) -> Iterator[Any]:
    """The file, open for reading; an InputError where there is none, or it is not whole."""
    h5py = h5py_module()
    if not path.is_file():
        raise InputError(f"{called(path)} is not there, or is no file; check the path")
    try:
        file = h5py.File(path, "r")
    except PermissionError:
        raise ResourceError(f"{called(path)} must not be read by this user; change its permissions") from None
    except FAULTS as fault:
        raise InputError(
            f"{called(path)} is no HDF5 file that is whole ({why(fault)}); copy it again, or make it anew"
        ) from None
    with file:
        yield file


def array_at(file: Any, key: str, shape: tuple[int | None, ...]) -> NDArray[Any]:
    """The numbers at a place in an open file, of the given shape (None = any); an InputError where there are none."""
    with _told(file, key) as where:
        found = np.asarray(file[key][()])
    fits = found.ndim == len(shape) and all(n in (None, m) for n, m in zip(shape, found.shape, strict=True))
    if not fits or found.dtype.kind not in "fiu":
        wanted = " x ".join("any" if n is None else str(n) for n in shape)
        raise InputError(
            f"{where} holds {found.dtype} of shape {found.shape}, and {wanted} numbers are wanted; take another file"
        )
    return found


def texts_at(file: Any, key: str) -> list[str]:
    """The words at a place in an open file; an InputError where there are none."""
    with _told(file, key):
        found = np.atleast_1d(file[key][()]).tolist()
        return [word.decode("utf-8", "backslashreplace") if isinstance(word, bytes) else str(word) for word in found]


def members_of(file: Any, key: str = "") -> list[str]:
    """The names of what lies in a group of an open file, or at its top, sorted."""
    with _told(file, key):
        return sorted(file[key] if key else file)


def kind_at(file: Any, key: str) -> Literal["array", "group", "nothing"]:
    """What lies at a place in an open file."""
    with _told(file, key):
        if key not in file:
            return "nothing"
        return "array" if hasattr(file[key], "shape") else "group"


@contextmanager
def _told(file: Any, key: str) -> Iterator[str]:
    """Whatever the library says of a damaged place, in one sentence; gives what messages call the place."""
    where = f"'{shown(file.filename)}' at '{shown(key or '/', 120)}'"
    try:
        yield where
    except FAULTS as fault:
        raise InputError(f"{where} cannot be read ({why(fault)}); copy the file again, or make it anew") from None


@contextmanager
def writing(path: Path) -> Iterator[Any]:
    """A new file, open for writing, that takes its name when the block ends well; until then what was there stays."""
    h5py = h5py_module()
    make_folder(path.parent)
    temporary = path.with_name(f".{path.name[:40]}.tmp-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        try:
            with h5py.File(temporary, "x") as file:
                yield file
            with temporary.open("rb+") as written:
                os.fsync(written.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as problem:
        raise ResourceError(
            f"cannot write '{shown(path)}' ({why(problem)}); check the disk, its space and its permissions"
        ) from problem


def why(fault: BaseException) -> str:
    """The reason that the library gave, short enough for a sentence."""
    text = fault.args[0] if isinstance(fault, KeyError) and fault.args else fault
    return shown(str(text).splitlines()[0] if str(text) else type(fault).__name__, 120)
