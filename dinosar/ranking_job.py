"""What `retrieve query` and `retrieve register` have in common as jobs: a search, its tables and pictures, a record."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.compare_job import RUNS
from dinosar.config import QueryConfig, RegisterConfig
from dinosar.errors import InputError, shown
from dinosar.folders import RunFolder, signature, slug
from dinosar.jobs import Outcome
from dinosar.notices import warn
from dinosar.progress import steps
from dinosar.publishing import csv_bytes
from dinosar.render.retrieval_scores import Scored, binned_scores, scored
from dinosar.retrieval.asking import Asked, Ranking, Way, here, rankings, way_of
from dinosar.retrieval.cluster import cluster
from dinosar.retrieval.hloc_files import pairs_bytes
from dinosar.retrieval.library import Library
from dinosar.retrieval.overlap_head import open_head
from dinosar.retrieval.ranking_tables import answers_told, kept_pairs, ranking_csv
from dinosar.retrieval.shelf import LibraryShelf, check_head, encoded_block
from dinosar.retrieval.spread_votes import spread_votes

Config = QueryConfig | RegisterConfig
Files = Iterator[tuple[str, bytes]]
LONGEST = 1_000_000
"""Rows of ranking.csv, unless more are asked for."""


@dataclass
class Work:
    """A search that is to be done: the library, the shelf of those that may answer, and what came of it.

    `failed` are queries that could not be had, and why; `unwritten` why a file was not written; `rows` how many answers
    of each query are told of.
    """

    config: Config
    library: Library
    shelf: LibraryShelf
    way: Way
    found: list[Ranking] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    unwritten: list[tuple[str, str]] = field(default_factory=list)
    rows: int = 0

    @property
    def problems(self) -> list[tuple[str, str, str]]:
        """Whatever could not be had: what it is, its name, and why."""
        images = [each for each in sorted(self.shelf.lost.items()) if each not in self.failed]
        kinds = (("query", self.failed), ("image", images), ("file", self.unwritten))
        return [(kind, *each) for kind, several in kinds for each in several]


def place(config: Config, out: Path | None, overwrite: bool) -> RunFolder:
    """The folder named, or a fresh one under runs/ called after what was asked."""
    options = config.model_dump(mode="json")
    if out is not None:
        return RunFolder(out, options, overwrite=overwrite)
    asked = config.inputs.queries if isinstance(config, QueryConfig) else config.inputs.photos
    kind, about = config.command.removeprefix("retrieve-"), slug(Path(asked or config.inputs.store).stem)
    return RunFolder(RUNS / f"{kind}_{about}_{signature(options)[:8]}", options, numbered=True)


def opened(config: Config, names: Sequence[str], library: Library, *, own: bool) -> Work:
    """A search of these images of a library, everything settled."""
    head = open_head(config.inputs.head)
    head.expect(library.title, library.image)
    shelf = LibraryShelf(library, names, head, tiled=config.tiles)
    if not names:
        raise InputError(f"store '{library.folder}' holds no image that could answer; dump some photos into it")
    check_head(head, library, names)
    way = way_of(config, shelf, own=own)
    if way.size is not None and config.k > way.size:
        warn(f"a shortlist of {way.size} images cannot give the {config.k} answers that are asked for")
    return Work(config, library, shelf, way)


def held(work: Work, names: Sequence[str]) -> Iterator[Asked]:
    """Queries that the library holds; those whose features are gone are told of."""
    for name in names:
        try:
            block = encoded_block(work.library, name, work.shelf.head)
            wanted = work.way.by == "summary" and block.summary is None  # a head leaves it out
            summary = work.library.encoding(name).summary if wanted else block.summary
        except InputError as problem:
            work.failed.append((name, str(problem)))
            continue
        row = work.library.row(name)
        yield Asked(block, summary, row.scene, row.path, row.sha256 or "")


def searched(work: Work, asked: Iterable[Asked], total: int) -> None:
    """Search for every query; what is found is kept as far as tables tell of it."""
    work.rows = rows_of(work, total)
    with ExitStack() as stack, steps(total, "queries") as told:
        vote = here(work.shelf)
        if work.config.cluster:
            client = stack.enter_context(cluster(work.config.cluster))
            vote = spread_votes(work.shelf, work.config.inputs.head, client)
        for each in rankings(asked, work.shelf, work.way, partial(_allowed, work), vote):
            work.found.append(each.first(work.rows))
            told(each.asked.name)
    alone = [each.asked.name for each in work.found if not each.among]
    if alone:
        warn(f"{len(alone)} of {len(work.found)} queries have no image that might answer, for there is no other of "
             f"their scene (the first is '{shown(alone[0], 80)}'); --within all asks all images")  # fmt: skip
    if not work.found:
        why = f": {work.failed[0][1]}" if work.failed else ""
        raise InputError(f"no query could be asked{why}")


def rows_of(work: Work, queries: int) -> int:
    """Answers of each query that ranking.csv tells of: those asked for, else all, unless the table were too long."""
    images, k = len(work.shelf.names), work.config.k
    if work.config.rows is not None:
        return max(work.config.rows, k)
    if images * queries <= LONGEST:
        return images
    rows = max(LONGEST // queries, k)
    warn(f"ranking.csv tells of the best {rows} of {images} images for each query; --set rows=N tells of more")
    return rows


def _allowed(work: Work, asked: Asked) -> NDArray[np.int64] | None:
    """The places that may answer: those of the query's scene, where it has one and that is wanted; else all."""
    if work.config.within == "all" or not asked.scene:
        return None
    return work.shelf.by_scene.get(asked.scene, np.empty(0, dtype=np.int64))


