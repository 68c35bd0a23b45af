"""From one landmark file to another, or to a picture: names, sizes and what is chosen, and where it goes."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from dinosar.errors import ConflictError, UsageError, shown, suggestion
from dinosar.landmarks.image_names import parts, stem
from dinosar.landmarks.points import Landmarks
from dinosar.landmarks.reading import placed
from dinosar.landmarks.sheets import KIND_NAMES, LandmarkFile, Sheet
from dinosar.landmarks.slicer import ENDING
from dinosar.landmarks.source import read_source
from dinosar.landmarks.writing import FROM_BOTTOM, fitted_to, kind_of_output, write_landmarks
from dinosar.notices import warn
from dinosar.publishing import make_folder, publish

SizeOf = Callable[[Sheet], tuple[int, int] | None]


def names_from(text: str) -> list[str]:
    """Names of landmarks from `a,b,c`, or from a file with one on each line."""
    path = Path(text)
    listed = read_source(path).text.splitlines() if "," not in text or path.is_file() else text.split(",")
    names = [name.strip() for name in listed if name.strip()]
    for i, name in enumerate(names):
        if name in names[:i]:
            raise UsageError(f"--names: '{shown(name)}' stands twice; every landmark needs a name of its own")
    return names


def converted(
    file: LandmarkFile, out: str, size_of: SizeOf, px_per_mm: float | None, *, always: bool
) -> tuple[bytes | dict[str, bytes], list[str]]:
    """The bytes of the file `out` names, and what it cannot hold; sizes are asked for where needed, or `always`."""
    kind = kind_of_output(Path(out), folder=_is_folder(out))
    if px_per_mm is not None and (kind != "tps" or not px_per_mm > 0):
        why = f"{KIND_NAMES[kind]} has no scale" if kind != "tps" else "a scale is above 0"
        raise UsageError(f"--scale {px_per_mm:g}: {why}; it is for SCALE= of TPS")
    file, losses = fitted_to(file, kind)
    sheets = [_sized(sheet, kind in FROM_BOTTOM, size_of, always=always or kind == "coco") for sheet in file.sheets]
    if px_per_mm is not None:
        sheets = [replace(sheet, units_per_px=1 / px_per_mm) for sheet in sheets]
    if kind == "slicer" and not _is_folder(out):
        _check_single(sheets, Path(out))
    delimiter = "\t" if out.lower().endswith(".tsv") else ","
    data = write_landmarks(sheets, kind, skeleton=file.skeleton, delimiter=delimiter, carried=file.carried)
    return data, losses


def _is_folder(out: str) -> bool:
    return out.endswith(("/", "\\")) or Path(out).is_dir()


def _sized(sheet: Sheet, from_bottom: bool, size_of: SizeOf, *, always: bool) -> Sheet:
    """The sheet on its photo, where the photo's size is needed or wanted and can be had."""
    turned = sheet.from_bottom != from_bottom
    if always or (turned and (sheet.size is None or sheet.from_bottom)):
        size = size_of(sheet)
        return placed(sheet, size) if size else sheet
    return sheet


def _check_single(sheets: Sequence[Sheet], out: Path) -> None:
    """Complain about several photos in one of Slicer's files; warn where its name would name another photo."""
    if len(sheets) != 1:
        raise UsageError(
            f"'{shown(out)}': {ENDING} holds one photo, not {len(sheets)}; end the name in / for a folder of them"
        )
    wanted = stem(parts(sheets[0].image)[-1])
    if out.name[: -len(ENDING)] != wanted:
        warn(
            f"'{shown(out)}' will name the photo when it is read; '{shown(sheets[0].image)}' asks for {wanted}{ENDING}"
        )


def write_all(data: bytes | dict[str, bytes], out: str, source: Path, *, overwrite: bool) -> list[Path]:
    """Publish what was converted; nothing that is there is replaced unasked, and the source never."""
    path = Path(out)
    if isinstance(data, dict) and not _is_folder(out):
        data = next(iter(data.values()))
    files = {path / name: each for name, each in data.items()} if isinstance(data, dict) else {path: data}
    for each in files:
        if each.exists() and (source.resolve() in (each.resolve(), each.parent.resolve())):
            raise UsageError(f"'{shown(each)}' is what is being converted; choose another name")
    free(list(files), overwrite=overwrite)
    if isinstance(data, dict):
        make_folder(path)
    for each, content in files.items():
        publish(each, content)
    return [path] if isinstance(data, dict) else list(files)


def free(paths: Sequence[Path], *, overwrite: bool) -> None:
    """Complain about files that are there already, and about folders where files are to go."""
    for path in paths:
        if path.is_dir():
            raise ConflictError(f"'{shown(path)}' is a folder; choose another name")
        if path.exists() and not overwrite:
            raise ConflictError(
                f"'{shown(path)}' is there already; choose another name, or replace it with --overwrite"
            )


def picked(file: LandmarkFile, only: Sequence[str]) -> list[Sheet]:
    """The sheets of the photos that are named, all if none is, with the landmarks that are named, all if none is."""
    if not only:
        return list(file.sheets)
    images = {key: sheet.image for sheet in file.sheets for key in _ways_to_say(sheet.image)}
    for name in only:
        if name not in images and name not in file.names:
            raise UsageError(f"--only: no photo or landmark '{shown(name)}'{suggestion(name, {*images, *file.names})}")
    photos = {images[name] for name in only if name in images}
    names = {name for name in only if name not in images}
    sheets = [sheet for sheet in file.sheets if not photos or sheet.image in photos]
    return [replace(sheet, landmarks=_among(sheet.landmarks, names)) for sheet in sheets] if names else sheets


def _ways_to_say(image: str) -> tuple[str, str, str]:
    last = parts(image)[-1]
    return image, last, stem(last)


def _among(landmarks: Landmarks, names: set[str]) -> Landmarks:
    """Those landmarks that are named; they keep their names."""
    keep = [i for i, name in enumerate(landmarks.names) if name in names]
    chosen = tuple(landmarks.names[i] for i in keep)
    return Landmarks(chosen, landmarks.places[keep], landmarks.visibility[keep], landmarks.named)
