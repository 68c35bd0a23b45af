"""Which pairs are drawn as the best and the worst: by the error of their poses, or by what else is known of all."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from dinosar.verification.judging import Row, judged

LOST = float("inf")


class Measure(NamedTuple):
    """Of which pairs something is known that tells good from bad, how bad each is, and what that is called."""

    known: Callable[[Row], bool]
    badness: Callable[[Row], float]
    name: str


MEASURES = (
    Measure(judged, lambda row: LOST if row["pose_error"] is None else row["pose_error"], "error of the pose"),
    Measure(lambda row: bool(row["sought"]), lambda row: -(row["inliers"] or 0), "matches that agree with one pose"),
    Measure(lambda row: row["fundamental"]["held"] is not None, lambda row: -_beyond_chance(row),
            "matches on one epipolar geometry, beyond what chance gives"),
    Measure(lambda row: row["matches"] is not None, lambda row: -row["matches"], "number of matches"),
)  # fmt: skip
"""The first of which anything is known ranks; pairs of which it is not known are not drawn."""


def extremes(rows: Sequence[Row], count: int) -> Iterator[tuple[str, str, list[Row]]]:
    """The best pairs and the worst, and by what they are that; of equals the one with more matches is better."""
    measure = next((each for each in MEASURES if any(map(each.known, rows))), None)
    if measure is None:
        return
    order = sorted(filter(measure.known, rows), key=lambda row: (measure.badness(row), -(row["matches"] or 0)))
    best = order[:count]
    yield "best", measure.name, best
    yield "worst", measure.name, [row for row in order[::-1][:count] if not any(row is each for each in best)]


def _beyond_chance(row: Row) -> float:
    return float(row["fundamental"]["held"] - (row["fundamental"]["chance"] or 0))
