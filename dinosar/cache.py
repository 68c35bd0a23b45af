"""Where this machine keeps what can be made, or fetched, again."""

import os
import sys
from pathlib import Path


def cache_folder() -> Path:
    """DINOSAR_CACHE, else the system's place for caches."""
    named = os.environ.get("DINOSAR_CACHE")
    if named:
        return Path(named)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "dinosar" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "dinosar"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dinosar"
