"""Rows of delimited text with their line numbers, as MorphoJ's text and tidy tables need them."""

import csv
import io
from dataclasses import dataclass

from dinosar.errors import shown
from dinosar.landmarks.source import Source

NAMES = {"\t": "tab", ";": "semicolon", ",": "comma"}


@dataclass(frozen=True)
class Row:
    """The cells of a row, stripped, and the line it ends on."""

    line: int
    cells: tuple[str, ...]


def delimiter_of(text: str, allowed: str) -> str | None:
    """The first of the allowed delimiters that the first row holds; None where it holds none."""
    head = next((line for line in text.splitlines() if line.strip()), "")
    return next((each for each in allowed if each in head), None)


def rows_of(source: Source, delimiter: str, *, trailing: bool = False) -> list[Row]:
    """Every row that holds anything; each must have as many cells as the first.

    With `trailing` the first row ends with its last name, and empty cells beyond that width are dropped.
    """
    reader = csv.reader(io.StringIO(source.text, newline=""), delimiter=delimiter, strict=True)
    found: list[Row] = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                row = Row(reader.line_num, tuple(cell.strip() for cell in cells))
                found.append(_cut(row, len(found[0].cells) if found else 0) if trailing else row)
                _check_width(source, found, delimiter)
    except csv.Error as problem:
        raise source.wrong(f"line {reader.line_num}", f"expected a row of cells, but {shown(problem)}") from None
    return found


def _cut(row: Row, width: int) -> Row:
    """The row without the empty cells at its end that lie beyond a width."""
    count = len(row.cells)
    while count > width and not row.cells[count - 1]:
        count -= 1
    return Row(row.line, row.cells[:count])


def _check_width(source: Source, rows: list[Row], delimiter: str) -> None:
    head, last = rows[0], rows[-1]
    if len(last.cells) != len(head.cells):
        raise source.wrong(
            f"line {last.line}",
            f"expected {len(head.cells)} cells between {NAMES[delimiter]}s as in the header of line {head.line}, found "
            f"{len(last.cells)}" + _perhaps_commas(last, delimiter),
        )


def _perhaps_commas(row: Row, delimiter: str) -> str:
    """A hint where the commas of numbers were taken for those between cells."""
    return "; are there decimal commas? write 1.5, not 1,5" if delimiter == "," and len(row.cells) > 3 else ""