def outcome(work: Work, facts: dict[str, Any], **more: Any) -> Outcome:
    """What was found, as a job gives it."""
    pairs = kept_pairs(work.found, work.shelf.names, work.way, work.config.k)
    try:
        text = pairs_bytes(pairs)
    except InputError as problem:
        work.unwritten.append(("pairs.txt", f"not written: {problem}; ranking.csv holds all"))
        text = b""
    result = _result(work, len(pairs) if text else 0)
    status = "partial" if work.problems else "done"
    return Outcome(result, _files(work, text), facts, status=status, noun=work, **more)


def _result(work: Work, pairs: int) -> dict[str, Any]:
    """What --json prints."""
    way, library = work.way, work.library
    return {
        "queries": len(work.found), "images": len(work.shelf.names), "pairs": pairs, "failed": len(work.problems),
        "backbone": library.title, "head": work.shelf.head.id, "rule": way.rule,
        "min_cosine": way.min_cosine if way.limited else None,
        "min_cosine_is": way.min_cosine_is,
        "tiles": way.tiled, "shortlist": None if way.size is None else {"by": way.by, "size": way.size},
        "answers": answers_told(work.found, work.shelf.names, way, work.config.k),
    }  # fmt: skip


def _files(work: Work, pairs: bytes) -> Files:
    """Every file but the record."""
    yield "ranking.csv", ranking_csv(work.found, work.shelf.names, work.way, work.rows)
    if pairs:
        yield "pairs.txt", pairs
    bins = binned_scores(scores_of(work))
    counts = zip(bins.edges[:-1], bins.edges[1:], bins.best, bins.kept, bins.others, strict=True)
    yield "scores.csv", csv_bytes(("bin_low", "bin_high", "best", "other_kept", "not_kept"), counts)
    if work.problems:
        told = [(kind, shown(name), why) for kind, name, why in work.problems]
        yield "errors.csv", csv_bytes(("what", "name", "error"), told)
    if work.config.figures.draw:
        from dinosar.retrieval_pictures import pictures

        yield from pictures(work)


def scores_of(work: Work) -> list[Scored]:
    """The scores of every query, by the rule that ranks, and how many of them are kept."""
    return [scored(each.asked.name, each.every, work.way.rule, work.config.k) for each in work.found]
