"""What a landmark file calls its photos: names that stay below their folder, and which photo on disk is meant."""

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from dinosar.errors import shown

PICTURES = (
    ".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".gif", ".webp", ".jp2", ".heic", ".heif", ".avif", ".ppm", ".pgm"
)  # fmt: skip
"""Endings of photos; another one, as in `spec.12`, belongs to the name."""


def complaint(name: str) -> str | None:
    """Why a name must not be followed to a file, with what to write instead; None where it stays below its folder."""
    last = (parts(name) or ("photo.jpg",))[-1]
    if re.match(r"[A-Za-z]:|[\\/]", name):
        return f"'{shown(name)}' is an absolute path; write '{shown(last)}', or a path relative to the photos' folder"
    depth = 0
    for part in re.split(r"[\\/]+", name):
        depth += {"..": -1, ".": 0, "": 0}.get(part, 1)
        if depth < 0:
            return f"'{shown(name)}' leads out of the photos' folder; write '{shown(last)}', and give that folder"
    return None if parts(name) else f"expected the name of a photo, found '{shown(name)}'"


def parts(name: str) -> tuple[str, ...]:
    """Folders and name, whichever way the slashes lean; `..` undone."""
    found: list[str] = []
    for part in re.split(r"[\\/]+", name):
        if part == "..":
            del found[-1:]
        elif part not in ("", "."):
            found.append(part)
    return tuple(found)


def stem(name: str) -> str:
    """A photo's name without its ending, if that is one of a picture."""
    head, dot, ending = name.rpartition(".")
    return head if dot and head and f".{ending.lower()}" in PICTURES else name


def composed(name: str) -> str:
    """A name in one spelling: an accent may be a character of its own (macOS) or part of its letter (elsewhere)."""
    return unicodedata.normalize("NFC", name)


def folded(name: str) -> str:
    """A name in one spelling and without upper case."""
    return composed(composed(name).casefold())


def fitting(names: Sequence[str], photo: Path) -> list[int]:
    """Which of the names mean a photo on disk; several where it cannot be told.

    Folders in a name must be those the photo lies in. The whole name counts first, then the name with its accents
    spelled otherwise, then in other case, then without its ending; the first of these that fits any decides.
    """
    paths = {photo.absolute().parts, photo.resolve().parts}
    for reading in (_as_is, _any_spelling, _any_case, _no_ending, _no_ending_any_case):
        meant = {reading(path) for path in paths}
        found = [i for i, name in enumerate(names) if any(_ends_in(path, reading(parts(name))) for path in meant)]
        if found:
            return found
    return []


def _ends_in(path: tuple[str, ...], tail: tuple[str, ...]) -> bool:
    return bool(tail) and path[-len(tail) :] == tail


def _as_is(path: tuple[str, ...]) -> tuple[str, ...]:
    return path


def _any_spelling(path: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(composed(part) for part in path)


def _any_case(path: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(folded(part) for part in path)


def _no_ending(path: tuple[str, ...]) -> tuple[str, ...]:
    return _any_spelling((*path[:-1], stem(path[-1]))) if path else ()


def _no_ending_any_case(path: tuple[str, ...]) -> tuple[str, ...]:
    return _any_case(_no_ending(path))
