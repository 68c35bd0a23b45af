"""What of a long run is done, line by line, so that one that was killed goes on where it was."""

import contextlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dinosar.publishing import sha256_of


@dataclass(frozen=True)
class Entry:
    """One item that is done: what was found, and the files that were written of it, with their SHA-256."""

    key: str
    found: dict[str, Any]
    files: dict[str, str]


class Journal:
    """A file of entries beside what they tell of. A line that a kill cut short counts as not there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._entries = {entry.key: entry for entry in self._read()}

    def _read(self) -> list[Entry]:
        with contextlib.suppress(OSError):
            lines = self.path.read_text(encoding="utf-8", errors="replace").splitlines()
            return [entry for line in lines if (entry := _parsed(line)) is not None]
        return []

    def known(self, key: str) -> Entry | None:
        """What was found of an item, if that and every file of it is still there, unchanged."""
        entry = self._entries.get(key)
        if entry is None or not all(self._same(name, digest) for name, digest in entry.files.items()):
            return None
        return entry

    def _same(self, name: str, digest: str) -> bool:
        with contextlib.suppress(OSError):
            return sha256_of(self.path.parent / name) == digest
        return False

    def add(self, entry: Entry) -> None:
        """Note an item as done. A disk that cannot take the note costs time later, not the result now."""
        self._entries[entry.key] = entry
        with contextlib.suppress(OSError), self.path.open("a", encoding="utf-8") as file:
            # What a kill cut short must not swallow the next line.
            file.write("\n" + json.dumps(asdict(entry), ensure_ascii=False) + "\n")

    def __len__(self) -> int:
        return len(self._entries)


def _parsed(line: str) -> Entry | None:
    """An entry, or None for a line that holds none."""
    with contextlib.suppress(ValueError):
        match json.loads(line):
            case {"key": str(key), "found": dict(found), "files": dict(files)}:
                if all(isinstance(word, str) for item in files.items() for word in item):
                    return Entry(key, found, files)
    return None
