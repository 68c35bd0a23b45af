"""The photographs of a collection by name, each read when it is needed and kept as long as it may be needed again."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Generic, TypeVar

from dinosar.data import Photo
from dinosar.datasets.upright import Header, header_of
from dinosar.errors import InputError, shown
from dinosar.images import load_photo
from dinosar.publishing import sha256_of
from dinosar.timing import stage

Kept = TypeVar("Kept")
PHOTOS = 8
"""Photographs held at once: a query stays while its answers come and go."""


class Lately(Generic[Kept]):
    """What was made lately of a name; the one that was not asked for longest gives way to the next."""

    def __init__(self, make: Callable[[str], Kept], most: int) -> None:
        self.make, self.most = make, most
        self._kept: OrderedDict[str, Kept] = OrderedDict()

    def of(self, name: str) -> Kept:
        """What is made of a name."""
        if name not in self._kept:
            self._kept[name] = self.make(name)
        self._kept.move_to_end(name)
        while len(self._kept) > self.most:
            self._kept.popitem(last=False)
        return self._kept[name]


class PhotoShelf:
    """Photographs by the names that lists give them."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        self.files = dict(files)
        self._photos = Lately(self._read, PHOTOS)
        self._digests: dict[str, str] = {}
        self._headers: dict[str, Header | None] = {}

    def photo(self, name: str) -> Photo:
        """The photograph; an InputError where it cannot be read."""
        return self._photos.of(name)

    def _read(self, name: str) -> Photo:
        with stage("load"):
            return load_photo(self.path(name))

    def path(self, name: str) -> Path:
        """Its file."""
        if name not in self.files:
            raise InputError(f"no file of '{shown(name)}' is known; name the folder of the photographs with --images")
        return self.files[name]

    def header(self, name: str) -> Header | None:
        """Its size as it lies in its file, and how its EXIF data turns it; None where there is no file to be read."""
        if name not in self._headers:
            self._headers[name] = header_of(self.files[name]) if name in self.files else None
        return self._headers[name]

    def digest(self, name: str) -> str:
        """SHA-256 of its file."""
        if name not in self._digests:
            try:
                self._digests[name] = sha256_of(self.path(name))
            except (OSError, ValueError) as problem:
                why = getattr(problem, "strerror", None) or problem
                raise InputError(f"'{shown(self.path(name))}' cannot be read: {why}") from problem
        return self._digests[name]
