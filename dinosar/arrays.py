"""What an array must be, and that nobody writes to it: how the nouns check themselves."""

from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.errors import PluginError

_KINDS = {"f": "float", "b": "bool", "i": "integer", "u1": "uint8"}


def expect(what: str, array: NDArray[Any], dtype: str, shape: tuple[int | None, ...]) -> None:
    """Complain about an array that is not of the kind ('f', 'b', 'i', 'u1') and shape (None = any) it should be."""
    if not isinstance(array, np.ndarray):
        raise PluginError(f"{what} must be a {_KINDS[dtype]} array, but is a {type(array).__name__}")
    fits = array.ndim == len(shape) and all(n in (None, m) for n, m in zip(shape, array.shape, strict=True))
    right = array.dtype == np.uint8 if dtype == "u1" else array.dtype.kind == dtype
    if not fits or not right:
        wanted = ", ".join("_" if n is None else str(n) for n in shape)
        raise PluginError(
            f"{what} must be a {_KINDS[dtype]} array of shape ({wanted}), but is {array.dtype} of shape {array.shape}"
        )


def freeze(thing: object) -> None:
    """Make every array of a dataclass read-only, through a view, so that a caller's own array stays writable."""
    for each in fields(thing):  # type: ignore[arg-type]
        value = getattr(thing, each.name)
        if isinstance(value, np.ndarray) and value.flags.writeable:
            view = value.view()
            view.flags.writeable = False
            object.__setattr__(thing, each.name, view)
