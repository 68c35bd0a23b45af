"""What a verification says: errors of poses over all pairs and over the best of each query, and tables of them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dinosar.evaluation.pose_auc import THRESHOLDS, pose_auc
from dinosar.publishing import csv_bytes
from dinosar.verification.judging import Row, best_of_each, errors_of

COLUMNS = ("query", "database", "rank", "best", "matches", "inliers", "rotation_error", "translation_error",
           "pose_error", "homography_inliers", "homography_chance", "fundamental_inliers", "fundamental_chance",
           "why")  # fmt: skip
NOT_FOUND = "inf"
"""What the table says of an error where no pose was found: any that is asked for is missed."""


def summary(rows: Sequence[Row], thresholds: Sequence[float] = THRESHOLDS) -> dict[str, Any]:
    """Numbers over all pairs that could be judged, and over the best of each query by inliers."""
    done = [row for row in rows if row["status"] == "done"]
    return {
        "pairs": len(rows), "failed": len(rows) - len(done), "queries": len({row["query"] for row in rows}),
        "matches": _median(row["matches"] for row in done), "inliers": _median(row["inliers"] for row in done),
        "per_pair": errors(rows, thresholds), "best_of_each_query": errors(best_of_each(rows), thresholds),
    }  # fmt: skip


def errors(rows: Sequence[Row], thresholds: Sequence[float] = THRESHOLDS) -> dict[str, Any]:
    """How many rows could be judged, in how many a pose was found, AUC, and the median error."""
    sizes = errors_of(rows)
    areas = pose_auc(sizes.tolist(), thresholds)
    median = float(np.median(sizes)) if len(sizes) else np.inf
    return {
        "judged": len(sizes), "found": int(np.isfinite(sizes).sum()),
        "auc": None if areas is None else {f"{most:g}": area for most, area in zip(thresholds, areas, strict=True)},
        "median_error": median if np.isfinite(median) else None,
    }  # fmt: skip


def poses_csv(rows: Sequence[Row]) -> bytes:
    """A line for each pair."""
    best = {id(row) for row in best_of_each(rows)}
    return csv_bytes(COLUMNS, ([_cell(row, column, id(row) in best) for column in COLUMNS] for row in rows))


def _cell(row: Row, column: str, best: bool) -> Any:
    if column == "best":
        return "yes" if best else "no"
    model, _, what = column.rpartition("_")
    if model in ("homography", "fundamental"):
        return row[model]["held" if what == "inliers" else what]
    missing = row["judged"] and row[column] is None and column.endswith("_error")
    return NOT_FOUND if missing else row[column]


def _median(values: Any) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.median(known)) if known else None
