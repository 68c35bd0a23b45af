"""The pictures of a search: its scores, and for each query a contact sheet and the votes of its best answers."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dinosar.errors import DinosarError, shown
from dinosar.evaluation.overlap_ranking import OVERLAP
from dinosar.folders import slug
from dinosar.grid import Grid
from dinosar.images import load_photo
from dinosar.notices import warn
from dinosar.ranking_job import Work, scores_of
from dinosar.render.panels import shrunk
from dinosar.render.retrieval_correspondence import correspondence_picture
from dinosar.render.retrieval_histogram import scores_picture
from dinosar.render.retrieval_provenance import Searched, footer
from dinosar.render.retrieval_scene import AnsweredScene
from dinosar.render.retrieval_sheet import Asked, contact_sheets
from dinosar.render.retrieval_votes import votes_picture
from dinosar.render.sheet import Style
from dinosar.retrieval.asking import Ranking
from dinosar.retrieval.ranking import voted
from dinosar.retrieval.rules import RULES
from dinosar.retrieval.telling import Found, answered
from dinosar.retrieval.tiles import VIEWS

Pixels = NDArray[np.uint8]
SMALL, LARGE = 700, 1600
"""Longest side of a photo on a contact sheet, and where votes are drawn over it, in px."""


def pictures(work: Work) -> Iterator[tuple[str, bytes]]:
    """The scores of all queries, and the pictures of the first ones; of a single one they lie beside the tables."""
    figures = work.config.figures
    widest = searched_in_words(work, max(work.found, key=lambda found: found.among))
    style = Style(figures.format, figures.dpi, footer(widest))
    yield f"scores.{figures.format}", scores_picture(scores_of(work), widest, style)
    drawn = work.found[: figures.queries]
    if len(work.found) > len(drawn):
        warn(f"pictures show the first {len(drawn)} of {len(work.found)} queries; --draw-queries draws more")
    for number, found in enumerate(drawn, 1):
        name = slug(str(Path(found.asked.name).with_suffix("")))
        folder = "" if len(work.found) == 1 else f"queries/{number:04d}_{name}/"
        for file, data in _of_query(work, found):
            yield f"{folder}{file}", data


def _of_query(work: Work, found: Ranking) -> Iterator[tuple[str, bytes]]:
    """The contact sheet of a query, and the votes of its best answers."""
    end, k = work.config.figures.format, work.config.k
    searched = searched_in_words(work, found)
    style = Style(end, work.config.figures.dpi, footer(searched))
    query = photo_at(found.asked.path, LARGE)
    listed = [_found(work, found, i) for i in range(min(k, len(found.places)))]
    asked = Asked(found.asked.name, None if query is None else shrunk(query, SMALL))
    for page, data in enumerate(contact_sheets(asked, listed, searched, style), 1):
        yield f"ranking{'' if page == 1 else f'-{page}'}.{end}", data
    for i, each in enumerate(listed[: work.config.figures.votes] if work.way.limited else ()):
        scene = _scene(work, found, i, query, style)
        if scene is not None and each.voted:
            yield f"votes_{i + 1}.{end}", votes_picture(scene)
            yield f"patches_{i + 1}.{end}", correspondence_picture(scene)


def searched_in_words(work: Work, found: Ranking) -> Searched:
    """How a query was answered, for what stands beneath its pictures."""
    way = work.way
    by = {"summary": "summary token", "pooled": "pooled patches"}[way.by]
    short = None if way.size is None else (by, found.among)
    return Searched(work.library.title, work.shelf.head.id, way.rule, way.min_cosine, len(work.shelf.names),
                    RULES[way.rule].meaning, way.min_cosine_is, short, way.tiled)  # fmt: skip


def _found(work: Work, found: Ranking, i: int) -> Found:
    """An answer as a contact sheet shows it."""
    name, rule = work.shelf.names[found.places[i]], work.way.rule
    overlap, row = float(found.scores[OVERLAP][i]), work.library.row(name)
    view = work.library.views(row)[found.view(i) or 0]
    return Found(
        i + 1, name, float(found.score[i]), None if np.isnan(overlap) else overlap,
        bool(voted(found.score[i : i + 1], rule)[0]),
        photo_at(row.path, SMALL), _box(view.grid) if found.view(i) else None,
    )  # fmt: skip


def _box(grid: Grid) -> tuple[float, float, float, float]:
    """The part of a photo that a grid lies on, in shares of it."""
    (left, top, width, height), (across, down) = grid.crop, grid.photo
    return left / across, top / down, width / across, height / down


def _scene(work: Work, found: Ranking, i: int, query: Pixels | None, style: Style) -> AnsweredScene | None:
    """A query and one of its answers, set up for drawing; None where a photo is gone."""
    place = int(found.places[i])
    other = photo_at(work.library.row(work.shelf.names[place]).path, LARGE)
    if query is None or other is None:
        return None
    view = found.view(i) or 0
    told = answered(found.asked.block, work.shelf.view(place, view), work.way.min_cosine)
    return AnsweredScene(told, (query, other), i + 1, style, VIEWS[view] if view else "")


def photo_at(path: str, side: int) -> Pixels | None:
    """A photo, shrunk for drawing; None, and told, where it is no longer where it was dumped from."""
    if not path:
        warn("of some images no photo is known, so they are not drawn; import them with --photos")
        return None
    try:
        return shrunk(load_photo(Path(path)).pixels, side)
    except DinosarError as problem:
        warn(f"'{shown(path)}' is not drawn: {problem}")
        return None
