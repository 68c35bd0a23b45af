"""The words of the command line before typer reads them: lists of numbers made one word, global flags put first."""

import re
from collections.abc import Collection, Sequence
from itertools import takewhile

from dinosar.errors import UsageError, shown

ANYWHERE = ("--debug", "--quiet", "-q")
"""Global flags that are understood before and after the command."""
_NUMBER = r"([+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?)?"
NUMBERS = re.compile(rf"{_NUMBER}(,{_NUMBER})*", re.ASCII | re.IGNORECASE)
"""Numbers with commas between them. Fractions and gaps count, so that they are refused as what they are."""
QUOTED = re.compile(r"\s*[+-]?\d+([\s,]+[+-]?\d+)*\s*", re.ASCII)
"""A whole list in quotes."""


def arranged(words: Sequence[str], lists: Collection[str]) -> list[str]:
    """The words as typer wants them; `lists` are the flags that take numbers. What follows `--` is left alone."""
    end = words.index("--") if "--" in words else len(words)
    before = _joined(words[:end], lists)
    first = [word for word in before if word in ANYWHERE]
    return first + [word for word in before if word not in ANYWHERE] + list(words[end:])


def _joined(words: Sequence[str], lists: Collection[str]) -> list[str]:
    """`--layers -3 -2 -1` as `--layers=-3,-2,-1`: up to the first word that is no number."""
    out: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word in lists:
            numbers = list(takewhile(lambda each: NUMBERS.fullmatch(each) or QUOTED.fullmatch(each), rest))
            if not numbers:
                raise UsageError(_nothing_after(word, rest))
            del rest[: len(numbers)]
            word += "=" + ",".join([number.removesuffix(",") for number in numbers[:-1]] + numbers[-1:])
        out.append(word)
    return out


def whole_numbers(name: str, text: str) -> list[int]:
    """The numbers of `-3,-2,-1`; `name` is the flag they were given to."""
    pieces = [piece.strip() for piece in re.sub(r"(?<=\d)\s+(?=[+-]?\d)", ",", text).split(",")]
    for piece in pieces:
        if not re.fullmatch(r"[+-]?\d+", piece, re.ASCII):
            what = f"'{shown(piece, 60)}' is no whole number" if piece else "a number is missing"
            raise UsageError(f"{name}: {what}; write {name} -3 -2 -1, or {name}=-3,-2,-1")
    return [int(piece) for piece in pieces]


def _nothing_after(name: str, rest: Sequence[str]) -> str:
    what = f"'{shown(rest[0], 60)}' is none" if rest else "nothing follows it"
    return f"{name} needs whole numbers, and {what}; write {name} -3 -2 -1, or {name}=-3,-2,-1"
