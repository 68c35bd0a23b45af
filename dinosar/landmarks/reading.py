"""Reads a file of landmarks, whichever kind it is, and finds in it what belongs to a photo."""

from collections.abc import Sequence
from pathlib import Path

from dinosar.errors import InputError, UsageError, shown
from dinosar.landmarks.coco import parse_coco
from dinosar.landmarks.image_names import composed, fitting, parts, stem
from dinosar.landmarks.json_text import parse_json
from dinosar.landmarks.morphoj import parse_morphoj
from dinosar.landmarks.photo_places import at_home, same_file
from dinosar.landmarks.points import Landmarks
from dinosar.landmarks.sheets import LandmarkFile, Sheet, check_bounds, check_size, upright
from dinosar.landmarks.slicer import ENDING, parse_slicer
from dinosar.landmarks.source import Source, read_source
from dinosar.landmarks.tidy_table import is_tidy, parse_tidy
from dinosar.landmarks.tps import parse_tps
from dinosar.notices import note, warn

ENDINGS = ".json (COCO keypoints), .mrk.json (3D Slicer, or a folder of them), .tps, .txt (MorphoJ), .csv and .tsv"


def read_landmarks(path: str | Path, *, bounds: bool = True) -> LandmarkFile:
    """The landmarks of all photos in a file, or in a folder of .mrk.json files.

    The kind is told by the file's ending and what is in it. A file that is not as it should be is a UsageError that
    says where; one that cannot be read at all an InputError. Without `bounds`, landmarks may lie outside the size that
    the file itself states.
    """
    path = Path(path)
    if path.is_dir():
        return _folder(path)
    ending = path.suffix.lower()
    if ending not in (".json", ".tps", ".txt", ".csv", ".tsv"):
        if not path.exists():
            raise InputError(f"landmark file '{shown(path)}' is not there; check the path")
        raise UsageError(
            f"'{shown(path)}': expected a landmark file, {ENDINGS}, found the ending '{shown(ending, 20)}'"
        )
    source = read_source(path, lenient=ending != ".json")
    file = _parsed(source, ending, bounds)
    if file.kind == "coco" and file.unnamed:
        warn(f"'{shown(path)}' names no landmarks, so they are taken by their position: 1, 2, 3, …")
    return file


def _parsed(source: Source, ending: str, bounds: bool) -> LandmarkFile:
    """The content of a file, by its ending and what is in it."""
    if ending == ".json":
        if source.path.name.lower().endswith(ENDING):
            return LandmarkFile("slicer", source.path, (parse_slicer(source),))
        if '"markups"' in source.text and "images" not in (content := parse_json(source)) and "markups" in content:
            raise source.wrong("", f"these are 3D Slicer markups, whose file must be called PHOTO{ENDING}; rename it")
        return parse_coco(source, bounds=bounds)
    if ending == ".tps" or source.text.lstrip()[:3].upper() in ("LM=", "LM3"):
        return parse_tps(source)
    if ending == ".txt" and not is_tidy(source.text):
        return parse_morphoj(source)
    return parse_tidy(source)


def _folder(folder: Path) -> LandmarkFile:
    """All .mrk.json files of a folder, by name."""
    files = sorted(path for path in folder.iterdir() if path.name.lower().endswith(ENDING))
    if not files:
        raise InputError(f"folder '{shown(folder)}' holds no {ENDING} file; name the landmark file, or another folder")
    return LandmarkFile("slicer", folder, tuple(parse_slicer(read_source(path, lenient=False)) for path in files))


def sheet_for(file: LandmarkFile, photo: Path) -> Sheet | None:
    """What a file says of a photo on disk; None where it says nothing of it, or no more than its name."""
    sheet = fitting_sheet(file, photo)
    if sheet is not None:
        _tell_name(sheet, photo)
    return sheet


def fitting_sheet(file: LandmarkFile, photo: Path) -> Sheet | None:
    """The same, but that the photo's name differs is not told."""
    found = fitting([sheet.image for sheet in file.sheets], photo)
    if not found:
        return None
    sheets = [file.sheets[i] for i in found]
    if len(sheets) > 1:
        raise UsageError(
            f"{sheets[0].where}: '{shown(sheets[0].image)}' and '{shown(sheets[1].image)}' ({sheets[1].where}) both "
            f"fit the photo '{shown(photo)}'; keep one, or tell them apart by their folders"
        )
    return None if sheets[0].listed_only else sheets[0]


def _tell_name(sheet: Sheet, photo: Path) -> None:
    last = composed(parts(sheet.image)[-1])
    if last != composed(photo.name) and stem(last) != last:
        note(f"{sheet.where}: '{shown(sheet.image)}' is taken for '{shown(photo.name)}', whose name differs")


def sheets_for(file: LandmarkFile, photos: Sequence[Path]) -> list[Sheet | None]:
    """What a file says of each of several photos on disk; an entry means one file on the disk only.

    Where a name fits several, the photo that lies where the file itself would look for it is meant: beside it, or one
    folder up. The others are not named then. A UsageError where that does not tell them apart.
    """
    found = [fitting_sheet(file, photo) for photo in photos]
    for sheet in {id(each): each for each in found if each is not None}.values():
        meant = _meant(file, sheet, [photo for photo, each in zip(photos, found, strict=True) if each is sheet])
        found = [
            None if each is sheet and photo not in meant else each for photo, each in zip(photos, found, strict=True)
        ]
    for photo, each in dict(zip(photos, found, strict=True)).items():
        if each is not None:
            _tell_name(each, photo)
    return found


def _meant(file: LandmarkFile, sheet: Sheet, photos: Sequence[Path]) -> Sequence[Path]:
    """Those of the photos an entry fits that it means: one file on the disk, by whatever paths."""
    if all(same_file(photos[0], photo) for photo in photos[1:]):
        return photos
    home = [photo for photo in photos if at_home(file.path, sheet.image, photo)] or photos
    for photo in home[1:]:
        if not same_file(home[0], photo):
            raise UsageError(
                f"{sheet.where}: '{shown(sheet.image)}' fits both '{shown(home[0])}' and '{shown(photo)}', which are "
                "two photos; give each an entry of its own, with its folder before its name"
            )
    return [photo for photo in photos if same_file(home[0], photo)]


def placed(sheet: Sheet, size: tuple[int, int]) -> Sheet:
    """The sheet upright on a photo of this size, which must be what the file says and hold all landmarks."""
    check_size(sheet, size)
    found = upright(sheet, size)
    check_bounds(found, size)
    return found


def landmarks_of(file: LandmarkFile, photo: Path, size: tuple[int, int]) -> Landmarks | None:
    """The landmarks of a photo (width, height) in its upright pixels, y down; None where the file has none of it."""
    return landmarks_of_all(file, [(photo, size)])[0]


def landmarks_of_all(file: LandmarkFile, photos: Sequence[tuple[Path, tuple[int, int]]]) -> list[Landmarks | None]:
    """The same of several photos that are looked at together: none gets what another photo's entry says."""
    sheets = sheets_for(file, [path for path, _ in photos])
    return [
        placed(sheet, size).landmarks if sheet is not None and len(sheet.landmarks) else None
        for sheet, (_, size) in zip(sheets, photos, strict=True)
    ]
