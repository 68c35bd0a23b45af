"""What is known of a pair: its file, with everything in it that is used checked.

Keypoints are given as indices of pixels from 0. Elsewhere in this package pixel i covers [i, i + 1), so half a pixel is
added to them and to the corners of the box, which are such indices, too. Both pictures are shifted alike, and no
distance and no side of a box changes by it.
"""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.errors import InputError, shown
from dinosar.evaluation.keypoint_pairs import Box
from dinosar.landmarks.json_text import is_number, kind_of

CENTRE = 0.5
"""From the index of a pixel to its middle."""
_GRADES = ("easy", "medium", "hard")
_SIDES = ("none", "source", "target", "both")
_FLAGS = {
    "viewpoint": ("viewpoint_variation", _GRADES), "scale": ("scale_variation", _GRADES),
    "truncation": ("truncation", _SIDES), "occlusion": ("occlusion", _SIDES), "mirror": ("mirror", ("no", "yes")),
}  # fmt: skip
Point = tuple[float, float] | None


@dataclass(frozen=True, eq=False)
class Annotation:
    """A pair as its file has it: pictures and sizes of source and target, the target's box, and the keypoints of both.

    `names` are the numbers of the keypoints; `dropped` counts those that are null on either side and left out here.
    """

    category: str
    files: tuple[str, str]
    sizes: tuple[tuple[int, int], tuple[int, int]]
    box: Box
    names: tuple[str, ...]
    a: NDArray[np.float64]
    b: NDArray[np.float64]
    flags: dict[str, str]
    dropped: int


def parse(data: bytes, called: str) -> Annotation:
    """The annotation in the bytes of a file, which messages call `called`."""
    held = _Held(_object(data, called), called)
    names, a, b = held.ids("kps_ids"), held.points("src_kps"), held.points("trg_kps")
    for key, points in (("src_kps", a), ("trg_kps", b)):
        if len(points) != len(names):
            raise held.wrong(key, f"as many keypoints as kps_ids has, {len(names)}", f"{len(points)}")
    both = [(name, p, q) for name, p, q in zip(names, a, b, strict=True) if p is not None and q is not None]
    left, right = (np.array([each[i] for each in both], np.float64).reshape(-1, 2) + CENTRE for i in (1, 2))
    return Annotation(
        category=held.file_name("category"),
        files=(held.file_name("src_imname"), held.file_name("trg_imname")),
        sizes=(held.size("src_imsize"), held.size("trg_imsize")),
        box=held.box("trg_bndbox"),
        names=tuple(name for name, _, _ in both),
        a=left,
        b=right,
        flags={flag: held.word(key, words) for flag, (key, words) in _FLAGS.items()},
        dropped=len(names) - len(both),
    )


def _object(data: bytes, called: str) -> dict[str, Any]:
    """The JSON object in some bytes."""
    try:
        found = json.loads(data.decode("utf-8-sig"))
    except json.JSONDecodeError as problem:
        why = f"line {problem.lineno}, column {problem.colno}: expected JSON, found none"
        raise InputError(f"{called}, {why}; take the file from the collection again") from None
    except (ValueError, RecursionError):  # no UTF-8, or lists and numbers without end
        raise InputError(f"{called}: expected JSON, found none; take the file from the collection again") from None
    if not isinstance(found, dict):
        raise InputError(
            f"{called}: expected an object, found {kind_of(found)}; take the file from the collection again"
        )
    return found


@dataclass(frozen=True)
class _Held:
    """The object of a file, asked key by key."""

    values: dict[str, Any]
    called: str

    def wrong(self, key: str, expected: str, found: str | None = None) -> InputError:
        """The error about a key; what was found is its value unless told."""
        if found is None:
            found = kind_of(self.values[key]) if key in self.values else "no such key"
        return InputError(f"{self.called}, {key}: expected {expected}, found {found}; "
                          "take the file from the collection again")  # fmt: skip

    def file_name(self, key: str) -> str:
        """The name of a file or folder, which leads nowhere else."""
        value = self.values.get(key)
        if not isinstance(value, str) or not value.strip(".") or any(c in value for c in "/\\\0"):
            raise self.wrong(key, "a name without folders")
        return value

    def numbers(self, key: str, most: int, least: int) -> list[float]:
        """A list of numbers, so many of them."""
        value = self.values.get(key)
        if not isinstance(value, list) or not least <= len(value) <= most or not all(_plain(each) for each in value):
            raise self.wrong(key, f"a list of {most} numbers")
        return [float(each) for each in value]

    def size(self, key: str) -> tuple[int, int]:
        """Width and height; the third number is that of the channels."""
        width, height = self.numbers(key, 3, 2)[:2]
        if min(width, height) < 1 or width % 1 or height % 1:
            raise self.wrong(key, "width, height and channels in whole numbers", str(self.values[key]))
        return int(width), int(height)

    def box(self, key: str) -> Box:
        """Left, top, right, bottom, shifted to the middles of their pixels."""
        left, top, right, bottom = self.numbers(key, 4, 4)
        if left > right or top > bottom or max(right - left, bottom - top) <= 0:
            raise self.wrong(key, "two corners, left, top, right, bottom", str(self.values[key]))
        return left + CENTRE, top + CENTRE, right + CENTRE, bottom + CENTRE

    def ids(self, key: str) -> list[str]:
        """Numbers of keypoints as text, however they are written."""
        value = self.values.get(key)
        if not isinstance(value, list) or not all(_is_id(each) for each in value):
            raise self.wrong(key, "a list of the numbers of keypoints")
        found = [str(each) for each in value]
        if twice := next((each for i, each in enumerate(found) if each in found[:i]), None):
            raise self.wrong(key, "each keypoint once", f"'{shown(twice, 40)}' twice")
        return found

    def points(self, key: str) -> list[Point]:
        """Places of keypoints, None where the file has null."""
        value = self.values.get(key)
        if not isinstance(value, list):
            raise self.wrong(key, "a list of [x, y]")
        for i, each in enumerate(value):
            if each is not None and not (isinstance(each, list) and len(each) == 2 and all(map(_plain, each))):
                raise self.wrong(f"{key}[{i}]", "[x, y] or null", kind_of(each) if each != [] else "an empty list")
        return [None if each is None else (float(each[0]), float(each[1])) for each in value]

    def word(self, key: str, words: tuple[str, ...]) -> str:
        """A flag in words instead of its number."""
        value = self.values.get(key)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < len(words):
            raise self.wrong(key, f"a number from 0 to {len(words) - 1}")
        return words[value]


def _plain(value: Any) -> bool:
    """Whether this is a number that a place can have; NaN and endless ones are none."""
    return is_number(value) and abs(value) < 1e9


def _is_id(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, (int, str)) and bool(str(value).strip())
