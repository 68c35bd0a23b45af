"""What a verification says: errors of poses over all pairs and over the best of each query, and tables of them.

A pair of which no pose is found counts as missed, with an infinite error, as is usual: whether a pose can be found is
what is measured. A pair that could not be looked at, for a torn photograph or for want of matches in a file, says
nothing of that: it is left out, as is one of which no true pose or no intrinsics are known. How many are left out, and
why, stands beside the areas, and what they would be had the failed pairs been missed.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dinosar.evaluation.pose_auc import THRESHOLDS, pose_auc
from dinosar.publishing import csv_bytes
from dinosar.verification.judging import FAILED, LEFT_OUT, Row, best_of_each, errors_of, judged

COLUMNS = ("query", "database", "rank", "best", "matches", "inliers", "rotation_error", "translation_error",
           "pose_error", "homography_inliers", "homography_chance", "fundamental_inliers", "fundamental_chance",
           "why")  # fmt: skip
NOT_FOUND = "inf"
"""What the table says of an error where no pose was found: any that is asked for is missed."""
BECAUSE = {
    "failed": "failed", "no_intrinsics": "without intrinsics", "no_true_pose": "without a true pose",
    "one_place": "taken at one place",
}  # fmt: skip


def summary(rows: Sequence[Row], thresholds: Sequence[float] = THRESHOLDS) -> dict[str, Any]:
    """Numbers over all pairs that could be judged, and over the best of each query by inliers."""
    done = [row for row in rows if row["status"] == "done"]
    reasons = [row["left_out"] for row in rows]
    return {
        "pairs": len(rows), "failed": len(rows) - len(done), "queries": len({row["query"] for row in rows}),
        "matches": _median(row["matches"] for row in done), "inliers": _median(row["inliers"] for row in done),
        "sought": sum(row["sought"] for row in rows), "left_out": {why: reasons.count(why) for why in LEFT_OUT},
        "per_pair": errors(rows, thresholds), "best_of_each_query": errors(best_of_each(rows), thresholds),
        "per_pair_with_failed_as_missed": with_failed(rows, thresholds),
    }  # fmt: skip


def with_failed(rows: Sequence[Row], thresholds: Sequence[float] = THRESHOLDS) -> dict[str, float] | None:
    """AUC over the judged pairs and those that failed, had no pose been found of these; None where none failed."""
    failed = sum(row["left_out"] == FAILED for row in rows)
    areas = pose_auc([*errors_of(rows), *[np.inf] * failed], thresholds) if failed else None
    return _by_threshold(areas, thresholds)


def left_out_in_words(told: dict[str, Any]) -> str:
    """How many pairs are left out of the areas, and why; empty where none is."""
    return ", ".join(f"{count} {BECAUSE[why]}" for why, count in told["left_out"].items() if count)


def errors(rows: Sequence[Row], thresholds: Sequence[float] = THRESHOLDS) -> dict[str, Any]:
    """How many rows could be judged, in how many a pose was found, AUC, and the median error."""
    sizes = errors_of(rows)
    areas = pose_auc(sizes.tolist(), thresholds)
    median = float(np.median(sizes)) if len(sizes) else np.inf
    return {
        "judged": len(sizes), "found": int(np.isfinite(sizes).sum()),
        "auc": _by_threshold(areas, thresholds), "median_error": median if np.isfinite(median) else None,
    }  # fmt: skip


def _by_threshold(areas: Sequence[float] | None, thresholds: Sequence[float]) -> dict[str, float] | None:
    return None if areas is None else {f"{most:g}": area for most, area in zip(thresholds, areas, strict=True)}


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
    missing = judged(row) and row[column] is None and column.endswith("_error")
    return NOT_FOUND if missing else row[column]


def _median(values: Any) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.median(known)) if known else None
