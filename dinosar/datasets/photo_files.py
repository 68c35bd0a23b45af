"""Which photographs lie below a folder, what each is called, and what to say where a tree is another."""

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from dinosar.errors import InputError, ResourceError, shown
from dinosar.frames.frame_folders import PICTURES
from dinosar.images.files import Refused
from dinosar.images.formats import recognised
from dinosar.notices import warn
from dinosar.regular_files import HEAD, called

_NAMED = 5


def photos_below(folder: Path, root: Path) -> dict[str, Path]:
    """Every picture below a folder by its name relative to `root`, in the order of the names; hidden ones are left out.

    A picture is what has the ending of one, however damaged it is, or its first bytes. Links are followed.
    """
    check_folder(folder)
    found = {name_of(path, root): path for path in _files(folder, (folder.resolve(),)) if _is_picture(path)}
    return dict(sorted(found.items()))


def name_of(path: Path, root: Path) -> str:
    """What a photograph is called: its path below the root with forward slashes, and always text."""
    return path.relative_to(root).as_posix().encode("utf-8", "backslashreplace").decode("utf-8")


def check_folder(folder: Path) -> None:
    """An InputError where there is no folder."""
    try:
        there, known = folder.is_dir(), folder.exists()
    except (OSError, ValueError) as problem:
        raise InputError(f"{called(folder)} cannot be opened ({getattr(problem, 'strerror', problem)}); check the "
                         "path") from None  # fmt: skip
    if not there:
        what = "is a file; name the folder it lies in" if known else "is not there; check the path"
        raise InputError(f"{called(folder)} {what}")


def wrong_tree(root: Path, kind: str, wanted: str) -> InputError:
    """What to raise where a folder holds other things than a collection of that kind."""
    held = sorted(each.name for each in islice(root.iterdir(), 1000) if not each.name.startswith("."))
    listed = ", ".join(f"'{shown(name, 40)}'" for name in held[:_NAMED]) or "nothing"
    more = f" and {len(held) - _NAMED} more" if len(held) > _NAMED else ""
    return InputError(f"{called(root)} is no {kind} collection: expected {wanted} in it, found {listed}{more}; name "
                      "the folder that holds them")  # fmt: skip


def tell_missing(missing: list[str], source: Path, present: int) -> None:
    """Warn of photographs that a file tells of and that are not there; an InputError where none is there."""
    if not missing:
        return
    if not present:
        raise InputError(
            f"not one of the {len(missing)} photographs that {called(source)} tells of is there (the first is "
            f"'{shown(missing[0], 80)}'); put the photographs beside it"
        )
    warn(
        f"{len(missing)} of {len(missing) + present} photographs that {called(source)} tells of are not there, and "
        f"are left out (the first is '{shown(missing[0], 80)}')"
    )


def _files(folder: Path, above: tuple[Path, ...]) -> Iterator[Path]:
    """Files below a folder; a link to a folder that leads back up is not followed."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as problem:
        raise ResourceError(
            f"{called(folder)} cannot be read ({shown(problem.strerror, 80)}); check its permissions"
        ) from problem
    for entry in entries:
        path = Path(entry.path)
        if entry.name.startswith("."):
            continue
        if not entry.is_dir():
            yield path
        elif (real := path.resolve()) not in above:
            yield from _files(path, (*above, real))


def _is_picture(path: Path) -> bool:
    if path.suffix.lower() in PICTURES:
        return True
    try:
        if not path.is_file():  # never waits for a pipe
            return False
        with path.open("rb") as file:
            return bool(recognised(file.read(HEAD)))
    except (OSError, Refused):
        return False
