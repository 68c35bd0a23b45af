"""A look at every picture before anything is learned: what its files are, whether it can be read, what it shows."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from dinosar.data import Photo
from dinosar.errors import InputError, ResourceError, shown
from dinosar.notices import warn
from dinosar.progress import steps
from dinosar.publishing import sha256_of
from dinosar.retrieval.dumping import ahead

PLAIN = 2.0
"""Levels of 255 by which a picture must vary about its mean; below, there is nothing on it but noise."""
LOOKED_AT = 256
"""Pixels along the shorter side by which it is told; all of a large picture are not needed."""
WORKERS = 2
"""Threads that read ahead."""
OF_THE_PICTURE = (InputError, ResourceError)
"""What may be wrong with one picture and leaves the others as they are."""


@dataclass(frozen=True)
class Files:
    """The files of a picture, by what they are called, and what reads it all and gives the photo."""

    paths: Mapping[str, Path]
    read: Callable[[], Photo]


@dataclass
class Inspection:
    """What was found of pictures. `digests`: SHA-256 of each file by what it is called, and of what else is learned
    from; `paths`: where the files lie. `broken`: why a picture cannot be had. `plain` and `small` show little."""  # noqa: D205, D209

    digests: dict[str, str] = field(default_factory=dict)
    paths: dict[str, Path] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    plain: list[str] = field(default_factory=list)
    small: list[str] = field(default_factory=list)
    pictures: int = 0

    def tell(self) -> None:
        """Warn of pictures that are left out, or show little; an InputError where nothing is left to learn from."""
        left = self.pictures - len(self.broken)
        if self.pictures and not left:
            name, why = next(iter(self.broken.items()))
            raise InputError(
                f"not one of the {self.pictures} photographs can be read (the first is '{shown(name, 80)}': "
                f"{shown(why, 200)}); give others"
            )
        if left and len(self.plain) == left:
            raise InputError(
                f"all of the {left} photographs are plain: there is nothing on them to learn from; give photographs "
                "that show something"
            )
        _tell(self.broken, self.pictures, ("cannot be read and is left out", "cannot be read and are left out"),
              "errors.csv tells why")  # fmt: skip
        _tell(self.plain, left, ("is plain, with nothing on it to learn from", "are plain, with nothing on them to "
                                 "learn from"), "take such photographs out")  # fmt: skip
        _tell(self.small, left, ("is so small that views of it are blurred", "are so small that views of them are "
                                 "blurred"), "larger photographs teach more")  # fmt: skip


def _tell(names: Iterable[str], of: int, words: tuple[str, str], then: str) -> None:
    """Warn of some pictures, the first by its name, in the words for one or for several of them."""
    known = sorted(names)
    if known:
        one = len(known) == 1
        first = f"'{shown(known[0], 80)}'" if one else f"the first is '{shown(known[0], 80)}'"
        warn(f"{len(known)} of {of} photographs {words[0 if one else 1]} ({first}); {then}")


def inspected(pictures: Mapping[str, Files], least: float = 0) -> Inspection:
    """Every picture by name, read once. One with a shorter side below `least` px is small."""
    found = Inspection(pictures=len(pictures))
    with steps(len(pictures), "photos") as step:
        for name, (digests, told) in ahead(pictures, partial(_looked_at, pictures), WORKERS):
            found.digests |= digests
            found.paths |= pictures[name].paths
            if isinstance(told, str):
                found.broken[name] = told
            elif told[0] < PLAIN:
                found.plain.append(name)
            elif told[1] < least:
                found.small.append(name)
            step(name)
    return found


def _looked_at(pictures: Mapping[str, Files], name: str) -> tuple[dict[str, str], tuple[float, int] | str]:
    """Sums of a picture's files; and how much it varies and its shorter side, or why it cannot be read."""
    files = pictures[name]
    digests = {called: _digest(path) for called, path in files.paths.items()}
    try:
        photo = files.read()
    except OF_THE_PICTURE as problem:
        return digests, str(problem)
    apart = max(1, min(photo.size) // LOOKED_AT)
    return digests, (float(photo.pixels[::apart, ::apart].std(axis=(0, 1), dtype=np.float64).max()), min(photo.size))


def _digest(path: Path) -> str:
    """SHA-256 of a file; empty where it cannot be read, which reading the picture will tell."""
    try:
        return sha256_of(path)
    except (OSError, ValueError):
        return ""
