"""What is known of a large file, remembered while the file stays as it is: its hash, what it holds.

Reading gigabytes to learn what one knew yesterday takes longer than comparing two photographs. An entry holds as long
as the file has the size, the times of its last change and the identity on the disk that it had.
"""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dinosar.cache import cache_folder
from dinosar.errors import ResourceError
from dinosar.publishing import make_folder, publish, sha256_of


def sha256(path: Path) -> str:
    """The SHA-256 of a file, read again only if the file has changed."""
    return str(remembered(path, "sha256", lambda: sha256_of(path)))


def remembered(path: Path, what: str, find_out: Callable[[], Any]) -> Any:
    """What is known of a file under the name `what` (plain data); found out now if it is not known yet."""
    state = state_of(path)
    entry = _entry(path)
    known = _read(entry)
    if known.get("state") != state:
        known = {"path": str(path.resolve()), "state": state}
    if what not in known:
        known[what] = find_out()
        if state_of(path) == state:  # else somebody is writing to it, and what was read is not what lies there
            _keep(entry, known)
    return known[what]


def recalled(path: Path, what: str) -> Any:
    """What was remembered of a file under the name `what`; None if nothing was."""
    known = _read(_entry(path))
    return known.get(what) if known.get("state") == state_of(path) else None


def state_of(path: Path) -> list[int]:
    """What changes when a file does."""
    status = path.stat()
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]


def _entry(path: Path) -> Path:
    name = hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:32]
    return cache_folder() / "weights-v1" / f"{name}.json"


def _read(entry: Path) -> dict[str, Any]:
    """An entry; a missing or broken one knows nothing."""
    try:
        known = json.loads(entry.read_bytes())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _keep(entry: Path, known: dict[str, Any]) -> None:
    """Remember for next time; a disk that cannot keep it costs time later, not the result now."""
    try:
        make_folder(entry.parent)
        publish(entry, json.dumps(known).encode())
    except ResourceError:
        return
