"""Finds the landmarks that somebody has laid beside the photos: a COCO file that names all of them."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from dinosar.errors import DinosarError, UsageError, shown
from dinosar.landmarks.coco import parse_coco
from dinosar.landmarks.image_names import fitting
from dinosar.landmarks.source import LARGEST, read_source
from dinosar.notices import note

FOLDER = "landmarks"


def beside(photos: Sequence[Path]) -> Path | None:
    """The COCO keypoints file in the photos' folders, or in `landmarks/` there, that names every photo.

    None where there is none; a UsageError where there are two, or where the one that names them is malformed.
    """
    found = [path for path in _candidates(photos) if _names_all(path, photos)]
    if len(found) > 1:
        raise UsageError(
            f"'{shown(found[0])}' and '{shown(found[1])}' both name these photos; say which with --keypoints"
        )
    if not found:
        return None
    parse_coco(read_source(found[0], lenient=False))
    return found[0]


def _candidates(photos: Sequence[Path]) -> Iterator[Path]:
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


def _names_all(path: Path, photos: Sequence[Path]) -> bool:
    """Whether a file is COCO keypoints and names all the photos; what cannot be read is somebody else's."""
    try:
        text = read_source(path, lenient=False).text
    except DinosarError:
        return False
    if '"keypoints"' not in text or '"images"' not in text:
        return False  # most other JSON need not be taken apart
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return False
    images, annotations = (
        (content.get(key) for key in ("images", "annotations")) if isinstance(content, dict) else (0, 0)
    )
    if not isinstance(images, list) or not isinstance(annotations, list):
        return False
    if not any(isinstance(each, dict) and each.get("keypoints") for each in annotations):
        return False
    named = [each.get("file_name") for each in images if isinstance(each, dict)]
    names = [name for name in named if isinstance(name, str)]
    return all(fitting(names, photo) for photo in photos)
