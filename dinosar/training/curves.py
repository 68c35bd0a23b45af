"""How a training went: losses on the way, on what is learned from and on what is not."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from dinosar.publishing import csv_bytes


class Point(NamedTuple):
    """Losses after a step, in an epoch counted from 1. `kind` is `training`, meaned since the point before, or
    `validation`. Cosines are means over pairs; `positive_cosine` is None where no pair shares anything."""  # noqa: D205, D209

    kind: str
    step: int
    epoch: int
    total: float
    positive: float
    negative: float
    positive_cosine: float | None
    negative_cosine: float
    rate: float


def points_of(rows: Iterable[Sequence[Any]]) -> list[Point]:
    """Points from rows of a checkpoint."""
    return [Point(*row) for row in rows]


def curve_csv(points: Sequence[Point]) -> bytes:
    """A row for each point, in the order in which they came."""
    return csv_bytes(Point._fields, points)


def best_of(points: Iterable[Point]) -> Point | None:
    """The point of lowest validation loss, the first of equals; None where nothing was validated."""
    return min((each for each in points if each.kind == "validation"), key=lambda each: each.total, default=None)
