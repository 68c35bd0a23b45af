"""`dinosar landmarks check|convert|show`; `transfer` stands in a file of its own."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dinosar.cli import landmarks_transfer
from dinosar.cli.commands import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dinosar.landmarks.shape_findings import Finding
    from dinosar.landmarks.sheets import LandmarkFile, Sheet
    from dinosar.render.landmark_sheet import LandmarkPanel

commands = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help=COMMANDS["landmarks"])
FILE = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="COCO keypoints .json, .tps, MorphoJ .txt, .csv, .tsv, .mrk.json or a folder "
                   "of these."),
]  # fmt: skip
IMAGES = Annotated[
    Path | None,
    typer.Option("--images", metavar="DIR", help="Where the photos lie (default: beside the file, or one folder up)."),
]
OVERWRITE = Annotated[bool, typer.Option("--overwrite", help="Replace what is there.")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    landmarks_transfer.add_to(commands)
    app.add_typer(commands, name="landmarks")


@commands.command()
def check(
    file: FILE,
    images: IMAGES = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Look a file over: what is missing, does not fit its photo, or looks exchanged, mirrored or misplaced.

    Exit code 7 when there is something to look at.
    """
    from dinosar.cli.running import print_json
    from dinosar.errors import ExpectationError, shown
    from dinosar.landmarks.findings import findings, not_found
    from dinosar.landmarks.reading import read_landmarks
    from dinosar.landmarks.shape_findings import Finding

    read = read_landmarks(file, bounds=False)
    sizes, broken = _sizes_and_faults(read, images)
    found = [Finding("photo unreadable", read.sheets[i].image, (), says) for i, says in broken.items()]
    found += findings(read, sizes, broken, photos_wanted=images is not None)
    if json:
        print_json(_report(read, sizes, found))
    else:
        typer.echo("\n".join(_table(read, sizes, broken)))
        for each in found:
            typer.echo(f"{shown(each.image)}: {each.says}")
        if not any(each.kind == "photo not found" for each in found):
            _tell_absent(not_found(read, sizes, broken), len(read.sheets))
    if found:
        count = f"{len(found)} finding{'s' if len(found) > 1 else ''}"
        raise ExpectationError(f"{count} in '{shown(file)}'; look at the lines about them, and mend the file")


def _tell_absent(absent: "list[Sheet]", count: int) -> None:
    """Say that photos were not looked at; without --images, and with none of them there, it is nothing wrong."""
    from dinosar.errors import shown

    if absent:
        some = ", ".join(shown(sheet.image, 60) for sheet in absent[:3]) + (", …" if len(absent) > 3 else "")
        typer.echo(f"photos not found: {len(absent)} of {count} ({some}); give their folder with --images")


def _sizes_and_faults(file: "LandmarkFile", images: Path | None) -> tuple[dict[int, tuple[int, int]], dict[int, str]]:
    """Sizes of the photos that are there, and why others cannot be read, by the number of their sheet."""
    from dinosar.errors import InputError
    from dinosar.images import load_photo
    from dinosar.landmarks.photo_places import find_photo, folders_of

    sizes: dict[int, tuple[int, int]] = {}
    faults: dict[int, str] = {}
    folders = folders_of(file, images)
    for i, sheet in enumerate(file.sheets):
        path = find_photo(sheet, folders)
        if path is None:
            continue
        try:
            sizes[i] = load_photo(path).size
        except InputError as problem:
            faults[i] = str(problem)
    return sizes, faults


def _report(file: "LandmarkFile", sizes: dict[int, tuple[int, int]], found: "list[Finding]") -> dict[str, Any]:
    """Everything that was looked at, as plain data."""
    from dataclasses import asdict

    photos = [
        {
            "image": sheet.image,
            "there": int(sheet.landmarks.there.sum()),
            "of": len(sheet.landmarks),
            "missing": list(sheet.landmarks.missing),
            "size": sizes.get(i, sheet.size),
            "found": i in sizes,
        }
        for i, sheet in enumerate(file.sheets)
    ]
    return {
        "file": str(file.path), "kind": file.kind, "landmarks": list(file.names), "photos": photos,
        "findings": [asdict(each) for each in found],
    }  # fmt: skip


def _table(file: "LandmarkFile", sizes: dict[int, tuple[int, int]], broken: dict[int, str]) -> list[str]:
    """A line for each photo; a size that only the file states is marked as such."""
    from dinosar.cli.running import columns
    from dinosar.errors import shown

    rows = [("photo", "landmarks", "size", "missing")]
    for i, sheet in enumerate(file.sheets):
        missing = sheet.landmarks.missing
        listed = shown(", ".join(missing[:4]), 80) + (f" and {len(missing) - 4} more" if len(missing) > 4 else "")
        count = f"{len(sheet.landmarks) - len(missing)} of {len(sheet.landmarks)}"
        rows.append((shown(sheet.image, 60), count, _size(sizes.get(i), sheet.size, i in broken), listed or "-"))
    return columns(rows)


def _size(photo: tuple[int, int] | None, said: tuple[int, int] | None, broken: bool) -> str:
    """The photo's own size; where it was not found or not read, that, and what the file says."""
    if photo:
        return f"{photo[0]} x {photo[1]}"
    state = "unreadable" if broken else "not found"
    return f"{state}, said {said[0]} x {said[1]}" if said else state


