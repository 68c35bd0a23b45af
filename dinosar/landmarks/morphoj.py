"""MorphoJ's text (.txt): a header, then per specimen an ID and x, y, x, y, … with y from the bottom of the photo."""

import re
from collections.abc import Sequence

import numpy as np

from dinosar.errors import shown
from dinosar.landmarks.image_names import complaint
from dinosar.landmarks.numbers_in_text import MISSING_WORDS, coordinate, written
from dinosar.landmarks.points import MISSING, SEEN
from dinosar.landmarks.sheets import LandmarkFile, Sheet, landmarks_from
from dinosar.landmarks.source import Source
from dinosar.landmarks.tables import NAMES, Row, delimiter_of, rows_of
from dinosar.landmarks.tps import from_below


def parse_morphoj(source: Source) -> LandmarkFile:
    """All rows of a MorphoJ file, y still from the bottom; the ID names the photo."""
    delimiter = delimiter_of(source.text, "\t,")
    if delimiter is None:
        raise source.wrong("line 1", "expected a header ID, x1, y1, … with tabs or commas between, found neither")
    head, *rows = rows_of(source, delimiter, trailing=True)
    names = _names(source, head, delimiter)
    if not rows:
        raise source.wrong(f"line {head.line}", "expected specimens below the header, found none")
    sheets = tuple(_sheet(source, row, names) for row in rows)
    return LandmarkFile("morphoj", source.path, sheets, unnamed=names[0] == "1")


def _names(source: Source, head: Row, delimiter: str) -> list[str]:
    """Names of the landmarks where every pair of columns is called NAME_x, NAME_y; else 1, 2, 3, …"""
    where, cells = f"line {head.line}", head.cells
    if _is_number(cells[-1]):
        raise source.wrong(
            where, f"expected a header of names, found the number '{shown(cells[-1], 40)}'; add ID, x1, y1, …"
        )
    if len(cells) < 3 or len(cells) % 2 == 0:
        raise source.wrong(
            where,
            f"expected an ID and then x and y of each landmark between {NAMES[delimiter]}s, found {len(cells)} columns",
        )
    pairs = list(zip(cells[1::2], cells[2::2], strict=True))
    found = [re.sub(r"_[xX]$", "", x) for x, _ in pairs]
    if len(set(found)) == len(found) and all(re.fullmatch(r".+_[xX]", x) and y[:-2] == x[:-2] for x, y in pairs):
        return found
    return [str(i) for i in range(1, len(pairs) + 1)]


def _is_number(text: str) -> bool:
    try:
        return coordinate(text) is not None
    except ValueError:
        return False


def _sheet(source: Source, row: Row, names: list[str]) -> Sheet:
    identity, *cells = row.cells
    if bad := complaint(identity):
        raise source.wrong(f"line {row.line}, column 1", bad)
    values = []
    for i, cell in enumerate(cells):
        try:
            values.append(coordinate(cell))
        except ValueError as problem:
            raise source.wrong(f"line {row.line}, column {i + 2}", shown(problem)) from None
    for i in range(0, len(values), 2):
        if (values[i] is None) != (values[i + 1] is None):
            where = f"line {row.line}, columns {i + 2} and {i + 3}"
            raise source.wrong(where, f"expected x and y, or NA twice, found '{cells[i]}' and '{cells[i + 1]}'")
    places = np.array(values, dtype=np.float64).reshape(-1, 2)
    visibility = np.where(np.isnan(places[:, 0]), MISSING, SEEN).astype(np.int8)
    return Sheet(
        identity, landmarks_from(names, places, visibility), None, identity, from_bottom=True,
        where=source.at(f"line {row.line}"),
    )  # fmt: skip


def morphoj_bytes(sheets: Sequence[Sheet]) -> bytes:
    """Sheets as MorphoJ's text between tabs; all with the same landmarks, and upright ones with their size."""
    names = sheets[0].landmarks.names if sheets else ()
    named = any(sheet.landmarks.named for sheet in sheets)
    head = [f"{name}_{axis}" if named else f"{axis}{name}" for name in names for axis in "xy"]
    lines = ["\t".join(_cell(each) for each in ["ID", *head])]
    for sheet in sheets:
        values = from_below(sheet)[0].ravel().tolist()
        cells = ["NA" if np.isnan(value) else written(value) for value in values]
        lines.append("\t".join([_cell(sheet.image), *cells]))
    return ("\n".join(lines) + "\n").encode()


def _cell(text: str) -> str:
    """A name as one cell: no tab, no line break, and never a word for missing."""
    plain = re.sub(r"[\t\r\n\"]+", " ", text).strip()
    return f"{plain}." if plain.lower() in MISSING_WORDS else plain
