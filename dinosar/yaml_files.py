"""YAML read by rules that cannot surprise, and written so that any reader gets the same values back.

Only `true` and `false` are truth values, 1e-3 is a number, 0123, no and 12:30:45 stay text (catalogue numbers are),
keys may not repeat, and aliases, merge keys and tags are refused. The line of every value is kept for messages.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from dinosar.errors import InputError, UsageError, shown

Key = tuple[str | int, ...]
MAX_BYTES = 1_000_000
MAX_DEPTH = 20
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,99})")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass
class Document:
    """What a file holds, and on which line (from 1) each value stands."""

    value: Any
    lines: dict[Key, int] = field(default_factory=dict)


def scalar(text: str) -> Any:
    """The value of an unquoted word."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def read_yaml(path: Path) -> Document:
    """The document in a file; mistakes name the file and the line."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except IsADirectoryError as problem:
        raise UsageError(f"config '{shown(path)}' is a folder, not a YAML file") from problem
    except OSError as problem:
        raise InputError(f"'{shown(path)}' cannot be read: {problem.strerror or problem}") from problem
    if len(raw) > MAX_BYTES:
        raise UsageError(f"{shown(path)}: is larger than a config can be ({MAX_BYTES} bytes)")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise UsageError(f"{shown(path)}: is not UTF-8 text; save it as UTF-8") from problem
    return parse_yaml(text, shown(path.name))


def parse_yaml(text: str, source: str) -> Document:
    """The document in a text; `source` is what messages call it."""
    document = Document(None)
    try:
        events = iter(yaml.parse(text, Loader=_LOADER))
        for event in events:
            if not isinstance(event, (yaml.StreamStartEvent, yaml.DocumentStartEvent)):
                break
        if isinstance(event, yaml.StreamEndEvent):
            raise UsageError(f"{source}: is empty")
        document.value = _Builder(source, events, document.lines).value(event, ())
        if any(isinstance(rest, yaml.DocumentStartEvent) for rest in events):
            raise UsageError(f"{source}: holds more than one document")
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        if mark is None and isinstance(getattr(problem, "position", None), int):
            where = f", line {text[: problem.position].count(chr(10)) + 1}"  # type: ignore[attr-defined]
        why = getattr(problem, "problem", None) or str(problem).splitlines()[0]
        raise UsageError(f"{source}{where}: {shown(why)}") from problem
    return document


class _Builder:
    """Builds plain values from parser events, noting lines and refusing what is not plain."""

    def __init__(self, source: str, events: Iterator[Any], lines: dict[Key, int]) -> None:
        self.source, self.events, self.lines = source, events, lines

    def value(self, event: Any, path: Key) -> Any:
        line = event.start_mark.line + 1
        self.lines[path] = line
        if isinstance(event, yaml.AliasEvent):
            raise UsageError(f"{self.source}, line {line}: aliases (*{event.anchor}) are not read; write the value out")
        if event.tag is not None:
            raise UsageError(f"{self.source}, line {line}: tags ({shown(event.tag)}) are not read; write a plain value")
        if len(path) > MAX_DEPTH:
            raise UsageError(f"{self.source}, line {line}: nested deeper than {MAX_DEPTH} levels")
        if isinstance(event, yaml.ScalarEvent):
            return event.value if event.style else scalar(event.value)
        return self.mapping(path) if isinstance(event, yaml.MappingStartEvent) else self.sequence(path)

    def sequence(self, path: Key) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self.value(event, (*path, len(items))))
        return items

    def mapping(self, path: Key) -> dict[str, Any]:
        items: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            line = event.start_mark.line + 1
            if not isinstance(event, yaml.ScalarEvent):
                raise UsageError(f"{self.source}, line {line}: a key must be a single word")
            if not event.style and event.value == "<<":
                raise UsageError(f"{self.source}, line {line}: merge keys (<<) are not read; write the values out")
            if event.value in items:
                raise UsageError(f"{self.source}, line {line}: key '{shown(event.value)}' stands there twice")
            items[event.value] = self.value(next(self.events), (*path, event.value))
            self.lines[(*path, event.value)] = line
        return items


class _Dumper(yaml.SafeDumper):
    """Writes plain values only, and quotes every text that a reader could take for something else."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    odd = any(c == "\x85" or "\ud800" <= c <= "\udfff" for c in text)  # breaks lines, or is no character at all
    quoted = odd or not isinstance(scalar(text), str)
    text = text.encode("utf-8", "backslashreplace").decode()
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if quoted else None)


_Dumper.add_representer(str, _text)


def write_yaml(value: Any, *, inline: bool = False) -> str:
    """Plain data as YAML text, keys in the order given; `inline` puts lists and mappings on one line."""
    text: str = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110,
                          default_flow_style=inline)  # fmt: skip
    return text.strip().removesuffix("\n...") if inline else text
