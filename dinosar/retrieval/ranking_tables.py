"""A ranking as files: every score in ranking.csv, the pairs for hloc, and what is told on the screen."""

from collections.abc import Iterator, Sequence
from typing import Any

from dinosar.evaluation.overlap_ranking import OVERLAP
from dinosar.publishing import csv_bytes
from dinosar.retrieval.asking import Ranking, Way
from dinosar.retrieval.ranking import voted
from dinosar.retrieval.tiles import VIEWS

ON_SCREEN = 50
"""Queries whose answers are printed, and stand in the record."""


def ranking_csv(found: Sequence[Ranking], names: Sequence[str], way: Way, rows: int | None) -> bytes:
    """The answers to every query, with every score. What could not be computed is NA."""
    view = ("view",) if way.tiled else ()
    return csv_bytes(("query", "rank", "image", "voted", "score", *view, *way.rules), _rows(found, names, way, rows))


def _rows(found: Sequence[Ranking], names: Sequence[str], way: Way, rows: int | None) -> Iterator[list[Any]]:
    for each in found:
        for i, place in enumerate(each.places[:rows]):
            scores = [float(each.scores[rule][i]) for rule in way.rules]
            view = [view_told(each, i)] if way.tiled else []
            told = {True: "yes", False: "no", None: None}[voted_told(each, way, i)]
            yield [each.asked.name, i + 1, names[place], told, float(each.score[i]), *view, *scores]


def voted_told(found: Ranking, way: Way, i: int) -> bool | None:
    """Whether any patch voted for an answer; None where no limit to hits is known."""
    return bool(found.voted[i]) if way.limited else None


def view_told(found: Ranking, i: int) -> str | None:
    """The view by which an answer scores, in words; None without tiles, or without a score."""
    number = found.view(i)
    return None if number is None else VIEWS[number]


def kept_pairs(found: Sequence[Ranking], names: Sequence[str], way: Way, k: int) -> list[tuple[str, str]]:
    """(query, image) of the k best of each. Where a score of 0 ranks, an image for which nothing votes is none."""
    return [
        (each.asked.name, names[place])
        for each in found
        for place, answers in zip(each.places[:k], voted(each.score, way.rule), strict=False)
        if answers
    ]


def answers_told(found: Sequence[Ranking], names: Sequence[str], way: Way, k: int) -> dict[str, list[dict[str, Any]]]:
    """The k best of the first queries, as plain data."""
    return {
        each.asked.name: [
            {"rank": i + 1, "image": names[place], "score": _number(each.score[i]),
             "overlap": _number(each.scores[OVERLAP][i]), "voted": voted_told(each, way, i),
             **({"view": view_told(each, i)} if way.tiled else {})}
            for i, place in enumerate(each.places[:k])
        ]
        for each in found[:ON_SCREEN]
    }  # fmt: skip


def _number(value: Any) -> float | None:
    """A number, or None where there is none."""
    number = float(value)
    return number if number == number else None
