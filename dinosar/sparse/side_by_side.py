"""The methods of a match side by side: what each was asked, what it kept, and what geometry holds of that."""

from collections.abc import Mapping
from typing import Any

from dinosar.sparse.matched import Matched
from dinosar.sparse.pairs import Agreement, Pairs

Row = dict[str, Any]
NONE = "-"
"""What a table says where there is no number."""


def rows(matched: Matched) -> dict[str, Row]:
    """Of each method its numbers as plain data; None is what could not be computed."""
    return {pairs.method: _row(pairs) for pairs in matched.methods}


def cells(methods: Mapping[str, Row]) -> list[list[str]]:
    """The same as text: a quantity a line, a method a column; the first line names them."""
    return [["", *methods], *([told, *(say(row) for row in methods.values())] for told, say in LINES)]


def _row(pairs: Pairs) -> Row:
    """The numbers of one method."""
    return {
        "title": pairs.title,
        "counts": dict(pairs.counts),
        "kept": len(pairs),
        "homography": _agreement(pairs.homography),
        "fundamental": _agreement(pairs.fundamental),
        "spread": dict(zip("ab", pairs.spread, strict=True)),
        "seconds": pairs.seconds,
    }


def _agreement(agreement: Agreement) -> Row:
    return {"held": agreement.count, "chance": agreement.chance}


def _asked(row: Row) -> str:
    """Patches or keypoints on both foregrounds."""
    return _of_both(row["counts"].get("asked"), row["counts"].get("answering"))


def _matches(row: Row) -> str:
    """Matches before the best are kept: SIFT's are those that pass both of its tests."""
    return _told(row["counts"].get("matches"))


def _held(row: Row, model: str) -> str:
    """How many of the pairs kept a model holds, and how many it would of as many tied at random."""
    count, chance = row[model]["held"], row[model]["chance"]
    return NONE if count is None else f"{count} of {row['kept']}, chance {_told(chance, '.1f')}"


def _spread(row: Row) -> str:
    return _of_both(row["spread"]["a"], row["spread"]["b"], ".0%")


def _of_both(a: float | None, b: float | None, form: str = "") -> str:
    """A number of A and one of B."""
    return f"{_told(a, form)} / {_told(b, form)}"


def _told(number: float | None, form: str = "") -> str:
    return NONE if number is None else format(number, form)


LINES = (
    ("patches, or keypoints, A / B", _asked),
    ("matches", _matches),
    ("kept", lambda row: str(row["kept"])),
    ("held by a homography", lambda row: _held(row, "homography")),
    ("held by an epipolar geometry", lambda row: _held(row, "fundamental")),
    ("near a match, A / B", _spread),
    ("seconds", lambda row: f"{row['seconds']:.2f}"),
)
