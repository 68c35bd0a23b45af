"""Which pictures are compared with which: a list of pairs in a file, or two folders of frames."""

import csv
import io
import json
import os
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from dinosar.errors import InputError, UsageError, shown
from dinosar.frames.frame_folders import match_frames, no_video
from dinosar.frames.labels import folder_names
from dinosar.notices import note
from dinosar.regular_files import called, read_regular_file
from dinosar.yaml_files import parse_yaml

__all__ = ["FramePairs", "Pair", "folder_names", "no_video", "pairs_of_folders", "read_pairs"]

A_KEYS, B_KEYS, LABEL = ("image_a", "ref_img"), ("image_b", "dist_img"), "label"
_KNOWN = (*A_KEYS, *B_KEYS, LABEL)
MAX_BYTES = 20_000_000
_TOLD = 5  # mistakes that one message holds
Entry = tuple[str, str, str, str]
"""Picture A, picture B, label, and what is wrong with the item."""


@dataclass(frozen=True)
class Pair:
    """Two pictures to compare, A the true one and B the processed one.

    `a` and `b` are where the pictures should lie, whether or not they do, and `written` is how they were given.
    `label` is the name of the pair's folder, unlike any other of its list, `given` the label as it was given (or
    empty), `number` the place in the list from 1. An item that names no two pictures has a `problem`. A frame
    `follows` where none is missing between it and the one before.
    """

    a: Path
    b: Path
    label: str
    number: int
    given: str = ""
    written: tuple[str, str] = ("", "")
    problem: str = ""
    follows: bool = False


@dataclass(frozen=True)
class FramePairs:
    """The frames of two folders that belong together, in order, and the names of those that are left alone."""

    pairs: list[Pair]
    alone_a: list[str]
    alone_b: list[str]
    by: Literal["name", "number"]


class _Wrong(Exception):  # noqa: N818 - a verdict on one item, told with all others of its list
    """What was expected of an item and what was found."""


