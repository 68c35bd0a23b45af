"""One's own photographs: a folder of them, however deep, with what is known of them in lists beside them.

`intrinsics.txt` (name MODEL width height parameters...), `poses.txt` (name qw qx qy qz tx ty tz), `query.txt` and
`database.txt` (names), each of them optional, at the top of the folder.
"""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import TypeVar

from dinosar.cameras import Camera, Pose
from dinosar.datasets.listed import Dataset, Listed, Role
from dinosar.datasets.lists import known_as, read_intrinsics, read_names, read_poses
from dinosar.datasets.photo_files import photos_below
from dinosar.datasets.upright import settled
from dinosar.errors import InputError, shown
from dinosar.notices import note, warn
from dinosar.regular_files import called

INTRINSICS, POSES, QUERY, DATABASE = "intrinsics.txt", "poses.txt", "query.txt", "database.txt"
Told = TypeVar("Told")


class Plain(Dataset):
    """A folder of photographs. One that lies in `SCENE/images/` belongs to that scene, as in the original's tree."""

    def photographs(self) -> list[Listed]:
        """Every picture below the folder, by name."""
        files = photos_below(self.root, self.root)
        if not files:
            raise InputError(f"{called(self.root)} holds no picture; name a folder of photographs")
        cameras, poses = told_cameras(self.root, files), told_poses(self.root, files)
        roles = told_roles(self.root, files)
        return settled([
            Listed(name, path, roles[name], _scene(name), cameras.get(name), poses.get(name))
            for name, path in files.items() if name in roles
        ])  # fmt: skip


def _scene(name: str) -> str:
    """The folder above `images`, where a photograph lies below one of that name; else none."""
    above, below, _ = name.partition("/images/")
    return above if below else ""


def told_cameras(folder: Path, names: Collection[str]) -> dict[str, Camera]:
    """The cameras that the list in a folder gives these photographs; none where there is no list."""
    return _told(folder / INTRINSICS, read_intrinsics, names)


def told_poses(folder: Path, names: Collection[str]) -> dict[str, Pose]:
    """The poses that the list in a folder gives these photographs; none where there is no list."""
    return _told(folder / POSES, read_poses, names)


def told_roles(folder: Path, names: Collection[str], usual: Role = "both") -> dict[str, Role]:
    """Who asks and who answers, by the lists in a folder: of one list alone the other is all the rest.

    A photograph that stands in neither of two lists has no role. Without lists everybody's is `usual`.
    """
    query, database = (_listed(folder / each, names) for each in (QUERY, DATABASE))
    if query is None and database is None:
        return dict.fromkeys(names, usual)
    asks = set(names) - (database or set()) if query is None else query
    answers = set(names) - (query or set()) if database is None else database
    unlisted = sorted(set(names) - asks - answers)
    if unlisted:
        note(
            f"{len(unlisted)} photographs stand in neither {QUERY} nor {DATABASE}, and are left out (the first is "
            f"'{shown(unlisted[0], 80)}')"
        )
    return {name: _role(name in asks, name in answers) for name in names if name in asks or name in answers}


def _role(asks: bool, answers: bool) -> Role:
    if asks and answers:
        return "both"
    return "query" if asks else "database"


def _listed(path: Path, names: Collection[str]) -> set[str] | None:
    """The photographs in a list of names; None where there is no list."""
    if not path.exists():
        return None
    found = set()
    for name, line in read_names(path).items():
        known = known_as(name, names)
        if known is None:
            raise InputError(
                f"{called(path)}, line {line}: there is no photograph '{shown(name, 80)}'; write names relative to "
                f"{called(path.parent)}, with forward slashes"
            )
        found.add(known)
    return found


def _told(path: Path, read: Callable[[Path], dict[str, Told]], names: Collection[str]) -> dict[str, Told]:
    """What a list tells of these photographs; one that tells of none of them is refused."""
    if not path.exists():
        return {}
    told = read(path)
    found = {known: value for name, value in told.items() if (known := known_as(name, names)) is not None}
    unknown = [name for name in told if known_as(name, names) is None]
    if unknown and not found:
        raise InputError(
            f"{called(path)} tells of no photograph that is there ('{shown(unknown[0], 80)}' is not); write names "
            f"relative to {called(path.parent)}, with forward slashes"
        )
    if unknown:
        warn(f"{called(path)} tells of {len(unknown)} photographs that are not there ('{shown(unknown[0], 80)}')")
    return found
