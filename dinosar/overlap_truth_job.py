"""`dinosar evaluate retrieval` as a job: a ranking held against what its images truly share."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from dinosar.config import RetrievalTruthConfig
from dinosar.datasets.opening import open_dataset
from dinosar.errors import InputError, shown
from dinosar.evaluation.overlap_matrix import read_matrix
from dinosar.evaluation.overlap_ranking import (
    Apart,
    Ranking,
    SharedPair,
    apart,
    calibration,
    database,
    judged,
    one_collection,
    shared_pairs,
    sharing_nothing,
    summary,
)
from dinosar.evaluation.overlap_tables import Overlaps, ranking_file, read_overlaps, read_ranking
from dinosar.evaluation.query_intervals import DRAWS, LEVEL
from dinosar.folders import RECORD, RunFolder, mapping
from dinosar.frames_job import OUTPUT
from dinosar.jobs import Outcome
from dinosar.notices import note, warn
from dinosar.publishing import csv_bytes, json_bytes, sha256_of
from dinosar.record import file_facts

WHOSE = ("backbone", "head", "rule", "min_cosine")
"""What a ranking's own record tells of how it was made."""


def place(config: RetrievalTruthConfig, out: Path | None, overwrite: bool) -> RunFolder:
    """The folder named, or ./output."""
    return RunFolder(out or OUTPUT, config.model_dump(mode="json"), overwrite=overwrite)


def compute(config: RetrievalTruthConfig) -> Outcome:
    """Read both, and judge every query."""
    file = ranking_file(Path(config.inputs.ranking))
    inputs = config.inputs.model_copy(update={"ranking": str(file)})
    ranking = read_ranking(file)
    truth = _truth(config, ranking)
    _check(config, ranking, truth)
    rows = judged(ranking, truth, config.k, config.relevant)
    pairs = shared_pairs(ranking, truth)
    result: dict[str, Any] = {
        "ranking": _whose(file), "queries": len(rows), "images": len(database(ranking, truth)),
        "apart": {key: len(names) for key, names in apart(ranking, truth)._asdict().items()},
        "with_an_answer": sum(row["answers"] > 0 for row in rows), "relevant": config.relevant, "k": config.k,
        "interval": {"level": LEVEL, "draws": DRAWS, "resampled": "queries"}, "means": summary(rows),
        "overlap": _overlap(rows, pairs, ranking, truth),
    }  # fmt: skip
    facts = {"inputs": {key: file_facts(name) for key, name in inputs.model_dump().items()}}
    settled = config.model_copy(update={"inputs": inputs})
    return Outcome(result, _files(rows, pairs, result, settled), facts, noun=rows, config=settled)


def _truth(config: RetrievalTruthConfig, ranking: Ranking) -> Overlaps:
    """What is known of overlaps, by a table, a matrix or a data set."""
    place = Path(config.inputs.truth)
    if config.dataset is None:
        return read_matrix(place, ranking) if place.suffix.lower() == ".npy" else read_overlaps(place)
    found = open_dataset(config.dataset, place).overlaps()
    if not found:
        raise InputError(f"dataset '{shown(config.dataset)}' does not say how much its images overlap; name a table")
    return Overlaps.of(found)


def _check(config: RetrievalTruthConfig, ranking: Ranking, truth: Overlaps) -> None:
    """Both must speak of the same images; what else a reader must know of them is told."""
    listed = {image for each in ranking.values() for image in each.images}
    known = [query for query in ranking if query in truth.shown]
    if not any(image in listed for query in known for image in truth.shown[query] if image != query):
        raise InputError(
            f"'{shown(config.inputs.truth)}' tells of no pair of '{shown(config.inputs.ranking)}'; are names in both "
            "relative to the same folder?"
        )
    most, short = max(config.k), sum(len(each.images) < max(config.k) for each in ranking.values())
    if short and min(len(each.images) for each in ranking.values()) < len(listed) - 1:
        warn(f"{short} of {len(ranking)} queries list fewer than {most} images: what is not listed counts as not found")
    _tell(apart(ranking, truth))
    own = sum(query in truth.shown.get(query, {}) for query in ranking)
    if one_collection(ranking):
        if own:
            note(f"{own} images are told to share something with themselves; none is an answer to itself")
    elif own < sum(query in each.images for query, each in ranking.items()):
        warn("queries are answered by images of their own name, of which the truth does not tell: they count as wrong")


