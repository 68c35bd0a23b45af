"""What a batch leaves behind beside the files of its pairs: tables of all, of what failed, and of a sequence."""

from collections.abc import Iterator
from typing import Any

from dinosar.config import DistanceConfig, FramesConfig
from dinosar.frames.curve import values_of
from dinosar.frames.sequence import summary
from dinosar.publishing import csv_bytes, json_bytes

Row = dict[str, Any]
FIRST = ("label", "image_a", "image_b", "status", "cosine_distance", "cosine_similarity", "band", "raw_mean", "raw_p95",
         "non_reciprocal", "degenerate", "error")  # fmt: skip
"""Columns that stand at the front, where there are such."""


def measure_of(config: FramesConfig) -> str:
    """The number that says how bad a pair is."""
    return "cosine_distance" if isinstance(config, DistanceConfig) else "raw_mean"


def batch_files(rows: list[Row]) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of the tables of all pairs."""
    yield "results.json", json_bytes(rows)
    yield "results.csv", table(rows)
    failed = [(row["label"], row["path_a"], row["path_b"], row["error"]) for row in rows if row["status"] == "failed"]
    if failed:
        yield "errors.csv", csv_bytes(("label", "path_a", "path_b", "error"), failed)


def table(rows: list[Row]) -> bytes:
    """All rows as CSV: what is a list there is two columns here."""
    flat = [dict(_flat(row)) for row in rows]
    names = dict.fromkeys(name for row in flat for name in row)
    columns = [*(name for name in FIRST if name in names), *(name for name in names if name not in FIRST)]
    return csv_bytes(columns, [[row.get(name) for name in columns] for row in flat])


def _flat(row: Row) -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        if name.startswith("notes_"):
            yield name, "; ".join(value)
        elif isinstance(value, list):
            yield from ((f"{name}_{i + 1}", each) for i, each in enumerate(value))
        else:
            yield name, value


def batch_summary(rows: list[Row], measure: str, backbone: str) -> Row:
    """The batch in few numbers; None where there is nothing to compute them from."""
    values = values_of(rows, measure)
    told = summary(values)
    return {
        "pairs": len(rows), "failed": sum(row["status"] == "failed" for row in rows), "backbone": backbone,
        "measure": measure, "higher_is": "worse", "mean": told.mean, "p95": told.p95,
        "max": max((value for value in values.tolist() if value == value), default=None),
    }  # fmt: skip
