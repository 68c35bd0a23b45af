"""What looks wrong in a landmark file: photos that do not fit, landmarks in another order or place than the others."""

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np

from dinosar.errors import UsageError, shown
from dinosar.landmarks.image_names import folded, parts
from dinosar.landmarks.points import Points
from dinosar.landmarks.shape_findings import FEWEST, Finding, shape_findings
from dinosar.landmarks.sheets import LandmarkFile, Sheet, check_size, outside, upright
from dinosar.shape.soundness import unsound

SAME_PLACE = 0.5
"""Pixels below which two landmarks lie on the same place: nobody sets two points of a specimen so near."""
ONE_BY_ONE = 3
"""Photos not found that are told of one by one."""


def findings(
    file: LandmarkFile,
    sizes: Mapping[int, tuple[int, int]],
    unreadable: Collection[int] = (),
    *,
    photos_wanted: bool = False,
) -> list[Finding]:
    """All findings, photo by photo and then those of shape.

    `sizes` are those of the photos that were found, `unreadable` are found and not read, by the number of their sheet.
    Where some photos were found, or `photos_wanted`, or the height is needed, one that was not found is a finding.
    """
    wanted = photos_wanted or bool(sizes or unreadable)
    absent = [sheet for sheet in not_found(file, sizes, unreadable) if wanted or sheet.from_bottom]
    found = [*_twice(file.sheets), *_not_found(absent, file)]
    for i, sheet in enumerate(file.sheets):
        found += _of_photo(sheet, sizes.get(i))
        found += _of_landmarks(sheet)
    return [*found, *shape_findings(file.sheets)]


def not_found(file: LandmarkFile, sizes: Mapping[int, tuple[int, int]], unreadable: Collection[int]) -> list[Sheet]:
    """The sheets whose photo was not found."""
    return [sheet for i, sheet in enumerate(file.sheets) if i not in sizes and i not in unreadable]


def _twice(sheets: Sequence[Sheet]) -> Iterator[Finding]:
    """Photos that the file speaks of more than once."""
    seen: dict[str, Sheet] = {}
    for sheet in sheets:
        first = seen.setdefault(folded("/".join(parts(sheet.image))), sheet)
        if first is not sheet:
            says = f"stands in the file twice ({_short(first)} and {_short(sheet)}); keep one"
            yield Finding("photo twice", sheet.image, (), says)


def _short(sheet: Sheet) -> str:
    """The place in the file alone."""
    return sheet.where.rpartition(", ")[2]


def _not_found(sheets: Sequence[Sheet], file: LandmarkFile) -> Iterator[Finding]:
    """Photos that are needed and not there: each by itself, or many in one."""
    if len(sheets) <= ONE_BY_ONE:
        for sheet in sheets:
            says = f"the photo was not found{_why(sheet)}; give its folder with --images"
            yield Finding("photo not found", sheet.image, (), says)
        return
    some = ", ".join(shown(sheet.image, 60) for sheet in sheets[:ONE_BY_ONE])
    says = f"{len(sheets)} of {len(file.sheets)} photos were not found ({some}, …){_why(sheets[0])}"
    yield Finding("photo not found", file.path.name, (), f"{says}; give their folder with --images")


def _why(sheet: Sheet) -> str:
    return "; y is counted from the bottom, so the height is needed" if sheet.from_bottom else ""


def _of_photo(sheet: Sheet, photo: tuple[int, int] | None) -> Iterator[Finding]:
    """Whether the photo has the size that is said, and the size that is said, else the photo, holds all landmarks."""
    try:
        check_size(sheet, photo or sheet.size or (0, 0))
    except UsageError as problem:
        yield Finding("size differs", sheet.image, (), str(problem).partition("': ")[2] or str(problem))
    size = sheet.size or photo
    if size is None:
        return
    landmarks = upright(sheet, size).landmarks
    for i in outside(landmarks, size):
        x, y = landmarks.places[i]
        where = f"lies at x={x:g}, y={y:g}, outside the photo of {size[0]} x {size[1]} px"
        says = f"'{landmarks.names[i]}' {where}; set it again"
        yield Finding("outside", sheet.image, (landmarks.names[i],), says)


def _of_landmarks(sheet: Sheet) -> Iterator[Finding]:
    """Whether a specimen's landmarks are there at all, apart, and not all on a line."""
    landmarks = sheet.landmarks
    there = np.flatnonzero(landmarks.there)
    if not len(there):
        yield Finding("none", sheet.image, (), "has no landmarks at all; set them, or take the photo out of the file")
        return
    names, places = [landmarks.names[i] for i in there], landmarks.places[there]
    twins = list(_twins(names, places))
    for pair in twins:
        says = f"'{pair[0]}' and '{pair[1]}' lie on the same place; set one again"
        yield Finding("same place", sheet.image, pair, says)
    if not twins and len(there) >= FEWEST and (why := unsound(places, names)):
        says = f"of its landmarks {why}; they fix no shape: look whether they were set on one specimen"
        yield Finding("on a line", sheet.image, tuple(names), says)


def _twins(names: Sequence[str], places: Points) -> Iterator[tuple[str, str]]:
    apart = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    for i, j in np.argwhere(np.triu(apart < SAME_PLACE, k=1)):
        yield names[i], names[j]
