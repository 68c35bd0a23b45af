"""Arrays of Python objects in an NPZ, read without running anything that a file may hold.

NumPy writes such arrays as pickles, and a pickle can call whatever it names. Here it may name what arrays are made of,
and nothing else.
"""

import pickle
import zipfile
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from dinosar.datasets.hdf5_files import why
from dinosar.errors import InputError
from dinosar.regular_files import called

_ARRAYS = {
    (f"numpy{core}", name)
    for core, names in {
        "": ("ndarray", "dtype"),
        ".core.multiarray": ("_reconstruct", "scalar"),
        "._core.multiarray": ("_reconstruct", "scalar"),
        ".core.numeric": ("_frombuffer",),
        "._core.numeric": ("_frombuffer",),
    }.items()
    for name in names
} | {("_codecs", "encode")}
_FAULTS = (
    OSError, ValueError, KeyError, TypeError, IndexError, EOFError, AttributeError, ImportError, zipfile.BadZipFile,
    pickle.UnpicklingError, UnicodeDecodeError, NotImplementedError, RuntimeError,
)  # fmt: skip


class _Plain(pickle.Unpickler):
    """Puts arrays together again, and refuses to look anything else up."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ARRAYS:
            raise pickle.UnpicklingError(f"it names {module}.{name}, which no array is made of")
        return super().find_class(module, name)


def arrays_in(path: Path, names: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    """The arrays of these names that an NPZ holds; an InputError where it is damaged, or holds more than arrays."""
    try:
        with zipfile.ZipFile(path) as archive:
            held = {name.removesuffix(".npy") for name in archive.namelist()}
            return {name: _read(archive, f"{name}.npy") for name in names if name in held}
    except FileNotFoundError:
        raise InputError(f"{called(path)} is not there; check the path") from None
    except _FAULTS as fault:
        raise InputError(
            f"{called(path)} cannot be read as an NPZ of arrays ({why(fault)}); take it from where it is "
            "published, or save its arrays anew as plain numbers and text"
        ) from None


def _read(archive: zipfile.ZipFile, member: str) -> NDArray[Any]:
    with archive.open(member) as file:
        shape, dtype = _header(file)
        if dtype.hasobject:
            found = _Plain(file).load()
            if not isinstance(found, np.ndarray):
                raise ValueError(f"{member} holds a {type(found).__name__}")
            return found.reshape(shape)
    with archive.open(member) as file:
        return np.asarray(np.lib.format.read_array(file, allow_pickle=False))


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(file)
    return shape, dtype
