"""The files of a collection by their names within it, whether they lie in a folder or in an archive.

Nothing stays open: each file is opened when it is read and closed again, so a collection can be kept, handed to threads
and forgotten.
"""

import os
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from dinosar.errors import InputError, ResourceError, shown
from dinosar.regular_files import called, read_regular_file

NAME = "SPair-71k"
PARTS = ("PairAnnotation", "Layout", "JPEGImages")
"""Folders of which a collection has at least one."""
Place = TypeVar("Place")
LARGEST = 512 * 1024**2
"""Bytes of one member; the largest photograph of the collection has less than one MB."""


class Members(Protocol):
    """Where the files of a collection are; names are relative to its own folder, with `/`."""

    @property
    def root(self) -> Path:
        """The collection's own folder, or its archive."""
        ...

    def read(self, name: str) -> bytes:
        """All bytes of a file; InputError where it is not there or not whole."""
        ...

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        ...

    def listed(self, folder: str) -> list[str]:
        """Names of the files that lie in a folder, in order; none where there is no such folder."""
        ...

    def called(self, name: str) -> str:
        """A file as messages call it."""
        ...

    def path(self, name: str) -> Path | None:
        """Where a file lies on the disk; None within an archive."""
        ...


@dataclass(frozen=True)
class Folder:
    """A collection that was unpacked; `root` holds `PairAnnotation` and the others."""

    root: Path

    def read(self, name: str) -> bytes:
        """All bytes of a regular file."""
        path = self.root / name
        if not self.has(name) and (spoilt := _spoilt(path)):
            raise InputError(f"{called(path)} was unpacked as '{shown(spoilt.name)}', for its name holds a ':'; "
                             "give the archive itself instead of the folder")  # fmt: skip
        return read_regular_file(path, lambda facts: _check(path, facts))

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        return _is_file(self.root / name)

    def listed(self, folder: str) -> list[str]:
        """Names of the files in a folder, without those that macOS and Windows leave there."""
        try:
            with os.scandir(self.root / folder) as entries:
                return sorted(entry.name for entry in entries if entry.is_file() and counts(entry.name))
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as fault:
            raise ResourceError(f"{self.called(folder)} cannot be listed ({shown(fault.strerror, 80)}); "
                                "change its permissions") from None  # fmt: skip

    def called(self, name: str) -> str:
        """The path of a file."""
        return called(self.root / name)

    def path(self, name: str) -> Path | None:
        """The path of a file."""
        return self.root / name


@dataclass(frozen=True)
class Archive(Generic[Place]):
    """A collection in a file; `places` says where its members are, and `fetch` reads the bytes of one."""

    root: Path
    places: dict[str, Place]
    fetch: Callable[[Path, Place], bytes]
    file: Path
    """What is read: `root` itself, unless that is packed."""

    def read(self, name: str) -> bytes:
        """All bytes of a member."""
        if name not in self.places:
            raise InputError(f"{self.called(name)} is not there; the archive lacks it, or is another one")
        try:
            return self.fetch(self.file, self.places[name])
        except (OSError, EOFError, ValueError) as fault:
            reason = shown(fault, 90)
            raise InputError(f"{self.called(name)} cannot be read ({reason}); fetch the archive again") from fault

    def has(self, name: str) -> bool:
        """Whether there is such a member."""
        return name in self.places

    def listed(self, folder: str) -> list[str]:
        """Names of the members in a folder."""
        parts = (name.rpartition("/") for name in self.places)
        return sorted(last for above, _, last in parts if above == folder)

    def called(self, name: str) -> str:
        """The path of the archive, with that within it behind."""
        return called(self.root / name)

    def path(self, name: str) -> Path | None:
        """None: no other program finds a member by a path."""
        return None


def counts(name: str) -> bool:
    """Whether a name, with folders or without, is one of the collection's and not what a system left beside it."""
    *folders, last = name.split("/")
    return last not in ("", ".", "..", ".DS_Store") and not last.startswith("._") and "__MACOSX" not in folders


def within(path: Path, members: Iterable[tuple[str, Place]]) -> dict[str, Place]:
    """Members of an archive by their names within the collection, which lies at its top or in a folder of its name."""
    found = {name.removeprefix("./"): place for name, place in members if counts(name)}
    tops = {tuple(name.split("/", 2)[:2]) for name in found}
    for above in ((), (NAME,)):
        if any((*above, part) == top[: len(above) + 1] for top in tops for part in PARTS):
            prefix = "".join(f"{each}/" for each in above)
            return {name.removeprefix(prefix): place for name, place in found.items() if name.startswith(prefix)}
    held = ", ".join(sorted({shown(top[0], 40) for top in tops})[:5]) or "nothing"
    raise InputError(f"{called(path)} is no {NAME}: expected {' or '.join(PARTS)} in it, found {held}; check the file")


def _check(path: Path, facts: os.stat_result) -> None:
    if not stat.S_ISREG(facts.st_mode):
        raise InputError(f"{called(path)} is no regular file; unpack the collection again")
    if facts.st_size > LARGEST:
        raise InputError(f"{called(path)} has {facts.st_size} bytes, too many for {NAME}; unpack the collection again")


def _spoilt(path: Path) -> Path | None:
    """The file under the name that programs give it which cannot write a ':'."""
    tried = (path.with_name(path.name.replace(":", other)) for other in ("_", "\uf03a", "-"))
    return next((each for each in tried if ":" in path.name and _is_file(each)), None)


def _is_file(path: Path) -> bool:
    """Whether there is such a file; what no system can name is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
