"""Two folders of frames: which frame of one belongs to which of the other, and what to do with a video instead."""

import os
import re
import shlex
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Literal

from dinosar.errors import InputError, ResourceError, UsageError, shown
from dinosar.images.files import Refused
from dinosar.images.formats import recognised
from dinosar.notices import note
from dinosar.regular_files import HEAD

PICTURES = (
    ".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".gif", ".webp", ".jp2", ".j2k", ".heic", ".heif", ".avif",
    ".ppm", ".pgm", ".pbm", ".pnm",
)  # fmt: skip
"""Endings that make a file a frame, however damaged: a frame that cannot be read must fail, and not be passed over."""
VIDEOS = (
    ".mp4", ".m4v", ".mov", ".mkv", ".avi", ".webm", ".wmv", ".flv", ".mpg", ".mpeg", ".mts", ".m2ts", ".ogv", ".3gp",
)  # fmt: skip
_VIDEO_STARTS = (b"\x1aE\xdf\xa3", b"FLV\x01", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", b"\0\0\1\xba")
"""Matroska and WebM, Flash, Windows Media, MPEG."""
Key = int | str


@dataclass(frozen=True)
class Matched:
    """Frames that belong together, in order, and the names of those that are left alone in each folder."""

    both: list[tuple[Path, Path]]
    alone_a: list[str]
    alone_b: list[str]
    by: Literal["name", "number"]

    @property
    def follows(self) -> list[bool]:
        """Which frames follow the one before: nothing is missing between them, in either folder or in both.

        In both a frame is missing where the numbers jump by more than they mostly do.
        """
        left, right = ({*alone} for alone in (self.alone_a, self.alone_b))
        orders = [sorted([frame.name for frame in side] + [*alone], key=lambda name: _in_order(Path(name)))
                  for side, alone in zip(zip(*self.both, strict=True), (left, right), strict=True)]  # fmt: skip
        places = [{name: place for place, name in enumerate(order)} for order in orders]
        numbers = [_number(first) for first, _ in self.both]
        jumps = [b - a if isinstance(a, int) and isinstance(b, int) else 1 for a, b in pairwise(numbers)]
        usual = median(jumps) if jumps else 1
        beside = [
            all(place[now[i].name] - place[before[i].name] == 1 for i, place in enumerate(places))
            for before, now in pairwise(self.both)
        ]
        return [False, *(near and jump <= usual for near, jump in zip(beside, jumps, strict=True))]


def match_frames(a: Path, b: Path) -> Matched:
    """The frames of two folders, matched by name without ending, or by the last number in it where that matches more.

    Hidden files and what is no picture are left out. Numbers match only where neither folder has one twice.
    """
    left, right = frames_in(a), frames_in(b)
    if a.samefile(b):
        raise InputError(f"'{shown(a)}' and '{shown(b)}' are the same folder; name that of the true frames and another")
    for folder, frames in ((a, left), (b, right)):
        _check_names(folder, frames)
    named, numbered = _matched(left, right, _name), _matched(left, right, _number)
    by: Literal["name", "number"] = "number" if len(numbered) > len(named) else "name"
    both = sorted(numbered, key=lambda pair: _rank(pair[0])) if by == "number" else named
    if not both:
        raise InputError(
            f"no frame of '{shown(a)}' ('{shown(left[0].name, 80)}') has the name or the number of one of '{shown(b)}' "
            f"('{shown(right[0].name, 80)}'); give frames that belong together the same names"
        )
    paired = {each for pair in both for each in pair}
    alone_a, alone_b = ([frame.name for frame in frames if frame not in paired] for frames in (left, right))
    return Matched(both, alone_a, alone_b, by)


def _check_names(folder: Path, frames: list[Path]) -> None:
    """Refuse a folder in which a name leads to two frames."""
    seen: dict[Key, Path] = {}
    for frame in frames:
        other = seen.setdefault(_name(frame), frame)
        if other is not frame:
            raise InputError(
                f"'{shown(folder)}' holds both '{shown(other.name, 80)}' and '{shown(frame.name, 80)}'; keep the one "
                "that is the frame"
            )


def _matched(left: list[Path], right: list[Path], key: Callable[[Path], Key]) -> list[tuple[Path, Path]]:
    """Frames with the same key, in the order of the left ones; none where a folder has a key twice."""
    first, second = ({key(frame): frame for frame in frames} for frames in (left, right))
    if len(first) < len(left) or len(second) < len(right):
        return []
    return [(frame, second[each]) for each, frame in first.items() if each in second]


def _rank(frame: Path) -> tuple[bool, int]:
    """Frames by their numbers, those without one last."""
    number = _number(frame)
    return (False, number) if isinstance(number, int) else (True, 0)


def _name(frame: Path) -> Key:
    """The name without its ending; systems spell accents in two ways."""
    return unicodedata.normalize("NFC", frame.stem)


def _number(frame: Path) -> Key:
    """The last number in the name; the name itself where it has none."""
    digits = re.findall("[0-9]+", frame.stem)
    return int(digits[-1]) if digits else _name(frame)


def _in_order(frame: Path) -> tuple[list[int | str], str]:
    """What frames are sorted by: numbers in names count as numbers, so that frame_2 comes before frame_10."""
    parts = re.split("([0-9]+)", frame.stem)
    return [int(part) if i % 2 else part.casefold() for i, part in enumerate(parts)], frame.name


def frames_in(folder: Path) -> list[Path]:
    """The pictures of a folder in order; one without any is an InputError."""
    try:
        if folder.is_file():
            _refuse_film(folder)
            raise InputError(f"'{shown(folder)}' is a file; name a folder of frames")
        files = [each for each in folder.iterdir() if not each.name.startswith(".") and each.is_file()]
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(f"folder '{shown(folder)}' is not there; check the path") from None
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or problem
        raise ResourceError(f"folder '{shown(folder)}' cannot be read ({shown(why, 80)}); check it") from problem
    frames = sorted((each for each in files if each.suffix.lower() in PICTURES or _kind(each)), key=_in_order)
    others = sorted({each.name for each in files} - {each.name for each in frames})
    if not frames:
        for name in others:
            no_video(folder / name)
        held = f" (it holds '{shown(others[0], 80)}')" if others else ""
        raise InputError(f"folder '{shown(folder)}' holds no picture{held}; name a folder of frames")
    if others:
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        note(f"'{shown(folder)}': no picture, and left out: '{shown(others[0], 80)}'{more}")
    return frames


def no_video(path: str | os.PathLike[str]) -> None:
    """Refuse a video where a picture is wanted, with the command that makes frames of it; whatever else passes."""
    where = Path(path)
    try:
        if not where.is_file() or _kind(where):
            return
        head = _head(where)
    except OSError:  # why it cannot be read, whoever loads it will say
        return
    if where.suffix.lower() in VIDEOS or head.startswith(_VIDEO_STARTS) or (head[:4], head[8:12]) == (b"RIFF", b"AVI "):
        raise _film(where)


def _refuse_film(path: Path) -> None:
    """The same where a folder of frames is wanted: a GIF is a film there."""
    if _kind(path) == "GIF":
        raise _film(path)
    no_video(path)


def _film(path: Path) -> UsageError:
    frames = path.with_name(f"{path.stem}_frames")
    make = "" if frames.is_dir() else f"mkdir {_word(frames)} && "
    # In the name of the frames % stands for their number; a % of the video's own name is written twice.
    pattern = str(frames).replace("%", "%%") + "/%06d.png"
    return UsageError(
        f"'{shown(path)}' is a video, and frames are wanted; make them with: "
        f"{make}ffmpeg -i {_word(path)} {_word(pattern)}"
    )


def _word(path: object) -> str:
    """A path as one word of a command line."""
    text = f"./{path}" if str(path).startswith("-") else str(path)
    return shown(f'"{text}"' if os.name == "nt" else shlex.quote(text), 1000)


def _kind(path: Path) -> str:
    """The format of a picture by its first bytes; empty where it is none that is read."""
    try:
        return recognised(_head(path))
    except (OSError, Refused):
        return ""


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD)
