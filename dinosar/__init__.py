"""dinosar compares photographs, patch by patch.

The public names below are loaded on first use, so that `import dinosar` and `dinosar --help` cost nothing.
"""

import importlib
from typing import TYPE_CHECKING

__version__ = "0.1.0"

_HOME = {
    "Backbone": "dinosar.contracts",
    "Comparison": "dinosar.data",
    "DinosarError": "dinosar.errors",
    "Encoding": "dinosar.data",
    "Features": "dinosar.data",
    "Grid": "dinosar.grid",
    "InputError": "dinosar.errors",
    "Masker": "dinosar.contracts",
    "Matcher": "dinosar.contracts",
    "Matches": "dinosar.data",
    "Options": "dinosar.contracts",
    "Photo": "dinosar.data",
    "Specimen": "dinosar.data",
    "compare": "dinosar.comparison",
    "distance": "dinosar.frames.calls",
    "load_photo": "dinosar.images",
    "match": "dinosar.sparse.matching",
    "mismatch": "dinosar.frames.calls",
}

__all__ = sorted(_HOME)

if TYPE_CHECKING:
    from dinosar.comparison import compare as compare
    from dinosar.contracts import Backbone as Backbone
    from dinosar.contracts import Masker as Masker
    from dinosar.contracts import Matcher as Matcher
    from dinosar.contracts import Options as Options
    from dinosar.data import Comparison as Comparison
    from dinosar.data import Encoding as Encoding
    from dinosar.data import Features as Features
    from dinosar.data import Matches as Matches
    from dinosar.data import Photo as Photo
    from dinosar.data import Specimen as Specimen
    from dinosar.errors import DinosarError as DinosarError
    from dinosar.errors import InputError as InputError
    from dinosar.frames.calls import distance as distance
    from dinosar.frames.calls import mismatch as mismatch
    from dinosar.grid import Grid as Grid
    from dinosar.images import load_photo as load_photo
    from dinosar.sparse.matching import match as match


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'dinosar' has no attribute '{name}'")
    return getattr(importlib.import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