def _tell(names: Apart) -> None:
    """Say what of the truth is not in the ranking, and the other way."""
    if names.in_no_ranking:
        warn(
            f"{len(names.in_no_ranking)} images that share something with a query are in no ranking (the first is "
            f"'{shown(names.in_no_ranking[0], 80)}'), and count as not found: does the library hold them by that name?"
        )
    if names.not_asked:
        note(f"{len(names.not_asked)} queries of which the truth tells were not asked about, and are in no mean (the "
             f"first is '{shown(names.not_asked[0], 80)}')")  # fmt: skip
    if names.untold:
        note(f"of {len(names.untold)} queries that were asked the truth tells nothing, so that they are in no mean "
             f"(the first is '{shown(names.untold[0], 80)}')")  # fmt: skip


def _whose(file: Path) -> dict[str, Any]:
    """How the ranking was made, where it still is as its own run wrote it; empty where that is not known."""
    record = mapping(file.with_name(RECORD)).get("record")
    if not isinstance(record, dict) or not all(isinstance(record.get(key), dict) for key in ("outputs", "result")):
        return {}
    if record["outputs"].get(file.name) != sha256_of(file):
        warn(f"'{shown(file)}' is not as its run wrote it: it was changed since, or is of another run")
        return {}
    return {key: record["result"][key] for key in WHOSE if isinstance(record["result"].get(key), (str, float))}


def _overlap(rows: Sequence[dict[str, Any]], pairs: Sequence[SharedPair], ranking: Ranking,
             truth: Overlaps) -> dict[str, Any] | None:  # fmt: skip
    """How the reported overlap goes with the true one, and what is not in that."""
    found = calibration(pairs)
    if found is None:
        return None
    unlisted = sum(row["sharing"] for row in rows) - len(pairs)
    return {**found, "not_listed": unlisted, "sharing_nothing": sharing_nothing(ranking, truth)}


def _files(rows: list[dict[str, Any]], pairs: Sequence[SharedPair], result: dict[str, Any],
           config: RetrievalTruthConfig) -> Iterator[tuple[str, bytes]]:  # fmt: skip
    """Numbers by query, their means, each pair, and a picture of both."""
    header = list(rows[0])
    yield "queries.csv", csv_bytes(header, ([row.get(key) for key in header] for row in rows))
    yield "overlaps.csv", csv_bytes(("query", "image", "reported", "true"), (pair[:4] for pair in pairs))
    yield "retrieval.json", json_bytes(result)
    if config.figures.draw:
        from dinosar.render.retrieval_truth import truth_picture
        from dinosar.render.sheet import Style

        style = Style(config.figures.format, config.figures.dpi, _footer(result, config))
        yield f"retrieval.{config.figures.format}", truth_picture(result, pairs, style)


def _footer(result: dict[str, Any], config: RetrievalTruthConfig) -> str:
    """Who ranked what, and by whose word it is judged."""
    whose = result["ranking"]
    made = [f"{key} {whose[key]}" for key in WHOSE[:3] if key in whose]
    made += [f"hit: cosine above {whose['min_cosine']:.4g}"] if "min_cosine" in whose else []
    ranking, truth = (Path(name).resolve() for name in (config.inputs.ranking, config.inputs.truth))
    kind = f"{config.dataset} " if config.dataset else ""
    return "\n".join(filter(None, [
        "   ".join(made),
        f"ranking {ranking.parent.name}/{ranking.name}   truth {kind}{truth.name}   {result['images']} images",
        f"intervals: {100 * LEVEL:g} % of {DRAWS} resamplings of the queries",
    ]))  # fmt: skip
