"""Tables of rankings, and of how much images truly overlap, read back."""

import csv
import io
import math
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dinosar.errors import InputError, shown
from dinosar.regular_files import called, read_regular_file

MOST = 4 * 1024**3
"""Bytes of a table: it is read as a whole."""
IMAGE, SHARE = ("database", "image"), ("overlap_of_query", "overlap")
"""What the columns of a table of overlaps may be called, beside `query`."""
BACK = "overlap_of_database"
"""The column, where there is one, that tells how much of the image the query shows."""
WORDS = ("query", "rank", "image", "voted", "score", "view")
"""Columns of ranking.csv that are no rule."""
OTHERS = {";": "semicolons", "\t": "tabs"}
Row = tuple[int, dict[str, str]]
Pair = tuple[str, str]


@dataclass
class Ranked:
    """The answers to one query in their order, and by rule the score of each; NaN where there is none."""

    images: list[str] = field(default_factory=list)
    scores: dict[str, list[float]] = field(default_factory=dict)


@dataclass
class Overlaps:
    """What images truly share, in [0, 1]; what is not named shares nothing.

    `shown` has, for each query, the share of it that an image shows; `back`, where a table tells it, the share of the
    image that the query shows, by (query, image).
    """

    shown: dict[str, dict[str, float]] = field(default_factory=dict)
    back: dict[Pair, float] = field(default_factory=dict)

    @classmethod
    def of(cls, pairs: Mapping[Pair, float]) -> "Overlaps":
        """Those of a collection that tells (a, b) -> the share of a that b shows."""
        found = cls()
        for (query, image), share in pairs.items():
            found.shown.setdefault(query, {})[image] = share
        return found


def ranking_file(path: Path) -> Path:
    """The table of a ranking: itself, or that in the folder of a run."""
    return path / "ranking.csv" if path.is_dir() else path


def read_ranking(path: Path) -> dict[str, Ranked]:
    """The answers to every query, as `ranking.csv` tells of them; `path` may be the folder of the run."""
    file = ranking_file(path)
    found: dict[str, Ranked] = {}
    listed: dict[str, set[str]] = {}
    for number, row in _rows(file, {"query": ("query",), "rank": ("rank",), "image": IMAGE}):
        each, before = found.setdefault(row["query"], Ranked()), listed.setdefault(row["query"], set())
        if row["rank"] != str(len(each.images) + 1):
            raise InputError(
                f"{called(file)}, line {number}: expected rank {len(each.images) + 1} of '{shown(row['query'], 60)}', "
                f"found '{shown(row['rank'], 20)}'; the table was sorted or cut, write it anew"
            )
        if row["image"] in before:
            raise InputError(
                f"{called(file)}, line {number}: '{shown(row['query'], 60)}' is answered by "
                f"'{shown(row['image'], 60)}' twice; keep the better rank"
            )
        before.add(row["image"])
        each.images.append(row["image"])
        for rule in (key for key in row if key not in WORDS or (key == "score" and "view" in row)):
            each.scores.setdefault(rule, []).append(_number(row[rule], file, number, rule))
    if not found:
        raise InputError(f"{called(file)} tells of no query; name the ranking.csv of a run that found something")
    return found


def read_overlaps(path: Path) -> Overlaps:
    """What a table tells: the share of a query that an image shows, and perhaps that of the image."""
    if path.is_dir():
        raise InputError(f"'{shown(path)}' is a folder; name a table in it, or say with --dataset whose tree it is")
    found = Overlaps()
    for number, row in _rows(path, {"query": ("query",), "image": IMAGE, "overlap": SHARE}):
        pair = row["query"], row["image"]
        share = _share(row["overlap"], path, number, "overlap")
        before = found.shown.setdefault(pair[0], {}).setdefault(pair[1], share)
        if before != share:
            raise InputError(
                f"{called(path)}, line {number}: the overlap of '{shown(pair[0], 60)}' and '{shown(pair[1], 60)}' was "
                f"{before:g} before, and is {share:g} here; keep one of both"
            )
        if BACK in row:
            found.back[pair] = _share(row[BACK], path, number, BACK)
    if not found.shown:
        raise InputError(f"{called(path)} tells of no overlap; write a line for each pair that shares anything")
    return found


def _rows(path: Path, wanted: Mapping[str, tuple[str, ...]]) -> Iterator[Row]:
    """The lines of a table, the columns that are wanted under one name, whatever they are called."""
    try:
        text = read_regular_file(path, lambda facts: _check(path, facts)).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{called(path)} is no UTF-8 text; save it as CSV in UTF-8") from None
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(rows, [])
        names = _named(path, header, wanted)
        for cells in rows:
            if not any(cells):
                continue
            if len(cells) != len(header):
                raise InputError(
                    f"{called(path)}, line {rows.line_num}: {len(cells)} cells under {len(header)} columns; names with "
                    "commas stand in quotes"
                )
            yield rows.line_num, dict(zip(names, cells, strict=True))
    except csv.Error as problem:
        raise InputError(
            f"{called(path)}, line {rows.line_num}: expected a row of cells, but {shown(problem, 80)}; correct it"
        ) from None


def _check(path: Path, facts: os.stat_result) -> None:
    """Only a file is read, and one that fits into memory."""
    if not stat.S_ISREG(facts.st_mode):
        raise InputError(f"{called(path)} is no file; name a table")
    if facts.st_size > MOST:
        raise InputError(f"{called(path)} has {facts.st_size / 1024**3:.1f} GiB; no table is that long")


def _named(path: Path, header: list[str], wanted: Mapping[str, tuple[str, ...]]) -> list[str]:
    """What the columns are called here; each that is wanted must be there once."""
    told = shown(", ".join(header), 120)
    found = {name: [each for each in header if each in others] for name, others in wanted.items()}
    lacking = next((wanted[name] for name, there in found.items() if not there), None)
    if lacking:
        other = next((words for mark, words in OTHERS.items() if len(header) == 1 and mark in header[0]), "")
        why = f"its cells stand between {other}, so save it with commas" if other else f"it has {told or 'nothing'}"
        column = " or ".join(f"'{each}'" for each in reversed(lacking))
        raise InputError(f"{called(path)} has no column {column}; {why}")
    twice = next((each for each in header if header.count(each) > 1), None)
    twice = twice or next((" and ".join(there) for there in found.values() if len(there) > 1), None)
    if twice is not None:
        raise InputError(f"{called(path)} has columns {shown(twice, 60)} more than once, or for one thing; keep one")
    names = {there[0]: name for name, there in found.items()}
    return [names.get(each, each) for each in header]


def _share(word: str, path: Path, line: int, column: str) -> float:
    """A number between 0 and 1."""
    share = _number(word, path, line, column)
    if not 0 <= share <= 1:
        raise InputError(
            f"{called(path)}, line {line}: an overlap lies between 0 and 1, and {shown(column)} is "
            f"'{shown(word, 40)}'; correct it, or leave the line out where nothing is known"
        )
    return share


def _number(word: str, path: Path, line: int, column: str) -> float:
    """A number; NA is none."""
    if word == "NA":
        return math.nan
    try:
        if "_" in word:  # which Python's own would read as 1_0 = 10
            raise ValueError(word)
        return float(word)
    except ValueError:
        raise InputError(
            f"{called(path)}, line {line}: {shown(column, 40)} '{shown(word, 40)}' is no number; correct it, or write "
            "NA where there is none"
        ) from None
