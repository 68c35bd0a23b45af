"""The numbers behind the maps of a pair of frames, one row for each patch."""

from collections.abc import Iterator
from typing import Any

from dinosar.frames.judging import Judged
from dinosar.publishing import csv_bytes

COLUMNS = ("picture", "row", "column", "x", "y", "answer_row", "answer_column", "answer_x", "answer_y", "mismatch",
           "reciprocal", "shown")  # fmt: skip


def patches_csv(judged: Judged) -> bytes:
    """Each patch of both pictures: its place in pixels, its best answer, how far that is, and what the map shows."""
    return csv_bytes(COLUMNS, _rows(judged))


def _rows(judged: Judged) -> Iterator[tuple[Any, ...]]:
    maps = judged.maps
    assert maps is not None
    sides = (("a", maps.a, maps.b, maps.there, maps.map_a), ("b", maps.b, maps.a, maps.back, maps.map_b))
    for name, own, other, matches, shown in sides:
        places, answers = own.grid.centres_in_photo(), other.grid.centres_in_photo()
        mutual = matches.mutual
        assert mutual is not None
        for asked, answer, distance, both in zip(matches.asked.tolist(), matches.answer.tolist(),
                                                 matches.distance.tolist(), mutual.tolist(), strict=True):  # fmt: skip
            row, column = divmod(asked, own.grid.columns)
            x, y = places[asked].tolist()
            yield (name, row, column, x, y, *divmod(answer, other.grid.columns), *answers[answer].tolist(), distance,
                   int(both), float(shown[row, column]))  # fmt: skip
