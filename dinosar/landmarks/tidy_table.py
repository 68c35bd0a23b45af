"""A tidy table (.csv, .tsv): a row for each landmark of each photo; columns image, landmark, x, y, visibility."""

from collections.abc import Sequence

import numpy as np

from dinosar.errors import shown, suggestion
from dinosar.landmarks.image_names import complaint
from dinosar.landmarks.numbers_in_text import MISSING_WORDS, coordinate, written
from dinosar.landmarks.points import MISSING, SEEN
from dinosar.landmarks.sheets import LandmarkFile, Sheet, landmarks_from
from dinosar.landmarks.source import Source
from dinosar.landmarks.tables import Row, delimiter_of, rows_of
from dinosar.publishing import csv_bytes

COLUMNS = ("image", "landmark", "x", "y")
_Mark = tuple[int, float, float, int]
"""The line a landmark stands on, x, y and visibility."""


def is_tidy(text: str) -> bool:
    """Whether the first row names the four columns."""
    delimiter = delimiter_of(text, "\t;,")
    head = next((line for line in text.splitlines() if line.strip()), "")
    return bool(delimiter) and {cell.strip(' "').lower() for cell in head.split(delimiter)} >= set(COLUMNS)


def parse_tidy(source: Source) -> LandmarkFile:
    """All photos of a tidy table; a landmark that a photo has no row for is missing there."""
    head, *rows = rows_of(source, delimiter_of(source.text, "\t;,") or ",")
    columns = _columns(source, head)
    photos: dict[str, dict[str, _Mark]] = {}
    for row in rows:
        image, name, mark = _mark(source, row, columns)
        marks = photos.setdefault(image, {})
        if name in marks:
            raise source.wrong(
                f"line {row.line}",
                f"landmark '{shown(name)}' of '{shown(image)}' stands at line {marks[name][0]} already",
            )
        marks[name] = mark
    if not photos:
        raise source.wrong(f"line {head.line}", "expected landmarks below the header, found none")
    names = _ordered(list(dict.fromkeys(name for marks in photos.values() for name in marks)))
    sheets = tuple(_sheet(source, image, marks, names) for image, marks in photos.items())
    return LandmarkFile("csv", source.path, sheets, unnamed=names[0] == "1")


def _columns(source: Source, head: Row) -> dict[str, int]:
    """Where each column stands; others are passed over."""
    found = [cell.lower() for cell in head.cells]
    for name in COLUMNS:
        if name not in found:
            near = suggestion(name, found).partition("; known")[0]
            shown_cells = shown(", ".join(head.cells), 80)
            raise source.wrong(
                f"line {head.line}",
                f"expected the columns image, landmark, x, y, found no '{name}' in {shown_cells}{near}",
            )
    for name in (*COLUMNS, "visibility"):
        if found.count(name) > 1:
            raise source.wrong(f"line {head.line}", f"the column '{name}' stands twice; keep one")
    return {name: found.index(name) for name in (*COLUMNS, "visibility") if name in found}


def _mark(source: Source, row: Row, columns: dict[str, int]) -> tuple[str, str, _Mark]:
    """Photo, landmark and place of a row; NaN and 0 where missing."""
    where = f"line {row.line}"
    image, name = (row.cells[columns[each]] for each in ("image", "landmark"))
    if bad := complaint(image):
        raise source.wrong(f"{where}, column image", bad)
    if not name:
        raise source.wrong(f"{where}, column landmark", "expected the name of a landmark, found nothing")
    try:
        x, y = (coordinate(row.cells[columns[axis]]) for axis in "xy")
    except ValueError as problem:
        raise source.wrong(where, f"landmark '{shown(name)}': {shown(problem)}") from None
    if (x is None) != (y is None):
        raise source.wrong(where, f"landmark '{shown(name)}': expected x and y, or NA for both, found one of them")
    visibility = _visibility(source, row, columns)
    if x is None or y is None or visibility == MISSING:
        return image, name, (row.line, np.nan, np.nan, MISSING)
    return image, name, (row.line, x, y, visibility)


def _visibility(source: Source, row: Row, columns: dict[str, int]) -> int:
    """0, 1 or 2; a landmark of which nothing is said is seen."""
    text = row.cells[columns["visibility"]] if "visibility" in columns else ""
    if text.lower() in MISSING_WORDS:
        return SEEN
    if text not in ("0", "1", "2"):
        raise source.wrong(f"line {row.line}, column visibility", f"expected 0, 1 or 2, found '{shown(text, 40)}'")
    return int(text)


def _ordered(names: list[str]) -> list[str]:
    """Names as they come; where they are 1 to K, in that order."""
    positions = [str(i) for i in range(1, len(names) + 1)]
    return positions if set(positions) == set(names) else names


def _sheet(source: Source, image: str, marks: dict[str, _Mark], names: list[str]) -> Sheet:
    absent: _Mark = (0, np.nan, np.nan, MISSING)
    found = [marks.get(name, absent) for name in names]
    places = np.array([mark[1:3] for mark in found], dtype=np.float64).reshape(-1, 2)
    visibility = np.array([mark[3] for mark in found], dtype=np.int8)
    first = min(line for line, *_ in marks.values())
    return Sheet(image, landmarks_from(names, places, visibility), where=source.at(f"line {first}"))


def tidy_bytes(sheets: Sequence[Sheet], delimiter: str = ",") -> bytes:
    """Upright sheets as a tidy table."""
    rows = [
        [sheet.image, name, *("NA" if np.isnan(value) else written(value) for value in place), int(visibility)]
        for sheet in sheets
        for name, place, visibility in zip(
            sheet.landmarks.names, sheet.landmarks.places, sheet.landmarks.visibility, strict=True
        )
    ]
    data = csv_bytes((*COLUMNS, "visibility"), rows)
    return data if delimiter == "," else _retabbed(data, delimiter)


def _retabbed(data: bytes, delimiter: str) -> bytes:
    """The same table between other delimiters."""
    import csv
    import io

    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(
        csv.reader(io.StringIO(data.decode(), newline=""))
    )
    return out.getvalue().encode()