class _Object(dict[str, Any]):
    """A JSON object that remembers whether a key stands in it twice."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.twice = [key for key, times in Counter(key for key, _ in pairs).items() if times > 1]


def read_pairs(path: str | Path, *, folders: bool = True) -> list[Pair]:
    """The pairs that a JSON, CSV or plain YAML file lists; a file in which not one item is right is a UsageError.

    Paths are relative to the list's folder or, where that has no such file, to the current one. That a picture is not
    there is no mistake of the list. Where no `folders` are made of labels, nobody is told what they would be called.
    """
    path = Path(path)
    no_video(path)
    data = read_regular_file(path, lambda facts: _check(path, facts), what="list of pairs")
    try:
        items = _items(path, data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UsageError(f"{called(path)} is no list of pairs in UTF-8 text; save it as UTF-8") from None
    if not items:
        raise UsageError(f"{called(path)} lists no pair; write at least one, with {A_KEYS[0]} and {B_KEYS[0]}")
    found, wrong = [], []
    for place, held in items:
        try:
            found.append(_entry(held))
        except _Wrong as problem:
            wrong.append(f"{place}: {problem}")
            found.append(("", "", _label(held), f"{called(path)}, {wrong[-1]}; correct the list"))
    if len(wrong) == len(items):  # not one is a pair: it is the list that is wrong
        more = f"; and {len(wrong) - _TOLD} more" if len(wrong) > _TOLD else ""
        raise UsageError(f"{called(path)}, {'; '.join(wrong[:_TOLD])}{more}; correct the list")
    _tell_unused(path, [held for _, held in items if isinstance(held, dict)], _KNOWN)
    return _pairs(path, found, folders)


def _label(held: Any) -> str:
    """The label of an item that is wrong otherwise."""
    given = held.get(LABEL) if isinstance(held, dict) else ""
    return given if isinstance(given, str) else ""


def _pairs(path: Path, entries: Sequence[Entry], folders: bool) -> list[Pair]:
    labels = folder_names([given for _, _, given, _ in entries])
    called_otherwise = zip(entries, labels, strict=True) if folders else ()
    if changed := [(given, label) for (_, _, given, _), label in called_otherwise if given not in ("", label)]:
        one = f"'{shown(changed[0][0], 80)}' as '{changed[0][1]}'"
        note(f"{called(path)}: labels are written as folders can be called and once each, {one} ({len(changed)} so)")
    return [
        Pair(_where(a, path.parent), _where(b, path.parent), label, number, given, (a, b), problem)
        for number, ((a, b, given, problem), label) in enumerate(zip(entries, labels, strict=True), start=1)
    ]


def _check(path: Path, facts: os.stat_result) -> None:
    """Refuse what cannot be a list."""
    if stat.S_ISDIR(facts.st_mode):
        raise UsageError(f"{called(path)} is a folder, not a list of pairs; give two folders with --frames A B")
    if not stat.S_ISREG(facts.st_mode):
        raise InputError(f"{called(path)} is no regular file; give the list as a file")
    if facts.st_size > MAX_BYTES:
        raise UsageError(
            f"{called(path)} has {facts.st_size} bytes, more than a list can have ({MAX_BYTES}); divide it"
        )


def _items(path: Path, text: str) -> list[tuple[str, Any]]:
    """The items of a list, each with its place for messages; which kind of file it is, its content says."""
    lines = (line.strip() for line in io.StringIO(text, newline=None))
    first = next((line for line in lines if line and not line.startswith("#")), "")
    if first[:1] in ("[", "{"):
        content = _json(path, text)
    elif first.startswith(("- ", "---", "pairs:")) or first == "-" or path.suffix.lower() in (".yaml", ".yml"):
        content = parse_yaml(text, called(path)).value
    else:
        return list(_rows(path, text, first))
    found = content.get("pairs") if isinstance(content, dict) else content
    if not isinstance(found, list) or getattr(content, "twice", None):
        raise UsageError(
            f"{called(path)}: expected a list of pairs, or an object with one list called 'pairs', found "
            f"{_kind(content)}{' without just one' * isinstance(content, dict)}; write [{{...}}, {{...}}]"
        )
    if isinstance(content, dict):
        _tell_unused(path, [content], ("pairs",))
    return [(f"item {number}", each) for number, each in enumerate(found, start=1)]


def _json(path: Path, text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_Object)
    except json.JSONDecodeError as fault:
        why = f"{fault.msg[0].lower()}{fault.msg[1:]}"
        raise UsageError(
            f"{called(path)}, line {fault.lineno}, column {fault.colno}: expected JSON, but {why}; correct it there"
        ) from None
    except (RecursionError, ValueError):
        raise UsageError(f"{called(path)}: expected JSON, found lists or numbers without end; write it anew") from None


def _rows(path: Path, text: str, first: str) -> Iterator[tuple[str, Any]]:
    """The rows of a table below its header."""
    headers = {each: _header(first, each) for each in ",;\t"}
    delimiter = max(headers, key=lambda each: len(set(_KNOWN) & set(headers[each])))
    header = headers[delimiter]
    if not set(_KNOWN) & set(header) or len(set(header)) < len(header):
        raise UsageError(
            f"{called(path)}: expected a JSON list, or a table whose first line names {A_KEYS[0]} and {B_KEYS[0]} "
            f"once each, found '{shown(first, 80)}'; correct the list"
        )
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True)
    line, begun = 1, False
    try:
        for cells in reader:
            filled = [cell.strip() for cell in cells]
            if begun and any(filled):
                yield f"line {line}", _row(header, filled)
            begun, line = begun or filled[: len(header)] == header, reader.line_num + 1
    except csv.Error as fault:
        raise UsageError(
            f"{called(path)}, line {line}: expected a row of cells, but {shown(fault)}; correct it"
        ) from None


def _header(line: str, delimiter: str) -> list[str]:
    """The names in a line, without the empty cells that spreadsheets leave at its end."""
    cells = next(csv.reader([line[:10_000]], delimiter=delimiter, skipinitialspace=True), [])
    names = [cell.strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    return names


def _row(header: list[str], cells: list[str]) -> dict[str, str] | _Wrong:
    if len(cells) < len(header) or any(cells[len(header) :]):
        return _Wrong(f"expected {len(header)} cells as in the header, found {len(cells)}")
    return {key: cell for key, cell in zip(header, cells, strict=False) if cell}


def _entry(held: Any) -> Entry:
    """Picture A, picture B and label of an item that is right."""
    if isinstance(held, _Wrong):
        raise held
    if not isinstance(held, dict):
        raise _Wrong(f"expected an object with {A_KEYS[0]} and {B_KEYS[0]}, found {_kind(held)}")
    if twice := getattr(held, "twice", None):
        raise _Wrong(f"expected each key once, found '{shown(twice[0], 60)}' twice")
    return (
        _text(held, A_KEYS) or _lacks(held, A_KEYS),
        _text(held, B_KEYS) or _lacks(held, B_KEYS),
        _text({**held, LABEL: _number_as_text(held.get(LABEL))}, (LABEL,)),
        "",
    )


def _number_as_text(value: Any) -> Any:
    """A label that is a number, as text."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _text(held: dict[str, Any], keys: Sequence[str]) -> str:
    """What an item says under any of the keys; nothing where it says nothing."""
    given = {key: held[key] for key in keys if held.get(key) not in (None, "")}
    for key, value in given.items():
        if not isinstance(value, str) or not value.strip() or "\0" in value:
            raise _Wrong(f"expected text as {key}, found {_kind(value)}")
    if len(set(given.values())) > 1:
        both = " and ".join(f"'{shown(value, 60)}'" for value in given.values())
        raise _Wrong(f"expected {' or '.join(keys)}, found both with two values, {both}")
    return next(iter(given.values()), "")


def _lacks(held: dict[str, Any], keys: Sequence[str]) -> str:
    there = ", ".join(f"'{shown(key, 40)}'" for key in list(held)[:4])
    raise _Wrong(f"expected {' or '.join(keys)}, found {f'only {there}' if there else 'nothing'}")


def _kind(value: Any) -> str:
    """A value in words, short."""
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "a list"
    return "nothing" if value is None else shown(json.dumps(value, ensure_ascii=False, default=str), 80)


def _tell_unused(path: Path, items: Sequence[dict[str, Any]], known: Sequence[str]) -> None:
    """Name the keys that nobody reads, once."""
    unused = {key: None for held in items for key in held if key not in known}
    if unused:
        names = ", ".join(f"'{shown(key, 40)}'" for key in list(unused)[:_TOLD])
        note(f"{called(path)}: {names}{', …' * (len(unused) > _TOLD)} mean nothing here and are passed over")


def _where(written: str, folder: Path) -> Path:
    """Where a picture of a list lies: from the list's folder or else from the current one."""
    near, here = folder / written, Path(written)
    return here if not _is_there(near) and _is_there(here) else near


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # no file can have this name
        return False


def pairs_of_folders(a: Path, b: Path) -> FramePairs:
    """The frames of two folders as pairs, in order, and what has no partner."""
    found = match_frames(a, b)
    stems = [first.stem for first, _ in found.both]
    pairs = [
        Pair(first, second, label, number, stem, (str(first), str(second)), follows=follows)
        for number, ((first, second), label, stem, follows) in enumerate(
            zip(found.both, folder_names(stems), stems, found.follows, strict=True), start=1
        )
    ]
    return FramePairs(pairs, found.alone_a, found.alone_b, found.by)
