"""Where the photos of a landmark file lie on disk: beside it, one folder up, or where one is told."""

from collections.abc import Sequence
from pathlib import Path

from dinosar.errors import InputError, UsageError, shown
from dinosar.landmarks.image_names import PICTURES, parts, stem
from dinosar.landmarks.sheets import LandmarkFile, Sheet


def folders_of(file: LandmarkFile, told: Path | None) -> list[Path]:
    """Folders in which to look, the one that was told first."""
    if told is not None and not told.is_dir():
        raise InputError(f"--images '{shown(told)}' is not a folder; name the folder of the photos")
    own = file.path.absolute() if file.path.is_dir() else file.path.absolute().parent
    return list(dict.fromkeys([*([told] if told else []), own, own.parent]))


def find_photo(sheet: Sheet, folders: Sequence[Path]) -> Path | None:
    """The photo a sheet means; by its whole name first, then by its name without the ending.

    A name cannot lead out of these folders, and a link that does is not followed.
    """
    path = parts(sheet.image)
    for folder in folders:
        exact = folder.joinpath(*path)
        if exact.is_file() and _inside(exact, folder):
            return exact
    for folder in folders:
        near = _by_stem(folder.joinpath(*path[:-1]), path[-1])
        if len(near) > 1:
            raise UsageError(
                f"{sheet.where}: '{shown(near[0].name)}' and '{shown(near[1].name)}' of '{shown(near[0].parent)}' "
                f"could both be the photo '{shown(sheet.image)}'; write its whole name into the file"
            )
        if near and _inside(near[0], folder):
            return near[0]
    return None


def _inside(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _by_stem(folder: Path, name: str) -> list[Path]:
    """Pictures of a folder whose names differ in nothing but the ending, and case."""
    if not folder.is_dir():
        return []
    wanted = stem(name).casefold()
    pictures = (path for path in folder.iterdir() if path.suffix.lower() in PICTURES)
    return sorted(path for path in pictures if stem(path.name).casefold() == wanted and path.is_file())
