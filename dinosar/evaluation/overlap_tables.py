"""Tables of rankings, and of how much images truly overlap, read back."""

import csv
import io
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dinosar.errors import InputError, shown
from dinosar.regular_files import called, read_regular_file

MOST = 4 * 1024**3
IMAGE, SHARE = ("database", "image"), ("overlap_of_query", "overlap")
"""What the columns of a table of overlaps may be called, beside `query`."""
BACK = "overlap_of_database"
"""The column, where there is one, that tells how much of the image the query shows."""
WORDS = ("query", "rank", "image", "voted", "score")
"""Columns of ranking.csv that are no rule."""
Row = tuple[int, dict[str, str]]


@dataclass
class Ranked:
    """The answers to one query in their order, and by rule the score of each; NaN where there is none."""

    images: list[str] = field(default_factory=list)
    scores: dict[str, list[float]] = field(default_factory=dict)


def read_ranking(path: Path) -> dict[str, Ranked]:
    """The answers to every query, as `ranking.csv` tells of them; `path` may be the folder of the run."""
    file = path / "ranking.csv" if path.is_dir() else path
    found: dict[str, Ranked] = {}
    for number, row in _rows(file, {"query": ("query",), "rank": ("rank",), "image": IMAGE}):
        each = found.setdefault(row["query"], Ranked())
        if row["rank"] != str(len(each.images) + 1):
            raise InputError(
                f"{called(file)}, line {number}: expected rank {len(each.images) + 1}; the table was sorted or cut"
            )
        each.images.append(row["image"])
        for rule in (key for key in row if key not in WORDS):
            each.scores.setdefault(rule, []).append(_number(row[rule], file, number, rule))
    if not found:
        raise InputError(f"{called(file)} tells of no query")
    return found


def read_overlaps(path: Path) -> dict[tuple[str, str], float]:
    """(query, image) -> the share of the query that the image shows, in [0, 1]; what is not named shares nothing."""
    found: dict[tuple[str, str], float] = {}
    for number, row in _rows(path, {"query": ("query",), "image": IMAGE, "overlap": SHARE}):
        share = _number(row["overlap"], path, number, "overlap")
        if not 0 <= share <= 1:
            raise InputError(
                f"{called(path)}, line {number}: an overlap lies between 0 and 1, and this is {row['overlap']}"
            )
        found[row["query"], row["image"]] = share
        if BACK in row:
            found[row["image"], row["query"]] = _number(row[BACK], path, number, BACK)
    if not found:
        raise InputError(f"{called(path)} tells of no overlap")
    return found


def _rows(path: Path, wanted: Mapping[str, tuple[str, ...]]) -> Iterator[Row]:
    """The lines of a table, the columns that are wanted under one name, whatever they are called."""
    try:
        text = read_regular_file(path, lambda facts: None).decode("utf-8-sig")
        rows = csv.reader(io.StringIO(text, newline=""), strict=True)
        header = next(rows, [])
        names = dict(zip(header, header, strict=True))
        for name, others in wanted.items():
            there = next((each for each in others if each in header), None)
            if there is None:
                raise InputError(f"{called(path)} has no column '{others[0]}'; it has {shown(', '.join(header), 120)}")
            names[there] = name
        for cells in rows:
            if len(cells) != len(header):
                raise InputError(
                    f"{called(path)}, line {rows.line_num}: {len(cells)} cells under {len(header)} columns"
                )
            yield rows.line_num, {names[key]: cell for key, cell in zip(header, cells, strict=True)}
    except (UnicodeDecodeError, csv.Error) as problem:
        raise InputError(f"{called(path)} is no table ({shown(problem, 80)})") from problem


def _number(word: str, path: Path, line: int, column: str) -> float:
    """A number; NA is none."""
    if word == "NA":
        return math.nan
    try:
        return float(word)
    except ValueError:
        raise InputError(f"{called(path)}, line {line}: {shown(column)} '{shown(word, 40)}' is no number") from None