@commands.command()
def convert(
    file: FILE,
    out: Annotated[str, typer.Argument(metavar="OUT", help="The file to write; its ending says which kind. A name that "
                                       "ends in / is a folder of .mrk.json files.")],
    images: IMAGES = None,
    names: Annotated[str | None, typer.Option("--names", metavar="A,B,C|FILE", help="Names of landmarks that are known "
                                              "by their order: a list with commas, or a file with one a line.")] = None,
    scale: Annotated[float | None, typer.Option("--scale", metavar="PX_PER_MM", min=0, help="Pixels per mm of every "
                                                "photo, for SCALE= of TPS.")] = None,
    overwrite: OVERWRITE = False,
) -> None:  # fmt: skip
    """Write landmarks as another kind of file; what that kind cannot hold is told."""
    from dinosar.errors import shown
    from dinosar.landmarks.conversion import converted, names_from, write_all
    from dinosar.landmarks.reading import read_landmarks
    from dinosar.landmarks.writing import renamed
    from dinosar.notices import warn

    read = read_landmarks(file)
    if names is not None:
        read = renamed(read, names_from(names))
    done, losses = converted(read, out, lambda sheet: _size_of(sheet, read, images), scale, always=images is not None)
    written = write_all(done, out, file, overwrite=overwrite)
    for loss in losses:
        warn(f"'{shown(out)}': {loss}")
    typer.echo("\n".join(str(path.resolve()) for path in written))


def _size_of(sheet: "Sheet", file: "LandmarkFile", images: Path | None) -> tuple[int, int] | None:
    """The size of a sheet's photo, where it can be found."""
    from dinosar.images import load_photo
    from dinosar.landmarks.photo_places import find_photo, folders_of

    path = find_photo(sheet, folders_of(file, images))
    return load_photo(path).size if path else None


@commands.command()
def show(
    file: FILE,
    out: Annotated[Path, typer.Option("--out", "-o", help="The picture to write, .png, .svg or .pdf; more than 24 "
                                      "photos go on to NAME-2, NAME-3, …")],
    images: IMAGES = None,
    only: Annotated[list[str] | None, typer.Option("--only", metavar="NAME", help="A photo or a landmark to draw "
                                                   "instead of all; may be given again.")] = None,
    dpi: Annotated[int, typer.Option("--dpi", min=50, max=1200, help="300 for print.")] = 150,
    overwrite: OVERWRITE = False,
) -> None:  # fmt: skip
    """Draw the landmarks on their photos, with names or numbers; uncertain ones are hollow."""
    from dinosar.errors import UsageError, shown
    from dinosar.landmarks.conversion import free, picked
    from dinosar.landmarks.reading import read_landmarks
    from dinosar.landmarks.sheets import KIND_NAMES
    from dinosar.publishing import publish
    from dinosar.render.landmark_sheet import landmark_sheets, sheets_needed
    from dinosar.render.sheet import Style

    ending = out.suffix.lower().removeprefix(".")
    if ending not in ("png", "svg", "pdf"):
        raise UsageError(f"--out '{shown(out)}': end it in .png, .svg or .pdf")
    read = read_landmarks(file)
    sheets = picked(read, only or [])
    paths = [out.with_stem(f"{out.stem}-{i}") if i > 1 else out for i in range(1, sheets_needed(len(sheets)) + 1)]
    free(paths, overwrite=overwrite)
    panels = _panels(read, sheets, images, dpi)
    style = Style(ending, dpi, f"{file.name}, {KIND_NAMES[read.kind]}; {len(panels)} of {len(read.sheets)} photos")  # type: ignore[arg-type]
    for path, data in zip(paths, landmark_sheets(panels, f"Landmarks of {file.name}", style), strict=False):
        publish(path, data)
        typer.echo(str(path.resolve()))


def _panels(file: "LandmarkFile", sheets: "Sequence[Sheet]", images: Path | None, dpi: int) -> "list[LandmarkPanel]":
    """The photos with their landmarks, as large as they are drawn; those that are not there are told of."""
    from dinosar.errors import InputError, shown
    from dinosar.images import load_photo
    from dinosar.landmarks.photo_places import find_photo, folders_of
    from dinosar.landmarks.reading import placed
    from dinosar.notices import warn
    from dinosar.render.landmark_sheet import shrunk_panel, side_of

    panels = []
    folders = folders_of(file, images)
    for sheet in sheets:
        path = find_photo(sheet, folders)
        if path is None:
            looked = ", ".join(f"'{shown(folder, 60)}'" for folder in folders)
            warn(f"photo '{shown(sheet.image)}' is not in {looked}, so it is not drawn; give its folder with --images")
            continue
        photo = load_photo(path)
        landmarks = placed(sheet, photo.size).landmarks
        panels.append(shrunk_panel(path.name, photo.pixels, landmarks, side_of(len(sheets), dpi)))
    if not panels:
        raise InputError(f"none of the photos of '{shown(file.path)}' was found; give their folder with --images")
    return panels
