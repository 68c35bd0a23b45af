"""Where the photos of a landmark file lie on disk: beside it, one folder up, or where one is told."""

from collections.abc import Sequence
from pathlib import Path

from dinosar.errors import InputError, UsageError, shown
from dinosar.landmarks.image_names import PICTURES, composed, folded, parts, stem
from dinosar.landmarks.sheets import LandmarkFile, Sheet


def folders_of(file: LandmarkFile, told: Path | None) -> list[Path]:
    """Folders in which to look, the one that was told first."""
    if told is not None and not told.is_dir():
        raise InputError(f"--images '{shown(told)}' is not a folder; name the folder of the photos")
    own = own_folder(file.path)
    return list(dict.fromkeys([*([told] if told else []), own, own.parent]))


def own_folder(path: Path) -> Path:
    """The folder a landmark file lies in; a folder of them is its own."""
    return path.absolute() if path.is_dir() else path.absolute().parent


def at_home(path: Path, name: str, photo: Path) -> bool:
    """Whether a photo is the one a landmark file finds by this name: beside itself, or else one folder up."""
    own, above = own_folder(path).resolve(), len(parts(name)) - 1
    bases = {each.parents[above].resolve() for each in (photo.absolute(), photo.resolve()) if len(each.parents) > above}
    if own in bases:
        return True
    return own.parent in bases and not own.joinpath(*parts(name)[:-1], photo.name).exists()


def same_file(a: Path, b: Path) -> bool:
    """Whether two paths lead to one file on the disk."""
    try:
        return a.samefile(b)
    except OSError:
        return a.resolve() == b.resolve()


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
        near = _near(_below(folder, path[:-1]), path[-1])
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


def _below(folder: Path, names: Sequence[str]) -> Path:
    """A folder below another; where there is none of that very name, one that spells its accents otherwise."""
    for name in names:
        exact = folder / name
        near = sorted(folder.iterdir()) if folder.is_dir() and not exact.is_dir() else []
        folder = next((each for each in near if composed(each.name) == composed(name) and each.is_dir()), exact)
    return folder


def _near(folder: Path, name: str) -> list[Path]:
    """Pictures of a folder whose names differ in how accents are spelled; else in case; else in the ending."""
    if not folder.is_dir():
        return []
    pictures = sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURES)
    for reading in (composed, folded, _folded_stem):
        if found := [path for path in pictures if reading(path.name) == reading(name) and path.is_file()]:
            return found
    return []


def _folded_stem(name: str) -> str:
    return folded(stem(name))
