"""Finds the landmarks that somebody has laid beside the photos: a COCO file that names all of them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dinosar.errors import DinosarError, UsageError, shown
from dinosar.landmarks.coco import parse_coco
from dinosar.landmarks.image_names import fitting, folded, parts, stem
from dinosar.landmarks.photo_places import at_home, same_file
from dinosar.landmarks.reading import fitting_sheet
from dinosar.landmarks.sheets import LandmarkFile, Sheet
from dinosar.landmarks.source import LARGEST, read_source
from dinosar.notices import note

FOLDER = "landmarks"


@dataclass(frozen=True)
class _Candidate:
    """A COCO file, the names of the photos in it, and the numbers of those it has landmarks of."""

    path: Path
    names: tuple[str, ...]
    annotated: frozenset[int]

    def entry_of(self, photo: Path) -> int | None:
        """Which name means a photo, whether or not there are landmarks; the first where several do."""
        for i in fitting(self.names, photo):
            if len(parts(self.names[i])) > 1 or at_home(self.path, self.names[i], photo):
                return i
        return None

    def has(self, photo: Path) -> bool:
        """Whether it has landmarks of a photo."""
        return self.entry_of(photo) in self.annotated

    def has_all(self, photos: Sequence[Path]) -> bool:
        """Whether it has landmarks of every photo, each its own."""
        meant: dict[int | None, Path] = {}
        return all(self.has(each) and same_file(meant.setdefault(self.entry_of(each), each), each) for each in photos)

    def nearly(self, photo: Path) -> str | None:
        """A name that differs from a photo's in case, spaces, signs or folder alone."""
        wanted = _letters(photo.name)
        return (
            next((name for name in self.names if _letters((parts(name) or ("",))[-1]) == wanted), None)
            if wanted
            else None
        )


def _letters(name: str) -> str:
    return "".join(each for each in folded(stem(name)) if each.isalnum())


def beside(photos: Sequence[Path]) -> Path | None:
    """The COCO keypoints file in the photos' folders, or in `landmarks/` there, that has landmarks of every photo.

    A name without a folder names photos beside the file or one folder up. Landmarks that somebody set come before
    those that features carried. None where there is none; a UsageError where two hold different landmarks, or where
    one that names the photos is malformed.
    """
    candidates = [each for path in _json_files(photos) if (each := _candidate(path))]
    files = [parse_coco(read_source(each.path, lenient=False)) for each in candidates if each.has_all(photos)]
    if not files:
        _tell_nearest(candidates, photos)
        return None
    first, *others = [file for file in files if not file.carried] or files
    for other in others:
        if not all(_same(fitting_sheet(first, photo), fitting_sheet(other, photo)) for photo in photos):
            raise UsageError(
                f"'{shown(first.path)}' and '{shown(other.path)}' both name these photos; say which with --keypoints"
            )
    _tell_others(first, files)
    return first.path


def _same(a: Sheet | None, b: Sheet | None) -> bool:
    """Whether two files say the same of a photo."""
    if a is None or b is None:
        return a is b
    one, two = a.landmarks, b.landmarks
    return (
        one.names == two.names
        and np.array_equal(one.places, two.places, equal_nan=True)
        and np.array_equal(one.visibility, two.visibility)
    )


def _tell_others(taken: LandmarkFile, files: Sequence[LandmarkFile]) -> None:
    """Say that a file of carried landmarks gave way."""
    for file in files:
        if file.carried and not taken.carried:
            note(f"'{shown(file.path)}' gives way to '{shown(taken.path)}': its landmarks were carried by features")


def _tell_nearest(candidates: Sequence[_Candidate], photos: Sequence[Path]) -> None:
    """One note about the first file that has landmarks of some of the photos, or names them nearly."""
    for each in candidates:
        lacking = [photo for photo in photos if not each.has(photo)]
        if not lacking:
            note(f"'{shown(each.path)}' is not used: one entry of it fits two of these photos")
            return
        near = each.nearly(lacking[0])
        if len(lacking) < len(photos) or near:
            what = f"it has no landmarks of '{shown(lacking[0])}'{_why(each, lacking[0])}"
            note(f"'{shown(each.path)}' is not used: {what}")
            return


def _why(candidate: _Candidate, photo: Path) -> str:
    """What it has instead, in brackets."""
    if candidate.entry_of(photo) is not None:
        return " (it lists the photo without any)"
    near = candidate.nearly(photo)
    if near is None:
        return ""
    if fitting([near], photo):
        return f" (its '{shown(near)}' is one in its own folder, or one folder up)"
    return f" (but names '{shown(near)}')"


def _json_files(photos: Sequence[Path]) -> Iterator[Path]:
    """Every .json in the photos' folders, each once; those that are too large are told of."""
    folders = dict.fromkeys(folder for photo in photos for folder in (photo.parent, photo.parent / FOLDER))
    seen: set[Path] = set()
    for folder in folders:
        for path in sorted(folder.glob("*.json")) if folder.is_dir() else []:
            if path.resolve() in seen or not path.is_file():
                continue
            seen.add(path.resolve())
            if path.stat().st_size > LARGEST:
                note(f"'{shown(path)}' is not looked into for landmarks: it is larger than {LARGEST / 1e6:.0f} MB")
            else:
                yield path


def _candidate(path: Path) -> _Candidate | None:
    """What a COCO file with landmarks names; None of any other file: what cannot be read is somebody else's."""
    try:
        text = read_source(path, lenient=False).text
    except DinosarError:
        return None
    if '"keypoints"' not in text or '"images"' not in text:
        return None  # most other JSON need not be taken apart
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    images, annotations = (_objects(content, key) for key in ("images", "annotations"))
    named = [each for each in images if isinstance(each.get("file_name"), str)]
    marked = {_id(each.get("image_id")) for each in annotations if each.get("keypoints")}
    numbers = frozenset(i for i, each in enumerate(named) if _id(each.get("id")) in marked)
    return _Candidate(path, tuple(each["file_name"] for each in named), numbers) if numbers else None


def _id(value: object) -> str:
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)


def _objects(content: object, key: str) -> list[dict[str, Any]]:
    """The objects in a list, none where there is no such list."""
    found = content.get(key) if isinstance(content, dict) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
