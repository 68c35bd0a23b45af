"""JSON as landmark files hold it: no NaN, no endless numbers, no key twice, and a line for every fault."""

import json
import math
import re
from typing import Any, TypeGuard

from dinosar.errors import shown
from dinosar.landmarks.source import Source

_WORDS = re.compile(r'"(?:[^"\\]|\\.)*"|-?(?:NaN|Infinity|\d[-+.\deE]*)')
"""Strings, so that they can be passed over, and whatever may be a number."""


class _NotFinite(Exception):  # noqa: N818 - it never leaves this file
    """A number that is none, as it is written."""


class _Twice(Exception):  # noqa: N818 - it never leaves this file
    """A key that an object holds twice."""


def parse_json(source: Source) -> dict[str, Any]:
    """The object a JSON file holds."""
    try:
        found = json.loads(source.text, parse_constant=_refuse, parse_float=_finite, object_pairs_hook=_once)
    except json.JSONDecodeError as problem:
        where = f"line {problem.lineno}, column {problem.colno}"
        raise source.wrong(
            where, f"expected JSON, but {problem.msg[0].lower()}{problem.msg[1:]}; export it again"
        ) from None
    except _NotFinite as problem:
        raise source.wrong(
            _place_of(source.text, str(problem)),
            f"expected a number, found {shown(problem, 40)}; a missing landmark has v=0 and any place",
        ) from None
    except _Twice as problem:
        where = _place_of_key(source.text, str(problem))
        raise source.wrong(where, f"the key '{shown(problem, 60)}' stands twice in one object; keep one") from None
    except (RecursionError, ValueError):
        raise source.wrong("", "expected JSON, found lists or numbers without end; export it again") from None
    if not isinstance(found, dict):
        raise source.wrong("", f"expected a JSON object {{...}}, found {kind_of(found)}; export it again")
    return found


def kind_of(value: object) -> str:
    """A JSON value in words, short."""
    if isinstance(value, (list, dict)):
        return "a list" if isinstance(value, list) else "an object"
    return "nothing" if value is None else shown(json.dumps(value, ensure_ascii=False), 60)


def is_number(value: Any) -> TypeGuard[int | float]:
    """Whether a JSON value is a finite number; true and false are none."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return isinstance(value, float) or abs(value) < 10**300


def list_at(source: Source, holder: dict[str, Any], key: str, within: str = "") -> list[Any]:
    """A list that an object must hold."""
    value = holder.get(key)
    if not isinstance(value, list):
        found = kind_of(value) if key in holder else "no such key"
        raise source.wrong(f"{within}{key}", f"expected a list, found {found}; export it again")
    return value


def _refuse(word: str) -> float:
    raise _NotFinite(word)


def _finite(word: str) -> float:
    value = float(word)
    return value if math.isfinite(value) else _refuse(word)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _Twice(next(key for i, key in enumerate(keys) if key in keys[:i]))
    return found


def _place_of(text: str, word: str) -> str:
    """Line and column of a bare word."""
    return next((_position(text, found.start()) for found in _WORDS.finditer(text) if found[0] == word), "")


def _place_of_key(text: str, key: str) -> str:
    """The line of a key where it is the only one of its kind to stand twice; else nothing."""
    places = [found.start() for found in re.finditer(re.escape(json.dumps(key, ensure_ascii=False)) + r"\s*:", text)]
    return _position(text, places[1]) if len(places) == 2 else ""


def _position(text: str, index: int) -> str:
    return f"line {text.count(chr(10), 0, index) + 1}, column {index - text.rfind(chr(10), 0, index)}"
