"""Lists beside photographs, one photograph a line: names, intrinsics and poses, in the words that hloc uses.

Numbers are read from the right, so that a name may hold blanks. A line that begins with # is a comment.
"""

import math
import os
import stat
import unicodedata
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TypeVar

import numpy as np

from dinosar.cameras import PARAMETERS, Camera, Pose, pose_of_quaternion
from dinosar.errors import InputError, shown
from dinosar.regular_files import called, read_regular_file

Told = TypeVar("Told")
LARGEST = 2 * 1024**3
POSE = 7
"""Numbers of a pose: a quaternion (w, x, y, z) and a translation."""


def read_names(path: Path) -> dict[str, int]:
    """The names in a list, in its order, and the line on which each stands."""
    found: dict[str, int] = {}
    for number, line in lines_of(path):
        _once(path, found, line, number)
    return found


def read_intrinsics(path: Path) -> dict[str, Camera]:
    """The camera of each photograph, from lines of `name MODEL width height parameters...`."""
    return _read(path, _intrinsics, "list of cameras")


def read_poses(path: Path) -> dict[str, Pose]:
    """The pose of each photograph, from lines of `name qw qx qy qz tx ty tz`, from the world to the camera."""
    return _read(path, _pose, "list of poses")


def lines_of(path: Path, what: str = "list of photographs") -> list[tuple[int, str]]:
    """The lines of a list that say something, and their numbers from 1; comments are left out."""
    return [(number, line) for number, line in text_lines(path, what) if not line.startswith("#")]


def text_lines(path: Path, what: str) -> list[tuple[int, str]]:
    """The lines of a text that are not empty, without blanks around them, and their numbers from 1."""
    try:
        text = read_regular_file(path, lambda facts: _check(path, facts), what=what).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{called(path)} is no UTF-8 text; save it as UTF-8") from None
    # Not splitlines: a name may hold any of the rarer characters that it breaks lines at.
    lines = enumerate(text.replace("\r\n", "\n").split("\n"), start=1)
    return [(number, line.strip()) for number, line in lines if line.strip()]


def known_as(name: str, names: Collection[str]) -> str | None:
    """What a name in a list is called among `names`: systems spell accents in two ways."""
    if name in names:
        return name
    return next(
        (each for each in (unicodedata.normalize(form, name) for form in ("NFC", "NFD")) if each in names), None
    )


def _read(path: Path, told: Callable[[str], tuple[str, Told]], what: str) -> dict[str, Told]:
    """What each line of a list tells of a photograph; a mistake names its line."""
    found: dict[str, Told] = {}
    seen: dict[str, int] = {}
    for number, line in lines_of(path, what):
        try:
            name, value = told(line)
        except InputError as problem:
            raise InputError(f"{called(path)}, line {number}: {problem}; correct that line") from None
        _once(path, seen, name, number)
        found[name] = value
    return found


def _once(path: Path, seen: dict[str, int], name: str, number: int) -> None:
    if name in seen:
        raise InputError(
            f"{called(path)}, line {number}: '{shown(name, 80)}' stands in line {seen[name]}, too; keep one of them"
        )
    seen[name] = number


def _intrinsics(line: str) -> tuple[str, Camera]:
    """The numbers at the end of the line, the model before them, and the name before that."""
    words = line.split()
    count = next((i for i, word in enumerate(reversed(words)) if _number(word) is None), len(words))
    if count < 2 or len(words) < count + 2:
        raise InputError(f"expected 'name MODEL width height parameters', found '{shown(line, 80)}'")
    name, model, *rest = line.rsplit(maxsplit=count + 1)
    width, height, *params = (float(word) for word in rest)
    if model not in PARAMETERS:
        raise InputError(f"expected one of {', '.join(PARAMETERS)} before the numbers, found '{shown(model, 40)}'")
    if width != int(width) or height != int(height):
        raise InputError(f"a picture is a whole number of pixels wide and high, not {rest[0]} x {rest[1]}")
    return name, Camera(model, int(width), int(height), tuple(params))


def _pose(line: str) -> tuple[str, Pose]:
    name, *words = line.rsplit(maxsplit=POSE)
    numbers = [value for word in words if (value := _number(word)) is not None]
    if len(numbers) < POSE:
        raise InputError(f"expected 'name qw qx qy qz tx ty tz', found '{shown(line, 80)}'")
    return name, pose_of_quaternion(np.array(numbers[:4]), np.array(numbers[4:]))


def _number(word: str) -> float | None:
    """A finite number; None where the word is none."""
    try:
        value = float(word)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in word else None


def _check(path: Path, facts: os.stat_result) -> None:
    if not stat.S_ISREG(facts.st_mode):
        raise InputError(f"{called(path)} is no regular file; name a text file")
    if facts.st_size > LARGEST:
        raise InputError(f"{called(path)} has {facts.st_size} bytes, which is no list; name a text file")
