"""`dinosar evaluate retrieval` as a job: a ranking held against what its images truly share."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dinosar.config import RetrievalTruthConfig
from dinosar.datasets.opening import open_dataset
from dinosar.errors import InputError, shown
from dinosar.evaluation.overlap_ranking import calibration, judged, summary
from dinosar.evaluation.overlap_tables import read_overlaps, read_ranking
from dinosar.folders import RunFolder
from dinosar.frames_job import OUTPUT
from dinosar.jobs import Outcome
from dinosar.publishing import csv_bytes, json_bytes
from dinosar.record import file_facts


def place(config: RetrievalTruthConfig, out: Path | None, overwrite: bool) -> RunFolder:
    """The folder named, or ./output."""
    return RunFolder(out or OUTPUT, config.model_dump(mode="json"), overwrite=overwrite)


def compute(config: RetrievalTruthConfig) -> Outcome:
    """Read both, and judge every query."""
    inputs = config.inputs
    ranking = read_ranking(Path(inputs.ranking))
    truth = _truth(config)
    if not any((query, image) in truth for query, each in ranking.items() for image in each.images):
        raise InputError(
            f"'{shown(inputs.truth)}' tells of no pair of '{shown(inputs.ranking)}'; are names in both relative to the "
            "same folder?"
        )
    rows = judged(ranking, truth, config.k, config.relevant)
    result: dict[str, Any] = {
        "queries": len(rows), "with_an_answer": sum(row["answers"] > 0 for row in rows), "relevant": config.relevant,
        "means": summary(rows), "overlap": calibration(ranking, truth),
    }  # fmt: skip
    facts = {"inputs": {key: file_facts(name) for key, name in inputs.model_dump().items()}}
    return Outcome(result, _files(rows, result, config), facts, noun=rows)


def _truth(config: RetrievalTruthConfig) -> dict[tuple[str, str], float]:
    """What is known of overlaps, by a table or by a data set."""
    place = Path(config.inputs.truth)
    if config.dataset is None:
        return read_overlaps(place)
    found = open_dataset(config.dataset, place).overlaps()
    if not found:
        raise InputError(f"dataset '{shown(config.dataset)}' does not say how much its images overlap; name a table")
    return found


def _files(
    rows: list[dict[str, Any]], result: dict[str, Any], config: RetrievalTruthConfig
) -> Iterator[tuple[str, bytes]]:
    """Numbers by query, their means, and recall as a picture."""
    header = list(rows[0])
    yield "queries.csv", csv_bytes(header, ([row.get(key) for key in header] for row in rows))
    yield "retrieval.json", json_bytes(result)
